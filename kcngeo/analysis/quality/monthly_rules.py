"""What stands beside the figures of a month: a finding for all lots of a zone with one fault.

A finding of severity "error" keeps its zone out of the figures; a warning stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.ledger_rules import silent_lots, unlicensed_entries
from kcngeo.core.dates import Day, in_force, is_in_force
from kcngeo.core.geometry import OVERLAP_M2, areas_m2, areas_within, invalid_rows
from kcngeo.core.model import Finding, Severity
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.core.validation import distinct
from kcngeo.ledger import Snapshot, entry_names, state_of


def ledger_findings(snapshot: Snapshot, *, on: Day) -> list[Finding]:
    """Find what a reader of the land account of a day should know about the ledger.

    Leasable parcels the ledger never mentions (they count as available), and land let or reserved
    before it was cleared.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day.

    Returns
    -------
    list[Finding]
        Warnings, a rule and zone each.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> [(one.rule, one.ids) for one in ledger_findings(now, on="2018-03-31")]
    [('never_mentioned', ('B-2',))]
    """
    there = snapshot.in_force(on)
    counted = snapshot.leasable[there]
    now = state_of(snapshot, on=on)[counted]
    whole_m2 = pd.Series(snapshot.areas_mm2("grid")[there][counted] / MM2_PER_M2, now.index)
    silent = now[silent_lots(now, snapshot.ledger)]
    findings = _by_zone("never_mentioned", "parcels", silent)
    early = now[now["uncleared_held_share"] > 0]
    for zone_id, some in early.groupby("zone_id"):
        held_m2 = whole_m2[some.index] * some["uncleared_held_share"]
        area_ha = f"{held_m2.sum() / M2_PER_HA:.4f}"
        findings.append(
            _warning("held_uncleared", "parcels", some["parcel_id"], zone_id, area_ha=area_ha)
        )
    return findings


def licence_findings(snapshot: Snapshot, *, on: Day) -> list[Finding]:
    """Find entries that let leasable land to nobody, or to a project not licensed on the day.

    A project counts from the day of its licence. Without projects no licence is known, so every
    entry of let land is found.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day.

    Returns
    -------
    list[Finding]
        A warning a zone.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> licence_findings(now, on="2018-03-31")  # every lease names a project with a licence
    []
    """
    rows = unlicensed_entries(snapshot.joined, snapshot.projects, on=on)
    now, ledger = snapshot.parcels[snapshot.in_force(on)], snapshot.ledger
    zone_of = dict(zip(now["parcel_id"], now["zone_id"], strict=True))
    named = pd.DataFrame(
        {
            "zone_id": [zone_of[parcel] for parcel in ledger["parcel_id"].iloc[rows]],
            "parcel_id": entry_names(ledger, rows),
        }
    )
    return _by_zone("leased_without_project", "ledger", named)


def premises_findings(snapshot: Snapshot, *, on: Day) -> list[Finding]:
    """Find entries in force of projects that rent a workshop or an office: they do not count.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day.

    Returns
    -------
    list[Finding]
        A warning a zone; the land of these entries is available, or whoever else's it is.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> premises_findings(now, on="2018-03-31")  # nobody rents a workshop
    []
    """
    now, ledger = snapshot.parcels[snapshot.in_force(on)], snapshot.ledger
    zone_of = dict(zip(now["parcel_id"], now["zone_id"], strict=True))
    landless = ~snapshot.joined.holds_land & is_in_force(ledger, on)
    rows = np.flatnonzero(landless & ledger["parcel_id"].isin(zone_of).to_numpy())
    named = pd.DataFrame(
        {
            "zone_id": [zone_of[parcel] for parcel in ledger["parcel_id"].iloc[rows]],
            "parcel_id": entry_names(ledger, rows),
        }
    )
    return _by_zone("premises_hold_land", "ledger", named)


def boundary_findings(snapshot: Snapshot, *, on: Day) -> list[Finding]:
    """Find the parcels that lie outside the boundary of their zone by more than 1 m².

    They count whole all the same; the finding says how much lies outside. Parcels that cannot be
    measured are findings too.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day whose versions are compared.

    Returns
    -------
    list[Finding]
        A warning a zone.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> zones = project.zones.set_geometry(
    ...     [kcn.examples.square(0.5, wide=9.5), kcn.examples.square(0, 1, wide=10)]
    ... )
    >>> now = replace(project, zones=zones).as_known()
    >>> [(one.ids, one.fields["area_m2"]) for one in boundary_findings(now, on="2018-03-31")]
    [(('A-1',), '5000.0')]
    """
    zones = in_force(snapshot.zones, on)
    zones = zones.drop(index=zones.index[invalid_rows(zones)[0]])
    parcels = in_force(snapshot.parcels, on).reset_index(drop=True)
    rows, reasons = invalid_rows(parcels)
    broken = parcels.iloc[rows].assign(reason=reasons)
    findings = [
        _warning(
            "geometry_unmeasurable",
            "parcels",
            some["parcel_id"],
            zone_id,
            reasons=distinct(some["reason"]),
        )
        for zone_id, some in broken.groupby("zone_id")
    ]
    parcels = parcels.drop(index=broken.index).reset_index(drop=True)
    shared = areas_within(parcels, zones.set_index("zone_id"))
    # Only what lies in the own zone counts as inside.
    own = shared[shared["right"].to_numpy() == parcels["zone_id"].to_numpy()[shared["left"]]]
    # (parcels,) m²
    inside_m2 = np.zeros(len(parcels))
    inside_m2[own["left"]] = own["area_m2"]
    outside_m2 = areas_m2(parcels, basis="grid", certificate="") - inside_m2
    for zone_id, places in parcels.groupby("zone_id").indices.items():
        out = places[outside_m2[places] > OVERLAP_M2]
        if len(out) and zone_id in zones["zone_id"].to_numpy():
            area_m2 = f"{outside_m2[out].sum():.1f}"
            ids = parcels["parcel_id"].iloc[out]
            findings.append(_warning("outside_fence", "parcels", ids, zone_id, area_m2=area_m2))
    return findings


def _by_zone(rule: str, table: str, rows: pd.DataFrame) -> list[Finding]:
    return [
        _warning(rule, table, some["parcel_id"], zone_id)
        for zone_id, some in rows.groupby("zone_id")
    ]


def _warning(rule: str, table: str, ids: Iterable[Any], zone_id: Any, **fields: object) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        table=table,
        ids=distinct(ids),
        zone_ids=(str(zone_id),),
        fields=fields,
    )
