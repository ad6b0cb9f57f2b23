"""Propose which column of somebody else's table is which of ours, by its name and its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import ENTERED, TABLES, Column, Kind, Table
from kcngeo.core.units import M2_PER_HA
from kcngeo.io.mapping.read import as_text, choices_of, read, reads, texts_of
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary

_CUT = 10
_MOST = 0.5
GOOD = 60
"""From this on a name is taken for one of ours."""
# Of the values of a column, so many must be readable as what they are taken for.
_READABLE_SHARE = 0.8
# A name that says it exactly may go with fewer: the rest is then told.
SURE, _SURE_SHARE = 95, 0.5
AGREES = 1.2
"""Measured and stated areas that agree do so within this factor."""
CUT_SCORES = _OWN_CUT, _OWN_CUT_AGAIN = 88, 87
"""How names that a shapefile cut are rated."""
_CUT_AGAIN = re.compile(r"(.{8})_\d")
_JOINED = ("map_sheet_no", "cadastral_no")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which columns of a table of somebody else's make which of ours.

    Attributes
    ----------
    table
        Our table.
    columns
        By our column, the name of theirs, or several names whose texts are joined by "-".
    meanings
        By our column, our value for each of theirs; "" where nobody has decided yet.
    fixed
        By our column, one value for all rows.
    units
        By our column of areas, "ha" or "m2", where theirs are in the other unit.
    own
        Their columns that are kept as they are.
    """

    table: str
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that nothing makes."""
        return tuple(
            column.name
            for column in TABLES[self.table].columns
            if column.required and column.name not in {*self.columns, *self.fixed}
        )


def propose_mapping(
    frame: pd.DataFrame,
    *,
    table: str | None = None,
    name: str = "",
    fixed: Mapping[str, str] | None = None,
) -> ColumnMapping:
    """Propose a mapping by looking at the names of the columns and at what they hold.

    Names are compared without diacritics, in Vietnamese and English, and as shapefiles cut them.
    A column is only taken for what its values can be read as. What a value of a closed list means
    is proposed where its word is known; else it is left open with "", and nothing is guessed: a
    land-use code such as SKK, which covers a whole zone, is never taken for a land use.

    Parameters
    ----------
    frame
        Their table.
    table
        Our table; the one that fits best if None.
    name
        Name of the file or layer, which may say what it is.
    fixed
        By our column, a value for all rows, for what their table does not say.

    Returns
    -------
    ColumnMapping
        The proposal; ``missing`` names the required columns that it could not find.

    Raises
    ------
    KcngeoError
        If there is no such table, or none fits.

    Examples
    --------
    >>> theirs = pd.DataFrame({"parcel_id": ["A1"], "status": ["Đã cho thuê"], "Ghi chú": ["a"]})
    >>> mapping = propose_mapping(theirs, table="ledger")
    >>> mapping.meanings["status"], mapping.missing, mapping.own
    ({'Đã cho thuê': 'leased'}, ('valid_from',), ('Ghi chú',))
    """
    given = dict(fixed or {})
    if table is not None:
        if table not in ENTERED:
            raise KcngeoError("mapping_table", table=table, tables=" | ".join(ENTERED))
        return _proposal(frame, TABLES[table], given)[0]
    rated = [
        (_fit(frame, contract, name, given), place, contract)
        for place, contract in enumerate(ENTERED.values())
        if bool(contract.geometry) == isinstance(frame, gpd.GeoDataFrame)
    ]
    best = max(rated, key=lambda one: (one[0], -one[1]), default=None)
    if best is None or best[0] <= 0:
        raise KcngeoError("mapping_no_table", columns=[str(one) for one in frame.columns])
    return _proposal(frame, best[2], given)[0]


def _fit(frame: pd.DataFrame, contract: Table, name: str, fixed: dict[str, str]) -> float:
    """Rate a table: columns found, required ones lacking, and what the file is called."""
    proposal, score = _proposal(frame, contract, fixed)
    called = f" {plain(re.sub(r'[_.-]', ' ', name))} "
    phrases = vocabulary("tables").get(contract.name, ())
    is_called = any(f" {phrase} " in called for phrase in phrases)
    polygons = _is_polygonal(frame)
    if contract.geometry == "polygon" and not polygons:
        return 0.0
    lacking = len(proposal.missing)
    if not proposal.columns and not is_called:
        return 0.0
    return score / 100 + 2.5 * is_called - lacking


def _is_polygonal(frame: pd.DataFrame) -> bool:
    if not isinstance(frame, gpd.GeoDataFrame):
        return False
    kinds = frame.geom_type.dropna()
    # Lines and marks that stand between lots are told once it is known what the lots are.
    return bool(len(kinds)) and kinds.isin(["Polygon", "MultiPolygon"]).mean() >= _MOST


def _proposal(
    frame: pd.DataFrame, contract: Table, fixed: dict[str, str]
) -> tuple[ColumnMapping, float]:
    """Give each column of ours the best of theirs, the surest pairs first."""
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    theirs = [str(one) for one in frame.columns if one != geometry]
    pairs = sorted(
        (
            (-score, place, column.name, name)
            for place, column in enumerate(contract.columns)
            if column.name not in fixed
            for name in theirs
            if (score := pair_score(frame[name], name, column, contract)) >= GOOD
        ),
    )
    columns: dict[str, str | Sequence[str]] = {}
    taken: set[str] = set()
    total = 0.0
    for score, _, ours, name in pairs:
        # The surest pair first: what it takes is gone for the others.
        if ours not in columns and name not in taken:
            columns[ours] = name
            taken.add(name)
            total -= score
    _add_id(frame, contract, columns, fixed)
    mapping = ColumnMapping(
        table=contract.name,
        columns=columns,
        meanings=_values(frame, contract, columns),
        fixed={name: value for name, value in fixed.items() if contract.column(name)},
        units=_units(frame, contract, columns),
        own=tuple(name for name in theirs if name not in taken),
    )
    return mapping, total


def pair_score(series: pd.Series, name: str, column: Column, contract: Table) -> float:
    """Rate a pair: how well the name fits, if the values can be read so at all."""
    named = name_score(name, column.name, contract.name)
    if named < GOOD:
        return 0
    texts = texts_of(series)
    if not texts:
        # An empty column is what its name says, if it says it exactly.
        return named if named >= SURE else 0
    if column.choices:
        known = choices_of(column, contract.name)
        share = sum(known(text) is not None for text in texts) / len(texts)
        return named + 10 * share if share >= _SURE_SHARE or named >= SURE else 0
    readable = sum(reads(text, column.kind) for text in texts) / len(texts)
    if readable < (_SURE_SHARE if named >= SURE else _READABLE_SHARE):
        return 0
    # Where one cut name could be two columns of ours, numbers are rather a number than a text.
    is_number = column.kind in (Kind.NUMBER, Kind.COUNT)
    both = is_number and pd.api.types.is_numeric_dtype(series.dtype)
    return named + 5 * readable + 3 * both


def is_readable(series: pd.Series, name: str, contract: Table) -> bool:
    """Tell whether most values of a column can be read as one of ours, whatever it is called."""
    column, texts = contract.column(name), texts_of(series)
    if column is None or not texts:
        return False
    known = choices_of(column, contract.name)
    read_so = [
        known(one) is not None if column.choices else reads(one, column.kind) for one in texts
    ]
    return sum(read_so) / len(texts) >= _READABLE_SHARE


def name_score(name: str, column: str, table: str) -> int:
    """Rate how well a name fits a column of ours."""
    if name.casefold() == column:
        return 100
    if is_none_of_ours(name, table):
        return 0
    if len(name) == _CUT and column.startswith(name.casefold()):
        return _OWN_CUT
    again = _CUT_AGAIN.fullmatch(name.casefold())
    if again and column.startswith(again[1]):
        # Shapefiles number the second of two names that are cut alike: "certific_1".
        return _OWN_CUT_AGAIN
    said = plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " ")))
    tight = said.replace(" ", "")
    known = vocabulary(f"columns.{table}").get(column, ())
    words = [column.replace("_", " "), *_shown(column), *known]
    best = 0
    for word in words:
        phrase = plain(word)
        bare = phrase.replace(" ", "")
        if said == phrase or tight == bare:
            best = max(best, 95)
        elif len(tight) == _CUT and bare.startswith(tight):
            best = max(best, _OWN_CUT)
        elif len(phrase) >= 5 and f" {phrase} " in f" {said} ":
            best = max(best, 60 + min(20, len(phrase)))
    return best


def is_none_of_ours(name: str, table: str) -> bool:
    """Tell whether a column is one that sounds like ours and is known to be none."""
    phrases = [one for said in vocabulary(f"none.{table}").values() for one in said]
    said = plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " ")))
    return said in phrases or said.replace(" ", "") in {one.replace(" ", "") for one in phrases}


def _shown(column: str) -> tuple[str, ...]:
    """Give the words people are shown for a column, without the unit in brackets."""
    words = (theme.column(column, language=language) for language in theme.LANGUAGES)
    return tuple(re.sub(r"\(.*?\)", "", one) for one in words if one != column)


def _add_id(
    frame: pd.DataFrame,
    contract: Table,
    columns: dict[str, str | Sequence[str]],
    fixed: Mapping[str, str],
) -> None:
    """Make the id of parcels from the lot, or from the cadastral numbers, where it is unique."""
    if contract.name == "zones" and "zone_id" not in {*columns, *fixed} and "name" in columns:
        columns["zone_id"] = columns["name"]
    if contract.name != "parcels" or "parcel_id" in {*columns, *fixed}:
        return
    numbers = tuple(str(columns[name]) for name in _JOINED if name in columns)
    for parts in ((columns.get("lot_code"),), numbers if len(numbers) == len(_JOINED) else ()):
        names = [str(part) for part in parts if part is not None]
        if names and not frame[names].isna().any().any() and not frame[names].duplicated().any():
            columns["parcel_id"] = names[0] if len(names) == 1 else tuple(names)
            return


def _values(
    frame: pd.DataFrame, contract: Table, columns: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Say what each value of a closed list means, "" where its word is not known."""
    result = {}
    for column in contract.columns:
        if not column.choices or column.name not in columns:
            continue
        known = choices_of(column, contract.name)
        texts = texts_of(frame[columns[column.name]], limit=None)
        meant = {text: known(text) or "" for text in sorted(set(texts))}
        if any(text != value for text, value in meant.items()):
            result[column.name] = meant
    return result


