"""What is handed out is recorded, never written over, and revised in the open."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
import pytest

import kcngeo as kcn
from kcngeo import Project, io
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.products import month_folder
from kcngeo.products import months as batch
from kcngeo.products.month_folder import Made, MonthOptions, write_month
from kcngeo.publish import read_manifest, verify
from tests import squares
from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
PUBLISH = MonthOptions(parts=("tables", "json"), language="en", publish=True)
DRAFT = replace(PUBLISH, publish=False)
RECORDED = "2018-04-05T02:00Z"


def project() -> Project:
    """Four lots of 1 ha in A, one of 1 ha in B; A1 and B1 are let, A1 by entry E1."""
    return Project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("A1", "A2", "A3", "A4", "B1", zone=list("AAAAB")),
        ledger=squares.ledger(
            ("A1", "leased", "2018-01-01"),
            ("A2", "leased", "2018-03-10"),
            ("B1", "leased", "2018-01-01"),
            entry_id=["E1", "E2", "E3"],
        ),
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "store" / "p.gpkg"
    path.parent.mkdir()
    io.write_project(project(), path)
    return path


def withdraw(stored: Path, entry: str, *, at: str = RECORDED) -> None:
    """Record that an entry was wrong altogether."""
    nothing = pd.DataFrame({"entry_id": []}, dtype="str")
    with io.editing(stored) as now:
        now.write(kcn.ledger.correct(now.project, nothing, withdrawn=[entry], recorded_at=at))


def write(stored: Path, folder: Path, *, month: str = "2018-03", **options: Any) -> Made:
    return write_month(str(stored), month, folder, options=replace(PUBLISH, **options))


def read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def said(folder: Path) -> list[str]:
    """What the first page says of publications."""
    summary = json.loads((folder / "report.json").read_text("utf-8"))["summary"]
    return [one["text"] for one in summary if one["key"].startswith("published")]


def agrees(folder: Path, stored: Path) -> bool:
    """Whether the folder holds what its manifest says, and the project gives it again."""
    made = kcn.products.remake(io.read_project(stored), read_manifest(folder))
    verdict = verify(folder, remade=made, inputs=[stored])
    return not verdict.is_refuted


def test_without_publishing_nothing_is_written_to_the_project(stored: Path, tmp_path: Path) -> None:
    before = read(stored.parent)
    write(stored, tmp_path / "out", publish=False)
    list(batch(str(stored), tmp_path / "months", since="2018-02", month="2018-03", options=DRAFT))
    assert read(stored.parent) == before


def test_what_is_handed_out_is_recorded_figure_by_figure(stored: Path, tmp_path: Path) -> None:
    digest = io.content_digest(stored)
    made = write(stored, tmp_path / "out")
    assert (made.recorded, made.folder) == (1, tmp_path / "out")
    there = io.read_project(stored).publications
    assert there is not None
    assert set(there["month"]) == {"2018-03"}
    assert set(there["edition"]) == {"full"}
    rates = there[there["measure"] == "fill_rate"].set_index("zone_id")["value"]
    # 2 of 4 ha, 1 of 1 ha, 3 of 5 ha.
    assert rates.to_dict() == {"A": 0.5, "B": 1.0, "total": 0.6}
    leased = there[there["measure"] == "leased_ha"].set_index("zone_id")["value"]
    assert leased.to_dict() == {"A": 2.0, "B": 1.0, "total": 3.0}
    publication = read_manifest(tmp_path / "out")["publication"]
    assert set(there["digest"]) == {publication["digest"]}
    assert (publication["revision"], publication["before"]) == (1, None)
    # Neither digests of the input nor what is computed know of it.
    assert io.content_digest(stored) == digest
    assert "publications" not in read_manifest(tmp_path / "out")["input_tables"]
    assert agrees(tmp_path / "out", stored)


@pytest.mark.long
def test_the_same_figures_again_are_no_new_publication(stored: Path, tmp_path: Path) -> None:
    write(stored, tmp_path / "out")
    before, project_before = read(tmp_path / "out"), read(stored.parent)
    again = write(stored, tmp_path / "out")
    assert (again.recorded, again.agrees) == (None, 1)
    # Made once more elsewhere it has the same bytes, too.
    elsewhere = write(stored, tmp_path / "elsewhere")
    assert (elsewhere.recorded, elsewhere.agrees) == (None, 1)
    assert read(tmp_path / "out") == read(tmp_path / "elsewhere") == before
    # What was handed out is not taken away for another language or other parts.
    for other in ({"language": "vi"}, {"parts": ("json",)}):
        assert write(stored, tmp_path / "out", **other).agrees == 1
        assert read(tmp_path / "out") == before
    (tmp_path / "out" / "series.csv").unlink()
    assert write(stored, tmp_path / "out").agrees == 1
    assert read(tmp_path / "out") == before
    assert read(stored.parent) == project_before


def test_other_figures_become_a_revision_beside_the_first(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(stored, out)
    first = read(out)
    withdraw(stored, "E2")
    made = write(stored, out)
    second = tmp_path / "out.revision-2"
    assert (made.recorded, made.folder) == (2, second)
    assert read(out) == first
    # A: 1 of 4 ha, 0.25; all: 2 of 5 ha.
    assert said(second) == [
        "Published before (publication 1): 60.00 %. Now: 40.00 %.",
        "Why: Corrections of the record, lot A2, entry E2: −1.00 ha.",
        "Published before (publication 1): 50.00 %. Now: 25.00 %.",
        "Why: Corrections of the record, lot A2, entry E2: −1.00 ha.",
    ]
    table = pd.read_csv(second / "published.csv")
    rates = table[table["measure"] == "fill_rate"].set_index("zone_id")
    assert rates[["published", "now"]].to_dict("index") == {
        "A": {"published": 0.5, "now": 0.25},
        "total": {"published": 0.6, "now": 0.4},
    }
    causes = pd.read_csv(second / "published_causes.csv").iloc[0]
    assert causes[["zone_id", "entries", "effect", "total_effect"]].tolist() == [
        *("A", "E2", -0.25, -0.2)
    ]
    told = [read_manifest(one)["publication"] for one in (out, second)]
    assert told[1]["before"] == told[0]["digest"]
    # Each is proved by the project as it was published then.
    assert agrees(out, stored)
    assert agrees(second, stored)
    # Back to the first figures: a third publication, compared with the second.
    with io.editing(stored) as now:
        more = squares.ledger(("A2", "leased", "2018-03-10"), entry_id=["E9"])
        now.write(kcn.ledger.append(now.project, more, recorded_at="2018-04-06T02:00Z"))
    third = write(stored, out)
    assert (third.recorded, third.folder.name) == (3, "out.revision-3")
    assert said(third.folder)[0] == "Published before (publication 2): 40.00 %. Now: 60.00 %."
    assert all(agrees(one, stored) for one in (out, second, third.folder))


WORDS = {
    "vi": (
        "Công bố lần 2 của tháng 03/2018, thay lần 1",
        "Đã công bố (lần 1): 60,00 %. Nay: 40,00 %.",
        "lô A2, mục sổ E2",
    ),
    "en": (
        "Publication 2 of 03/2018, in the place of publication 1",
        "Published before (publication 1): 60.00 %. Now: 40.00 %.",
        "lot A2, entry E2",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_page_of_a_revision_says_so_in_every_form(
    stored: Path, tmp_path: Path, language: str
) -> None:
    write(stored, tmp_path / "out")
    withdraw(stored, "E2")
    parts = ("report", "pdf", "workbook", "json")
    folder = write(stored, tmp_path / "out", parts=parts, language=language).folder
    page = (folder / "report.html").read_text("utf-8")
    # Lots are links there.
    summary = re.sub(r"</?a\b[^>]*>", "", page[: page.index('<section id="map">')])
    first = pypdf.PdfReader(folder / "report.pdf").pages[0].extract_text()
    printed = " ".join(first.replace("\N{NO-BREAK SPACE}", " ").split())
    with zipfile.ZipFile(folder / "report.xlsx") as book:
        cover = book.read("xl/sharedStrings.xml").decode()
    machine = (folder / "report.json").read_text("utf-8")
    for words in WORDS[language]:
        for name, text in (("html", summary), ("pdf", printed), ("xlsx", cover), ("json", machine)):
            assert words in text.replace("\N{NO-BREAK SPACE}", " "), name
    told = json.loads(machine)["publication"]
    assert (told["revision"], told["before"]["revision"]) == (2, 1)


@pytest.mark.long
def test_the_moment_of_making_enters_no_byte(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [tmp_path / "one" / "p.gpkg", tmp_path / "two" / "p.gpkg"]
    made = []
    for year, copy in zip((2030, 2040), copies, strict=True):
        copy.parent.mkdir()
        io.write_project(project(), copy)
        out = copy.parent / "out"

        moment = pd.Timestamp(year, 1, 1, tz="UTC")
        with monkeypatch.context() as patched:
            patched.setattr(month_folder, "_now", lambda moment=moment: moment)
            write(copy, out)
        withdraw(copy, "E2")
        write(copy, out)
        there = io.read_project(copy).publications
        assert there is not None
        assert there["made_on"].iloc[0].year == year
        made.append((read(out), read(copy.parent / "out.revision-2")))
    assert made[0] == made[1]


def test_the_next_month_is_compared_with_what_was_published(stored: Path, tmp_path: Path) -> None:
    write(stored, tmp_path / "2018-03")
    withdraw(stored, "E2")
    april = write(stored, tmp_path / "2018-04", month="2018-04").folder
    assert said(april) == [
        "For 03/2018 60.00 % was published (publication 1); by what is known now it is 40.00 %."
        " Against the published figure this month fell by 20.00 points.",
        "For 03/2018 50.00 % was published (publication 1); by what is known now it is 25.00 %."
        " Against the published figure this month fell by 25.00 points.",
    ]
    # Once the revision is out there is nothing to say, and what was said stays proved.
    write(stored, tmp_path / "2018-03")
    later = write(stored, tmp_path / "later", month="2018-04", publish=False).folder
    assert said(later) == []
    assert agrees(april, stored)


def test_a_draft_never_takes_the_place_of_what_was_published(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(stored, out)
    first = read(out)
    same = write(stored, out, publish=False)
    assert (same.folder, same.agrees, same.is_draft) == (out, 1, False)
    withdraw(stored, "E2")
    draft = write(stored, out, publish=False)
    assert (draft.folder.name, draft.is_draft, draft.recorded) == ("out.draft", True, None)
    warnings = json.loads((draft.folder / "report.json").read_text("utf-8"))["warnings"]
    assert any(one.startswith("Draft, not published: 03/2018 differs") for one in warnings)
    assert agrees(draft.folder, stored)
    # Nor does another product, or the month without its record.
    for bundle in (
        kcn.products.series(io.read_project(stored), month="2018-03"),
        kcn.products.month(io.read_project(stored), month="2018-03", handed_out=True),
    ):
        with pytest.raises(DataSourceError, match="holds publication 1 of 2018-03"):
            bundle.write(out, parts=["tables"])
    assert read(out) == first


@pytest.mark.long
def test_every_edition_is_published_by_itself(stored: Path, tmp_path: Path) -> None:
    write(stored, tmp_path / "full")
    made = write(stored, tmp_path / "public", edition="public")
    assert made.recorded == 1
    with pytest.raises(DataSourceError, match="holds publication 1"):
        write(stored, tmp_path / "full", edition="public")
    there = io.read_project(stored).publications
    assert there is not None
    assert there.groupby("edition")["revision"].max().to_dict() == {"full": 1, "public": 1}
    assert agrees(tmp_path / "public", stored)


@pytest.mark.long
def test_who_publishes_second_is_told(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = month_folder._record

    def raced(*arguments: Any) -> None:
        monkeypatch.setattr(month_folder, "_record", real)
        write(stored, tmp_path / "theirs")
        real(*arguments)

    monkeypatch.setattr(month_folder, "_record", raced)
    with pytest.raises(KcngeoError, match="somebody has published 2018-03 meanwhile"):
        write(stored, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
    assert write(stored, tmp_path / "mine").agrees == 1


@pytest.mark.long
def test_publications_of_another_project_are_no_proof(stored: Path, tmp_path: Path) -> None:
    write(stored, tmp_path / "out")
    withdraw(stored, "E2")
    second = write(stored, tmp_path / "out").folder
    stripped = replace(io.read_project(stored), publications=None)
    with pytest.raises(KcngeoError, match="does not hold the publications"):
        kcn.products.remake(stripped, read_manifest(second))


def test_publications_that_somebody_changed_are_refused(stored: Path, tmp_path: Path) -> None:
    write(stored, tmp_path / "out")
    withdraw(stored, "E2")
    write(stored, tmp_path / "out")
    there = io.read_project(stored).publications
    assert there is not None
    assert len(kcn.report.publications_of(there, edition="full")) == 2
    other = there.copy()
    other.loc[0, "value"] = 0.5
    for changed in (
        other,
        there.assign(known_at=pd.Timestamp("2018-05-01", tz="UTC")),
        there.drop(index=3),
        there[there["revision"] == 2],
    ):
        with pytest.raises(KcngeoError, match="is not what was handed out"):
            kcn.report.publications_of(changed, edition="full")


@pytest.mark.parametrize("name", ["p.gpkg", pytest.param("p.parquet", marks=pytest.mark.long)])
def test_publishing_changes_no_digest_and_recording_keeps_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    io.write_project(project(), path)
    digest, taken = io.content_digest(path), io.read_project(path).taken
    write(path, tmp_path / "out")
    assert io.content_digest(path) == digest
    assert io.read_project(path).taken == taken
    copy = io.read_project(path)
    edited = replace(copy, ledger=copy.ledger.assign(document="No. 1"))
    kcn.update.record(path, edited, recorded_at=RECORDED)
    now = io.read_project(path)
    assert now.publications is not None
    assert copy.publications is not None
    pd.testing.assert_frame_equal(now.publications, copy.publications)
    assert io.content_digest(path) != digest


@pytest.mark.long
def test_a_database_keeps_publications_like_a_file(postgis: Server, tmp_path: Path) -> None:
    url = postgis.url("publications")
    io.write_project(project(), url)
    assert write_month(url, "2018-03", tmp_path / "out", options=PUBLISH).recorded == 1
    nothing = pd.DataFrame({"entry_id": []}, dtype="str")
    with io.editing(url) as now:
        changed = kcn.ledger.correct(now.project, nothing, withdrawn=["E2"], recorded_at=RECORDED)
        now.write(changed)
    assert write_month(url, "2018-03", tmp_path / "out", options=PUBLISH).recorded == 2
    kept = io.read_project(url)
    assert kept.publications is not None
    assert kept.publications["revision"].value_counts().to_dict() == {1: 30, 2: 30}
    remade = kcn.products.remake(kept, read_manifest(tmp_path / "out"))
    assert not verify(tmp_path / "out", remade=remade).is_refuted


@pytest.mark.long
def test_edits_of_a_copy_are_still_merged_after_it_was_published_from(
    stored: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.gpkg"
    there = io.read_project(stored)
    io.write_project(replace(there, ledger=there.ledger.assign(document="No. 1")), copy)
    write(copy, tmp_path / "out")
    changes = kcn.update.record(stored, io.read_project(copy), recorded_at=RECORDED).changes
    assert set(changes.edits["kind"]) == {"changed"}


KILLED = """
import os, signal, sys
from pathlib import Path
from kcngeo.products import month_folder
from tests.products.test_publications import PUBLISH
real = Path.replace
def replace(path, target):
    made = real(path, target) if sys.argv[3] == "after" else None
    if Path(target).name in ("out", "out.revision-2") or path.name == "out":
        os.kill(os.getpid(), signal.SIGKILL)
    return made or real(path, target)
