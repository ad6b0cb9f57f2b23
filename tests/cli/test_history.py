"""The command `history`: what it prints and writes, by hand on squares of 1 ha."""

from __future__ import annotations

import io as memory
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kcngeo import Project, cli, io
from tests import squares

Run = Callable[..., tuple[int, str, str]]


def project() -> Project:
    """Four lots: P let in 2017, Q in May 2018, R given back in July 2018, S split off into S/1."""
    parcels = squares.parcels(
        "P",
        "Q",
        "R",
        "S",
        "S/1",
        valid_from=[None, None, None, None, "2018-06-01"],
        valid_to=[None, None, None, "2018-06-01", None],
        parents=[None, None, None, None, "S"],
    )
    parcels.loc[4, "geometry"] = parcels.loc[3, "geometry"]
    entries = squares.ledger(
        ("P", "leased", "2017-01-01", "2019-03-31"),
        ("Q", "leased", "2018-05-10", "2019-04-01"),
        ("R", "leased", "2017-01-01", "2018-07-20"),
        ("S/1", "reserved", "2018-06-01"),
        entry_id=["e1", "e2", "e3", "e4"],
        project_id=["D1", "D2", "D1", None],
    )
    projects = pd.DataFrame({"project_id": ["D1", "D2"], "sector": ["=chè", None]})
    milestones = pd.DataFrame(
        {"zone_id": ["A"], "kind": ["filled"], "due_on": pd.to_datetime(["2018-12-01"])}
    )
    claims = pd.DataFrame(
        {
            "zone_id": "A",
            "measure": ["leased_ha", "fill_rate", "fill_rate"],
            "definition": ["nd164-2013", "nd164-2013", "nd164-2013"],
            "value": [2.0, 0.5, 0.75],
            "on": pd.to_datetime(["2018-12-31"] * 3),
        }
    )
    zones = squares.zones("A", name=["KCN Ví Dụ"])
    return Project(
        zones=zones,
        parcels=parcels,
        ledger=entries,
        projects=projects,
        milestones=milestones,
        claims=claims,
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", "history", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return called


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


def read(folder: Path, name: str) -> pd.DataFrame:
    raw = (folder / f"{name}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(memory.BytesIO(raw))


FILES = (
    *(
        f"{name}.csv"
        for name in (
            *("changes", "causes", "months", "absorption", "sectors", "ending", "unlet", "life"),
            *("eligibility", "claims_reconciled", "implied", "contradictions", "findings", "names"),
        )
    ),
    *("manifest.json", "tables.xlsx"),
)
PERIOD = ("--since", "2018-04", "--month", "2018-12", "--definition", "nd164-2013")


def test_history_in_vietnamese(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "lịch sử"
    code, printed, messages = run(stored, *PERIOD, "--out", out, "--lot", "S/1", "--ahead", 3)
    assert code == 0
    assert str(out) in messages
    # 2 of 4 ha, one lease begun and one ended: 25 points each.
    assert printed.strip() == (
        "KCN Ví Dụ (Nghị định 164/2013/NĐ-CP): 50,00 % → 50,00 %; "
        "Cho thuê mới +25,00, Chấm dứt cho thuê −25,00"
    )
    months = read(out, "months")
    assert months[["period", "cause", "parcel_ids", "entries"]].to_numpy().tolist() == [
        ["2018-05-31", "lease_begun", "Q", "e2"],
        ["2018-07-31", "lease_ended", "R", "e3"],
    ]
    assert months["effect"].tolist() == [0.25, -0.25]
    changes = read(out, "changes").loc[0]
    assert changes["rate_start"] == 0.5
    assert changes[["period", "start", "end"]].tolist() == ["span", "2018-04-30", "2018-12-31"]
    assert changes["lease_begun"] == 0.25
    absorbed = read(out, "absorption")
    by_month = absorbed[absorbed["step"] == "ME"].set_index("on")
    assert by_month["absorption_ha"].to_dict() == {
        **{
            f"2018-{month}": 0.0 for month in ("06-30", "08-31", "09-30", "10-31", "11-30", "12-31")
        },
        "2018-05-31": 1.0,
        "2018-07-31": -1.0,
    }
    # On 31 December P and Q are let; P ends on the last day of three months ahead, Q a day later.
    ending = read(out, "ending")
    assert ending[["entry", "ends_on"]].to_numpy().tolist() == [["e1", "2019-03-31"]]
    sectors = read(out, "sectors")
    assert sectors["leased_ha"].tolist() == [1.0, 1.0]
    assert sectors["sector"].fillna("–").tolist() == ["'=chè", "–"]
    unlet = read(out, "unlet").loc[0]
    assert unlet["available_ha"] == 1  # R
    assert unlet["cleared_unlet_ha"] == 2  # and S/1, reserved
    life = read(out, "life").loc[0]
    assert (life["stage"], life["next_kind"]) == ("letting", "filled")
    assert life["overdue_days"] == 30
    assert read(out, "claims_reconciled")["verdict"].tolist() == ["agrees", "agrees", "differs"]
    clash = read(out, "contradictions").loc[0]
    assert clash["kind"] == "same_date"
    assert (clash["first"], clash["second"]) == (0.5, 0.75)
    tests = read(out, "eligibility")
    assert set(tests["test"]) == {"new", "extension"}
    told = (out / "lots.txt").read_text("utf-8-sig").splitlines()
    assert told[0] == "S (lô trước đó)"
    pictures = {path.name for path in out.glob("*.png")}
    assert pictures == {"why_A.png", "lot_S%2F1.png"}


def test_the_same_run_gives_the_same_bytes_and_replaces_its_folder(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    out, seen = tmp_path / "out", []
    for _ in range(2):
        assert run(stored, *PERIOD, "--out", out, "--language", "en")[0] == 0
        seen.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert seen[0] == seen[1]
    assert set(seen[0]) == {*FILES, "why_A.png"}
    assert read(out, "claims_reconciled")["verdict"].tolist() == ["agrees", "agrees", "differs"]
    (out / "notes.txt").write_text("mine")
    code, _, messages = run(stored, *PERIOD, "--out", out)
    assert code == 2
    assert "notes.txt" in messages


def test_the_earlier_month_as_known_then(run: Run, tmp_path: Path) -> None:
    tables = project()
    # R was thought to be free until 2018-09-01.
    known = tables.ledger.assign(
        recorded_at=pd.to_datetime(
            ["2018-01-01", "2018-01-01", "2018-09-01", "2018-01-01"], utc=True
        )
    )
    path = tmp_path / "known.gpkg"
    io.write_project(Project(zones=tables.zones, parcels=tables.parcels, ledger=known), path)
    out = tmp_path / "out"
    period = (*PERIOD, "--known-at-since", "2018-05-01", "--language", "en")
    _, printed, _ = run(path, *period, "--out", out)
    # 1 of 4 ha as known then; R comes by correction and goes when its lease ends.
    assert printed.strip() == (
        "KCN Ví Dụ (Decree 164/2013/ND-CP): 25.00 % → 50.00 %; Leases begun +25.00, "
        "Leases ended −25.00, Corrections of the record +25.00"
    )
    assert not (out / "claims_reconciled.csv").exists()


def test_bad_rows_of_one_zone_keep_out_that_zone_alone(run: Run, tmp_path: Path) -> None:
    parcels = squares.parcels("P", "Q", zone=["A", "B"])
    entries = squares.ledger(
        ("P", "leased", "2018-05-01"),
        ("Q", "leased", "2018-05-01"),
        ("Q", "reserved", "2018-05-01"),
    )
    path = tmp_path / "two.gpkg"
    io.write_project(Project(zones=squares.zones("A", "B"), parcels=parcels, ledger=entries), path)
    code, printed, messages = run(path, *PERIOD, "--out", tmp_path / "out")
    assert code == 1
    assert printed.startswith("A (Nghị định 164/2013/NĐ-CP): 0,00 % → 100,00 %")
    assert "lô Q" in messages
    assert "B: " in printed.splitlines()[1]
    changes = read(tmp_path / "out", "changes").set_index("zone_id")["change"]
    assert changes.to_dict() == {"A": 1.0, "B": pytest.approx(float("nan"), nan_ok=True)}
    findings = read(tmp_path / "out", "findings")
    assert findings[["severity", "zone_id"]].to_numpy().tolist() == [["error", "B"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "2018-12", "--month", "2018-12"), "tháng so sánh 2018-12"),
        (("--since", "2018-04", "--month", "2018-12", "--lot", "X"), "X"),
        (("--since", "April", "--month", "2018-12"), "April"),
        ((*PERIOD, "--ahead", 0), "0"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_made(
    run: Run, stored: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    code, printed, messages = run(stored, *words, "--out", tmp_path / "out")
    assert (code, printed) == (2, "")
    assert message in messages
    assert not (tmp_path / "out").exists()


def test_zones_with_faults_of_two_kinds_do_not_stop_the_third(run: Run, tmp_path: Path) -> None:
    parcels = squares.parcels("P", "Q", "R", zone=["A", "B", "C"])
    entries = squares.ledger(
        ("P", "leased", "2017-01-01"),
        ("P", "reserved", "2017-01-01"),
        ("R", "leased", "2018-05-01"),
    )
    made = Project(
        zones=squares.zones("A", "B", "C"),
        # That Q has no certificate shows once the shares of P are out of the way.
        parcels=parcels.assign(certificate_area_m2=[1e4, None, 1e4]),
        ledger=entries,
    )
    path, out = tmp_path / "three.gpkg", tmp_path / "out"
    io.write_project(made, path)
    code, printed, messages = run(path, *PERIOD, "--out", out, "--area", "certificate")
    assert code == 1
    # A and B are named as not explained.
    assert [line[:2] for line in printed.splitlines()] == ["A:", "B:", "C "]
    assert "P" in messages
    assert "Q" in messages
