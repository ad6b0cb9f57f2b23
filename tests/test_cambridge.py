"""Real parcels through the library, against plain sums by pandas, GeoPandas and shapely.

What `docs/examples/cambridge.py` decides is written here a second time, in other words: another
reader of the shapes, another way to the same use, zone and deed. Nothing below calls the example
but the fixtures.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import kcngeo as kcn

ROOT = Path(__file__).resolve().parents[1]
POLYGONS = {2013: 13_159, 2014: 13_116}
FIRST_DAY = {2013: "2012-07-01", 2014: "2013-07-01"}
LAST_DAY = {2013: "2013-06-30", 2014: "2014-01-31"}
M2_PER_SQUARE_FOOT = 0.3048**2
ONE_M2_IN_HA = 1e-4

VACANT = "39[012]|44[012]"
OTHER_VACANT = "13[012]|93[036]|946|97[345]"


class Run(NamedTuple):
    """One of the two variants, as the library sees it."""

    every_use: bool
    project: kcn.Project
    known: kcn.Snapshot
    with_deeds: kcn.Snapshot
    account: object
    report: kcn.report.MonthlyReport


class Plain(NamedTuple):
    """One fiscal year, worked out plainly."""

    polygons: gpd.GeoDataFrame
    assessor: pd.DataFrame
    known: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    found = shared_data / "cambridge_parcels"
    if not found.is_dir():
        pytest.skip("no cambridge_parcels in ../shared/data")
    return found


@pytest.fixture(scope="module")
def example() -> ModuleType:
    path = ROOT / "docs" / "examples" / "cambridge.py"
    spec = importlib.util.spec_from_file_location("cambridge_example", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(example: ModuleType, folder: Path) -> object:
    return example.read_files(folder)


# The whole city is ten times the work of its industry and finds the same slips.
VARIANTS = [
    pytest.param(False, id="industry"),
    pytest.param(True, id="every-use", marks=pytest.mark.long),
]


@pytest.fixture(scope="module", params=VARIANTS)
def run(request: pytest.FixtureRequest, example: ModuleType, files: object) -> Run:
    project, account = example.convert(files, every_use_leasable=request.param)
    report = kcn.report.monthly(project, month="2014-01", start="2012-07-01")
    known = project.as_known(faulty="set_apart")
    deeds = with_deeds(project).as_known(faulty="set_apart")
    return Run(request.param, project, known, deeds, account, report)


def with_deeds(project: kcn.Project) -> kcn.Project:
    """Keep the parcels whose deed says an area, and what is let of them."""
    written = project.parcels[project.parcels["certificate_area_m2"].notna()]
    entries = project.ledger[project.ledger["parcel_id"].isin(written["parcel_id"])]
    # An entry must not outlive a parcel whose later version has no deed and was taken out.
    latest = written.sort_values("valid_from").drop_duplicates("parcel_id", keep="last")
    limit = entries["parcel_id"].map(latest.set_index("parcel_id")["valid_to"])
    ends = entries["valid_to"].where(entries["valid_to"].notna() | limit.isna(), limit)
    return kcn.Project(zones=project.zones, parcels=written, ledger=entries.assign(valid_to=ends))


@pytest.fixture(scope="module")
def zones(folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "CDD_ZoningDistricts.geojson").to_crs(26986)


@pytest.fixture(scope="module")
def plain(folder: Path, zones: gpd.GeoDataFrame) -> dict[int, Plain]:
    return {year: plain_year(folder, year, zones) for year in POLYGONS}


@pytest.fixture(scope="module")
def pairs(run: Run, plain: dict[int, Plain]) -> dict[int, pd.DataFrame]:
    """Overlapping leasable parcels of each year."""
    return {
        year: overlapping(leasable(one.parcels, every_use=run.every_use, services=True))
        for year, one in plain.items()
    }


def plain_year(folder: Path, year: int, zones: gpd.GeoDataFrame) -> Plain:
    meta, table = pyogrio.read_arrow(folder / f"ASSESSING_ParcelsFY{year}.topojson")
    wkb = table.column(meta["geometry_name"] or "wkb_geometry").to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    keys = table.column("ML").to_pandas()
    polygons = gpd.GeoDataFrame({"key": keys}, geometry=shapes, crs=4326).to_crs(26986)
    polygons["invalid"] = ~polygons.is_valid
    polygons["drawn_m2"] = polygons.area
    polygons["geometry"] = polygons.make_valid(method="structure", keep_collapsed=False)

    assessor = pd.read_csv(
        folder / f"TaxFY{year - 2000}.csv", dtype={"ML": "str", "UseCode": "str"}
    )
    owned = assessor.dropna(subset=["ML"]).reset_index(drop=True)
    # idxmax is the first of the largest, as the rule says.
    speaks = owned.loc[owned["LandArea"].fillna(0).groupby(owned["ML"]).idxmax()].set_index("ML")
    known = polygons[~polygons.is_empty & polygons["key"].isin(speaks.index)]
    several = known["key"].duplicated(keep=False)
    joined = known[several].dissolve("key", as_index=False)
    parcels = pd.concat([known[~several], joined], ignore_index=True)
    parcels["code"] = parcels["key"].map(speaks["UseCode"])
    deed = parcels["key"].map(speaks["LandArea"]) * M2_PER_SQUARE_FOOT
    parcels["deed_m2"] = deed.where(deed > 0)
    points = parcels.set_geometry(parcels.representative_point())
    hits = points.sjoin(zones[["ZONE_TYPE", "geometry"]], predicate="intersects")
    assert hits.index.is_unique
    parcels["zone_id"] = hits["ZONE_TYPE"]
    return Plain(polygons, assessor, known, parcels)


def leasable(parcels: gpd.GeoDataFrame, *, every_use: bool, services: bool) -> pd.DataFrame:
    """Give the parcels in the base of a definition: zone, area, deed, and whether they are let."""
    inside = parcels[parcels["zone_id"].notna()]
    code = inside["code"]
    industrial = code.str.match("4|316")
    counts = industrial | (services & code.str.match("3"))
    vacant = code.str.match(f"{VACANT}|{OTHER_VACANT}" if every_use else VACANT)
    base = inside if every_use else inside[counts]
    return base.assign(area_m2=base.area, let=~vacant.loc[base.index])


def sums(base: pd.DataFrame, zone_ids: pd.Index, *, area: str = "area_m2") -> pd.DataFrame:
    """Sum hectares by zone."""
    by_zone = {
        "leased_ha": base[base["let"]].groupby("zone_id")[area].sum(),
        "base_ha": base.groupby("zone_id")[area].sum(),
    }
    return pd.DataFrame(by_zone).reindex(zone_ids).fillna(0) / 10_000


def overlapping(base: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find pairs that share more than 1 m², each with every other whose shape it meets."""
    shapes = base.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later = one < other
    one, other = one[later], other[later]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other])) > 1
    names = base[["key", "zone_id"]].to_numpy()
    return pd.DataFrame(
        np.hstack([names[one[shared]], names[other[shared]]]),
        columns=["key", "zone_id", "other_key", "other_zone_id"],
    )