Path.replace = replace
month_folder.write_month(sys.argv[1], "2018-03", Path(sys.argv[2]), options=PUBLISH)
"""


@pytest.mark.long
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_publication_whose_writer_was_killed_stands_after_the_next_run(
    stored: Path, tmp_path: Path, when: str
) -> None:
    """Killed when it is on record, just before or after its folder takes its place."""
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(stored), str(out), when],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    there = io.read_project(stored).publications
    assert there is not None
    assert set(there["revision"]) == {1}
    assert out.exists() == (when == "after")
    again = write(stored, out)
    assert (again.recorded, again.agrees) == (None, 1)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "store"]
    assert agrees(out, stored)


# Many months


@pytest.mark.long
def test_a_batch_publishes_and_its_index_marks_what_was_revised(
    stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    span = {"since": "2018-02", "month": "2018-03"}
    made = list(batch(str(stored), out, **span, options=PUBLISH, jobs=2))
    assert [one.recorded for one in made] == [1, 1]
    first = read(out)
    again = list(batch(str(stored), out, **span, options=PUBLISH))
    assert [one.is_skipped for one in again] == [True, True]
    assert read(out) == first
    withdraw(stored, "E2")  # of March
    third = list(batch(str(stored), out, **span, options=PUBLISH))
    assert [one.recorded for one in third] == [None, 2]
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<b>publication 1</b>") == 1
    assert page.count("<b>publication 1, revised by publication 2</b>") == 1
    assert page.count("<b>publication 2</b>") == 1
    assert {name: data for name, data in read(out).items() if name in first} == {
        **first,
        "index.html": page.encode(),
    }
    # Neither again nor as a draft is anything made anew: February says the same figures still.
    for options in (PUBLISH, DRAFT):
        made = list(batch(str(stored), out, **span, options=options))
        assert [(one.is_skipped, one.agrees) for one in made] == [(False, 1), (True, None)]


@pytest.mark.long
def test_drafts_that_say_of_publications_what_they_would_say_now_are_left_alone(
    stored: Path, tmp_path: Path
) -> None:
    span = {"since": "2018-02", "month": "2018-04"}

    def run() -> list[bool]:
        made = batch(str(stored), tmp_path / "drafts", **span, options=DRAFT)
        return [one.is_skipped for one in made]

    assert run() == [False] * 3
    write(stored, tmp_path / "published")
    # March was published: it and April have something to say.
    assert run() == [True, False, False]
    assert run() == [True] * 3


def fault(month: str, act: Callable[[], None]) -> Callable[..., Made]:
    real = month_folder.write_month

    def write_or_fail(project: str, name: str, *arguments: Any, **options: Any) -> Made:
        if name == month:
            act()
        return real(project, name, *arguments, **options)

    return write_or_fail


def broken() -> None:
    raise ZeroDivisionError("by nobody foreseen")


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("act", "jobs"),
    [
        pytest.param(broken, 1, marks=pytest.mark.long),
        pytest.param(broken, 2, marks=pytest.mark.long),
        pytest.param(killed, 2, marks=pytest.mark.long),
    ],
)
def test_a_batch_survives_what_a_month_can_throw(
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[], None],
    jobs: int,
) -> None:
    # The processes of the batch are forked from this one, and fail as it would.
    room = importlib.import_module("kcngeo.products.months")
    monkeypatch.setattr(room, "write_month", fault("2018-02", act))
    span = {"since": "2018-01", "month": "2018-04"}
    made = list(batch(str(stored), tmp_path / "out", **span, options=DRAFT, jobs=jobs))
    assert [one.error is None for one in made] == [True, False, True, True]
    assert made[1].trace
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    words = "was killed" if act is killed else "ZeroDivisionError: by nobody foreseen"
    assert "Months that could not be made in the last run" in page
    assert words in page
    monkeypatch.undo()
    again = list(batch(str(stored), tmp_path / "out", **span, options=DRAFT))
    assert [one.is_skipped for one in again] == [True, False, True, True]
    assert "could not be made" not in (tmp_path / "out" / "index.html").read_text("utf-8")


@pytest.mark.long
def test_a_folder_whose_manifest_is_damaged_stops_neither_the_batch_nor_its_index(
    stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    span = {"since": "2018-01", "month": "2018-02"}
    list(batch(str(stored), out, **span, options=DRAFT))
    (out / "2018-01" / "manifest.json").write_text("{", encoding="utf-8")
    made = list(batch(str(stored), out, **span, options=DRAFT))
    assert [one.error is None for one in made] == [False, True]
    page = (out / "index.html").read_text("utf-8")
    assert "not a readable manifest" in page
    assert 'href="2018-02/' not in page  # no report was asked for, and none is promised
    assert "02/2018" in page
