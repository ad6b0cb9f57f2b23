"""Spoilt bytes in files of every format: a layer, a list or one clear error, never anything else.

About a minute on two cores; ``benchmarks/fuzz.py`` goes on for as long as it is told.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.io.bad_input import KINDS, copied, make, outcome, parts
from tests.io.mutations import spoilt
from tests.io.sheets import bad_lists


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One small whole file of each format."""
    return {kind: make(tmp_path_factory.mktemp(kind), kind, rows=4) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_spoilt_bytes(whole: dict[str, Path], kind: str, seed: int):
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(whole[kind], Path(folder) / "x")
        part = chance.choice(parts(copy))
        part.write_bytes(spoilt(part.read_bytes(), chance))
        outcome(copy)


@pytest.fixture(scope="module")
def whole_lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One whole lease list of each format."""
    return {kind: bad_lists.make(tmp_path_factory.mktemp(kind), kind) for kind in bad_lists.KINDS}


@pytest.mark.parametrize("kind", bad_lists.KINDS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_spoilt_lists(whole_lists: dict[str, Path], kind: str, seed: int):
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(whole_lists[kind], Path(folder) / "x")
        bad_lists.spoil(copy, random.Random(seed))
        bad_lists.outcome(copy)