def blocked_zones(pairs: pd.DataFrame) -> list[str]:
    return sorted({*pairs["zone_id"], *pairs["other_zone_id"]})


def left_out(zone_ids: list[str]) -> AbstractContextManager[object]:
    """Expect the warning that names the zones left out, where there are any."""
    named = re.escape(", ".join(zone_ids))
    return (
        pytest.warns(kcn.errors.KcngeoWarning, match=f"left out: {named}[.]")
        if zone_ids
        else nullcontext()
    )


def versions(run: Run, year: int) -> gpd.GeoDataFrame:
    """Give the parcel versions in force in a fiscal year."""
    parcels, day = run.project.parcels, pd.Timestamp(FIRST_DAY[year])
    return parcels[(parcels["valid_from"] <= day) & ~(parcels["valid_to"] <= day)]


# ---------------------------------------------------------------------------------- nothing is lost


@pytest.mark.parametrize("year", POLYGONS)
def test_every_polygon_is_a_parcel_or_listed(run: Run, plain: dict[int, Plain], year: int) -> None:
    facts, excluded = run.account.years[year], run.account.excluded
    left_out = excluded[excluded["fiscal_year"] == year]
    joined = len(plain[year].known) - plain[year].known["key"].nunique()

    assert len(plain[year].polygons) == facts["polygons read"] == POLYGONS[year]
    assert facts["pieces joined"] == joined
    assert POLYGONS[year] == len(versions(run, year)) + joined + len(left_out)
    assert facts["parcels"] == len(versions(run, year))


