"""Lots split and merged in QGIS, moments that are yet to come: the past stays computable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import affinity
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo import Project, cli, fill, io, update
from kcngeo.core.errors import ContractError, KcngeoError
from tests import squares
from tests.update.test_merge import stored

SINCE, DAY_BEFORE = "2019-07-01", "2019-06-30"
RECORDED = "2019-07-05T00:00:00Z"


def project(*entries: tuple[Any, ...]) -> Project:
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P0", "P1", "P2", valid_from="2010-01-01"),
        ledger=squares.ledger(*entries, entry_id=[f"e{row}" for row in range(len(entries))]),
    )


def lots(old: Project, gone: list[str], *added: tuple[str, Any, str | None]) -> Project:
    """Draw lots in the place of others, with the attributes QGIS copies from the first of them."""
    first = old.parcels[old.parcels["parcel_id"] == gone[0]].iloc[0].drop("geometry")
    rows = [{**first, "parcel_id": name, "parents": parents} for name, _, parents in added]
    fresh = gpd.GeoDataFrame(rows, geometry=[shape for _, shape, _ in added], crs=squares.CRS)
    kept = old.parcels[~old.parcels["parcel_id"].isin(gone)]
    both = pd.concat([kept.assign(parents=None), fresh], ignore_index=True)
    return replace(old, parcels=gpd.GeoDataFrame(both, geometry="geometry", crs=squares.CRS))


def halves(old: Project, *parents: str | None) -> Project:
    west, east = squares.square(1, wide=0.5), squares.square(1.5, wide=0.5)
    said = parents or (None, None)
    return lots(old, ["P1"], ("P1-1", west, said[0]), ("P1-2", east, said[1]))


def applied(old: Project, new: Project, **options: Any) -> Project:
    told = {"recorded_at": RECORDED, "valid_from": SINCE, **options}
    return update.apply(old, update.difference(old, new), **told)


def lives(made: Project) -> dict[str, tuple[str, str]]:
    known = made.as_known().parcels
    return {
        row["parcel_id"]: tuple(
            "…" if pd.isna(row.get(name)) else f"{row[name]:%Y-%m-%d}"
            for name in ("valid_from", "valid_to")
        )
        for row in known.to_dict("records")
    }


@pytest.mark.parametrize("parents", [(None, None), ("P1", "P1"), ("P1", None)])
def test_a_lot_that_was_split_ends_and_its_parts_begin(parents: tuple[str | None, ...]) -> None:
    old = project()
    made = applied(old, halves(old, *parents))
    assert lives(made) == {
        "P0": ("2010-01-01", "…"),
        "P1": ("2010-01-01", SINCE),
        "P1-1": (SINCE, "…"),
        "P1-2": (SINCE, "…"),
        "P2": ("2010-01-01", "…"),
    }
    known = made.as_known().parcels.set_index("parcel_id")["parents"]
    assert (known["P1-1"], known["P1-2"], kcn.ledger.children(made.parcels, "P1")) == (
        "P1",
        "P1",
        ("P1-1", "P1-2"),
    )
    for day in ("2015-01-31", DAY_BEFORE, SINCE, "2025-01-31"):
        assert fill.land_account(made, on=day)["base_ha"].tolist() == [pytest.approx(3.0)]
    # As known before, nothing has changed.
    assert lives(made.stored_at("2019-07-01")) == lives(old)


def test_lots_that_were_merged_end_and_the_new_one_names_both() -> None:
    old = project()
    made = applied(old, lots(old, ["P0", "P1"], ("P9", squares.square(0, wide=2), None)))
    assert lives(made) == {
        "P0": ("2010-01-01", SINCE),
        "P1": ("2010-01-01", SINCE),
        "P2": ("2010-01-01", "…"),
        "P9": (SINCE, "…"),
    }
    assert made.as_known().parcels.set_index("parcel_id")["parents"]["P9"] == "P0|P1"
    for day in (DAY_BEFORE, SINCE):
        assert fill.land_account(made, on=day)["base_ha"].tolist() == [pytest.approx(3.0)]


def test_a_lot_that_keeps_its_id_and_gives_land_away_is_the_parent() -> None:
    """QGIS leaves the id with one part, and gives the other the attributes of both."""
    old = project()
    rest, part = squares.square(1, wide=0.5), squares.square(1.5, wide=0.5)
    moved = old.parcels.set_geometry([squares.square(0), rest, squares.square(2)], crs=squares.CRS)
    new = lots(replace(old, parcels=moved), ["P1"], ("P1", rest, None), ("P3", part, None))
    made = applied(old, new)
    known = made.as_known().parcels
    rows = known[["parcel_id", "valid_from", "valid_to", "parents"]].astype("object").to_numpy()
    told = [[None if pd.isna(cell) else str(cell)[:10] for cell in row] for row in rows]
    assert sorted(told, key=str) == [
        ["P0", "2010-01-01", None, None],
        ["P1", "2010-01-01", SINCE, None],
        ["P1", SINCE, None, None],
        ["P2", "2010-01-01", None, None],
        ["P3", SINCE, None, "P1"],
    ]


def test_a_running_entry_is_refused_with_the_children_unless_the_copy_moves_it() -> None:
    old = project(("P1", "leased", "2018-01-01"))
    new = halves(old)
    with pytest.raises(ContractError, match=r"ends 1 Jul 2019: e0\. Its children are: P1-1, P1-2"):
        applied(old, new)
    moved = squares.ledger(
        ("P1", "leased", "2018-01-01", SINCE),
        ("P1-1", "leased", SINCE),
        ("P1-2", "leased", SINCE),
        entry_id=["e0", "e0-1", "e0-2"],
    )
    made = applied(old, replace(new, ledger=moved))
    for day in (DAY_BEFORE, SINCE):
        account = fill.land_account(made, on=day).iloc[0]
        assert (account["leased_ha"], account["base_ha"]) == pytest.approx((1.0, 3.0))


def drawn_over(old: Project, start: str | None, end: str | None, use: str) -> Project:
    """Draw P4 over the west half of P1, from a day to a day."""
    west = gpd.GeoDataFrame(
        {
            "parcel_id": ["P4"],
            "zone_id": "A",
            "land_use": use,
            "valid_from": start,
            "valid_to": end,
        },
        geometry=[squares.square(1, wide=0.5)],
        crs=squares.CRS,
    )
    return replace(old, parcels=pd.concat([old.parcels, west], ignore_index=True))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (None, None, "1 Jan 2010–…"),
        ("2012-01-01", "2013-01-01", "1 Jan 2012–1 Jan 2013"),
        ("2012-01-01", "2016-01-01", "1 Jan 2012–1 Jan 2015"),
        ("2014-12-31", None, "31 Dec 2014–1 Jan 2015"),
        # P1 ends that day, and begins on this.
        ("2015-01-01", None, None),
        (None, "2010-01-01", None),
        (None, "2010-01-02", "1 Jan 2010–2 Jan 2010"),
    ],
)
def test_lots_that_overlap_on_any_day_are_refused_with_the_days(
    start: str | None, end: str | None, told: str | None
) -> None:
    old = project()
    if told != "1 Jan 2010–…":
        old = replace(old, parcels=old.parcels.assign(valid_to=[None, "2015-01-01", None]))
    new = drawn_over(old, start, end, "industrial")
    if told is None:
        assert len(applied(old, new, valid_from=None).parcels) == 4
    else:
        with pytest.raises(ContractError, match=rf"P1 × P4 {told} \(5,000\.0 m²\)"):
            applied(old, new, valid_from=None)
    # A road over a lot moves no rate.
    road = drawn_over(old, start, end, "transport")
    assert len(applied(old, road, valid_from=None).parcels) == 4


def test_an_overlap_that_was_there_is_not_the_fault_of_an_edit() -> None:
    old = project()
    shapes = [squares.square(0, wide=1.2), squares.square(1), squares.square(2)]
    old = replace(old, parcels=old.parcels.set_geometry(shapes, crs=squares.CRS))
    named = replace(old, parcels=old.parcels.assign(lot_code=["a", "b", "c"]))
    assert len(applied(old, named, valid_from=None).parcels) == 6
    better = old.parcels.set_geometry([shapes[0], shapes[1], affinity.translate(shapes[2], -10)])
    with pytest.raises(ContractError, match="P1 × P2 1 Jan 2010–…"):
        applied(old, replace(old, parcels=better), valid_from=None)


def test_a_split_that_comes_back_in_a_copy_is_recorded_with_its_day(tmp_path: Path) -> None:
    path = stored(tmp_path, project(("P0", "leased", "2018-01-01")))
    copy = tmp_path / "copy.gpkg"
    io.write_project(halves(io.read_project(path)), copy)
    words = ["update", str(path), str(copy), "--valid-from", SINCE, "--language", "en"]
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, done.exception) == (0, None)
    assert lives(io.read_project(path))["P1-2"] == (SINCE, "…")


# ---- moments -------------------------------------------------------------------------------------
def test_nothing_is_recorded_in_the_future_but_for_what_clocks_differ() -> None:
    old = project()
    new = replace(old, parcels=old.parcels.assign(lot_code="x"))
    lease = squares.ledger(("P0", "leased", "2018-01-01"))
    now = pd.Timestamp.now("UTC")
    for later in ("2999-01-01", now + pd.Timedelta(minutes=6)):
        with pytest.raises(KcngeoError, match="is yet to come: nothing can be recorded then"):
            applied(old, new, recorded_at=later)
        with pytest.raises(KcngeoError, match="is yet to come"):
            kcn.ledger.append(old, lease, recorded_at=later)
    made = applied(old, new, recorded_at=now + pd.Timedelta(minutes=4))
    assert made.parcels["recorded_at"].max() > now
    # Today is over at midnight; what is recorded today is recorded now.
    today = now.tz_convert("Asia/Ho_Chi_Minh").strftime("%Y-%m-%d")
    made = applied(old, new, recorded_at=today)
    assert made.parcels["recorded_at"].max() <= pd.Timestamp.now("UTC")


@pytest.mark.parametrize("name", ["p.gpkg", "p.parquet"])
def test_a_clock_that_ran_ahead_is_mended_and_that_is_on_record(tmp_path: Path, name: str) -> None:
    old = project(("P0", "leased", "2018-01-01"), ("P1", "leased", "2018-01-01"))
    made = applied(old, replace(old, parcels=old.parcels.assign(lot_code="x")), valid_from=None)
    ahead = made.ledger.assign(
        recorded_at=pd.to_datetime(["2999-01-01", "2999-01-02"], utc=True),
        superseded_at=pd.to_datetime(["2999-01-02", None], utc=True),
    )
    path = stored(tmp_path, replace(made, ledger=ahead), name)
    edited = io.read_project(path)
    edited = replace(edited, parcels=edited.parcels.assign(lot_code="y"), taken=edited.taken)
    ledger = edited.ledger.assign(document="No. 1")
    with pytest.raises(KcngeoError, match="a clock ran ahead, and nothing can be recorded after"):
        update.record(path, replace(edited, ledger=ledger))
    words = ["update", str(path), "--mend-clock", "--language", "en"]
    done = CliRunner().invoke(cli.app, [*words, "--dry-run"])
    assert io.read_project(path).clock_mends == ()
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, done.exception) == (0, None)
    now = io.read_project(path)
    assert [was.year for was, _ in now.clock_mends] == [2999, 2999]
    assert now.commit == 1
    first, second = (became for _, became in now.clock_mends)
    assert first < second <= pd.Timestamp.now("UTC")
    assert now.ledger["recorded_at"].tolist() == [first, second]
    assert now.ledger["superseded_at"].iloc[0] == second
    # As known before, and today, it is what it was; and the edits can be recorded.
    assert len(now.as_known("2020-01-01").ledger) == 0
    assert now.as_known().ledger["parcel_id"].tolist() == ["P1"]
    assert now.as_known(first).ledger["parcel_id"].tolist() == ["P0"]
    assert update.record(path, replace(edited, ledger=ledger)).written
    done = CliRunner().invoke(cli.app, words)
    assert "no row is recorded in the future" in " ".join(done.output.split())
    assert io.read_project(path).commit == 2
    both = CliRunner().invoke(cli.app, ["update", str(path), str(path), "--mend-clock"])
    assert isinstance(both.exception, KcngeoError)
