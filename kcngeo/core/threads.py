"""Work on arrays in as many threads as there are cores; GEOS lets go of the interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")


def in_threads(work: Callable[[Any], _T], parts: Sequence[Any]) -> list[_T]:
    """Do the parts in threads where there are several."""
    # `work` must not share prepared geometries between parts: they build an index when first asked.
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, parts))
