"""What is said to be the same program still stands in the code; what is changed is found."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace
from typing import Any

import pytest

from kcngeo.core.areal import areal
from tests.mutation.children import Trials
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


def test_functions_are_found_though_the_tests_put_them_aside() -> None:
    session: Any = SimpleNamespace(items=[])
    trials = Trials(lambda _: None)
    trials.pytest_runtestloop(session)
    # A mutant of a function that is not found would count as one that was noticed.
    assert trials.holds([(areal.__code__, areal.__code__)])
    once = (lambda: None).__code__
    assert not trials.holds([(once, once)])
