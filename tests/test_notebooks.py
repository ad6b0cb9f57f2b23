"""Notebooks run from the top in a clean kernel, and are kept without outputs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.system
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_a_notebook_runs_and_ends_in_an_assertion(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code), "strip the outputs"
    assert code[-1].source.splitlines()[-1].startswith("assert ")
    where = {"metadata": {"path": os.fspath(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=where).execute()
    assert all(cell.execution_count for cell in code)


def test_there_are_these_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "buoc_dau",
        "conflicts_and_sites",
        "first_steps",
        "monthly_report",
        "openstreetmap",
        "why_and_when",
    ]
