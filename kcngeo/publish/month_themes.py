"""Which maps the page of a month switches to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo.cartography import change, lease_ends, lot_findings, sectors, vacancy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcngeo.cartography import MapSpec
    from kcngeo.report import MonthlyReport

_YEAR = 12


def month_themes(
    filled: MapSpec, report: MonthlyReport, beside: Iterable[MapSpec]
) -> tuple[MapSpec, ...]:
    """Give the themes of a month's page, as far as its tables know anything of them.

    ``beside`` are the maps of what stands beside the accounts. A theme without a single lot or
    feature of its own is left out: nobody recorded what it would show.
    """
    by_name = {one.theme: one for one in beside}
    made = [
        vacancy(filled),
        by_name.get("readiness"),
        by_name.get("conflicts"),
        by_name.get("sites"),
        lot_findings(filled, report),
        _changed(filled, report),
        _if_known(sectors(filled)),
        lease_ends(filled),
    ]
    # What changed is asked of any two months: that nothing did in the last year is an answer.
    return tuple(
        one for one in made if one is not None and (one.theme == "change" or _has_content(one))
    )


def _changed(filled: MapSpec, report: MonthlyReport) -> MapSpec | None:
    """Show what changed in a year, or since the first month; of one month there is nothing."""
    if len(report.dates) < 2 or filled.layer("parcels_on_day").frame.empty:
        return None
    return change(filled, since=report.dates[max(0, len(report.dates) - 1 - _YEAR)])


def _has_content(spec: MapSpec) -> bool:
    """Whether a map shows anything of a class."""
    return any(bool(np.any(layer.places() >= 0)) for layer in spec.layers)


def _if_known(spec: MapSpec) -> MapSpec | None:
    """Leave out a map of sectors where no sector is on record."""
    return spec if (spec.layers[0].frame["sector"].notna()).any() else None
