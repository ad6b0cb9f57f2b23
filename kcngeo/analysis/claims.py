"""Published figures beside computed ones, and what published figures imply of each other.

A claim is kept as it was published and never corrected. Two claims may contradict each other, and
both may differ from what is computed; which is right is not for a program to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.contracts import as_known, checked, distinct
from kcngeo.core.errors import KcngeoError
from kcngeo.core.units import M2_PER_HA, hectares
from kcngeo.fill import ACCOUNT_COLUMNS, Book, combine
from kcngeo.standards import FillDefinition, fill_definition, fill_definitions
from kcngeo.theme import date, number, percent, text

if TYPE_CHECKING:
    import geopandas as gpd

VERDICTS = ("agrees", "differs", "contradicted", "not computable")
"""What may be said of a claim."""

_COLUMNS = ["zone_id", "measure", "definition", "value", "on", "source"]
_KEYS = ["zone_id", "on", "definition"]
_SUBJECT = ["zone_id", "measure", "definition"]
# A half that should be exact may come out of a subtraction a little more.
_ROUNDING = 1e-9


def half_digit(value: float, *, measure: str) -> float:
    """Give half a unit of the last published digit: how far the true figure may lie.

    A count is exact. A rate is published at least to whole percents, so 1 means 100 % ± 0.5 %. A
    number does not keep trailing zeros: what was printed as "76.10 ha" is taken for 76.1, and
    agrees more easily than it should.

    Parameters
    ----------
    value
        The published figure: a share, hectares or a count.
    measure
        What it measures, for example "fill_rate" or "leased_ha".

    Returns
    -------
    float
        Half a unit, in the unit of the measure.

    Examples
    --------
    >>> half_digit(16.1371, measure="reserved_ha"), half_digit(17, measure="uncleared_ha")
    (5e-05, 0.5)
    """
    if measure.endswith("_count"):
        return 0.0
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    digits = max(-int(exponent), 2 if measure == "fill_rate" else 0)
    return float(Decimal(1).scaleb(-digits) / 2)


def figures(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    known_at: Any = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Compute what claims may be reconciled with: every definition on every date they name.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    claims
        The claims, for their dates.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all four tables.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By (``zone_id``, ``on``), once for each ``definition``: ``leased_ha``, ``base_ha`` and
        ``fill_rate`` as :func:`kcngeo.fill.fill_series`, and the other columns of the land account
        in hectares, which under "cleared" stand beside the base of cleared land.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    """
    rows = _claims(claims, known_at)
    dates = pd.DatetimeIndex(rows["on"].dropna().unique(), name="on").sort_values()
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    tables = []
    for definition in fill_definitions() if len(dates) else ():
        rates = book.rates(dates, definition.name, strict=False)
        totals, counts = book.totals(dates, definition, strict=False)
        parts = [name for name in ACCOUNT_COLUMNS if name not in rates.columns]
        tables.append(rates.assign(**{name: hectares(totals[name][counts]) for name in parts}))
    if not tables:
        tables = [pd.DataFrame(columns=["leased_ha", "base_ha", "fill_rate", "definition"])]
        tables[0].index = pd.MultiIndex.from_arrays([[], []], names=["zone_id", "on"])
    return pd.concat(tables).sort_index(kind="stable")


