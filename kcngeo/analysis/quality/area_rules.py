"""What certificates, contracts and drawings say of the size of the same land, for a month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.certificate_rules import MAP_SCALE, map_scales
from kcngeo.core.dates import Day
from kcngeo.core.geometry import OVERLAP_M2
from kcngeo.core.model import Finding, Severity
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.core.validation import distinct
from kcngeo.ledger import Snapshot


def area_findings(snapshot: Snapshot, *, on: Day, area: str = "grid") -> list[Finding]:
    """Find leasable parcels of which certificate, contracts and drawing disagree, with the effect.

    A certificate counts as another area where it differs from the drawing by more than a map of
    1:1000 allows. Contracts for more land than their parcel has by the basis of a report make its
    base their sum; the finding says by how much.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day whose versions are compared.
    area
        "grid", "ellipsoid" or "certificate": the basis that contracts are held against.

    Returns
    -------
    list[Finding]
        Warnings, a rule and zone each; ``area_ha`` is how far the base may be wrong.

    Examples
    --------
    The square A-1 is 1 ha; its certificate was typed ten times too large, 9 ha too much:

    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> written = [100_000.0] + [10_000.0] * 9
    >>> parcels = project.parcels.assign(certificate_area_m2=written)
    >>> now = replace(project, parcels=parcels).as_known()
    >>> [(one.rule, one.ids, one.fields["area_ha"]) for one in area_findings(now, on="2018-03-31")]
    [('certificate_differs', ('A-1',), '9.0000')]
    """
    rows = np.flatnonzero(snapshot.in_force(on) & snapshot.leasable & snapshot.measurable)
    parcels = snapshot.parcels.iloc[rows]
    found = []
    if "certificate_area_m2" in parcels.columns:
        shapes = parcels.geometry.to_numpy()
        written = parcels["certificate_area_m2"].to_numpy(dtype="float64", na_value=np.nan)
        error_m = map_scales()[MAP_SCALE].boundary_error_m
        gap_m2 = np.abs(written - shapely.area(shapes))
        beyond = gap_m2 > error_m * shapely.length(shapes) / 2
        scale = f"1:{MAP_SCALE}"
        found += _by_zone("certificate_differs", parcels, np.where(beyond, gap_m2, 0), scale=scale)
    own_m2 = snapshot.own_areas_mm2(area)[rows] / MM2_PER_M2
    excess_m2 = np.nan_to_num(snapshot.areas_mm2(area)[rows] / MM2_PER_M2 - own_m2)
    return found + _by_zone("parts_above_area", parcels, excess_m2)


def _by_zone(rule: str, parcels: pd.DataFrame, gap_m2: Any, **fields: object) -> list[Finding]:
    """Make a finding for each zone whose parcels are apart by more than 1 m² together."""
    rows = pd.DataFrame(parcels[["parcel_id", "zone_id"]]).assign(gap_m2=gap_m2)
    return [
        Finding(
            rule=rule,
            severity=Severity.WARNING,
            table="parcels",
            ids=distinct(some["parcel_id"]),
            zone_ids=(str(zone_id),),
            fields={**fields, "area_ha": f"{some['gap_m2'].sum() / M2_PER_HA:.4f}"},
        )
        for zone_id, some in rows[rows["gap_m2"] > 0].groupby("zone_id")
        # Together: many tiny differences are one that counts.
        if some["gap_m2"].sum() > OVERLAP_M2
    ]
