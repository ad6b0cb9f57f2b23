"""Development in step: where every zone and lot stands, and what blocks what.

Compensation and clearance, resettlement, works inside and outside the fence, letting, building,
operating: each has its own table, and this room sets them side by side on a day.
"""

from __future__ import annotations

from kcngeo.analysis.progress.bases import bases
from kcngeo.analysis.progress.capacity import capacity_balance
from kcngeo.analysis.progress.clearance import (
    ClearanceProgress,
    clearance_by_zone,
    clearance_progress,
)
from kcngeo.analysis.progress.deadlines import idle_clocks
from kcngeo.analysis.progress.funnel import STAGES, stage_funnel
from kcngeo.analysis.progress.investor_sums import (
    INVESTOR_KEYS,
    INVESTOR_SUMS,
    investor_figures,
)
from kcngeo.analysis.progress.investors import investor_support
from kcngeo.analysis.progress.readiness import NETWORKS, RULE, TESTS, readiness, serviced_land
from kcngeo.analysis.progress.scorecard import COMPONENTS, scorecard
from kcngeo.analysis.progress.sequence_rules import order_findings
from kcngeo.analysis.progress.stage_durations import STEPS, dwell_times
from kcngeo.analysis.progress.support import support_requests
from kcngeo.analysis.progress.three_axes import (
    LONG_MONTHS,
    MARKETING,
    OCCUPATION,
    SERVICING,
    land_axes,
    vacancy,
)

__all__ = [
    "COMPONENTS",
    "INVESTOR_KEYS",
    "INVESTOR_SUMS",
    "LONG_MONTHS",
    "MARKETING",
    "NETWORKS",
    "OCCUPATION",
    "RULE",
    "SERVICING",
    "STAGES",
    "STEPS",
    "TESTS",
    "ClearanceProgress",
    "bases",
    "capacity_balance",
    "clearance_by_zone",
    "clearance_progress",
    "dwell_times",
    "idle_clocks",
    "investor_figures",
    "investor_support",
    "land_axes",
    "order_findings",
    "readiness",
    "scorecard",
    "serviced_land",
    "stage_funnel",
    "support_requests",
    "vacancy",
]