def reconcile(
    claims: pd.DataFrame, series: pd.DataFrame, *, language: str = "en", known_at: Any = None
) -> pd.DataFrame:
    """Set each published figure beside the computed one of the same zone, definition and date.

    A claim agrees if the computed figure, rounded as the claim was published, is the claim; see
    :func:`half_digit`. A claim without a definition is compared with every definition there is,
    the law in force on its date first, and agrees if it agrees with one: a figure published to few
    digits then agrees more easily by chance, so ``computed_definition`` names the one. A claim
    without a zone is about all zones of the series together, as the ratio of sums; it is not
    computable where another claim of the same date counts another number of zones.

    "approved_area_ha" is compared with the area of the zone's polygon, the base of "gross": where
    polygons were drawn to fit the published area, that agreement proves nothing.

    Parameters
    ----------
    claims
        Claims: zone_id, measure, definition, value, on, source.
    series
        What is computed: result of :func:`figures`; or of :func:`kcngeo.fill.fill_series`, one or
        several below each other; or of :func:`kcngeo.fill.land_account` with
        ``.assign(on=…, definition=…)``. Every column named like a measure can be compared.
    language
        Language of ``explanation``, "vi" or "en".
    known_at
        Claims as known at this moment, or at the end of this day in Viet Nam; None for all that is
        not superseded.

    Returns
    -------
    pd.DataFrame
        On the claims' index and in their order: ``zone_id``, ``measure``, ``definition``, ``on``,
        ``published`` and ``computed`` (a share, hectares or a count), ``computed_definition``,
        ``difference`` (published − computed), ``half_digit``, ``verdict`` (one of
        :data:`VERDICTS`), ``reason`` (a code), ``agrees_with`` (definitions, or the nearest date,
        by which a claim that differs would agree), ``contradicted_by`` (values of other claims of
        the same zone, measure, definition and date, joined by "|"; a claim without a date is
        contradicted if it agrees with none of the others), ``explanation`` and ``source``. A claim
        that can be computed "agrees" or "differs" whatever other claims say; "contradicted" is
        what cannot be computed and is contradicted by another claim.

    Raises
    ------
    ContractError
        If the claims break their contract.
    KcngeoError
        If the series is by phase, lacks dates or definitions, or gives two figures for the same
        zone, date and definition.
    """
    rows = _claims(claims, known_at)
    computed = _Figures.of(series)
    zones_claimed = rows[rows["zone_id"].isna() & (rows["measure"] == "zones_count")]
    zones_on = {claim.on: claim.value for claim in _records(zones_claimed)}
    against = _contradicting(rows)
    found = [
        _reconciled(claim, computed, zones_on=zones_on, others=against.get(place, ()))
        for place, claim in enumerate(_records(rows))
    ]
    result = pd.DataFrame(found, index=rows.index, columns=_FOUND)
    result = pd.concat([rows[[*_SUBJECT, "on"]], result, rows[["source"]]], axis=1)
    result = result.astype(dict.fromkeys(["computed_definition", "reason"], "str"))
    result.insert(len(result.columns) - 1, "explanation", explanations(result, language=language))
    return result.astype(dict.fromkeys(["agrees_with", "contradicted_by"], "str"))


def explanations(reconciled: pd.DataFrame, *, language: str) -> pd.Series:
    """Say in words what :func:`reconcile` found.

    Parameters
    ----------
    reconciled
        Its result.
    language
        "vi" or "en".

    Returns
    -------
    pd.Series
        A sentence or two a claim, on the same index, named ``explanation``.
    """
    words = [_explained(row, language=language) for row in _records(reconciled)]
    return pd.Series(words, index=reconciled.index, name="explanation", dtype="str")


_FOUND = [
    "published",
    "computed",
    "computed_definition",
    "difference",
    "half_digit",
    "verdict",
    "reason",
    "agrees_with",
    "contradicted_by",
]


