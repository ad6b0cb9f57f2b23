"""Land accounts and fill rates, as asked for by a planner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day, month_ends
from kcngeo.core.errors import KcngeoError
from kcngeo.core.units import MM2_PER_HA
from kcngeo.core.validation import distinct
from kcngeo.fill.accounts import Accounts
from kcngeo.fill.aggregation import LIMITS, By, rate_limits, ratio
from kcngeo.ledger import known

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot


def land_account(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Draw up the land account of every zone on a day.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and is given again as a memo. A leasable parcel the ledger
    never mentions is available. The base is always the leasable land of the uses the definition
    counts, also where its denominator is another. Where parcels overlap, the account of their zone
    is missing; their rate has bounds, see :func:`fill_rate`.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    on
        The reporting date; the state on this day, the end day of an entry not included.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid" (as measured in the CRS), "ellipsoid" (geodesic) or "certificate" (as written; for a
        zone its approved area).
    by
        "zone_id", or ("zone_id", "phase"); a missing phase is its own group.

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted; hectares: ``base_ha``, ``leased_ha``,
        ``reserved_ha``, ``recovering_ha``, ``repurposed_ha``, ``uncleared_ha``, ``available_ha``,
        and the memos ``uncleared_held_ha`` and ``leased_uncleared_ha`` (its let part); and
        ``source``: "measured", "declared" where the zone has no parcels on the day and lives on
        what is declared of it, its unknown parts missing, or missing where nothing is.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If an account does not close, or phases are asked of "gross".

    Examples
    --------
    On the grid of squares zone A has four industrial lots of 1 ha: one is let, one half let, one
    not cleared, one reserved.

    >>> import kcngeo as kcn
    >>> account = land_account(kcn.examples.squares(), on="2018-03-31")
    >>> columns = ["base_ha", "leased_ha", "reserved_ha", "uncleared_ha", "available_ha"]
    >>> account.loc[["A"], columns].values.tolist()
    [[4.0, 1.5, 1.0, 1.0, 0.5]]
    """
    return Accounts.of(known(project), area=area, by=by).account(on, definition)


