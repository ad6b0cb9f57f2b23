"""How fast land is let, to whom, which leases end, and what is cleared and still unlet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, day, day_number, day_numbers
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import areas_m2
from kcngeo.core.model import Status
from kcngeo.core.units import hectares, whole_mm2
from kcngeo.fill import leases_on, parcels_on, zones_on
from kcngeo.ledger import CORE, asked, children, entry_names, missing_zones
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

PERIODS = {"ME": "M", "QE": "Q", "YE": "Y"}
"""Periods an absorption is given by, as pandas names their ends: month, quarter, year."""

UNLET = ("available", "reserved", "recovering")
"""Parts of the land account that may still be let; what is repurposed may not."""


def absorption(series: pd.DataFrame, *, freq: str = "YE") -> pd.DataFrame:
    """Give the hectares let, net of what was given back, in each month, quarter or year.

    Absorption is leased(end) − leased(start), so it may be negative, and the periods of a zone add
    up to its leased area on the last reporting date less that on the first. What was let before the
    first reporting date is no absorption. Net: ten hectares let and ten recovered give zero.

    A period runs from the last reporting date before it to its own last reporting date. The first
    may be shorter than the others, because it begins on the first reporting date, and so may the
    last; ``start`` says so. Definitions that count other land stand apart: where the law changes
    the land that counts, as in July 2022, the step between the last date of the old law and the
    first of the new is no absorption and is left out. A law that repeats the one before goes on
    with it.

    Parameters
    ----------
    series
        Result of :func:`kcngeo.fill.fill_series`, or several of them, one below the other.
    freq
        "ME", "QE" or "YE": by month, quarter or year; at least as long as the steps of the series.

    Returns
    -------
    pd.DataFrame
        By the series' groups (``zone_id``, maybe phase), ``definition`` and ``on`` (the last
        reporting date of the period), sorted: ``start`` (the reporting date compared with),
        ``leased_start_ha``, ``leased_end_ha`` and ``absorption_ha``, missing where one of the two
        is not computable.

    Raises
    ------
    KcngeoError
        If the frequency is none of the three.
    StandardError
        If a definition of the series is not in the registry.

    Examples
    --------
    Two hectares let in 2016, three given back in 2017:

    >>> import pandas as pd
    >>> dates = pd.to_datetime(["2015-12-31", "2016-12-31", "2017-12-31"])
    >>> index = pd.MultiIndex.from_product([["A"], dates], names=["zone_id", "on"])
    >>> rates = {"leased_ha": [5.0, 7.0, 4.0], "definition": "nd164-2013"}
    >>> absorption(pd.DataFrame(rates, index=index))["absorption_ha"].tolist()
    [2.0, -3.0]
    """
    if freq not in PERIODS:
        raise KcngeoError("absorption_freq", value=repr(freq), choices=" | ".join(PERIODS))
    groups = [str(name) for name in series.index.names if name != "on"]
    rows = series[["leased_ha", "definition"]].reset_index()
    rows["land"] = _land(rows, groups)
    keys = [*groups, "land"]
    rows = rows.sort_values([*keys, "on"])
    period = rows["on"].dt.to_period(PERIODS[freq])
    is_first = ~rows.duplicated(keys, keep="first")
    is_last = ~rows.assign(period=period).duplicated([*keys, "period"], keep="last")
    # A first date that also ends its period opens the next one and closes none.
    edges = rows[is_first | is_last].rename(columns={"leased_ha": "leased_end_ha"})
    before = edges.groupby(keys, dropna=False)[["on", "leased_end_ha"]].shift()
    edges = edges.assign(start=before["on"], leased_start_ha=before["leased_end_ha"])
    edges["absorption_ha"] = edges["leased_end_ha"] - edges["leased_start_ha"]
    columns = ["start", "leased_start_ha", "leased_end_ha", "absorption_ha"]
    result = edges[edges["start"].notna()].set_index([*groups, "definition", "on"])[columns]
    return result.sort_index()


def by_sector(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    by_zone: bool = False,
) -> pd.DataFrame:
    """Give the let hectares and the number of projects of each sector on a day.

    The hectares add up to ``leased_ha`` of the land account. Where an entry names no project, the
    project is not in the table, or it has no sector, the land stands in a row whose sector is
    missing. Projects in workshops or offices hold no land and are not counted; a project with land
    in two zones counts once, or once in each zone with ``by_zone``.

    Parameters
    ----------
    project
        The tables, with ``projects``; of a project what is known now, zones at fault on the day
        left out.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".
    by_zone
        Whether to tell the zones apart.

    Returns
    -------
    pd.DataFrame
        By ``sector`` (or zone_id, sector), sorted, a missing sector last: ``leased_ha``,
        ``projects_count``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If there is no table of projects.

    Examples
    --------
    A-1 is let for tea, half of A-2 for coffee, B-1 for textiles:

    >>> import kcngeo as kcn
    >>> by_sector(kcn.examples.squares(), on="2018-03-31")["leased_ha"].to_dict()
    {'coffee': 0.5, 'tea': 1.0, 'textile': 1.0}
    """
    one = fill_definition(definition, on=on)
    snapshot = asked(project, start=on, area=area, definition=one.name, about=(*CORE, "projects"))
    projects = snapshot.table("projects")
    if projects is None:
        raise KcngeoError("needs_table", table="projects")
    held = leases_on(snapshot, on=on, definition=one.name, area=area)
    sectors = projects.reindex(columns=["project_id", "sector"])
    held = held.merge(sectors, on="project_id", how="left", validate="m:1")
    # A project that is not in the table counts as one all the same.
    groups = held.groupby(["zone_id", "sector"] if by_zone else ["sector"], dropna=False)
    result = groups.agg(leased_ha=("leased_ha", "sum"), projects_count=("project_id", "nunique"))
    return result.sort_index(na_position="last")


def ending_leases(project: Project | Snapshot, *, on: Day, months: int) -> pd.DataFrame:
    """List the leases that end within the next months.

    A lease is listed if it is in force on the day and no longer ``months`` later, that is if
    ``valid_from <= on < valid_to <= horizon``: ``valid_to`` is the first day it no longer counts. A
    lease that ended on the day itself is not listed, one that ends on the horizon is. From the last
    day of a month the horizon is the last day of a month. A lease without end is never listed, and
    so nothing is known of leases whose term nobody entered.

    An entry also ends when its lot is split, merged or entered anew; ``continued_by`` then names
    the leases of the same project that begin on that day on the same lot or its children. What is
    continued does not become free.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The reporting date.
    months
        How many months to look ahead, at least one.

    Returns
    -------
    pd.DataFrame
        A row a lease, on the ledger's index, sorted by end: ``entry`` (its id, or a description),
        ``zone_id``, ``parcel_id``, ``project_id``, ``ends_on`` (first day no longer let),
        ``leased_ha`` (the part let, on the grid) and ``continued_by`` (joined by "|", missing if
        the land becomes free).

    Raises
    ------
    ContractError
        If a table breaks its contract, or parcels and ledger contradict each other.
    KcngeoError
        If ``months`` is less than one.

    Examples
    --------
    The lease of B-1 ends with the year 2018, and nobody goes on with it:

    >>> import kcngeo as kcn
    >>> ending = ending_leases(kcn.examples.squares(), on="2018-03-31", months=12)
    >>> ending[["entry", "parcel_id", "leased_ha"]].values.tolist()
    [['E6', 'B-1', 1.0]]
    """
    if months < 1:
        raise KcngeoError("months", value=months)
    snapshot = asked(project, start=on)
    start, horizon = day_number(on), day_number(_later(day(on), months))
    ledger = snapshot.ledger
    optional = pd.Index(["project_id", "part_area_ha"])
    leased = ledger[(ledger["status"] == Status.LEASED).to_numpy()]
    leased = leased.reindex(columns=leased.columns.union(optional, sort=False))
    ends = day_numbers(leased.get("valid_to"), missing=OPEN, length=len(leased))
    begins = day_numbers(leased["valid_from"], missing=ALWAYS, length=len(leased))
    # What begins after the day is no lease of today, and an end beyond the horizon is not near.
    rows = np.flatnonzero((begins <= start) & (start < ends) & (ends <= horizon))
    found = leased.iloc[rows]
    parcels = snapshot.parcels[snapshot.in_force(on)].set_index("parcel_id")
    parcels = parcels.loc[parcels.index.isin(found["parcel_id"])]
    whole_ha = hectares(whole_mm2(areas_m2(parcels, basis="grid", certificate="")))
    held = parcels.assign(whole_ha=whole_ha).reindex(found["parcel_id"])
    # An entry without a part holds the whole parcel.
    part_ha = found["part_area_ha"].astype("float64").to_numpy()
    result = pd.DataFrame(
        {
            "entry": pd.array(entry_names(leased, rows), dtype="str"),
            "zone_id": held["zone_id"].to_numpy(),
            "parcel_id": found["parcel_id"],
            "project_id": found["project_id"].astype("str"),
            "ends_on": found["valid_to"] if len(found) else pd.Series(dtype="datetime64[s]"),
            "leased_ha": np.where(np.isnan(part_ha), held["whole_ha"].to_numpy(), part_ha),
            "continued_by": [_continued(leased, begins, snapshot.parcels, row) for row in rows],
        },
        index=found.index,
    )
    return result.astype({"continued_by": "str"}).sort_values(["ends_on", "entry"])


def cleared_unlet(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Give the hectares of each zone that are cleared and not let, on a day.

    Cleared and unlet is what is available, reserved or under recovery, less what of it is not yet
    cleared. Land that becomes something else (repurposed) is not counted, because it will not be
    let. Only ``available_ha`` can be offered tomorrow: reserved land waits for its investor, and
    land under recovery is still in dispute. Where part of a lot is held before it is cleared,
    nobody says which tenure lies on the uncleared part, so it is taken from all of them alike.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, sorted, for the zones that count on the day: ``available_ha``,
        ``reserved_ha``, ``recovering_ha``, each only as far as it is cleared, and their sum
        ``cleared_unlet_ha``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.

    Examples
    --------
    In zone A half of A-2 is free and A-4 is reserved; A-3 is not yet cleared.

    >>> import kcngeo as kcn
    >>> unlet = cleared_unlet(kcn.examples.squares(), on="2018-03-31").loc["A"]
    >>> unlet[["available_ha", "reserved_ha", "cleared_unlet_ha"]].tolist()
    [0.5, 1.0, 1.5]
    """
    one = fill_definition(definition, on=on)
    snapshot = asked(project, start=on, area=area, definition=one.name)
    now = parcels_on(snapshot, on=on, definition=one.name, area=area)
    held = now[[f"{part}_share" for part in ("leased", *UNLET[1:], "repurposed")]].sum(axis=1)
    uncleared = now["uncleared_held_share"].to_numpy()
    cleared = 1 - np.divide(uncleared, held, out=np.zeros(len(now)), where=held.to_numpy() > 0)
    # Uncleared land is taken from the free rest first, so what is available is cleared.
    factor = {"available": np.ones(len(now)), "reserved": cleared, "recovering": cleared}
    parts = {
        f"{part}_ha": np.rint(now["whole_mm2"] * now[f"{part}_share"] * factor[part])
        for part in UNLET
    }
    sums = pd.DataFrame(parts).groupby(now["zone_id"].to_numpy()).sum()
    counting = snapshot.zone_ids[zones_on(snapshot, on=on)]
    result = sums.reindex(pd.Index(counting, dtype="str", name="zone_id"), fill_value=0.0)
    result["cleared_unlet_ha"] = result.sum(axis=1)
    return missing_zones(result.apply(hectares), snapshot)