def _claims(claims: pd.DataFrame, known_at: Any) -> pd.DataFrame:
    rows = checked(as_known(claims, known_at), "claims").reindex(columns=_COLUMNS)
    texts = dict.fromkeys(["zone_id", "measure", "definition", "source"], "str")
    return rows.astype({**texts, "value": "float64", "on": "datetime64[s]"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Figures:
    """Computed figures by zone, date and definition."""

    table: pd.DataFrame

    @classmethod
    def of(cls, series: pd.DataFrame) -> _Figures:
        """Bring rates and accounts, one below the other, into one row a key."""
        named = [name for name in series.index.names if name is not None]
        table = series.reset_index(named) if named else series
        if "phase" in named:
            raise KcngeoError("series_by_phase")
        if not set(_KEYS) <= set(table.columns):
            raise KcngeoError("figures_dates")
        table = table.astype({"on": "datetime64[s]"})
        measures = list(table.select_dtypes("number").columns)
        groups = table.astype(dict.fromkeys(measures, "float64")).groupby(_KEYS)[measures]
        apart = groups.max() - groups.min() > 1 / M2_PER_HA
        if apart.to_numpy().any():
            bad = apart.index[apart.any(axis=1)]
            raise KcngeoError(
                "figures_contradict",
                measure=", ".join(apart.columns[apart.any()]),
                ids=[f"{zone} {on:%Y-%m-%d} {definition}" for zone, on, definition in bad],
            )
        return cls(table=groups.first().sort_index())

    def has(self, measure: str) -> bool:
        """Tell whether a measure is computed at all."""
        rows = self.table.droplevel("zone_id")
        return measure == "zones_count" or not _measured(rows, measure).empty

    def zone_count(self, on: pd.Timestamp) -> int:
        """Count the zones that have a row on a date."""
        here = self.table.index.get_level_values("on") == on
        return int(self.table.index.get_level_values("zone_id")[here].nunique())

    def of_zone(self, zone_id: str, measure: str) -> pd.DataFrame:
        """Give a measure of a zone by date and definition; column ``computed``."""
        rows = self.table[self.table.index.get_level_values("zone_id") == zone_id]
        return _measured(rows.droplevel("zone_id"), measure)

    def of_all(self, on: pd.Timestamp, measure: str) -> pd.DataFrame:
        """Give a measure of all zones together on a date, by date and definition."""
        rows = self.table[self.table.index.get_level_values("on") == on]
        totals = []
        for name, some in rows.groupby(level="definition"):
            definition = str(name)
            one = some.drop(columns="fill_rate", errors="ignore").sum(skipna=False)
            if {"leased_ha", "base_ha"} <= set(some.columns):
                rates = some.droplevel("definition").assign(definition=definition)
                one["fill_rate"] = combine(rates)["fill_rate"].iloc[0]
            one["zones_count"] = float(len(some))
            totals.append(one.to_frame().T.assign(on=on, definition=definition))
        if not totals:
            return _measured(rows.droplevel("zone_id"), measure)
        return _measured(pd.concat(totals).set_index(["on", "definition"]), measure)


def _measured(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Pick the column of a measure; the approved area is the base of the whole zone."""
    column = measure
    if measure == "approved_area_ha" and measure not in rows.columns:
        column = "base_ha"
        whole = [one.name for one in fill_definitions() if one.base == "zone"]
        rows = rows[rows.index.get_level_values("definition").isin(whole)]
    values = rows[column] if column in rows.columns else pd.Series(index=rows.index, dtype=float)
    return values.dropna().to_frame("computed")


def _contradicting(rows: pd.DataFrame) -> dict[int, list[float]]:
    """Find for each claim, by position, the values of those that contradict it."""
    values = rows["value"].to_numpy()
    found: dict[int, list[float]] = {}
    for one, other, kind in _contradictory_pairs(rows):
        found.setdefault(one, []).append(float(values[other]))
        if kind == "same_date":
            found.setdefault(other, []).append(float(values[one]))
    return found


def _contradictory_pairs(rows: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Go through the pairs of claims, by position, that cannot both be true.

    A claim without a date may be of any time, so it contradicts the others only if it agrees with
    none of them; it comes first in its pairs.
    """
    records = _records(rows)
    halves = [_half(record) for record in records]

    def is_apart(one: int, other: int) -> bool:
        gap = abs(records[one].value - records[other].value)
        return bool(gap > halves[one] + halves[other] + _ROUNDING)

    places = pd.Series(range(len(rows)))[rows["value"].notna().to_numpy()]
    subjects = [rows[name].to_numpy()[places] for name in _SUBJECT]
    for _, some in places.groupby(subjects, dropna=False, sort=False):
        dated = [place for place in some if pd.notna(records[place].on)]
        for one, other in combinations(dated, 2):
            if records[one].on == records[other].on and is_apart(one, other):
                yield one, other, "same_date"
        for one in some:
            others = [other for other in some if other != one]
            if one not in dated and all(is_apart(one, other) for other in others):
                yield from ((one, other, "undated") for other in others)


def _records(rows: pd.DataFrame) -> list[Any]:
    """Give the rows as records whose fields may be anything."""
    return list(rows.itertuples(index=False))


def _half(record: Any) -> float:
    if pd.isna(record.value):
        return np.nan
    return half_digit(record.value, measure=str(record.measure))


def _reconciled(
    claim: Any,
    computed: _Figures,
    *,
    zones_on: dict[Any, float],
    others: Sequence[float],
) -> tuple[Any, ...]:
    """Find the computed figure of a claim and judge it."""
    half = _half(claim)
    against = "|".join(f"{value:.10g}" for value in others) or None
    place = _place(claim, computed, zones_on=zones_on)
    if isinstance(place, str):
        verdict = "contradicted" if others else "not computable"
        return claim.value, np.nan, None, np.nan, half, verdict, place, None, against
    today, elsewhere = place
    off = (today["computed"] - claim.value).abs() - half
    good = off.index[off <= _ROUNDING]
    chosen = good[0] if len(good) else off.index[0]
    figure = float(today["computed"].loc[chosen])
    reason, agrees_with = "agrees", None
    if not len(good):
        reason, agrees_with = _otherwise(claim, elsewhere, half)
    verdict = "agrees" if len(good) else "differs"
    difference = claim.value - figure
    return claim.value, figure, chosen, difference, half, verdict, reason, agrees_with, against


def _place(
    claim: Any, computed: _Figures, *, zones_on: dict[Any, float]
) -> str | tuple[pd.DataFrame, pd.DataFrame]:
    """Find the figures a claim is to be compared with, by definition; or why there are none.

    The second table is where else to look: by date and definition.
    """
    if pd.isna(claim.measure) or pd.isna(claim.value):
        return "no_value"
    if pd.isna(claim.zone_id):
        if pd.isna(claim.on):
            return "no_date"
        here = float(computed.zone_count(claim.on))
        if claim.measure != "zones_count" and zones_on.get(claim.on, here) != here:
            return "other_zones"
        known = computed.of_all(claim.on, claim.measure)
    else:
        known = computed.of_zone(claim.zone_id, claim.measure)
        if claim.zone_id not in computed.table.index.get_level_values("zone_id"):
            return "no_zone"
        if pd.isna(claim.on):
            return "no_date"
    if known.empty:
        return "no_row" if computed.has(claim.measure) else "no_measure"
    today = known[known.index.get_level_values("on") == claim.on].droplevel("on")
    if today.empty:
        return "no_row"
    today = today.loc[_ordered(today.index, claim.on)]
    if pd.notna(claim.definition):
        today = today[today.index == claim.definition]
        if today.empty:
            return "no_definition"
    return today, known


def _ordered(names: pd.Index, on: pd.Timestamp) -> list[str]:
    """Put the law in force on a day first, then the others as the registry shows them."""
    shown = [fill_definition(None, on=on).name, *(one.name for one in fill_definitions())]
    return sorted(
        names, key=lambda name: (shown.index(name) if name in shown else len(shown), name)
    )


def _otherwise(claim: Any, known: pd.DataFrame, half: float) -> tuple[str, str | None]:
    """Look for a definition of the same date, or the nearest date, by which a claim agrees."""
    agreeing = known[(known["computed"] - claim.value).abs() <= half + _ROUNDING]
    dates = agreeing.index.get_level_values("on")
    same_date = agreeing[dates == claim.on].index.get_level_values("definition")
    if len(same_date):
        return "differs_definition", "|".join(distinct(same_date))
    mine = agreeing.index.get_level_values("definition") == claim.definition
    dates = dates[mine] if pd.notna(claim.definition) else dates
    if not len(dates):
        return "differs", None
    nearest = dates[np.argmin(np.abs(dates - claim.on))]
    return "differs_date", f"{nearest:%Y-%m-%d}"


def _explained(row: Any, *, language: str) -> str:
    """Say what was found of one claim."""
    shown = _writer(str(row.measure), language=language)
    on = "–" if pd.isna(row.on) else date(row.on, language=language)
    words = text(
        f"claims.{row.reason}",
        language=language,
        published=shown(row.published, row.half_digit),
        computed=shown(row.computed, row.half_digit / 10),
        difference=shown(row.difference, row.half_digit / 10),
        definition=row.definition if pd.isna(row.computed_definition) else row.computed_definition,
        measure=row.measure,
        agrees_with=row.agrees_with,
        on=on,
    )
    if pd.notna(row.contradicted_by):
        values = [float(value) for value in row.contradicted_by.split("|")]
        others = [shown(value, half_digit(value, measure=str(row.measure))) for value in values]
        words += " " + text("claims.contradicted", language=language, ids=others)
    return words


def _writer(measure: str, *, language: str) -> Any:
    """Give a function that writes a figure to the digits of half a unit."""

    def write(value: float, half: float) -> str:
        digits = 0 if pd.isna(half) or half == 0 else max(0, round(-np.log10(half * 2)))
        if measure == "fill_rate":
            return percent(value, language=language, decimals=max(0, digits - 2))
        unit = " ha" if measure.endswith("_ha") else ""
        return number(value, language=language, decimals=digits) + unit

    return write


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Implied:
    """What claims imply of figures nobody published, and which claims cannot all be true.

    Attributes
    ----------
    figures
        A row a figure that other claims give: ``zone_id``, ``on``, ``measure``, ``definition``,
        ``value``, ``low`` and ``high`` (a share, hectares or a count; the bounds are what the
        published digits leave open), ``formula``, ``claims`` (labels of the claims used, joined by
        "|"), ``ways_count`` (ways to work it out, of which the one with the narrowest bounds is
        shown), ``published`` (the first claim of the same figure, if there is one) and ``agrees``
        (whether the bounds of every way meet every claim of the figure; missing if there is none).
    contradictions
        A row a smallest set of claims that cannot all be true: ``zone_id``, ``on``, ``measure``,
        ``definition``, ``kind`` ("same_date": two claims of the same figure; "undated": a claim
        without a date that agrees with none of the others, of which each may be of another time;
        "implied": what follows from some claims excludes another), ``claims`` (labels joined by
        "|"), ``first`` and ``second`` (the two values) and ``gap`` (between their bounds).
    """

    figures: pd.DataFrame
    contradictions: pd.DataFrame


def implied(claims: pd.DataFrame, *, known_at: Any = None) -> Implied:
    """Work out what claims of one zone and date imply, and find those that contradict each other.

    Three things tie the figures together: a fill rate is let land over the base of its definition;
    the base of "cleared" is the leasable base less what is uncleared; the leasable base is the sum
    of the parts of the account. So a leased area and two rates give both bases and, as their
    difference, what is not yet cleared, though nobody published it. Projects add up by premises.

    Bounds come from the published digits (see :func:`half_digit`), every figure at its worst, and
    say nothing of errors other than rounding. A difference of two large figures has wide bounds. A
    claim of an area that names no definition is taken to count the land uses of the definitions
    named beside it, else of the law in force on the date. Let land is taken to be cleared.

    Parameters
    ----------
    claims
        Claims: zone_id, measure, definition, value, on, source.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.

    Returns
    -------
    Implied
        The figures and the contradictions.

    Raises
    ------
    ContractError
        If the claims break their contract.
    StandardError
        If a definition is not in the registry.

    Examples
    --------
    76.072 ha let are 56.04 % of all industrial land: a base of about 135.75 ha.

    >>> import pandas as pd
    >>> claims = pd.DataFrame(
    ...     {
    ...         "zone_id": "loc-son",
    ...         "measure": ["leased_ha", "fill_rate"],
    ...         "definition": [None, "nd164-2013"],
    ...         "value": [76.072, 0.5604],
    ...         "on": "2018-03-31",
    ...     }
    ... )
    >>> implied(claims).figures[["measure", "value", "low", "high"]].round(3).values.tolist()
    [['base_ha', 135.746, 135.733, 135.759]]
    """
    rows = _claims(claims, known_at)
    rows = rows[rows["value"].notna() & rows["measure"].notna()]
    solved: list[dict[str, Any]] = []
    clashes: list[dict[str, Any]] = []
    for _, some in rows.groupby(["zone_id", "on"], dropna=False, sort=True):
        first = _records(some)[0]
        known = _Solver.of(some, first.on)
        known.solve()
        subject = {"zone_id": first.zone_id, "on": first.on}
        solved += [{**subject, **row} for row in known.figures()]
        clashes += [{**subject, **row} for row in known.contradictions()]
    for one, other, kind in _contradictory_pairs(rows):
        if kind == "undated":
            clashes.append(_undated(rows.iloc[[one, other]]))
    return Implied(
        figures=_typed(pd.DataFrame(solved, columns=_SOLVED)),
        contradictions=_typed(pd.DataFrame(clashes, columns=_CLASHES)),
    )


_SOLVED = [
    "zone_id",
    "on",
    "measure",
    "definition",
    "value",
    "low",
    "high",
    "formula",
    "claims",
    "ways_count",
    "published",
    "agrees",
]
_CLASHES = [
    "zone_id",
    "on",
    "measure",
    "definition",
    "kind",
    "claims",
    "first",
    "second",
    "gap",
]
_PARTS = ACCOUNT_COLUMNS[1:7]
_PREMISES = ("projects_on_land_count", "projects_in_workshops_count", "projects_in_offices_count")

_Key = tuple[str, str | None]
_WHOLE_ZONE: _Key = ("approved_area_ha", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """A figure with its bounds, and the claims it rests on."""

    value: float
    low: float
    high: float
    claims: frozenset[Any]
    formula: str = ""

    def gap(self, other: _Fact) -> float:
        return max(self.low - other.high, other.low - self.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solver:
    """Facts of one zone and date, and how they hang together.

    A product is (whole, factor, factor), a sum (whole, parts).
    """

    facts: dict[_Key, list[_Fact]]
    owner: dict[Any, _Key]
    products: list[tuple[_Key, _Key, _Key]] = field(default_factory=list)
    sums: list[tuple[_Key, tuple[_Key, ...]]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: pd.DataFrame, on: Any) -> _Solver:
        """Take the claims of one zone and date, and tie their definitions together."""
        # Claims without a date go by the first law.
        when = on if pd.notna(on) else pd.Timestamp(0)
        law = fill_definition(None, on=when)
        named = [fill_definition(name, on=when) for name in rows["definition"].dropna().unique()]
        uses = {one.uses for one in named}
        usual = uses.pop() if len(uses) == 1 else law.uses
        known = cls(facts={}, owner={})
        for counted in dict.fromkeys([usual, *(one.uses for one in named)]):
            known._tie(counted, [*named, law])
        for label, row in zip(rows.index, _records(rows), strict=True):
            key = known._key(row, usual, [*named, law])
            half = _half(row)
            fact = _Fact(
                value=row.value,
                low=max(row.value - half, 0.0),
                high=min(row.value + half, 1.0) if key[0] == "fill_rate" else row.value + half,
                claims=frozenset([label]),
            )
            known.facts.setdefault(key, []).append(fact)
            known.owner[label] = key
        return known

    def _tie(self, uses: tuple[Any, ...], preferred: list[FillDefinition]) -> None:
        """Write down what ties the figures of the definitions that count the same land uses."""
        whole = _like(uses, "leasable", preferred)
        leased = ("leased_ha", whole)
        for base in ("leasable", "cleared", "zone"):
            name = _like(uses, base, preferred)
            if name is not None:
                area = _WHOLE_ZONE if base == "zone" else ("base_ha", name)
                self.products.append((leased, ("fill_rate", name), area))
        self.sums.append((("base_ha", whole), tuple((part, whole) for part in _PARTS)))
        cleared = _like(uses, "cleared", preferred)
        if cleared is not None:
            parts = (("base_ha", cleared), ("uncleared_ha", whole))
            self.sums.append((("base_ha", whole), parts))
        premises = (("projects_count", None), tuple((one, None) for one in _PREMISES))
        if premises not in self.sums:
            self.sums.append(premises)

    def _key(self, row: Any, usual: tuple[Any, ...], preferred: list[FillDefinition]) -> _Key:
        """Name what a claim measures, the same name for the same thing."""
        mine = next((one for one in preferred if one.name == row.definition), None)
        uses = usual if mine is None else mine.uses
        if row.measure == "base_ha" and mine is not None and mine.base == "zone":
            return _WHOLE_ZONE
        if row.measure in ("fill_rate", "base_ha"):
            base = "leasable" if mine is None else mine.base
            # A rate by nobody knows which definition ties nothing.
            if mine is None and row.measure == "fill_rate":
                return (row.measure, None)
            return (row.measure, _like(uses, base, preferred))
        if row.measure in ACCOUNT_COLUMNS:
            return (row.measure, _like(uses, "leasable", preferred))
        return (row.measure, None if mine is None else mine.name)

    def solve(self) -> None:
        """Work out what follows, and what follows from that, until nothing new does."""
        while self._round():
            pass

    def _round(self) -> bool:
        """Work out what follows in one step; tell whether anything did."""
        news = [*self._from_products(), *self._from_sums(), *self._two_rates()]
        return bool(sum(self._add(key, fact) for key, fact in news))

    def _from_products(self) -> Iterator[tuple[_Key, _Fact]]:
        for whole, one, other in self.products:
            for inputs in self._inputs(one, other):
                yield whole, _times(*inputs, names=(one, other))
            for factor, rest in ((one, other), (other, one)):
                for inputs in self._inputs(whole, rest):
                    if inputs[1].low > 0:
                        yield factor, _over(*inputs, names=(whole, rest))

    def _from_sums(self) -> Iterator[tuple[_Key, _Fact]]:
        for whole, parts in self.sums:
            for inputs in self._inputs(*parts):
                yield whole, _plus(inputs, parts)
            for part in parts:
                others = tuple(one for one in parts if one != part)
                for inputs in self._inputs(whole, *others):
                    yield part, _minus(inputs[0], inputs[1:], names=(whole, *others))

    def _two_rates(self) -> Iterator[tuple[_Key, _Fact]]:
        """Solve two rates and the uncleared land for the base: uncleared / (1 − rate / rate)."""
        rates = {base: rate for _, rate, base in self.products}
        for whole, parts in self.sums:
            if len(parts) != 2 or parts[0] not in rates:
                continue
            for law, cleared, rest in self._inputs(rates[whole], rates[parts[0]], parts[1]):
                low = 1 - law.high / cleared.low if cleared.low > 0 else 0.0
                high = 1 - law.low / cleared.high
                if low > 0:
                    share = 1 - law.value / cleared.value
                    names = [_shown(key) for key in (parts[1], rates[whole], rates[parts[0]])]
                    yield (
                        whole,
                        _Fact(
                            value=rest.value / share,
                            low=rest.low / high,
                            high=rest.high / low,
                            claims=law.claims | cleared.claims | rest.claims,
                            formula=f"{names[0]} / (1 − {names[1]} / {names[2]})",
                        ),
                    )

    def _inputs(self, *keys: _Key) -> Iterator[tuple[_Fact, ...]]:
        """Combine what is known of some figures; what is published goes before what follows."""
        published = [[fact for fact in self.facts.get(key, ()) if not fact.formula] for key in keys]
        worked_out = [tuple(self.facts.get(key, ())) for key in keys]
        return product(*(one or other for one, other in zip(published, worked_out, strict=True)))

    def _add(self, key: _Key, fact: _Fact) -> bool:
        """Keep a fact unless it rests on a claim of itself, or on more claims than another."""
        known = self.facts.get(key, [])
        if any(self.owner[label] == key for label in fact.claims):
            return False
        if any(other.claims <= fact.claims for other in known):
            return False
        self.facts.setdefault(key, []).append(fact)
        return True

    def figures(self) -> Iterator[dict[str, Any]]:
        """Go through what was worked out; of several ways, the one with the narrowest bounds."""
        for key in sorted(self.facts, key=lambda one: (one[0], one[1] or "")):
            claimed = [fact for fact in self.facts[key] if not fact.formula]
            ways = [fact for fact in self.facts[key] if fact.formula]
            if ways:
                best = min(ways, key=lambda way: (way.high - way.low, len(way.claims)))
                agrees = all(way.gap(one) <= _ROUNDING for way in ways for one in claimed)
                yield {
                    "measure": key[0],
                    "definition": key[1],
                    "value": best.value,
                    "low": best.low,
                    "high": best.high,
                    "formula": best.formula,
                    "claims": _labels(best.claims),
                    "ways_count": len(ways),
                    "published": claimed[0].value if claimed else np.nan,
                    "agrees": agrees if claimed else pd.NA,
                }

    def contradictions(self) -> Iterator[dict[str, Any]]:
        """Go through the smallest sets of claims that exclude each other."""
        found: list[tuple[frozenset[Any], dict[str, Any]]] = []
        for key, facts in self.facts.items():
            for one, other in combinations(facts, 2):
                gap = one.gap(other)
                if gap > _ROUNDING:
                    direct = not one.formula and not other.formula
                    row = {
                        "measure": key[0],
                        "definition": key[1],
                        "kind": "same_date" if direct else "implied",
                        "claims": _labels(one.claims | other.claims),
                        "first": one.value,
                        "second": other.value,
                        "gap": gap,
                    }
                    found.append((one.claims | other.claims, row))
        found.sort(key=lambda item: (len(item[0]), item[1]["kind"] != "same_date"))
        kept: list[frozenset[Any]] = []
        for claims, row in found:
            if not any(smaller <= claims for smaller in kept):
                kept.append(claims)
                yield row


def _like(uses: tuple[Any, ...] | None, base: str, preferred: list[FillDefinition]) -> str | None:
    """Name the definition with these land uses and this base; one that is named, if it can be."""
    alike = [
        one.name
        for one in (*preferred, *fill_definitions())
        if one.base == base and one.uses == uses
    ]
    return alike[0] if alike else None


def _times(one: _Fact, other: _Fact, *, names: tuple[_Key, _Key]) -> _Fact:
    return _Fact(
        value=one.value * other.value,
        low=one.low * other.low,
        high=one.high * other.high,
        claims=one.claims | other.claims,
        formula=" × ".join(map(_shown, names)),
    )


def _over(whole: _Fact, rest: _Fact, *, names: tuple[_Key, _Key]) -> _Fact:
    return _Fact(
        value=whole.value / rest.value,
        low=whole.low / rest.high,
        high=whole.high / rest.low,
        claims=whole.claims | rest.claims,
        formula=" / ".join(map(_shown, names)),
    )


def _plus(parts: tuple[_Fact, ...], names: tuple[_Key, ...]) -> _Fact:
    return _Fact(
        value=sum(part.value for part in parts),
        low=sum(part.low for part in parts),
        high=sum(part.high for part in parts),
        claims=frozenset().union(*(part.claims for part in parts)),
        formula=" + ".join(map(_shown, names)),
    )


def _minus(whole: _Fact, parts: tuple[_Fact, ...], *, names: tuple[_Key, ...]) -> _Fact:
    return _Fact(
        value=whole.value - sum(part.value for part in parts),
        low=max(whole.low - sum(part.high for part in parts), 0.0),
        high=whole.high - sum(part.low for part in parts),
        claims=whole.claims.union(*(part.claims for part in parts)),
        formula=" − ".join(map(_shown, names)),
    )


def _shown(key: _Key) -> str:
    """Write a figure in a formula."""
    return key[0] if key[1] is None else f"{key[0]}[{key[1]}]"


def _labels(claims: frozenset[Any]) -> str:
    return "|".join(str(label) for label in sorted(claims, key=str))


def _undated(pair: pd.DataFrame) -> dict[str, Any]:
    """Write down that a claim without a date agrees with none of the others."""
    first, second = _records(pair)
    return {
        "zone_id": first.zone_id,
        "on": second.on,
        "measure": first.measure,
        "definition": first.definition,
        "kind": "undated",
        "claims": _labels(frozenset(pair.index)),
        "first": first.value,
        "second": second.value,
        "gap": abs(first.value - second.value) - _half(first) - _half(second),
    }


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Cast what a frame of few rows, or none, cannot tell."""
    words = ["zone_id", "measure", "definition", "formula", "kind", "claims"]
    kinds: dict[str, str] = {name: "str" for name in words if name in frame.columns}
    kinds |= {"on": "datetime64[s]"}
    if "agrees" in frame.columns:
        kinds |= {"agrees": "boolean"}
    return frame.astype(kinds)
