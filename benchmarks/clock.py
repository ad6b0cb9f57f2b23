"""Time a piece of work, and print how it compares; what counts is the ratio, not the seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def best(work: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Give the shortest time of some rounds, and the result."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def say(what: str, ours: float, peer_name: str, peer: float) -> None:
    """Print one comparison."""
    print(f"{what:28} {ours:6.2f} s, {peer_name} {peer:6.2f} s: {peer / ours:.1f} times as fast")
