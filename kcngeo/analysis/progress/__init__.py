"""Development in step: where every zone and lot stands, and what blocks what.

Compensation and clearance, resettlement, works inside and outside the fence, letting, building,
operating: each has its own table, and this room sets them side by side on a day.
"""

from __future__ import annotations

from kcngeo.analysis.progress.clearance import ClearanceProgress, clearance_progress
from kcngeo.analysis.progress.order import order_findings

__all__ = ["ClearanceProgress", "clearance_progress", "order_findings"]
