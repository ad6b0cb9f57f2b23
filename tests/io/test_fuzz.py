"""Spoilt bytes in files of every kind a reader takes: what it promises or one clear error.

Half a minute in all on two cores; ``benchmarks/fuzz.py`` goes on for as long as it is told.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.io.subjects import SUBJECTS, tried


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One small whole file of each kind."""
    return {kind: one.make(tmp_path_factory.mktemp("whole")) for kind, one in SUBJECTS.items()}


@pytest.mark.parametrize("kind", SUBJECTS)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_spoilt_files(whole: dict[str, Path], kind: str, seed: int):
    with tempfile.TemporaryDirectory() as folder:
        tried(kind, whole[kind], Path(folder) / "x", random.Random(seed))
