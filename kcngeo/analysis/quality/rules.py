"""The rules a check knows, how much each weighs, and whether it can move a figure.

Words and advice of a rule stand in the table of texts (``rules.RULE``, ``advice.RULE``). An error
is what keeps a zone out of the figures of a month; everything else a reader should know is a
warning, and what changes no figure a note.

A figure is what a land account and a rate are made of: the hectares let, the base, their ratio.
Every rule that can move one is known to the month: as a fault that keeps its zone out of the
figures or stops the run, or as a finding with its effect
(:func:`kcngeo.analysis.quality.month_findings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcngeo.core.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the catalogue.

    Attributes
    ----------
    severity
        How much it weighs, unless the land it is about counts in no fill rate.
    moves
        Whether what it finds can move a figure.
    month
        What the month calls it: the rules of its findings, several where it depends; empty where
        it moves nothing.
    """

    severity: Severity
    moves: bool
    month: tuple[str, ...] = ()


def _rules(severity: Severity, *names: str, moves: bool = True) -> dict[str, Rule]:
    """Make rules the month calls as the check does, where they move a figure."""
    return {
        name: Rule(severity=severity, moves=moves, month=(name,) if moves else ()) for name in names
    }


def _told_as(severity: Severity, **month: str) -> dict[str, Rule]:
    """Make rules that move a figure and have another name in the month."""
    return {
        name: Rule(severity=severity, moves=True, month=tuple(told.split()))
        for name, told in month.items()
    }


CATALOGUE: Mapping[str, Rule] = {
    # A table breaks its contract.
    **_rules(
        Severity.ERROR,
        *("missing_columns", "no_geometry_column", "not_a_polygon", "not_text", "not_date"),
        *("not_moment", "not_number", "not_count", "not_finite", "not_positive"),
        *("negative", "missing_values", "not_in_list", "interval_not_after"),
    ),
    # Flags stand only in tables no account is made of.
    **_rules(Severity.ERROR, "not_flag", moves=False),
    # Coordinates are in no system that measures areas.
    **_rules(
        Severity.ERROR,
        *("no_crs", "crs_degrees", "crs_not_projected", "crs_feet", "crs_unit"),
        *("crs_elsewhere", "crs_area", "crs_length", "crs_differ"),
    ),
    **_told_as(Severity.ERROR, crs_stray="astray"),
    # Land counts twice, or cannot be counted.
    **_told_as(
        Severity.ERROR,
        geometry_missing="geometry_unmeasurable",
        geometry_empty="geometry_unmeasurable",
        ring_invalid="geometry_unmeasurable",
        duplicate_geometry="overlap",
        duplicate_key="versions_overlap",
    ),
    **_rules(
        Severity.ERROR,
        *("overlap", "versions_overlap", "unknown_zone", "unknown_parcel"),
        *("entry_outlives_parcel", "tenures_overlap", "over_allocated", "part_of_nothing"),
        "same_entry_twice",
    ),
    # Declared accounts that cannot be computed with.
    **_rules(
        Severity.ERROR,
        *("declared_twice", "declared_definition", "declared_nothing", "declared_over_base"),
        *("declared_open", "declared_unserviced"),
    ),
    # What is declared stands as it is stated: old, or beside what is measured, it moves nothing.
    **_rules(
        Severity.WARNING,
        *("declared_old", "declared_beside_measured", "point_incomplete"),
        moves=False,
    ),
    # Where things lie.
    **_rules(Severity.WARNING, "gap", "sliver", "outside_fence", "no_fence"),
    **_told_as(Severity.WARNING, not_in_zone="outside_fence"),
    # Hectares are of the grid: the same numbers under another meridian are the same hectares, and
    # the scale of the grid is a rule of its own.
    **_rules(
        Severity.WARNING,
        *("far_from_place", "outside_province", "other_meridian", "building_outside"),
        moves=False,
    ),
    # What papers and measurements say of the same land.
    **_rules(
        Severity.WARNING,
        *("certificate_differs", "parts_above_area", "zone_area", "duplicate_cadastral_no"),
        *("grid_scale", "slight_overlaps"),
    ),
    **_told_as(Severity.WARNING, certificate_area="certificate_differs"),
    **_rules(Severity.WARNING, "clearance_area", moves=False),
    # What names something that is not there. An entry of a project that is not there is let to
    # nobody who is known.
    **_told_as(Severity.WARNING, unknown_project="leased_without_project"),
    **_rules(
        Severity.WARNING, "unknown_receptor", "unknown_parent", "clearance_nowhere", moves=False
    ),
    # The ledger.
    **_rules(
        Severity.WARNING,
        *("entry_precedes_parcel", "shares_scaled", "never_mentioned", "held_uncleared"),
        *("leased_without_project", "let_not_leasable", "premises_hold_land"),
    ),
    # Dates, figures, words. What lies in the future counts from its day on; a licence of the
    # future is none, which the rule about licences tells.
    **_rules(Severity.WARNING, "dates_reversed", "date_implausible"),
    **_rules(
        Severity.WARNING,
        *("date_in_future", "share_above_one", "paid_above_planned", "unrated_emitter"),
        *("garbled_text", "lost_letters", "untrimmed"),
        moves=False,
    ),
    **_rules(Severity.NOTE, "text_not_composed", moves=False),
    # Rules of planning, of the order of development and of the law on idle land: the month tells
    # them with its plan. They move no figure of the account.
    **_rules(
        Severity.WARNING,
        *("land_use_short", "density_exceeded", "lot_green_short", "belt_gap"),
        *("workers_unhoused", "clock_over", "let_before_cleared", "operating_before_wastewater"),
        *("building_before_hand_over", "operating_before_building"),
        moves=False,
    ),
}
"""Every rule by its id."""
