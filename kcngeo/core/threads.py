"""Work on arrays in as many threads as there are cores; GEOS lets go of the interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")


def in_threads(work: Callable[[Any], _T], parts: Sequence[Any]) -> list[_T]:
    """Do the parts in threads where there are several.

    Parameters
    ----------
    work
        What to do with one part; prepared geometries must not be shared between parts.
    parts
        The parts.

    Returns
    -------
    list[T]
        The results, in the order of the parts.
    """
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, parts))
