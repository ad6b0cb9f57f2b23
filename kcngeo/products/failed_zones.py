"""Zones that cannot be worked out: found by halving, so that all others can be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kcngeo.core.errors import KcngeoError

MOST = 5
"""Zones that may fail; where it is more, the fault is of no zone, and is not looked for in each."""


def failed_zones(
    zone_ids: Sequence[str], work: Callable[[Sequence[str]], object]
) -> dict[str, str]:
    """Find the zones a piece of work fails for, and say why; none where it fails for all or many.

    What is told in words of its own is wrong with what was asked, and is no zone's.

    Examples
    --------
    >>> failed_zones(["A", "B", "C"], lambda some: 1 / ("B" not in some))
    {'B': 'ZeroDivisionError: division by zero'}
    """
    failed: dict[str, str] = {}
    waiting = [zone_ids]
    while waiting:
        some = waiting.pop()
        try:
            work(some)
        except KcngeoError:
            continue
        except Exception as error:
            middle = len(some) // 2
            if middle:
                waiting += [some[middle:], some[:middle]]
            else:
                failed[some[0]] = said(error)
        if len(failed) > min(MOST, len(zone_ids) - 1):
            return {}
    return failed


def said(error: Exception) -> str:
    """Say what kept a zone from being worked out."""
    if isinstance(error, KcngeoError):
        return error.message("en")
    return f"{type(error).__name__}: {error}".rstrip(": ")
