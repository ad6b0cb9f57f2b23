"""What is said to be the same program still stands in the code, and is proved in a line."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.mutation.mapping import ROOT
from tests.mutation.run import EQUIVALENT

_MUTANTS = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"]


@pytest.mark.parametrize("path", sorted({one["path"] for one in _MUTANTS}))
def test_what_is_proved_equivalent_stands_in_the_code(path: str) -> None:
    source = " ".join((ROOT / path).read_text(encoding="utf-8").split())
    mine: list[dict[str, Any]] = [one for one in _MUTANTS if one["path"] == path]
    gone = [one["old"] for one in mine if " ".join(one["old"].split()) not in source]
    assert gone == []
    assert all(one["new"] != one["old"] and one["proof"] for one in mine)
