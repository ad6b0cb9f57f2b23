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
        *([change(filled, since=report.dates[-1 - _YEAR])] if len(report.dates) > _YEAR else []),
        _if_known(sectors(filled)),
        lease_ends(filled),
    ]
    return tuple(one for one in made if one is not None and _has_content(one))


def _has_content(spec: MapSpec) -> bool:
    """Whether a map shows anything of a class."""
    return any(bool(np.any(layer.places() >= 0)) for layer in spec.layers)


def _if_known(spec: MapSpec) -> MapSpec | None:
    """Leave out a map of sectors where no sector is on record."""
    return spec if (spec.layers[0].frame["sector"].notna()).any() else None