@pytest.mark.parametrize("year", POLYGONS)
def test_what_is_left_out_is_what_has_no_shape_use_or_zone(
    run: Run, plain: dict[int, Plain], year: int
) -> None:
    polygons, assessor, known, parcels = plain[year]
    excluded = run.account.excluded
    listed = excluded[excluded["fiscal_year"] == year].groupby("reason")

    def keys(reason: str) -> list[str]:
        return sorted(listed["key"].get_group(reason).fillna("")) if reason in listed.groups else []

    empty = polygons.is_empty
    nobodys = polygons[~empty & ~polygons["key"].isin(assessor["ML"].dropna())]
    beyond = parcels[parcels["zone_id"].isna()]
    assert keys("empty shape") == sorted(polygons.loc[empty, "key"])
    assert keys("no assessor row") == sorted(nobodys["key"].fillna(""))
    assert keys("outside every zone") == sorted(beyond["key"])
    area_m2 = listed["area_m2"].sum()
    assert area_m2["no assessor row"] == pytest.approx(nobodys.area.sum(), abs=1)
    assert area_m2["outside every zone"] == pytest.approx(beyond.area.sum(), abs=1)
    assert len(known) + len(nobodys) + empty.sum() == POLYGONS[year]


@pytest.mark.parametrize("year", POLYGONS)
def test_assessor_rows_are_counted(run: Run, plain: dict[int, Plain], year: int) -> None:
    facts, (polygons, assessor, _, parcels) = run.account.years[year], plain[year]
    repeated = assessor["ML"].notna() & assessor["ML"].duplicated(keep=False)
    absent = assessor[~assessor["ML"].isin(polygons["key"].dropna())].dropna(subset=["ML"])
    inside = parcels["zone_id"].notna()

    assert facts["assessor rows read"] == len(assessor)
    assert facts["assessor rows without key"] == assessor["ML"].isna().sum()
    assert facts["rows of those keys"] == repeated.sum()
    assert facts["keys with several rows"] == assessor.loc[repeated, "ML"].nunique()
    assert facts["keys without polygon"] == absent["ML"].nunique()
    assert facts["parcels without deed area"] == parcels.loc[inside, "deed_m2"].isna().sum()


def test_only_invalid_shapes_are_repaired(run: Run, plain: dict[int, Plain]) -> None:
    for year, facts in run.account.repaired.groupby("fiscal_year"):
        drawn = plain[year].polygons
        drawn = drawn[drawn["invalid"]]
        assert list(facts["key"].fillna("")) == list(drawn["key"].fillna(""))
        change_m2 = drawn.area - drawn["drawn_m2"]
        np.testing.assert_allclose(facts["change_m2"], change_m2, atol=1e-6)
    assert run.project.parcels.is_valid.all()
    assert not run.project.parcels.is_empty.any()
    # A shape that crosses itself shows less area than it covers; no repair moves more than 2 m².
    assert run.account.repaired["change_m2"].abs().max() < 2


def test_geometry_against_deeds_is_reported(run: Run, plain: dict[int, Plain]) -> None:
    for year, (_, _, _, parcels) in plain.items():
        deeds = run.account.deeds.loc[year]
        owned = parcels[parcels["deed_m2"].notna() & parcels["zone_id"].notna()]
        by_zone = owned.assign(area_m2=owned.area).groupby("zone_id")
        assert deeds["parcels"].to_dict() == by_zone.size().to_dict()
        np.testing.assert_allclose(deeds["geometry_m2"], by_zone["area_m2"].sum(), atol=0.01)
        np.testing.assert_allclose(deeds["deed_m2"], by_zone["deed_m2"].sum(), atol=0.01)
        assert (deeds["difference_m2"] == deeds["geometry_m2"] - deeds["deed_m2"]).all()


