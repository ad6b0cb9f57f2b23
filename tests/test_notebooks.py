"""Notebooks run from the top in a clean kernel, and show what they are kept with."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tools import notebooks

NOTEBOOKS = sorted(notebooks.FOLDER.glob("*.ipynb"))
LARGEST_BYTES = 200_000


@pytest.mark.system
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_a_notebook_ends_in_an_assertion_and_shows_what_it_says_now(path: Path) -> None:
    kept = nbformat.read(path, as_version=4)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert code[-1].source.splitlines()[-1].startswith("assert ")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert path.stat().st_size <= LARGEST_BYTES
    stale = f"run tools/notebooks.py {path.stem} and look at what changed"
    assert notebooks.shown(notebooks.executed(path)) == notebooks.shown(kept), stale


def test_there_are_these_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "buoc_dau",
        "conflicts_and_sites",
        "first_steps",
        "monthly_report",
        "openstreetmap",
        "why_and_when",
    ]
