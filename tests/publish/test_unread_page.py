"""The page of what is still unread is made of the registry, and is not stale."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from kcngeo import standards
from kcngeo.core.errors import ContractError
from kcngeo.publish.unread_page import lacking, unread_page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_unread", DOCS / "unread.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for language, name in made.PAGES.items():
        page = unread_page(language=language)
        assert (DOCS / name).read_text(encoding="utf-8") == page
        # No cell breaks its table: three cells a text, four an entry.
        rows = [line for line in page.splitlines() if line.startswith("| ")]
        assert {row.count("|") for row in rows} == {4, 5}


def test_everything_that_lacks_its_figure_or_its_text_hangs_on_an_unread_text() -> None:
    told = {name for one in standards.registry().of(standards.UnreadText) for name in one.affects}
    short = {
        entry.name
        for entry in standards.registry().entries.values()
        if {"no_figure", "unverified"} & set(lacking(entry))
        and not isinstance(entry, standards.UnreadText)
    }
    assert short
    assert short <= told


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_names_what_the_domain_left_open(language: str) -> None:
    page = unread_page(language=language)
    for words in ("TCVN 4449", "QCVN 01:2025/BTNMT", "102/2024", "82/2018", "2101–2116", "08/2022"):
        assert words in page
    # What is read in an official text, dates and all, lacks nothing.
    law = standards.load("nd35-2022").title[language]
    assert f"\n| {law} |" not in page


def test_an_unread_text_that_names_no_entry_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """
[unread.own]
title = { vi = "Văn bản", en = "A text" }
where = { vi = "Công báo", en = "The gazette" }
affects = ["nd35-2022", "nd99"]
edition = "own"
in_force_from = "unread"
in_force_to = "unread"
checked_on = 2026-11-27
source = "Known to exist"
verified = "unverified"
""",
        encoding="utf-8",
    )
    with pytest.raises(ContractError, match=r"unread\.own: affects names nd99, which is no entry"):
        standards.registry(file)