def test_the_map_gives_back_the_coordinates_of_the_file(
    run: Run, plain: dict[int, Plain], folder: Path
) -> None:
    parcels = versions(run, 2014).set_index("parcel_id")
    polygons = plain[2014].polygons
    untouched = ~polygons["invalid"] & ~polygons["key"].duplicated(keep=False)
    keys = polygons.loc[untouched & polygons["key"].isin(parcels.index), "key"]
    assert len(keys) > 12_000
    meta, table = pyogrio.read_arrow(folder / "ASSESSING_ParcelsFY2014.topojson")
    wkb = table.column(meta["geometry_name"] or "wkb_geometry").to_numpy(zero_copy_only=False)
    drawn = shapely.from_wkb(wkb[keys.index], on_invalid="ignore")
    shown = kcn.crs.to_wgs84(parcels.loc[keys]).geometry.to_numpy()
    # A hundred-millionth of a degree is about a millimetre.
    assert shapely.equals_exact(shown, drawn, tolerance=1e-8).all()


# ------------------------------------------------------------------------------------------ figures


@pytest.mark.parametrize("definition", ["nd164-2013", "nd35-2022"])
def test_grid_figures_are_plain_sums(
    run: Run, plain: dict[int, Plain], pairs: dict[int, pd.DataFrame], definition: str
) -> None:
    series = run.report.series.loc[definition]
    zone_ids = run.report.accounts.index
    dates = series.index.unique("on")
    assert list(dates) == list(pd.date_range("2012-07-31", "2014-01-31", freq="ME"))

    expected_in = {}
    for year, one in plain.items():
        services = definition == "nd35-2022"
        base = leasable(one.parcels, every_use=run.every_use, services=services)
        expected_in[year] = sums(base, zone_ids)
        expected_in[year].loc[blocked_zones(pairs[year])] = np.nan

    for date in dates:
        expected = expected_in[2013 if date < pd.Timestamp(FIRST_DAY[2014]) else 2014]
        figures = series.xs(date, level="on")
        for column in ("leased_ha", "base_ha"):
            np.testing.assert_allclose(
                figures[column].reindex(zone_ids), expected[column], rtol=0, atol=ONE_M2_IN_HA
            )


def test_accounts_close(run: Run, plain: dict[int, Plain], pairs: dict[int, pd.DataFrame]) -> None:
    base = leasable(plain[2014].parcels, every_use=run.every_use, services=False)
    expected = sums(base, run.report.accounts.index)
    expected.loc[blocked_zones(pairs[2014])] = np.nan
    vacant_ha = expected["base_ha"] - expected["leased_ha"]
    account = run.report.accounts

    assert run.report.definition.name == "nd164-2013"
    np.testing.assert_allclose(account["available_ha"], vacant_ha, rtol=0, atol=ONE_M2_IN_HA)
    parts = account[["leased_ha", "available_ha"]].sum(axis=1, skipna=False)
    np.testing.assert_allclose(account["base_ha"], parts, rtol=0, atol=1e-9)
    rest = ["reserved_ha", "recovering_ha", "repurposed_ha", "uncleared_ha"]
    assert (account[rest].fillna(0) == 0).all(axis=None)


@pytest.mark.parametrize("definition", ["nd164-2013", "nd35-2022"])
@pytest.mark.parametrize("year", POLYGONS)
def test_certificate_figures_are_deed_sums(
    run: Run,
    plain: dict[int, Plain],
    pairs: dict[int, pd.DataFrame],
    definition: str,
    year: int,
) -> None:
    services = definition == "nd35-2022"
    base = leasable(plain[year].parcels, every_use=run.every_use, services=services)
    options = {"on": LAST_DAY[year], "definition": definition, "area": "certificate"}

    unwritten = base.loc[base["deed_m2"].isna(), "key"]
    asked = {"area": "certificate", "definition": definition}
    faults = run.known.faults_between(LAST_DAY[year], **asked)
    lacking = [one for one in faults if "certificate_area_m2" in one.finding.message()]
    assert {parcel for one in lacking for parcel in one.finding.ids} == set(unwritten)
    if len(unwritten):
        with pytest.raises(kcn.errors.ContractError):
            kcn.fill.land_account(run.project.as_known(), **options)

    base = base[base["deed_m2"].notna()]
    every = leasable(plain[year].parcels, every_use=run.every_use, services=True)
    blocked = blocked_zones(overlapping(every[every["deed_m2"].notna()]))
    with left_out(blocked):
        account = kcn.fill.land_account(run.with_deeds, **options)
    expected = sums(base, account.index, area="deed_m2")
    expected.loc[blocked] = np.nan
    for column in ("leased_ha", "base_ha"):
        np.testing.assert_allclose(
            account[column], expected[column], rtol=0, atol=ONE_M2_IN_HA, err_msg=column
        )


