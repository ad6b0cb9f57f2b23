"""Legal figures nobody has looked at for too long."""

from __future__ import annotations

from collections.abc import Iterable

from kcngeo.core.dates import Day, day
from kcngeo.core.model import Finding, Severity
from kcngeo.standards.entries import CHECK_MONTHS, Standard


def unchecked(entries: Iterable[Standard], *, on: Day) -> list[Finding]:
    """Name the legal figures whose last check lies too far behind a day.

    Parameters
    ----------
    entries
        The entries that were used.
    on
        The day they were used for.

    Returns
    -------
    list[Finding]
        A warning a day of checking, the oldest first, see :meth:`Standard.is_stale`.

    Examples
    --------
    The law of 2022 was looked at on 27 November 2026:

    >>> from kcngeo import standards
    >>> laws = [standards.load("nd35-2022")]
    >>> [len(unchecked(laws, on=on)) for on in ("2026-12-31", "2027-12-31")]
    [0, 1]
    """
    stale = [one for one in entries if one.is_stale(on)]
    return [
        Finding(
            rule="law_unchecked",
            severity=Severity.WARNING,
            table="standards",
            ids=tuple(dict.fromkeys(one.name for one in stale if one.checked_on == checked)),
            fields={"checked": checked, "months": CHECK_MONTHS, "on": day(on).date()},
        )
        for checked in sorted({one.checked_on for one in stale})
    ]
