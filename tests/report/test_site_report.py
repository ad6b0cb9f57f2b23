"""One answer about space: what is taken off, what is asked, which zones stay out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

import kcngeo as kcn
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.errors import ContractError, KcngeoError, KcngeoWarning
from kcngeo.report import SiteReport, site_report
from tests.squares import CRS, ledger, parcels, square, zones

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
DAY = "2018-03-31"


def space(
    project: kcn.Project, *, on: str, known_at: str | None = None, **asked: Any
) -> SiteReport:
    """Ask for sites; what is no option of the report is a criterion."""
    options = {"hazard_class", "around_works", "sectors", "rules", "definition"}
    criteria = SiteCriteria(**{name: asked.pop(name) for name in set(asked) - options})
    snapshot = project.as_known(known_at, faulty="set_apart")
    return site_report(snapshot, on=on, criteria=criteria, **asked)


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


def project(**tables: Any) -> kcn.Project:
    """Four free lots of 1 ha in a zone whose fence stands 100 m off them."""
    fence = zones("A")
    frames = {
        "zones": fence.set_geometry(fence.buffer(100)),
        "parcels": parcels("P1", "P2", "P3", "P4"),
        "ledger": ledger(),
    }
    return kcn.Project(**{**frames, **tables})


def layer(name: str, kind: str, *shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    data = {f"{name}_id": [f"{name}{n}" for n in range(len(shapes))], "kind": kind, **columns}
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=CRS)


def test_the_belt_is_as_wide_as_the_registry_says():
    # The fence round the very lots: 1000 × 100 m, of which 4 lots; 10 m of belt along the fence.
    made = space(project(zones=zones("A")), on=DAY, min_area_ha=1)
    # north, south: 400 × 10 m each; west: 10 × 80 m
    assert made.developable.account.loc[("A", "belt"), "gross_ha"] == pytest.approx(0.88)
    assert made.sources.loc["belt", "verified"] == "secondary"


def test_what_must_stay_clear_is_taken_off_from_its_day():
    resettled = layer("receptor", "resettlement", square(0))
    made = space(project(receptors=resettled), on=DAY, min_area_ha=1)
    assert made.developable.account.loc[("A", "resettlement"), "marginal_ha"] == pytest.approx(1)
    later = resettled.assign(valid_from=pd.to_datetime(["2018-04-01"]))
    made = space(project(receptors=later), on=DAY, min_area_ha=1)
    assert made.developable.account.empty


def test_a_class_keeps_its_distance_from_homes():
    # A house 50 m west of P1, far higher than the lots: class IV asks for 100 m, so 50 m of P1 go.
    house = layer("receptor", "housing", square(-1.5, -5, high=11))
    tables = project(receptors=house)
    made = space(tables, on=DAY, min_area_ha=3, hazard_class="IV")
    assert made.developable.totals.loc["A", "developable_ha"] == pytest.approx(3.5)
    assert made.sources.loc["tcvn4449-1987 IV", "verified"] == "official"
    # 90 m and 110 m: 10 m of 100 m more or less
    change = made.sensitivity["change_ha"].droplevel("zone_id")
    assert change.round(6).to_dict() == {"shorter": 0.1, "longer": -0.1}
    assert space(tables, on=DAY, min_area_ha=3).sensitivity.empty
    # On whole lots: P1 stands 50 m off, where class V is still allowed
    assert made.sites["admissible"].tolist() == ["tcvn4449-1987: V"]


def test_enclosed_works_win_land():
    works = layer(
        "emitter",
        "wastewater_works",
        square(-1, -5, high=11),
        capacity_m3_day=[3000.0],
        facility=["treatment"],
        enclosed=pd.array([False], dtype="boolean"),
    )
    made = space(project(emitters=works), on=DAY, min_area_ha=1, around_works=True)
    # 200 to 5000 m³ a day: 100 m open, 15 m enclosed
    assert made.developable.totals.loc["A", "encumbered_ha"] == pytest.approx(1)
    change = made.sensitivity["change_ha"].droplevel("zone_id").round(6)
    assert change["enclosed"] == 0.85
    # factories are not homes: nothing is taken off unless it is asked
    assert space(project(emitters=works), on=DAY, min_area_ha=1).developable.account.empty


def test_a_sector_keeps_from_todays_neighbours():
    tables = project(
        # P4 is let from the day after
        ledger=ledger(
            ("P2", "leased", "2010-01-01"), ("P4", "leased", "2018-04-01"), project_id="D1"
        ),
        projects=pd.DataFrame({"project_id": ["D1"], "sector": ["dyeing"]}),
    )
    sectors = pd.DataFrame({"sector": ["fruit"], "other_sector": ["dyeing"]})
    asked = {"on": DAY, "min_area_ha": 1, "sectors": sectors}
    made = space(tables, sector="fruit", **asked)
    reasons = dict(zip(made.sites["parcel_ids"], made.sites["fails"], strict=True))
    # P1 and P3 touch the dyeing works, P4 does not
    assert reasons == {"P4": "", "P1": "sector", "P3": "sector"}
    # The other way round: dyeing must not come to where fruit would be spoilt; nothing here is
    made = space(tables, sector="dyeing", **asked)
    assert set(made.sites["fails"]) == {""}
    with pytest.raises(KcngeoError, match="needs the frame sectors"):
        space(tables, sector="fruit", on=DAY, min_area_ha=1)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"hazard_class": "3"}, r'no rule knows the hazard class "3". Choose one of: I \| II'),
        ({"hazard_class": "III", "receptors": None}, "needs the frame receptors"),
        ({"around_works": True}, "needs the frame emitters"),
    ],
)
def test_what_would_take_nothing_off_is_refused(asked: dict[str, Any], told: str):
    homes = {"receptors": layer("receptor", "housing", square(9)), **asked}
    tables = project(receptors=homes.pop("receptors"))
    with pytest.raises(KcngeoError, match=told):
        space(tables, on=DAY, min_area_ha=1, **homes)


def test_works_without_a_distance_are_named():
    works = layer("emitter", "wastewater_works", square(0), enclosed=False)
    made = space(project(emitters=works), on=DAY, min_area_ha=1, around_works=True)
    # No capacity: no land is taken off, and that is said.
    assert made.developable.account.empty
    told = {one.rule: one.ids for one in made.findings}
    assert told["emitter_capacity_m3_day"] == ("emitter0",)
    assert "qcvn01-wastewater" in told["rule_unverified"]
    # A rule nobody asked is not spoken of.
    assert "tcvn4449-1987" not in told["rule_undated"]


def test_a_sector_the_table_does_not_name_is_told():
    tables = project(projects=pd.DataFrame({"project_id": ["D1"], "sector": ["tea"]}))
    sectors = pd.DataFrame({"sector": ["fruit"], "other_sector": ["dyeing"]})
    (told,) = space(tables, on=DAY, min_area_ha=1, sectors=sectors, sector="fruits").findings
    assert told.message() == 'the table of sectors does not name "fruits"; it names dyeing, fruit.'


def test_a_newcomer_of_a_class_keeps_from_todays_sector():
    tables = project(
        receptors=layer("receptor", "housing", square(99)),
        ledger=ledger(("P2", "leased", "2010-01-01"), project_id="D1"),
        projects=pd.DataFrame(
            {"project_id": ["D1"], "sector": ["fruit"], "hazard_class": ["V"]}, dtype="str"
        ),
    )
    sectors = pd.DataFrame(
        {"sector": ["fruit", "paint"], "other_class": ["III", "I"], "other_sector": None}
    )
    asked = {"on": DAY, "min_area_ha": 1, "sectors": sectors, "sector": "paint"}
    made = space(tables, hazard_class="III", **asked)
    reasons = dict(zip(made.sites["parcel_ids"], made.sites["fails"], strict=True))
    # Paint of class III may not stand beside the fruit on P2: P4 alone is free for it.
    assert reasons == {"P4": "", "P1": "sector", "P3": "sector"}
    assert not {"newcomer_class", "neighbour_unknown"} & {one.rule for one in made.findings}
    # Of class V it may; of no class nobody can tell, and that is said.
    assert set(space(tables, hazard_class="V", **asked).sites["fails"]) == {""}
    (told,) = space(tables, **asked).findings
    assert told.rule == "newcomer_class"


def test_neighbours_nobody_knows_are_named():
    tables = project(
        ledger=ledger(("P2", "leased", "2010-01-01"), project_id="D1"),
        projects=pd.DataFrame({"project_id": ["D1"], "sector": [None]}, dtype="str"),
    )
    sectors = pd.DataFrame({"sector": ["fruit"], "other_sector": ["dyeing"]})
    made = space(tables, on=DAY, min_area_ha=1, sectors=sectors, sector="fruit")
    (told,) = made.findings
    assert (told.rule, told.ids, told.zone_ids) == ("neighbour_unknown", ("P2",), ("A",))
    assert "P2" in told.message("vi")


def test_roads_of_the_plan_give_frontage():
    uses = ["industrial", "transport", "industrial", "industrial"]
    tables = project(parcels=parcels("P1", "P2", "P3", "P4", use=uses))
    made = space(tables, on=DAY, min_area_ha=1, across_road_m=100)
    (row,) = made.sites.to_dict("records")
    assert row["parcel_ids"] == "P1|P3|P4"
    # 100 m on either side, and a metre of reach at each of four ends
    assert row["frontage_m"] == pytest.approx(204)


def test_a_zone_that_contradicts_itself_stays_out_and_the_others_go_on():
    tables = project(
        zones=zones("A", "B"),
        parcels=parcels("P1", "P2", zone=["A", "B"]),
        ledger=ledger(("P2", "leased", "2010-01-01"), ("P2", "reserved", "2010-01-01")),
    )
    with pytest.warns(KcngeoWarning, match="left out: B"):
        made = space(tables, on=DAY, min_area_ha=0.5)
    vacant = made.developable.totals["vacant_ha"]
    assert vacant.loc["A"] == 1
    assert vacant.drop("A").isna().all()
    nowhere = project(ledger=ledger(("P9", "leased", "2010-01-01")))
    with pytest.raises(ContractError, match="P9"):
        space(nowhere, on=DAY, min_area_ha=1)


@pytest.mark.parametrize(
    ("known_at", "vacant_ha"),
    [
        ("2018-01-04T23:59:59Z", 4),
        ("2018-01-05T00:00:00Z", 3),
        ("2018-05-04T23:59:59Z", 3),  # superseded later: on record then
        ("2018-05-05T00:00:00Z", 4),
        (None, 4),
    ],
)
def test_a_lease_counts_while_it_was_on_record(known_at: str | None, vacant_ha: float):
    known = {"recorded_at": ["2018-01-05T00:00:00Z"], "superseded_at": ["2018-05-05T00:00:00Z"]}
    tables = project(ledger=ledger(("P1", "leased", "2018-01-01"), **known))
    totals = space(tables, on=DAY, min_area_ha=1, known_at=known_at).developable.totals
    assert totals.loc["A", "vacant_ha"] == vacant_ha


def test_known_at_applies_to_every_table():
    house = layer("receptor", "green", square(0)).assign(recorded_at="2018-05-01T00:00:00Z")
    tables = project(receptors=house)
    assert space(tables, on=DAY, min_area_ha=1, known_at="2018-04-30").developable.account.empty
    assert len(space(tables, on=DAY, min_area_ha=1).developable.account) == 1


def test_a_need_without_works_is_refused():
    with pytest.raises(KcngeoError, match="needs the table works"):
        space(project(), on=DAY, min_area_ha=1, needs=("road",))


# ---- the sample ---------------------------------------------------------------------------------
def test_who_can_take_eight_hectares_in_the_sample(sample: kcn.Project):
    made = space(sample, on=DAY, min_area_ha=8, hazard_class="IV")
    totals = made.developable.totals
    # what the board published as available in March 2018
    assert totals.loc["loc-son", "vacant_ha"] == pytest.approx(18.793, abs=1e-4)
    parts = totals[["developable_ha", "encumbered_ha", "unlocated_ha"]].sum(axis=1)
    np.testing.assert_allclose(parts, totals["vacant_ha"], atol=1e-4)
    # nobody: vacant lots lie scattered, the largest that lie together have less than 4 ha
    assert (made.sites["fails"] != "").all()
    assert 3 < made.sites["area_ha"].max() < 4
    # six years before, lot CN9 was free
    before = space(sample, on="2012-03-31", min_area_ha=8, hazard_class="IV", min_width_m=50)
    passing = before.sites[before.sites["fails"] == ""]
    assert passing["parcel_ids"].tolist() == ["LS-CN09-01"]
    lot = sample.parcels.loc[sample.parcels["parcel_id"] == "LS-CN09-01", "geometry"].iloc[0]
    assert passing["area_ha"].iloc[0] == pytest.approx(lot.area / 10_000)


def test_needs_of_the_sample_are_asked_of_its_works(sample: kcn.Project):
    on = "2012-03-31"
    made = space(sample, on=on, min_area_ha=1, needs=("wastewater",))
    served = kcn.progress.readiness(sample, on=on)["wastewater"]
    # the works of both zones ran later: nobody is served, and every lot stands alone
    lots = made.developable.land["parcel_id"]
    assert not served.reindex(lots).fillna(False).any()
    assert set(made.sites["parcel_ids"]) == set(lots)
    assert made.sites["fails"].str.contains("wastewater").all()


def test_lots_are_as_ready_as_the_registry_of_ones_own_says(tmp_path: Path):
    road = LineString([(500_000, 1_270_000), (500_400, 1_270_000)])
    works = gpd.GeoDataFrame(
        {"work_id": ["W1"], "zone_id": ["A"], "kind": ["road"], "inside_fence": [True]},
        geometry=[road],
        crs=CRS,
    ).assign(done_on=pd.Timestamp("2010-01-01"))
    shipped = (Path(kcn.__file__).parent / "standards" / "readiness.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    # With road and power exchanged a lot without power gets no further than level 1.
    own.write_text(
        shipped.replace('level_2 = ["road"]', 'level_2 = ["power"]').replace(
            'level_3 = ["power", "water"]', 'level_3 = ["road", "water"]'
        ),
        encoding="utf-8",
    )
    tables = project(works=works)
    by_ours = space(tables, on=DAY, min_area_ha=1)
    by_own = space(tables, on=DAY, min_area_ha=1, rules=kcn.standards.registry(own))
    assert (by_ours.sites["level"].tolist(), by_own.sites["level"].tolist()) == ([2], [1])


def test_where_no_zone_is_left_there_is_no_land():
    twice = ledger(("P", "leased", "2017-01-01"), ("P", "reserved", "2017-01-01"))
    given = kcn.Project(zones=zones("A"), parcels=parcels("P", "Q"), ledger=twice)
    with pytest.warns(KcngeoWarning, match="left out: A"):
        made = space(given, on="2018-03-31", min_area_ha=1)
    assert made.developable.totals["vacant_ha"].isna().all()
    assert made.sites.empty
