"""What a column and a table are: the one place that says how a column is shown and treated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; the dtype follows from it."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"


class Unit(StrEnum):
    """The unit of a number; its words stand under ``unit`` in the table of texts."""

    HA = "ha"
    M = "m"
    M2 = "m2"
    SHARE = "share"
    # A difference of two shares: stored as a share, told in percentage points.
    POINTS = "points"
    HA_PER_MONTH = "ha_per_month"
    M3_DAY = "m3_day"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    VND = "vnd"
    VND_M2 = "vnd_m2"
    USD = "usd"
    COUNT = "count"
    # A number without a dimension: a level, a rank, an index of plants.
    NONE = "none"
    # The unit stands in another column of the row, see Column.unit_in.
    OF_ROW = "of_row"


_SUFFIXES = {
    # The longer ending first: "_ha_per_month" is no "_month", "_vnd_m2" no area.
    "_ha_per_month": Unit.HA_PER_MONTH,
    "_vnd_m2": Unit.VND_M2,
    "_m3_day": Unit.M3_DAY,
    "_share": Unit.SHARE,
    "_years": Unit.YEARS,
    "_count": Unit.COUNT,
    "_days": Unit.DAYS,
    "_vnd": Unit.VND,
    "_ha": Unit.HA,
    "_m2": Unit.M2,
    "_m": Unit.M,
}
# Whose ids a column holds: a table of the project, of the registry, or of an answer.
_NAMED = {
    "zone_id": "zones",
    "zone_ids": "zones",
    "parcel_id": "parcels",
    "parcel_ids": "parcels",
    "neighbour_id": "parcels",
    "definition": "definitions",
    "computed_definition": "definitions",
    "rule_id": "rules",
    "rule": "rules",
    "serviced_rule": "rules",
    "density_rule": "rules",
    "green_rule": "rules",
    "admissible": "rules",
    "criterion": "rules",
    "depends_on": "rules",
    "emitter_id": "emitters",
    "receptor_id": "receptors",
    "site_id": "sites",
    "package_id": "packages",
    "work_id": "works",
    "project_id": "projects",
    "neighbour_project_id": "projects",
    "entries": "ledger",
    "fill_rate_*": "definitions",
}
# Of what people are shown; two where nothing is said.
_DECIMALS = {
    Unit.M: 1,
    Unit.M2: 1,
    Unit.M3_DAY: 0,
    Unit.DAYS: 0,
    Unit.YEARS: 0,
    Unit.VND: 0,
    Unit.VND_M2: 0,
    Unit.USD: 0,
    Unit.COUNT: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Contract of one column: what it holds, and how people and programs are given it.

    Attributes
    ----------
    name
        Name in every store, frame and CSV; a number's name ends with its unit. One that ends with
        "*" stands for all columns that begin alike ("fill_rate_*": one for each definition).
    kind
        What it holds.
    required
        Whether the column must be there, without missing values.
    choices
        The closed list of its values; empty if any value goes.
    positive
        Whether values must be above zero (otherwise numbers must not be negative).
    unit
        Unit of a number; by the ending of the name if left out.
    unit_in
        Column of the row that names the unit, if that differs from row to row: a currency, the
        unit of a capacity, the measure of a target.
    decimals
        Decimals shown to people; of the percentage where the unit is a share.
    signed
        Whether the sign is always shown, as of a change; of points if left out, of no other unit.
    label
        Key of its words in the table of texts; ``column.NAME`` if left out.
    words
        Groups of the table of texts that hold the words of its values, the first that has one
        counts; ``TABLE_NAME`` and ``NAME`` if left out.
    personal
        Whether it tells of persons, names them, or is free text that may: the public edition does
        not have it.
    joined
        Whether a value may be several, joined by "|".
    sparse
        Whether people are spared the column where it is missing throughout.
    popup
        Whether the popup of a map tells it.
    named
        The table whose ids it holds: people are told their names, see the table ``names`` of a
        month; by the name of the column if left out.
    named_in
        Column of the row that says which table that is, if it differs from row to row.
    repeats
        Column of ids whose names say the same: where those are told, this one is not.
    technical
        Whether it is for programs alone where names are told.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    positive: bool = False
    unit: Unit | None = None
    unit_in: str = ""
    decimals: int = -1
    signed: bool | None = None
    label: str = ""
    words: tuple[str, ...] = ()
    personal: bool = False
    joined: bool = False
    sparse: bool = False
    popup: bool = False
    named: str = ""
    named_in: str = ""
    repeats: str = ""
    technical: bool = False

    def __post_init__(self) -> None:
        unit = self.unit or self._derived_unit()
        decimals = _DECIMALS.get(unit, 2) if unit is not None else 0
        derived: dict[str, object] = {
            "label": self.label or f"column.{self.name.removesuffix('_*')}",
            "unit": unit,
            "decimals": self.decimals if self.decimals >= 0 else decimals,
            "signed": unit is Unit.POINTS if self.signed is None else self.signed,
            "named": self.named or _NAMED.get(self.name, ""),
        }
        for name, value in derived.items():
            # The only way to fill a frozen dataclass in.
            object.__setattr__(self, name, value)

    def _derived_unit(self) -> Unit | None:
        """Read the unit off the name; a number whose name does not tell must be given one."""
        if self.kind not in (Kind.NUMBER, Kind.COUNT):
            return None
        if self.unit_in:
            return Unit.OF_ROW
        found = (unit for ending, unit in _SUFFIXES.items() if self.name.endswith(ending))
        unit = next(found, Unit.COUNT if self.kind is Kind.COUNT else None)
        if unit is None:
            raise ValueError(f"column {self.name} is a number without a unit")
        return unit

    def is_for(self, name: str) -> bool:
        """Tell whether this is the contract of a column.

        Parameters
        ----------
        name
            Name of a column of a frame.

        Returns
        -------
        bool
            Whether it is called so, or begins like a name with "*" at its end.

        Examples
        --------
        >>> Column(name="fill_rate_*", kind=Kind.NUMBER, unit=Unit.SHARE).is_for("fill_rate_gross")
        True
        """
        if self.name.endswith("*"):
            return name.startswith(self.name[:-1])
        return name == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Contract of one table.

    Attributes
    ----------
    name
        Name of the table.
    columns
        Its columns, without the geometry.
    key
        Columns whose values name a row in messages; the first is the row's id.
    geometry
        "polygon", "any", or "" for a table without geometry.
    entered
        Whether people enter it. One that the program alone keeps is carried by the stores, and is
        in no copy that is edited and in no answer.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry: str = ""
    entered: bool = True

    @property
    def names(self) -> list[str]:
        """Give the names of its columns.

        Returns
        -------
        list[str]
            The names, in order.
        """
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Find a column by its name.

        Parameters
        ----------
        name
            Name of the column.

        Returns
        -------
        Column | None
            Its contract, or None for a column of the user's own.

        Examples
        --------
        >>> from kcngeo.core.schema import TABLES
        >>> str(TABLES["parcels"].column("certificate_area_m2").unit)
        'm2'
        """
        return next((column for column in self.columns if column.is_for(name)), None)


def columns(kind: Kind, *names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns that are alike.

    Examples
    --------
    >>> [column.decimals for column in columns(Kind.NUMBER, "leased_ha", "width_m", decimals=1)]
    [1, 1]
    """
    return tuple(Column(name=name, kind=kind, **options) for name in names)  # type: ignore[arg-type]


def text(*names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns of text, see :func:`columns`."""
    return columns(Kind.TEXT, *names, **options)


def date(*names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns of days, see :func:`columns`."""
    return columns(Kind.DATE, *names, **options)


def number(*names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns of numbers, see :func:`columns`."""
    return columns(Kind.NUMBER, *names, **options)


def count(*names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns of whole numbers, see :func:`columns`."""
    return columns(Kind.COUNT, *names, **options)


def flag(*names: str, **options: object) -> tuple[Column, ...]:
    """Declare columns that are true or false, see :func:`columns`."""
    return columns(Kind.FLAG, *names, **options)


def choice(
    name: str, choices: type[StrEnum] | tuple[str, ...], **options: object
) -> tuple[Column, ...]:
    """Declare a column with a closed list, see :func:`columns`."""
    values = tuple(str(value) for value in choices)
    return columns(Kind.TEXT, name, choices=values, **options)