def fill_rate(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on a day, by a named definition.

    A rate by one definition says nothing about another: a zone full "on cleared land" may be half
    empty under the law. Never average rates of zones; use :func:`combine`.

    Where the rate is missing because leasable parcels overlap, ``rate_low`` and ``rate_high`` are
    the lowest and the highest rate of all ways to give the land that is drawn twice to one parcel,
    the other, neither or both. A zone that is at fault for another reason too has no bounds.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    on
        The reporting date.
    definition
        Id of the definition; None for the law in force on the day.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted: ``leased_ha`` and ``base_ha``, the
        numerator and denominator of the definition in hectares; ``fill_rate``, a share from 0 to
        1, missing where the base is 0; ``rate_low`` and ``rate_high``, between which it lies, the
        rate itself where it is known, and the hectares these divide, ``low_leased_ha``,
        ``low_base_ha``, ``high_leased_ha``, ``high_base_ha``; ``definition``; ``source``, as
        :func:`land_account`; and ``reason``, why a zone without parcels has no rate, one of
        "base_not_published" (nothing is declared of it), "declared_without_base",
        "declared_without_leased", "declared_otherwise" (by a definition that cannot be converted
        to this one), "declared_without_polygon" and "declared_not_by_phase".

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If phases are asked of "gross".

    Examples
    --------
    >>> import kcngeo as kcn
    >>> rates = fill_rate(kcn.examples.squares(), on="2018-03-31", definition="cleared")
    >>> rates[["leased_ha", "base_ha", "fill_rate"]].values.tolist()
    [[1.5, 3.0, 0.5], [1.0, 2.0, 0.5]]
    """
    dates = pd.DatetimeIndex([day(on)], name="on")
    return Accounts.of(known(project), area=area, by=by).rates(dates, definition).droplevel("on")


def fill_series(
    project: Project | Snapshot,
    *,
    start: Day,
    end: Day,
    freq: str = "ME",
    definition: str | None = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on every reporting date of a period.

    With ``definition=None`` every date has the law of its day, so the series changes definition
    where the law did; the column ``definition`` says which.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    freq
        Pandas frequency of the reporting dates; "ME" is the last day of each month.
    definition
        Id of the definition; None for the law in force on each date.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by (``zone_id``, ``on``), sorted, columns as :func:`fill_rate`; a zone has rows
        for the dates on which it counts.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If no reporting date lies in the period, or phases are asked of "gross".

    Examples
    --------
    The lease of B-1, half of zone B, ends with the year:

    >>> import kcngeo as kcn
    >>> series = fill_series(kcn.examples.squares(), start="2018-12-01", end="2019-01-31")
    >>> series.loc["B", "fill_rate"].tolist()
    [0.5, 0.0]
    """
    dates = month_ends(start, end, freq=freq)
    return Accounts.of(known(project), area=area, by=by).rates(dates, definition)


def combine(rates: pd.DataFrame) -> pd.DataFrame:
    """Give the rate of a set of zones: the ratio of their sums, never the mean of their rates.

    Parameters
    ----------
    rates
        Result of :func:`fill_rate` or :func:`fill_series`, whole or the rows of some zones; the
        columns of bounds may be absent.

    Returns
    -------
    pd.DataFrame
        A row a date (one row if ``rates`` has no dates): ``leased_ha``, ``base_ha``,
        ``fill_rate``, ``rate_low`` and ``rate_high`` with the hectares they divide (missing only
        where a zone has no bounds), ``definition``, ``declared_ha``, how much of the base is
        declared and not measured, ``known_count`` of ``zone_count`` zones that are in the sums,
        ``not_published``, the others, joined by "|": zones of which nobody publishes a base or
        what is let of it; and ``not_computable``, the zones at fault, whose presence makes the
        row's figures missing.

    Raises
    ------
    KcngeoError
        If rates by different definitions meet on one date, or a zone stands on it twice.

    Examples
    --------
    1.5 of 4 ha and 1 of 2 ha make 2.5 of 6 ha, not the mean of 37.5 % and 50 %:

    >>> import kcngeo as kcn
    >>> rates = fill_rate(kcn.examples.squares(), on="2018-03-31")
    >>> combine(rates)[["leased_ha", "base_ha"]].values.tolist()
    [[2.5, 6.0]]

    A zone of which nothing is published adds no hectare, and the total says so:

    >>> from dataclasses import replace
    >>> project = kcn.examples.squares()
    >>> zones = pd.concat([project.zones, project.zones[1:].assign(zone_id="C")])
    >>> rates = fill_rate(replace(project, zones=zones), on="2018-03-31")
    >>> combine(rates)[["base_ha", "known_count", "zone_count", "not_published"]].values.tolist()
    [[6.0, 2, 3, 'C']]
    """
    dated = "on" in rates.index.names
    keys = rates.index.get_level_values("on") if dated else np.zeros(len(rates), dtype="int64")
    zone_ids = rates.index.get_level_values("zone_id").to_numpy(dtype=object)
    groups = rates.groupby(keys, sort=True)
    mixed = groups["definition"].nunique() > 1
    if mixed.any():
        raise KcngeoError("mixed_definitions", definitions=distinct(rates["definition"]))
    if rates.index.has_duplicates:
        raise KcngeoError("rates_twice")
    # A total without one of its zones would be a wrong hectare.
    # Rates of another source come without bounds: each is known, or is not.
    own = dict(zip(LIMITS, ("leased_ha", "base_ha") * 2, strict=True))
    limits = {name: rates[name if name in rates else own[name]] for name in LIMITS}
    figures = rates[["leased_ha", "base_ha"]].assign(**limits)
    # Who publishes no base adds nothing, neither hectares nor a gap: the total says of how many
    # zones it is.
    unpublished = _given(rates, "reason").notna().to_numpy()
    declared = (_given(rates, "source") == "declared").to_numpy() & ~unpublished
    figures["declared_ha"] = rates["base_ha"].where(declared, 0.0)
    figures[unpublished] = 0.0
    known_count = pd.Series(~unpublished, index=rates.index).groupby(keys, sort=True).sum()
    sums = _divided(
        _sums(figures, keys),
        known_count=known_count,
        zone_count=groups.size(),
    )
    sums["definition"] = groups["definition"].first()
    apart = {"not_computable": rates["base_ha"].isna().to_numpy() & ~unpublished}
    apart["not_published"] = unpublished
    for name, rows in apart.items():
        named = pd.Series(zone_ids[rows]).groupby(np.asarray(keys)[rows]).agg(_joined)
        sums[name] = named.reindex(sums.index).astype("str")
    return sums.rename_axis("on") if dated else sums.reset_index(drop=True)


def combine_totals(totals: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Give the rate of sets of zones together, that have no zone in common, by the rates of each.

    ``totals`` are results of :func:`combine` with the same dates and without ``definition``; on a
    date on which no zone of a set counts its figures are missing.
    """
    apart = ("not_computable", "not_published")
    added, counted = [], []
    for one in totals:
        counts = one[["known_count", "zone_count"]].fillna(0.0)
        figures = one[["leased_ha", "base_ha", *LIMITS, "declared_ha"]].copy()
        # A set of which nothing is published adds nothing, as a zone of it does.
        figures[counts["known_count"].to_numpy() == 0] = 0.0
        added.append(figures)
        counted.append(counts)
    counts = sum(counted[1:], counted[0])
    every = pd.concat(added)
    levels = [every.index.get_level_values(level) for level in range(every.index.nlevels)]
    whole = _sums(every, levels).rename_axis(every.index.names)
    sums = _divided(
        whole.reindex(counts.index),
        known_count=counts["known_count"],
        zone_count=counts["zone_count"],
    )
    for name in apart:
        named = zip(*(one[name] for one in totals), strict=True)
        joined = [_joined(_split(some)) or None for some in named]
        sums[name] = pd.Series(joined, index=sums.index, dtype="str")
    # A date on which no zone counts has a row without figures.
    sums.loc[sums["zone_count"] == 0, ["declared_ha", "known_count", "zone_count"]] = np.nan
    return sums


def _split(named: Iterable[Any]) -> pd.Series:
    """Give the zones that are named in some texts."""
    return pd.Series([one for some in named if isinstance(some, str) for one in some.split("|")])


def _sums(figures: pd.DataFrame, keys: Any) -> pd.DataFrame:
    """Add hectares up by whole square millimetres, so that no order of them makes a difference."""
    missing = figures.isna()
    whole = (figures.fillna(0.0) * MM2_PER_HA).round().astype("int64")
    added: pd.DataFrame = whole.groupby(keys, sort=True).sum() / MM2_PER_HA
    return added.mask(missing.groupby(keys, sort=True).any())


def _divided(added: pd.DataFrame, *, known_count: pd.Series, zone_count: pd.Series) -> pd.DataFrame:
    """Divide sums of zones; of no zone whose figures are published there are none."""
    added = added.copy()
    added[known_count.to_numpy() == 0] = np.nan
    return added[["leased_ha", "base_ha"]].assign(
        fill_rate=ratio(added["leased_ha"].to_numpy(), added["base_ha"].to_numpy()),
        # The choice that makes a zone's rate lowest makes the total's lowest as well.
        **rate_limits(added),
        **{name: added[name] for name in LIMITS},
        declared_ha=added["declared_ha"],
        known_count=known_count.to_numpy(),
        zone_count=zone_count,
    )


def _given(rates: pd.DataFrame, name: str) -> pd.Series:
    """Give a column; rates of another source come without it."""
    return rates[name] if name in rates else pd.Series(None, index=rates.index, dtype="str")


def _joined(values: pd.Series) -> str:
    return "|".join(sorted(values))
