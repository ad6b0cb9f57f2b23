"""What the page of the benchmarks says of the back-test is what its table holds."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


def test_the_page_names_every_mark_the_table_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    program = runpy.run_path(str(FOLDER / "backtest.py"))
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    lines = pd.read_csv(FOLDER / "backtest.csv").to_dict("records")
    scored = [line for line in lines if line["kind"] in program["SCORED"]]
    missed = [mark for line in scored for mark in program["marks"](line)]
    said = page.split("**Missed marks**")[1].split("**Why.**")[0].splitlines()
    assert [one[2:] for one in said if one.startswith("* ")] == [one.strip() for one in missed]
    # A row of the page: kind, months, seed, not known, covered.
    told = [row.split(" | ")[:5] for row in page.splitlines() if row.count(" | ") == 11][1:]
    assert told == [
        [f"| {line['kind']}", f"{line['months']}", f"{line['seed']}",
         f"{line['not_known']:.1%}".replace("%", " %"), f"{line['covered']:.1%}".replace("%", " %")]
        for line in lines
    ]  # fmt: skip