def test_zones_with_overlaps_and_only_they_are_not_computable(
    run: Run, pairs: dict[int, pd.DataFrame]
) -> None:
    blocked = run.report.blocked
    for year in POLYGONS:
        day = pd.Timestamp(FIRST_DAY[year]).to_datetime64().astype("datetime64[D]").astype(int)
        now = blocked[(blocked["start"] <= day) & (day < blocked["end"])]
        expected = {
            (zone_id, " × ".join(sorted([pair.key, pair.other_key])))
            for pair in pairs[year].itertuples()
            for zone_id in (pair.zone_id, pair.other_zone_id)
        }
        named = {
            (zone_id, pair)
            for zone_id, finding in zip(now["zone_id"], now["finding"], strict=True)
            for pair in finding.fields["pairs"]
        }
        assert named == expected
        assert {finding.rule for finding in now["finding"]} <= {"overlap"}

    assert run.report.accounts["base_ha"].notna().any()
    not_computable = set(run.report.reasons(language="en"))
    assert not_computable == set(blocked_zones(pairs[2014]))
    # Industry and service overlap in FY2013 only; with every use, some do in January 2014 too.
    assert bool(not_computable) is run.every_use
    total = run.report.total.loc[("nd164-2013", pd.Timestamp("2014-01-31"))]
    assert pd.isna(total["base_ha"]) is run.every_use


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ("2012-06-30", None),
        ("2012-07-01", 2013),
        ("2013-06-30", 2013),
        ("2013-07-01", 2014),
        ("2030-01-01", 2014),
    ],
)
def test_a_fiscal_year_holds_from_its_first_day_to_its_last(
    run: Run,
    plain: dict[int, Plain],
    pairs: dict[int, pd.DataFrame],
    day: str,
    year: int | None,
) -> None:
    blocked = [] if year is None else blocked_zones(pairs[year])
    with left_out(blocked):
        state = kcn.ledger.state(run.known, on=day)
    with left_out(blocked):
        account = kcn.fill.land_account(run.known, on=day, definition="nd35-2022")
    if year is None:
        assert len(state) == 0
        assert account.isna().all(axis=None)  # of a zone without parcels nobody knows a base
        return
    base = leasable(plain[year].parcels, every_use=run.every_use, services=True)
    let = state.loc[state["leased_share"] == 1, "parcel_id"]
    assert set(let) == set(base.loc[base["let"] & ~base["zone_id"].isin(blocked), "key"])
    assert state["leased_share"].isin([0, 1]).all()
    expected = sums(base, account.index)
    expected.loc[blocked] = np.nan
    for column in ("leased_ha", "base_ha"):
        np.testing.assert_allclose(account[column], expected[column], rtol=0, atol=ONE_M2_IN_HA)


def test_a_daily_series_changes_on_the_first_day(
    run: Run, plain: dict[int, Plain], pairs: dict[int, pd.DataFrame]
) -> None:
    blocked = {year: blocked_zones(some) for year, some in pairs.items()}
    days = {"start": LAST_DAY[2013], "end": FIRST_DAY[2014], "freq": "D"}
    with left_out(sorted({*blocked[2013], *blocked[2014]})):
        series = kcn.fill.fill_series(run.known, definition="nd35-2022", **days)
    for year, day in ((2013, LAST_DAY[2013]), (2014, FIRST_DAY[2014])):
        figures = series.xs(pd.Timestamp(day), level="on")
        base = leasable(plain[year].parcels, every_use=run.every_use, services=True)
        expected = sums(base, figures.index)
        expected.loc[blocked[year]] = np.nan
        for column in ("leased_ha", "base_ha"):
            np.testing.assert_allclose(figures[column], expected[column], rtol=0, atol=ONE_M2_IN_HA)