def _land(rows: pd.DataFrame, groups: list[str]) -> pd.Series:
    """Name the land that counts by a definition: the first definition that counts the same.

    Where two such definitions stand on one date, each keeps its own name.
    """
    once = rows.drop_duplicates("definition")
    kinds = {
        name: fill_definition(name, on=date)
        for name, date in zip(once["definition"], once["on"], strict=True)
    }
    first: dict[Any, str] = {}
    for name, kind in kinds.items():
        first.setdefault(kind.arithmetic, name)
    land = rows["definition"].map({name: first[kind.arithmetic] for name, kind in kinds.items()})
    twice = rows.assign(land=land).duplicated([*groups, "land", "on"]).any()
    return rows["definition"] if twice else land


def _later(date: pd.Timestamp, months: int) -> pd.Timestamp:
    """Go some months ahead; from the end of a month to the end of a month."""
    if date.is_month_end:
        return date + pd.offsets.MonthEnd(months)
    return date + pd.DateOffset(months=months)


def _continued(
    leased: pd.DataFrame, begins: NDArray[np.int64], parcels: gpd.GeoDataFrame, row: Any
) -> str | None:
    """Name the leases that take over from one on the day it ends."""
    entry = leased.iloc[row]
    if pd.isna(entry["project_id"]):
        return None
    lots = (entry["parcel_id"], *children(parcels, entry["parcel_id"]))
    same = leased["parcel_id"].isin(lots) & (leased["project_id"] == entry["project_id"])
    next_rows = np.flatnonzero(same.to_numpy() & (begins == day_number(entry["valid_to"])))
    return "|".join(sorted(entry_names(leased, next_rows))) or None
