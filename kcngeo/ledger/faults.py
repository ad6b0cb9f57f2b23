"""What keeps zones from being computed: found once, by stretch of time, named zone by zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.crs import label, require_metric_crs, strays
from kcngeo.core.dates import ALWAYS, OPEN
from kcngeo.core.errors import CRSError
from kcngeo.core.geometry import AREA_BASES, invalid_rows, overlaps
from kcngeo.core.model import LEASABLE, Finding, Severity
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import distinct, row_names
from kcngeo.ledger.entries import entry_names
from kcngeo.standards import FillDefinition, registry

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger.entries import Joined

    Ints = NDArray[np.int64]

MEASURED = tuple(basis for basis in AREA_BASES if basis != "certificate")
"""Bases of areas that are measured from shapes."""

SLIGHT_M2 = 1e-4
"""An overlap up to this area in m² is the rounding of coordinates."""

BOUNDED = ("overlap", "same_entry_twice")
"""Rules of faults whose effect on a rate has bounds; see :mod:`kcngeo.fill.bounds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why and while a zone cannot be computed.

    Attributes
    ----------
    zone_id
        The zone.
    finding
        What is at fault.
    start
        First day, as a day number.
    end
        First day no longer.
    areas
        Bases of areas by which it is at fault.
    definitions
        Names of the definitions by which it is; empty for every one.
    """

    zone_id: str
    finding: Finding
    start: int = ALWAYS
    end: int = OPEN
    areas: tuple[str, ...] = AREA_BASES
    definitions: tuple[str, ...] = ()


def fault_table(found: Sequence[Fault]) -> pd.DataFrame:
    """Make a table of faults."""
    names = [item.name for item in fields(Fault)]
    return pd.DataFrame({name: [getattr(one, name) for one in found] for name in names})


def findings_of(found: Iterable[Fault]) -> list[Finding]:
    """List the findings of faults, each once: one may be about several zones."""
    return list({id(one.finding): one.finding for one in found}.values())


def of_findings(findings: Iterable[Finding], **limits: Any) -> list[Fault]:
    """List a fault for every zone of every finding."""
    return [
        Fault(zone_id=zone_id, finding=finding, **limits)
        for finding in findings
        for zone_id in finding.zone_ids
    ]


def shape_faults(
    frame: gpd.GeoDataFrame, start: Ints, end: Ints, *, table: str = "parcels"
) -> list[Fault]:
    """Find the versions whose area cannot be measured, while they are in force."""
    rows, reasons = invalid_rows(frame)
    bad = frame.iloc[rows].reset_index(drop=True)
    faults = []
    for (zone_id, first, last), places in _groups(bad["zone_id"], start[rows], end[rows]):
        finding = Finding(
            rule="geometry_unmeasurable",
            severity=Severity.ERROR,
            table=table,
            ids=row_names(bad, places, TABLES[table].key[0]),
            zone_ids=(str(zone_id),),
            fields={"reasons": tuple(dict.fromkeys(reasons[places]))},
        )
        faults += of_findings([finding], start=int(first), end=int(last), areas=MEASURED)
    return faults


def overlap_pairs(
    parcels: gpd.GeoDataFrame, start: Ints, end: Ints, *, measurable: NDArray[np.bool_]
) -> pd.DataFrame:
    """Find the leasable parcels that overlap by more than 1 cm² while both are in force."""
    rows = np.flatnonzero(parcels["land_use"].isin(LEASABLE).to_numpy() & measurable)
    leasable = parcels.iloc[rows]
    pairs = overlaps(leasable[[leasable.active_geometry_name]], tolerance_m2=SLIGHT_M2)
    left, right = rows[pairs["left"]], rows[pairs["right"]]  # (pairs,) positions of versions
    found = pd.DataFrame(
        {
            "left": left,
            "right": right,
            "start": np.maximum(start[left], start[right]),
            "end": np.minimum(end[left], end[right]),
            "area_m2": pairs["area_m2"].to_numpy(),
        }
    )
    return found[found["start"] < found["end"]].reset_index(drop=True)


def overlap_faults(pairs: pd.DataFrame, parcels: gpd.GeoDataFrame) -> list[Fault]:
    """Make faults of the leasable parcels that overlap."""
    ids, zone_ids = (
        [parcels[column].take(pairs[side]).to_numpy(dtype=object) for side in ("left", "right")]
        for column in ("parcel_id", "zone_id")
    )
    both: dict[str, Any] = {
        "pair": [tuple(sorted(pair)) for pair in zip(*ids, strict=True)],
        "zone_id": [sorted(set(pair)) for pair in zip(*zone_ids, strict=True)],
    }
    found = pairs.assign(**both)
    # An overlap of lots of two zones is a fault of both.
    found = found.explode("zone_id")
    faults = []
    for (zone_id, first, last), places in _groups(found["zone_id"], found["start"], found["end"]):
        some = found.iloc[places]
        finding = Finding(
            rule="overlap",
            severity=Severity.ERROR,
            table="parcels",
            ids=tuple(sorted({name for pair in some["pair"] for name in pair})),
            zone_ids=(str(zone_id),),
            fields={
                "pairs": tuple(" × ".join(pair) for pair in sorted(some["pair"])),
                "area_m2": f"{some['area_m2'].sum():.1f}",
            },
        )
        faults += of_findings([finding], start=int(first), end=int(last))
    return faults


def repeat_faults(repeats: pd.DataFrame, tables: Joined) -> list[Fault]:
    """Make faults of the entries that stand twice, while they last."""
    parcels, ledger = tables.parcels, tables.ledger
    faults = []
    for version, first, again, start, end in repeats.to_numpy().tolist():
        finding = Finding(
            rule="same_entry_twice",
            severity=Severity.ERROR,
            table="ledger",
            ids=entry_names(ledger, [first, again]),
            zone_ids=(str(parcels["zone_id"].iloc[version]),),
            fields={"parcel": str(parcels["parcel_id"].iloc[version])},
        )
        faults += of_findings([finding], start=start, end=end)
    return faults


def missing_area_faults(
    frame: gpd.GeoDataFrame, start: Ints, end: Ints, *, table: str, column: str
) -> list[Fault]:
    """Find the versions without a written area, which only that basis needs."""
    written = frame[column] if column in frame.columns else pd.Series(np.nan, index=frame.index)
    rows = np.flatnonzero(written.isna().to_numpy())
    bad = frame.iloc[rows].reset_index(drop=True)
    faults = []
    uses = [bad["land_use"]] if table == "parcels" else []
    for (zone_id, first, last, *use), places in _groups(
        bad["zone_id"], start[rows], end[rows], *uses
    ):
        finding = Finding(
            rule="area_missing",
            severity=Severity.ERROR,
            table=table,
            ids=row_names(bad, places, TABLES[table].key[0]),
            zone_ids=(str(zone_id),),
            fields={"column": column},
        )
        # A road without a written area harms no definition.
        counted = tuple(
            one.name
            for one in registry().of(FillDefinition)
            if (use[0] in one.uses if use else one.on_whole_zone)
        )
        limits: dict[str, Any] = {"start": int(first), "end": int(last), "areas": ("certificate",)}
        if counted:
            faults += of_findings([finding], **limits, definitions=counted)
    return faults


def _groups(*keys: Any) -> Iterator[tuple[tuple[Any, ...], Ints]]:
    """Give the positions of rows whose keys are the same, by the keys."""
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(zip(*keys, strict=True)):
        places.setdefault(key, []).append(place)
    for key in sorted(places):
        yield key, np.array(places[key])


def astray_findings(frame: gpd.GeoDataFrame, table: str) -> list[Finding]:
    """Find the few rows that alone make their layer unfit to be measured."""
    try:
        require_metric_crs(frame, name=table)
    except CRSError as error:
        if error.code != "crs_stray":
            return []
    else:
        return []
    rows = frame.iloc[strays(frame)]
    return [
        Finding(
            rule="astray",
            severity=Severity.ERROR,
            table=table,
            ids=distinct(some[TABLES[table].key[0]]),
            zone_ids=(str(zone_id),),
            fields={"table": table, "crs": label(frame.crs)},
        )
        for zone_id, some in rows.groupby("zone_id")
    ]


def in_question(
    found: Iterable[Fault],
    *,
    start: int,
    end: int,
    area: str,
    definition: str | None,
    about: Collection[str],
) -> list[Fault]:
    """Keep the faults a question asks into."""
    return [
        one
        for one in found
        if one.start <= end
        and start < one.end
        and area in one.areas
        and (not one.definitions or definition is None or definition in one.definitions)
        and one.finding.table in about
    ]