def test_parcels_that_vanish_end_and_new_ones_begin(run: Run, plain: dict[int, Plain]) -> None:
    kept = {
        year: set(one.parcels.loc[one.parcels["zone_id"].notna(), "key"])
        for year, one in plain.items()
    }
    parcels, later = run.project.parcels, pd.Timestamp(FIRST_DAY[2014])
    begun = set(parcels.loc[parcels["valid_from"] < later, "parcel_id"])
    last = set(parcels.loc[parcels["valid_to"].isna(), "parcel_id"])
    assert begun == kept[2013]
    assert last == kept[2014]
    assert parcels["valid_to"].dropna().eq(later).all()
    assert len(begun - last) > 0
    assert len(last - begun) > 0


# ------------------------------------------------------------------------------------------- output


@pytest.mark.long
def test_month_is_published(run: Run, tmp_path: Path) -> None:
    made = kcn.publish.month_bundle(run.report)
    out = made.write(tmp_path / "2014-01", language="en")
    accounts = pd.read_csv(out / "accounts.csv", encoding="utf-8-sig").set_index("zone_id")
    expected = run.report.accounts

    assert kcn.publish.verify(out).differences == ()
    np.testing.assert_allclose(
        accounts["base_ha"].reindex(expected.index), expected["base_ha"], atol=0.00005001
    )
    reasons = accounts["not_computable"].drop("total").dropna()
    assert reasons.to_dict() == run.report.reasons(language="en")
    assert (out / "map.html").stat().st_size > 1_000_000


def test_project_survives_its_store(
    run: Run, pairs: dict[int, pd.DataFrame], tmp_path: Path
) -> None:
    kcn.io.write_project(run.project, tmp_path / "cambridge.gpkg")
    back = kcn.io.read_project(tmp_path / "cambridge.gpkg")
    blocked = sorted({*blocked_zones(pairs[2013]), *blocked_zones(pairs[2014])})
    series = []
    for some in (run.project, back):
        with left_out(blocked):
            series.append(kcn.fill.fill_series(some, start="2012-07-01", end="2014-01-31"))
    one, other = series
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_parcels_that_do_not_change_have_one_version(
    example: ModuleType, folder: Path, tmp_path: Path
) -> None:
    topology = json.loads((folder / "ASSESSING_ParcelsFY2013.topojson").read_text())
    (layer,) = topology["objects"].values()
    del layer["geometries"][2_000:]
    shutil.copy(folder / "CDD_ZoningDistricts.geojson", tmp_path)
    for year in (13, 14):
        shutil.copy(folder / "TaxFY13.csv", tmp_path / f"TaxFY{year}.csv")
        parcels = tmp_path / f"ASSESSING_ParcelsFY20{year}.topojson"
        parcels.write_text(json.dumps(topology))

    project, account = example.convert(example.read_files(tmp_path))

    assert project.parcels["parcel_id"].is_unique
    assert len(project.parcels) > 1_900
    assert len(project.parcels) == account.years.loc["of these, one version", 2014]
    assert (project.parcels["valid_from"] == pd.Timestamp(FIRST_DAY[2013])).all()
    assert project.parcels["valid_to"].isna().all()
    assert project.ledger["parcel_id"].is_unique
    assert project.ledger["valid_to"].isna().all()


@pytest.mark.long  # the example is converted and read back in every run, see above
def test_command_prints_and_writes(
    run: Run,
    example: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def one_zone(*_: object, **__: object) -> tuple[kcn.Project, object]:
        zones, parcels, ledger = run.project.zones, run.project.parcels, run.project.ledger
        parcels = parcels[parcels["zone_id"] == "IA-1"]
        cut = kcn.Project(
            zones=zones[zones["zone_id"] == "IA-1"],
            parcels=parcels,
            ledger=ledger[ledger["parcel_id"].isin(parcels["parcel_id"])],
        )
        return cut, run.account

    monkeypatch.setattr(example, "read_files", lambda folder: folder)
    monkeypatch.setattr(example, "convert", one_zone)
    example.main("anywhere", str(tmp_path / "out"))
    printed = capsys.readouterr().out

    assert "13159" in printed
    assert "13116" in printed
    rate = run.report.series.loc[("nd164-2013", "IA-1", pd.Timestamp("2014-01-31")), "fill_rate"]
    assert f"{rate:.4f}" in printed
    for name in ("industry", "every-use"):
        assert (tmp_path / "out" / f"{name}.gpkg").is_file()
        assert kcn.publish.verify(tmp_path / "out" / f"{name}-2014-01").differences == ()
