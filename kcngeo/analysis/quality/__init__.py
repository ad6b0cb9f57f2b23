"""Quality of the tables: what a figure rests on, and what a reader should know about it.

:func:`check` proves a whole project and lists what is wrong, row by row, with place, size and
advice; :func:`area_sources` lays the areas of papers and survey side by side;
:func:`coverage_findings` looks at one layer of parcels; :func:`repair` mends geometry on
request and in the open. The findings that stand beside a month's figures are drawn from the same
rules.
"""

from __future__ import annotations

from kcngeo.analysis.quality.certificate_rules import MAP_SCALE, map_scales
from kcngeo.analysis.quality.check import check
from kcngeo.analysis.quality.coverage import GAP_WIDTH_M, coverage_findings
from kcngeo.analysis.quality.declared_rules import declared_findings
from kcngeo.analysis.quality.gate import month_findings
from kcngeo.analysis.quality.parcel_areas import area_sources
from kcngeo.analysis.quality.repair import Repaired, repair
from kcngeo.analysis.quality.report import QualityReport

__all__ = [
    "GAP_WIDTH_M",
    "MAP_SCALE",
    "QualityReport",
    "Repaired",
    "area_sources",
    "check",
    "coverage_findings",
    "declared_findings",
    "map_scales",
    "month_findings",
    "repair",
]
