"""Check all tables of a project: every rule, one list of findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kcngeo.analysis.quality import (
    certificate_rules,
    declared_rules,
    geometry_rules,
    key_rules,
    ledger_rules,
    location_rules,
    measure_rules,
    value_rules,
)
from kcngeo.analysis.quality.certificate_rules import MAP_SCALE, ZONE_TOLERANCE_SHARE
from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.coverage import GAP_WIDTH_M, coverage_of
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.analysis.quality.report import QualityReport
from kcngeo.analysis.quality.row_effects import with_effects
from kcngeo.core.dates import Day
from kcngeo.core.geometry import OVERLAP_M2
from kcngeo.core.model import Severity
from kcngeo.ledger import Project, Snapshot

_OTHER_KINDS = (
    *("missing_columns", "no_geometry_column", "not_a_polygon", "not_text", "not_date"),
    *("not_moment", "not_number", "not_count", "not_flag", "not_finite"),
)
_TOO_MUCH = ("tenures_overlap", "over_allocated")


def check(
    project: Project | Snapshot,
    *,
    on: Day | None = None,
    gap_width_m: float = GAP_WIDTH_M,
    tolerance_m2: float = OVERLAP_M2,
    map_scale: int = MAP_SCALE,
    zone_tolerance_share: float = ZONE_TOLERANCE_SHARE,
    language: str = "vi",
) -> QualityReport:
    """Find everything in the tables that makes a figure wrong or that its reader should know.

    Nothing is changed. Rows that break the contract of their table are findings and are left out
    of the other rules, so that one bad row does not hide the rest. What is found once is not found
    again under another name: parcels drawn twice are no overlap as well. The rules look at the
    whole history, not at one day, but for licences and for dates in the future, which need one.
    How far a finding can move figures is told for that day, by the law in force on it, as the month
    of the day tells it.

    Parameters
    ----------
    project
        The tables as stored; rows that were superseded are not looked at. Of a snapshot, the
        rows on record at its moment as they were stored, those of zones at fault too.
    on
        The day as of which they are judged; None for the day on which something was last recorded
        (where no row says, on which the last entry begins).
    gap_width_m
        Land between parcels up to this width in metres is a gap, a part of a parcel a sliver.
    tolerance_m2
        An overlap or gap up to this area in m² is rounding of coordinates.
    map_scale
        Denominator of the scale of the cadastral map: how far a certificate may differ from what
        is drawn. The registry's figures (``cadastral-map-1000`` and so on) are not verified.
    zone_tolerance_share
        How far a zone's fence may differ from its approved area, as a share; no legal figure.
    language
        Language of messages and advice, "vi" or "en".

    Returns
    -------
    QualityReport
        The findings; ``ok`` if none is an error.

    Raises
    ------
    DateError
        If a date cannot be read.
    ValueError
        If a width is negative, or the registry has no accuracy for the map's scale.

    Examples
    --------
    The square B-2 is leasable and no entry of the ledger mentions it:

    >>> import kcngeo as kcn
    >>> report = check(kcn.examples.squares(), on="2018-03-31")
    >>> [one.finding.ids for one in report.noticed if one.finding.rule == "never_mentioned"]
    [('B-2',)]
    """
    ground = Ground(project, on=on)
    found = list(ground.breaches)
    found += geometry_rules.shape_findings(ground)
    # Layers whose coordinates cannot be trusted are named, and not measured further.
    systems, fit = location_rules.system_findings(ground)
    found += systems
    found += key_rules.key_findings(ground)
    found += key_rules.orphan_findings(ground)
    found += declared_rules.account_findings(ground)
    found += value_rules.date_findings(ground)
    found += value_rules.figure_findings(ground)
    found += value_rules.word_findings(ground)
    found += location_rules.province_findings(ground)
    found += _measured(
        ground,
        fit,
        gap_width_m=gap_width_m,
        tolerance_m2=tolerance_m2,
        map_scale=map_scale,
        zone_tolerance_share=zone_tolerance_share,
    )
    if ground.has("parcels", "ledger"):
        found += ledger_rules.holding_findings(ground)
    # Of cells that are no texts, days or numbers no month is made; they are to be mended first,
    # or stand apart already.
    is_typed = isinstance(project, Snapshot) or not any(
        one.finding.rule in _OTHER_KINDS for one in ground.breaches
    )
    day_of = pd.Timestamp(ground.on, unit="D") if ground.on is not None and is_typed else None
    noticed, effects = with_effects([*_once(found)], project, on=day_of)
    return QualityReport(
        noticed=noticed,
        effects_on=None if effects is None else effects.on,
        definition="" if effects is None else effects.definition,
        crs=ground.crs,
        language=language,
        skipped=tuple(_skipped(ground, fit)),
    )


def _measured(
    ground: Ground,
    fit: set[str],
    *,
    gap_width_m: float,
    tolerance_m2: float,
    map_scale: int,
    zone_tolerance_share: float,
) -> Iterator[Noticed]:
    """Apply the rules that measure, to the layers that can be measured."""
    if "zones" in fit:
        yield from certificate_rules.zone_area_findings(
            ground, tolerance_share=zone_tolerance_share
        )
    if "parcels" not in fit:
        return
    twins = geometry_rules.twins(ground)
    yield from twins
    alike = [set(twin.finding.ids) for twin in twins]
    lots = ground.measurable("parcels")
    cover = coverage_of(lots, gap_width_m=gap_width_m, tolerance_m2=tolerance_m2)
    for one in _noticed(cover):
        ids = set(one.finding.ids)
        # Versions of one parcel, and parcels drawn alike, are findings of their own.
        if one.finding.rule != "overlap" or not any(
            ids <= some for some in (*alike, {next(iter(ids))})
        ):
            yield one
    yield from measure_rules.slight_findings(ground)
    yield from measure_rules.scale_findings(ground)
    yield from certificate_rules.certificate_findings(ground, map_scale=map_scale)
    yield from certificate_rules.clearance_findings(ground)
    yield from certificate_rules.cadastral_findings(ground)
    if "zones" in fit:
        yield from location_rules.fence_findings_of(ground)
    if "buildings" in fit:
        yield from location_rules.building_findings(ground)


def _noticed(cover: Any) -> Iterator[Noticed]:
    for row in cover.itertuples(index=False):
        pair = " × ".join(row.ids) if row.rule == "overlap" else ", ".join(row.ids[:5])
        yield notice(
            str(row.rule),
            "parcels",
            tuple(sorted(row.ids)),
            zone_ids=str(row.zone_id).split("|"),
            severity=Severity(row.severity),
            geometry=row.geometry,
            area_m2=row.area_m2,
            width_m=row.width_m,
            span=(row.valid_from, row.valid_to),
            pairs=(pair,),
        )


def _once(found: list[Noticed]) -> Iterator[Noticed]:
    """Leave out what only follows from another finding about the same rows."""
    named = {(one.finding.rule, one.finding.table, one.finding.ids) for one in found}
    seen = set()
    for one in found:
        rule, table, ids = one.finding.rule, one.finding.table, one.finding.ids
        lot = (str(one.finding.fields.get("parcel")),)
        follows = (
            # Rows with one key are versions at once.
            (rule == "versions_overlap" and ("duplicate_key", table, ids) in named)
            # A part of an unknown whole is taken for the whole.
            or (rule in _TOO_MUCH and ("part_of_nothing", "parcels", lot) in named)
            # A clash of two entries goes on through the versions of their lot.
            or (rule in _TOO_MUCH and (rule, frozenset(ids)) in seen)
        )
        if not follows:
            seen.add((rule, frozenset(ids)))
            yield one


def _skipped(ground: Ground, fit: set[str]) -> Iterator[str]:
    """Name what could not be checked: a report without findings must not mean less than it says."""
    for table in ground.given:
        if table not in ground.frames:
            yield f"table_{table}" if table in ("zones", "parcels", "ledger") else "table_other"
    if "parcels" not in fit:
        yield "areas"