def _units(frame: pd.DataFrame, contract: Table, columns: Mapping[str, Any]) -> dict[str, str]:
    """Find areas in the other unit: the heading says so, or the shapes do."""
    result = {}
    for ours, name in columns.items():
        column = contract.column(ours)
        if column is None or column.kind is not Kind.NUMBER or not ours.endswith(("_ha", "_m2")):
            continue
        own = "ha" if ours.endswith("_ha") else "m2"
        unit = value_parser.unit_of(str(name).replace("_", " "))
        if unit is None and isinstance(frame, gpd.GeoDataFrame):
            unit = _unit_by_shapes(frame, str(name))
        if unit is not None and unit != own:
            result[ours] = unit
    return result


def _unit_by_shapes(frame: gpd.GeoDataFrame, name: str) -> str | None:
    ratio = area_ratio(frame, [read(as_text(one) or "", Kind.NUMBER) for one in frame[name]])
    for unit, size in (("m2", 1.0), ("ha", M2_PER_HA)):
        if ratio is not None and size / AGREES < ratio < size * AGREES:
            return unit
    return None


def area_ratio(frame: gpd.GeoDataFrame, areas: Sequence[float | None]) -> float | None:
    """Compare measured areas with stated ones."""
    if frame.crs is None or not frame.crs.is_projected:
        return None
    stated = np.array([np.nan if one is None else one for one in areas], dtype="float64")
    measured = frame.geometry.area.to_numpy()
    fit = np.isfinite(stated) & (stated > 0) & (measured > 0)
    return float(np.median(measured[fit] / stated[fit])) if fit.any() else None
