"""Every defect put into the clean sample is found with its ids, and nothing else is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import kcngeo as kcn
from tests.analysis.quality.defects import DEFECTS, Found

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
# What the sample shows on purpose: lots nobody entered, let before they were cleared, let without
# a licence, emitters without a class, and a hand-over after the day the ledger was last kept.
KNOWN = {
    "date_in_future": {"DA-052"},
    "never_mentioned": {"LS-CN11-08", "LS-DV01-04", "LS-KT01-08"},
    "held_uncleared": {"PH-CN06-05", "PH-CN06-06", "PH-CN08-03"},
    "leased_without_project": {
        *("S-0024", "S-0069", "S-0073", "S-0074", "S-0246"),
        *("S-0316", "S-0322", "S-0359", "S-0385"),
        *("S-0155", "S-0237", "S-0272", "S-0308", "S-0334"),
    },
    "unrated_emitter": {"LS-E04", "LS-E08", "LS-E12", "PH-E03", "PH-E05", "PH-E09"},
}


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module")
def clean(sample: kcn.Project) -> Found:
    return found(kcn.quality.check(sample))


def found(report: kcn.quality.QualityReport) -> Found:
    rows = report.findings
    return Counter(
        (rule, table, frozenset(ids))
        for rule, table, ids in zip(rows["rule"], rows["table"], rows["ids"], strict=True)
    )


def copies(project: kcn.Project) -> dict[str, Any]:
    return {name: frame.copy() for name, frame in project.tables()}


def test_the_clean_sample_shows_only_what_it_is_meant_to_show(sample: kcn.Project) -> None:
    report = kcn.quality.check(sample)
    assert report.ok
    assert report.skipped == ()
    rows = report.findings
    told = {
        rule: {name for ids in some for name in ids} for rule, some in rows.groupby("rule")["ids"]
    }
    assert told == KNOWN
    assert rows["ids"].map(len).tolist() == [1] * sum(map(len, KNOWN.values()))


# Defects that touch different rows and columns go in together; each is still found by itself.
BUNDLES = (
    ("not_in_list", "not_date", "negative", "date_implausible", "dates_reversed"),
    ("missing_values", "geometry_missing", "share_above_one", "paid_above_planned", "lost_letters"),
    ("not_a_polygon", "interval_not_after", "unknown_receptor", "date_in_future", "garbled_text"),
    ("not_positive", "not_number", "geometry_empty", "text_not_composed", "zone_area"),
    ("ring_invalid", "certificate_area", "clearance_nowhere", "unrated_emitter"),
    ("duplicate_geometry", "duplicate_key", "clearance_area", "tenures_overlap"),
    ("overlap", "over_allocated", "unknown_project"),
    ("gap", "shares_scaled", "untrimmed", "crs_differ"),
    ("sliver", "held_uncleared", "unknown_parcel"),
    ("outside_fence", "leased_without_project", "building_outside"),
    ("not_in_zone", "never_mentioned"),
    ("no_fence", "entry_precedes_parcel"),
    ("duplicate_cadastral_no", "entry_outlives_parcel"),
    ("unknown_zone", "versions_overlap"),
    ("unknown_parent", "part_of_nothing"),
    ("let_not_leasable",),
    ("same_entry_twice",),
    ("crs_stray",),
)


def test_every_defect_is_put_in_and_there_are_fifty() -> None:
    assert sorted(rule for bundle in BUNDLES for rule in bundle) == sorted(DEFECTS)
    assert len(DEFECTS) >= 50


@pytest.mark.parametrize("size", [1, 3, 12])
@pytest.mark.parametrize("bundle", BUNDLES, ids="+".join)
def test_defects_are_found_and_nothing_else(
    bundle: tuple[str, ...], size: int, sample: kcn.Project, clean: Found
) -> None:
    frames = copies(sample)
    expected: Found = Counter()
    for rule in bundle:
        made = DEFECTS[rule](frames, size)
        assert rule in {name for name, *_ in made}
        expected += made
    now = found(kcn.quality.check(kcn.Project(**frames)))
    assert now - clean == expected
    # What the sample shows goes away only where the defect took it.
    assert {name for name, *_ in clean - now} <= {"unrated_emitter"}
