"""Zones that cannot be worked out: found by halving, so that all others can be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kcngeo.core.errors import KcngeoError


def failed_zones(
    zone_ids: Sequence[str], work: Callable[[Sequence[str]], object]
) -> dict[str, str]:
    """Find the zones a piece of work fails for, and say why.

    What is told in words of its own is wrong with what was asked, and is no zone's.

    Examples
    --------
    >>> failed_zones(["A", "B", "C"], lambda some: 1 / ("B" not in some))
    {'B': 'ZeroDivisionError: division by zero'}
    """
    try:
        work(zone_ids)
    except KcngeoError:
        return {}
    except Exception as error:
        if len(zone_ids) == 1:
            return {zone_ids[0]: said(error)}
    else:
        return {}
    middle = len(zone_ids) // 2
    return failed_zones(zone_ids[:middle], work) | failed_zones(zone_ids[middle:], work)


def said(error: Exception) -> str:
    """Say what kept a zone from being worked out."""
    if isinstance(error, KcngeoError):
        return error.message("en")
    return f"{type(error).__name__}: {error}".rstrip(": ")
