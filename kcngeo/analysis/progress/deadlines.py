"""Let land that lies idle: the legal clocks, when they run out, and for how many hectares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.fill import leases_on
from kcngeo.ledger import asked
from kcngeo.standards import Clock, clocks, fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

STATES = ("running", "extended", "over", "unknown")
"""How a clock stands: in its own term, in its extension, past both, or not computable."""

_EVENTS = {
    # what the clock runs from, and what stops it
    "unused": ("handed_over_on", ("building_on", "operating_on")),
    "behind_schedule": ("due_on", ("operating_on",)),
}
_DATES = ("handed_over_on", "due_on", "extended_until", "building_on", "operating_on")
_COLUMNS = {
    "project_id": "str",
    "zone_id": "str",
    "parcel_ids": "str",
    "investor": "str",
    "sector": "str",
    "leased_ha": "float64",
    "let_later_ha": "float64",
    "clock": "str",
    "since": "datetime64[s]",
    "ends_on": "datetime64[s]",
    "extended_to": "datetime64[s]",
    "latest_on": "datetime64[s]",
    "state": "str",
    "days_left": "Int64",
    "ends_soon": "boolean",
    "remark": "str",
    "rule": "str",
    "verified": "str",
}


def idle_clocks(
    project: Project | Snapshot,
    *,
    on: Day,
    months: int = 6,
    law_on: Day | None = None,
    laws: Sequence[Clock] | None = None,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """List the projects whose let land is not in use, with the legal clock of each.

    Two clocks may run for one project. ``unused`` runs from the day the land was handed over until
    building begins; ``behind_schedule`` from the day the project was due until it operates. How
    long they run, and how much one extension adds at most, are figures of the registry; so is how
    well each is verified. Which law counts is a matter of the day; the laws of 2013 and 2024 have
    the same figures, so a clock that began under the first runs on under the second. A clock whose
    law gives no figure here (nothing was read of the time before 1 July 2014), or whose first day
    nobody entered, is listed with what is known and ends at an unknown date: no date is guessed.

    Whether time before the first law that was read counts, nobody read. A clock that began before
    is counted from that law's first day, which is the latest it can have begun, and ``remark``
    says so; while it stands otherwise when counted from its own first day, its state is unknown.

    A term in months ends at the end of the same day of its last month: handed over on 15 December
    2023, twelve months end with 15 December 2024, and the clock is over from the 16th. An
    extension counts to ``extended_until``, that day included, but never beyond what one extension
    may add (``latest_on``); a later day written there is cut and ``remark`` says so. Where no law
    says how much that is, the day written there counts as it is, and ``remark`` says that. Whether
    a clock that is over leads to recovery is decided by the authority, not by this table; force
    majeure is not known here. A project has one day of hand-over: what was let to it only after
    that day stands in ``let_later_ha``, for its own hand-over is not on record (nor is a lease that
    was written anew told from a new one).

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
        Only projects that hold let land on the day are listed.
    on
        The day.
    months
        How many months to look ahead for clocks that run out, at least one.
    law_on
        The day whose law is taken; None for ``on`` itself.
    laws
        Clocks, of a user's own registry; None for those that come with the library. Of several for
        one event that apply on the day the last counts: a user's own stand behind the library's.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        A row a project, zone and clock, those that end first on top: ``project_id``, ``zone_id``,
        ``parcel_ids`` (joined by "|"), ``investor``, ``sector``, ``leased_ha`` (let to the project
        in the zone; two clocks repeat it), ``let_later_ha`` (of that, by leases that began after
        the hand-over; missing for the other clock), ``clock``, ``since`` (first day of the clock),
        ``ends_on`` (last day of its term), ``extended_to`` (last day of its extension, if it has
        one), ``latest_on`` (last day one extension could reach), ``state`` (one of
        :data:`STATES`), ``days_left`` (until the last day, extension included; negative once
        over), ``ends_soon`` (whether that last day lies within the months ahead, ``on`` itself
        included), ``remark`` (a code: "no_hand_over", "no_due_date", "no_law", "began_before_law",
        "extension_cut", "extension_unlimited"), ``rule`` and ``verified`` (of the clock in the
        registry).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If ``months`` is less than one, or there is no table of projects.

    Examples
    --------
    Half of A-2 was handed over on 1 January 2016 and has no building; twelve months were over a
    year later.

    >>> import kcngeo as kcn
    >>> clocks = idle_clocks(kcn.examples.squares(), on="2025-01-31").set_index("clock")
    >>> clocks.loc["unused", ["parcel_ids", "state"]].tolist()
    ['A-2', 'over']
    >>> f"{clocks.loc['unused', 'ends_on']:%Y-%m-%d}"
    '2017-01-01'
    """
    if months < 1:
        raise KcngeoError("months", value=months)
    date, law_date = day(on), day(on if law_on is None else law_on, name="law_on")
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    leases = leases_on(snapshot, on=on, definition=definition, area=area)
    known = snapshot.table("projects", needed=True)
    known = known.reindex(columns=["project_id", "investor", "sector", *_DATES])
    known = known.astype(dict.fromkeys(_DATES, "datetime64[s]"))
    leases = leases.merge(known[["project_id", "handed_over_on"]], on="project_id")
    # Land let after the hand-over of the project runs on the clock of the project all the same, and
    # is told apart.
    later = leases["leased_ha"].where(leases["valid_from"] > leases["handed_over_on"], 0.0)
    by_project = leases.assign(let_later_ha=later).groupby(
        ["project_id", "zone_id"], as_index=False
    )
    held = by_project.agg(
        leased_ha=("leased_ha", "sum"),
        let_later_ha=("let_later_ha", "sum"),
        parcel_ids=("parcel_id", _joined),
    ).merge(known, on="project_id", validate="m:1")
    given = clocks() if laws is None else laws
    applied = [law for law in given if law.applies_on(law_date)]
    read_since = {event: _read_since(given, event) for event in _EVENTS}
    horizon = date + pd.DateOffset(months=months)
    rows = [
        row
        for project in held.to_dict("records")
        for row in _clocks_of(project, applied, read_since, on=date, horizon=horizon)
    ]
    result = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    # The last day that still counts comes first.
    order = result["extended_to"].fillna(result["ends_on"])
    result = result.assign(last=order).sort_values(
        ["last", "project_id", "zone_id", "clock"], na_position="last", ignore_index=True
    )
    return result.drop(columns="last")


def _joined(ids: pd.Series) -> str:
    return "|".join(sorted(set(ids)))


def _read_since(laws: Sequence[Clock], event: str) -> pd.Timestamp:
    """Give the first day of the earliest law with a figure; long ago where one is undated."""
    days = [law.in_force_from for law in laws if law.event == event and law.months is not None]
    return pd.Timestamp.min if not days or None in days else pd.Timestamp(min(filter(None, days)))


def _clocks_of(
    project: dict[Any, Any],
    laws: Sequence[Clock],
    read_since: Mapping[str, pd.Timestamp],
    *,
    on: pd.Timestamp,
    horizon: pd.Timestamp,
) -> Iterator[dict[str, Any]]:
    """Give the clocks of one project that nothing has stopped by the day."""
    longest = next((law.months for law in reversed(laws) if law.event == "extension"), None)
    for event, (first, stops) in _EVENTS.items():
        since = project[first]
        stopped = any(project[stop] <= on for stop in stops)
        waiting = event == "behind_schedule" and since > on
        if stopped or waiting or (event == "unused" and since > on):
            continue
        law = next((one for one in reversed(laws) if one.event == event), None)
        row = {**project, "clock": event, "since": since}
        if event != "unused" or pd.isna(since):
            row["let_later_ha"] = float("nan")
        row.update(_term(row, law, longest, read_since[event], on=on))
        last = row["ends_on"] if pd.isna(row["extended_to"]) else row["extended_to"]
        row["days_left"] = pd.NA if pd.isna(last) else (last - on).days
        row["ends_soon"] = pd.NA if pd.isna(last) else on <= last <= horizon
        yield row


def _term(
    row: dict[Any, Any],
    law: Clock | None,
    longest: int | None,
    read_since: pd.Timestamp,
    *,
    on: pd.Timestamp,
) -> dict[str, Any]:
    """Work out when a clock ends, as far as the law of the day and of its first day was read."""
    term: dict[str, Any] = {
        **_NOT_KNOWN,
        "rule": None if law is None else law.name,
        "verified": None if law is None else str(law.verified),
    }
    if pd.isna(row["since"]):
        missing = "no_hand_over" if row["clock"] == "unused" else "no_due_date"
        return {**term, "remark": missing}
    if law is None or law.months is None:
        return {**term, "remark": "no_law"}
    counted = _counted(row["since"], row["extended_until"], law.months, longest, on=on)
    if row["since"] >= read_since:
        return {**term, **counted}
    latest = _counted(read_since, row["extended_until"], law.months, longest, on=on)
    if latest["state"] != counted["state"]:
        return {**term, "remark": "began_before_law"}
    return {**term, **latest, "remark": latest["remark"] or "began_before_law"}


_NOT_KNOWN = {
    "ends_on": pd.NaT,
    "extended_to": pd.NaT,
    "latest_on": pd.NaT,
    "state": "unknown",
    "remark": None,
}


def _counted(
    since: pd.Timestamp,
    granted: pd.Timestamp,
    months: int,
    longest: int | None,
    *,
    on: pd.Timestamp,
) -> dict[str, Any]:
    """Count a term in months, with the extension that was granted."""
    term: dict[str, Any] = dict(_NOT_KNOWN)
    ends_on = since + pd.DateOffset(months=months)
    last, term["ends_on"] = ends_on, ends_on
    if longest is not None:
        term["latest_on"] = ends_on + pd.DateOffset(months=longest)
    # More than the law allows is cut to what it allows, and said.
    if granted > ends_on:
        last = term["extended_to"] = granted if longest is None else min(granted, term["latest_on"])
        if longest is None:
            term["remark"] = "extension_unlimited"
        elif granted > last:
            term["remark"] = "extension_cut"
    term["state"] = "running" if on <= ends_on else "extended" if on <= last else "over"
    return term
