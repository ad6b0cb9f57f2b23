"""Published figures beside computed ones, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.claims.digits import (
    KEYS,
    POLYGON,
    ROUNDING,
    SUBJECT,
    claims_of,
    contradicting,
    half_digit,
    half_of,
    records_of,
)
from kcngeo.core.errors import KcngeoError
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import distinct
from kcngeo.fill import Accounts, combine
from kcngeo.ledger import asked, known
from kcngeo.standards import fill_definition, fill_definitions, registry
from kcngeo.theme import column, date, number, percent, text

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

VERDICTS = ("agrees", "differs", "contradicted", "not computable")
"""What may be said of a claim."""


def figures(project: Project | Snapshot, *, area: str = "grid") -> pd.DataFrame:
    """Compute what claims may be reconciled with: every definition on every date they name.

    Parameters
    ----------
    project
        The tables, with ``claims``; of a project what is known now, zones missing on the dates on
        which they are at fault.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By (``zone_id``, ``on``), once for each ``definition``: ``leased_ha``, ``base_ha`` and
        ``fill_rate`` as :func:`kcngeo.fill.fill_series`, numerator and denominator of the
        definition; and the other columns of the land account in hectares, which stand beside them.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If there is no table of claims.

    Examples
    --------
    The one claim of the squares is of 31 March 2018; on it 1.5 ha of zone A are let.

    >>> import kcngeo as kcn
    >>> computed = figures(kcn.examples.squares()).loc["A"]
    >>> computed.loc[computed["definition"] == "nd164-2013", "leased_ha"].tolist()
    [1.5]
    """
    snapshot = known(project)
    claims = snapshot.table("claims")
    if claims is None:
        raise KcngeoError("needs_table", table="claims")
    rows = claims_of(claims)
    dates = pd.DatetimeIndex(rows["on"].dropna().unique(), name="on").sort_values()
    if not len(dates):
        empty = pd.DataFrame(columns=["leased_ha", "base_ha", "fill_rate", "definition"])
        empty.index = pd.MultiIndex.from_arrays([[], []], names=["zone_id", "on"])
        return empty
    # Who has no sound claims is told; who has no account says so in its own figures.
    snapshot = asked(snapshot, start=dates[0], end=dates[-1], area=area, about=("claims",))
    accounts = Accounts.of(snapshot, area=area)
    return accounts.by_definitions(dates, fill_definitions()).sort_index(kind="stable")


def reconcile(claims: pd.DataFrame, series: pd.DataFrame, *, language: str = "vi") -> pd.DataFrame:
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
        Claims as known: zone_id, measure, definition, value, on, source.
    series
        What is computed: result of :func:`figures`; or of :func:`kcngeo.fill.fill_series`, one or
        several below each other; or of :func:`kcngeo.fill.land_account` with
        ``.assign(on=…, definition=…)``. Every column named like a measure can be compared.
    language
        Language of ``explanation``, "vi" or "en".

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
        zone, date and definition; or the claims still say when they were recorded.

    Examples
    --------
    A notice gave 1.5 ha let, and so much is let on the squares:

    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> found = reconcile(now.claims, figures(now))
    >>> found[["published", "computed", "verdict"]].values.tolist()
    [[1.5, 1.5, 'agrees']]
    """
    rows = claims_of(claims)
    computed = _Figures.of(series)
    zones_claimed = rows[rows["zone_id"].isna() & (rows["measure"] == "zones_count")]
    zones_on = {claim.on: claim.value for claim in records_of(zones_claimed)}
    against = contradicting(rows)
    found = [
        _reconciled(claim, computed, zones_on=zones_on, others=against.get(place, ()))
        for place, claim in enumerate(records_of(rows))
    ]
    result = pd.DataFrame(found, index=rows.index, columns=_FOUND)
    result = pd.concat([rows[[*SUBJECT, "on"]], result, rows[["source"]]], axis=1)
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
    words = [_explained(row, language=language) for row in records_of(reconciled)]
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
        if not set(KEYS) <= set(table.columns):
            raise KcngeoError("figures_dates")
        table = table.astype({"on": "datetime64[s]"})
        measures = list(table.select_dtypes("number").columns)
        groups = table.astype(dict.fromkeys(measures, "float64")).groupby(KEYS)[measures]
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
    source = measure
    if measure == "approved_area_ha" and measure not in rows.columns:
        source = "base_ha"
        whole = [one.name for one in fill_definitions() if one.base == POLYGON]
        rows = rows[rows.index.get_level_values("definition").isin(whole)]
    values = rows[source] if source in rows.columns else pd.Series(index=rows.index, dtype=float)
    return values.dropna().to_frame("computed")


def _reconciled(
    claim: Any,
    computed: _Figures,
    *,
    zones_on: dict[Any, float],
    others: Sequence[float],
) -> tuple[Any, ...]:
    """Find the computed figure of a claim and judge it."""
    half = half_of(claim)
    against = "|".join(f"{value:.10g}" for value in others) or None
    place = _place(claim, computed, zones_on=zones_on)
    if isinstance(place, str):
        verdict = "contradicted" if others else "not computable"
        return claim.value, np.nan, None, np.nan, half, verdict, place, None, against
    today, elsewhere = place
    off = (today["computed"] - claim.value).abs() - half
    good = off.index[off <= ROUNDING]
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
    """Find the figures a claim is to be compared with, by definition; or why there are none."""
    # The second table is where else to look: by date and definition.
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
    agreeing = known[(known["computed"] - claim.value).abs() <= half + ROUNDING]
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
        definition=_titles(
            row.definition if pd.isna(row.computed_definition) else row.computed_definition,
            language=language,
        ),
        measure=_measure_words(str(row.measure), language=language),
        agrees_with=_titles(row.agrees_with, language=language),
        on=on,
    )
    if pd.notna(row.contradicted_by):
        values = [float(value) for value in row.contradicted_by.split("|")]
        others = [shown(value, half_digit(value, measure=str(row.measure))) for value in values]
        words += " " + text("claims.contradicted", language=language, ids=others)
    return words


def _titles(ids: Any, *, language: str) -> Any:
    """Name definitions whose ids are joined by "|", quoted; a date and nothing stay as they are."""
    if pd.isna(ids):
        return ids
    known = registry().entries
    parts = ids.split("|")
    return ", ".join(f"“{known[one].title[language]}”" if one in known else one for one in parts)


def _measure_words(measure: str, *, language: str) -> str:
    """Name a measure in a sentence, quoted and without its unit."""
    words = column(measure, language=language)
    return measure if words == measure else f"“{words.removesuffix(' (ha)')}”"


def _writer(measure: str, *, language: str) -> Any:
    """Give a function that writes a figure to the digits of half a unit."""

    def write(value: float, half: float) -> str:
        digits = 0 if pd.isna(half) or half == 0 else max(0, round(-np.log10(half * 2)))
        if measure == "fill_rate":
            return percent(value, language=language, decimals=max(0, digits - 2))
        unit = " ha" if measure.endswith("_ha") else ""
        return number(value, language=language, decimals=digits) + unit

    return write
