"""Many months in one run: what is skipped, what is made again, and what links them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kcngeo import Project, io
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.text_storage import python_texts
from kcngeo.products import months as room
from kcngeo.products.month_folder import MonthOptions, is_current, write_month
from kcngeo.products.months import months_between
from kcngeo.products.remake import remake
from kcngeo.publish import read_manifest
from kcngeo.publish.digests import inputs_of
from kcngeo.report import month as month_room
from tests import squares

OPTIONS = MonthOptions(parts=("tables",))
SPAN = {"since": "2018-01", "month": "2018-03"}


def project(*more: tuple[object, ...]) -> Project:
    """Two lots of 1 ha, one of them let from February 2018 on."""
    return Project(
        zones=squares.zones("A", name=["An & <b>"]),
        parcels=squares.parcels("A1", "A2"),
        ledger=squares.ledger(("A1", "leased", "2018-02-01"), *more),
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its months from January to March, made once."""
    folder = tmp_path_factory.mktemp("first")
    io.write_project(project(), folder / "Dự án.gpkg")
    run(folder / "Dự án.gpkg", folder / "months")
    return folder


@pytest.fixture
def made(first: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The same to go on with: the project and the folder of its months."""
    folder = shutil.copytree(first, tmp_path / "first")
    return folder / "Dự án.gpkg", folder / "months"


def run(stored: Path, out: Path, *, jobs: int = 1, **options: object) -> dict[str, bool]:
    """Write January to March; tell of each month whether it was skipped."""
    chosen = MonthOptions(**{"parts": ("tables",), **options})  # type: ignore[arg-type]
    made = room(str(stored), out, **SPAN, options=chosen, jobs=jobs)
    return {one.month: one.is_skipped for one in made}


@pytest.mark.parametrize(
    ("since", "month", "months"),
    [
        ("2018-03", "2018-03", ["2018-03"]),
        ("2017-11", "2018-02", ["2017-11", "2017-12", "2018-01", "2018-02"]),
        ("1999-12", "2000-01", ["1999-12", "2000-01"]),
    ],
)
def test_both_months_are_included(since: str, month: str, months: list[str]) -> None:
    assert months_between(since, month) == months


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(KcngeoError, match="since 2018-04 lies after the month 2018-03"):
        months_between("2018-04", "2018-03")


def test_unchanged_months_are_left_alone(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "months"
    assert run(stored, out) == {"2018-01": False, "2018-02": False, "2018-03": False}
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.csv")}
    assert run(stored, out) == {"2018-01": True, "2018-02": True, "2018-03": True}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.csv")} == before


def test_a_month_that_somebody_changed_is_made_again(made: tuple[Path, Path]) -> None:
    stored, out = made
    accounts = out / "2018-02" / "accounts.csv"
    content = accounts.read_bytes()
    accounts.write_bytes(b"")
    assert run(stored, out) == {"2018-01": True, "2018-02": False, "2018-03": True}
    assert accounts.read_bytes() == content


@pytest.mark.parametrize(
    "options",
    [
        {"definition": "cleared"},
        {"language": "en"},
        {"known_at": "2018-05-01"},
        {"start": "2017-01-01"},
        {"area": "ellipsoid"},
        {"edition": "public"},
        {"parts": ("tables", "json")},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_month_made_with_another_option_is_not_current(
    made: tuple[Path, Path], options: dict[str, Any]
) -> None:
    stored, out = made
    inputs = inputs_of([stored])
    assert is_current(out / "2018-03", "2018-03", inputs, options=OPTIONS)
    other = MonthOptions(**{"parts": ("tables",), **options})
    assert not is_current(out / "2018-03", "2018-03", inputs, options=other)
    # On other paper it is another document, whatever the file is.
    paper = replace(OPTIONS, letterhead=__file__)
    assert not is_current(out / "2018-03", "2018-03", inputs, options=paper)
    # So it is over an image.
    over = replace(OPTIONS, imagery=__file__)
    assert not is_current(out / "2018-03", "2018-03", inputs, options=over)


def test_another_month_or_input_is_not_current(made: tuple[Path, Path]) -> None:
    stored, out = made
    (name, digest), *_ = inputs_of([stored]).items()
    for month, inputs in (
        ("2018-02", {name: digest}),
        ("2018-03", {name: "2"}),
        ("2018-03", {"b.gpkg": digest}),
    ):
        assert not is_current(out / "2018-03", month, inputs, options=OPTIONS)


def test_another_project_makes_every_month_again(made: tuple[Path, Path]) -> None:
    stored, out = made
    io.write_project(project(("A2", "leased", "2018-03-01")), stored)
    assert not any(run(stored, out).values())
    # 1 of 2 ha in February, 2 of 2 ha in March.
    rates = [read_manifest(out / month)["facts"]["rates"]["A"] for month in ("2018-02", "2018-03")]
    assert [rate["fill_rate"] for rate in rates] == pytest.approx([0.5, 1.0])


def test_several_at_once_write_the_same(stored: Path, tmp_path: Path) -> None:
    run(stored, tmp_path / "one")
    # Nor does it matter how pandas holds texts.
    with python_texts():
        run(stored, tmp_path / "two", jobs=2)
    one, two = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two


def test_months_of_a_run_are_those_made_alone(stored: Path, tmp_path: Path) -> None:
    """What months share is worked out of the edition and the moment that are asked."""
    options = replace(OPTIONS, edition="public", known_at="2018-05-01")
    list(room(str(stored), tmp_path / "out", since="2018-02", month="2018-03", options=options))
    alone = tmp_path / "alone"
    write_month(str(stored), "2018-03", alone, options=options)
    one, two = (
        {path.name: path.read_bytes() for path in top.iterdir()}
        for top in (tmp_path / "out" / "2018-03", alone)
    )
    assert one == two


def test_the_index_links_every_month_and_escapes_names(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "months"
    run(stored, out, parts=("tables", "report"))
    page = (out / "index.html").read_text("utf-8")
    assert "An &amp; &lt;b&gt;" in page
    assert [page.count(f'href="2018-{month}/report.html"') for month in ("01", "02", "03")] == [
        1
    ] * 3
    # Files and definitions have words.
    assert page.count(">Báo\N{NO-BREAK SPACE}cáo</a>") == 3
    assert page.count("Nghị định 164/2013/NĐ-CP") == 3
    assert "nd164-2013" not in page
    # Nothing let in January, 1 of 2 ha after it; for the zone and for all.
    assert (page.count("0,00 %") - page.count("50,00 %"), page.count("50,00 %")) == (2, 4)


def test_a_second_run_into_the_same_folder_is_kept_out(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "months"
    january = {"since": "2018-01", "month": "2018-01"}
    first = room(str(stored), out, **january, options=OPTIONS)
    next(first)
    with pytest.raises(DataSourceError, match="another program is writing it"):
        next(room(str(stored), out, **january, options=OPTIONS))
    assert list(first) == []
    assert run(stored, out)["2018-01"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_month_that_fails_does_not_lose_the_others(
    stored: Path, tmp_path: Path, jobs: int
) -> None:
    out = tmp_path / "out"
    (out / "2018-02").mkdir(parents=True)
    (out / "2018-02" / "mine.txt").write_text("not of this program", encoding="utf-8")
    made = list(room(str(stored), out, **SPAN, options=OPTIONS, jobs=jobs))
    assert [one.month for one in made] == months_between("2018-01", "2018-03")
    assert [one.error is None for one in made] == [True, False, True]
    assert "mine.txt" in str(made[1].error)
    page = (out / "index.html").read_text("utf-8")
    assert "01/2018" in page
    assert "03/2018" in page
    assert (out / "2018-02" / "mine.txt").exists()


def test_a_zone_that_fails_is_named_and_the_others_finish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "two.gpkg", tmp_path / "out"
    both = Project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("A1", "B1", zone=["A", "B"]),
        ledger=squares.ledger(("A1", "leased", "2018-02-01"), ("B1", "leased", "2018-02-01")),
    )
    io.write_project(both, path)
    real = month_room.forecast_of

    def forecast(snapshot: Any, **asked: Any) -> Any:
        if "B" in snapshot.parcels["zone_id"].to_numpy():
            raise ZeroDivisionError("as the test wants it")
        return real(snapshot, **asked)

    monkeypatch.setattr(month_room, "forecast_of", forecast)
    march = {"since": "2018-03", "month": "2018-03", "options": OPTIONS}
    (made,) = room(str(path), out, **march)
    assert (made.error, made.reasons.keys()) == (None, {"B"})
    assert "ZeroDivisionError: as the test wants it" in made.reasons["B"]
    assert "Traceback" in made.trace
    # The lot of 1 ha of zone A is let; without B nobody knows the sum.
    assert [line.partition(" (")[0] for line in made.lines[:2]] == ["A: 100,00 %", "B: –"]
    assert made.lines[2].endswith("– / – ha, tính được 1/2 khu")
    manifest = read_manifest(out / "2018-03")
    assert manifest["options"]["failed"].keys() == {"B"}
    # As its manifest says it is made again, though nothing fails any more; a run tries all of it.
    monkeypatch.undo()
    again = remake(io.read_project(path), manifest)
    assert again.csv("accounts", language="vi").splitlines() == (
        (out / "2018-03" / "accounts.csv").read_text("utf-8-sig").splitlines()
    )
    assert not is_current(out / "2018-03", "2018-03", inputs_of([str(path)]), options=OPTIONS)


def test_the_index_links_every_zone_and_says_what_is_not_computable(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    given = project()
    shapes = [squares.square(0), squares.square(0.5)]
    parcels = given.parcels.set_geometry(shapes, crs=squares.CRS)
    io.write_project(replace(given, parcels=parcels), path)
    options = MonthOptions(parts=("report",), language="en")
    march = {"since": "2018-03", "month": "2018-03"}
    made = list(room(str(path), tmp_path / "out", **march, options=options))
    assert made[0].reasons.keys() == {"A"}
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert page.count('href="2018-03/report.html#zone-A"') == 2
    assert ">not computable</a>" in page
    assert 'id="zone-A"' in (tmp_path / "out" / "2018-03" / "report.html").read_text("utf-8")
