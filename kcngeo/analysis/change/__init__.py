"""Why a fill rate moved: an exact decomposition, down to the entries."""

from __future__ import annotations

from kcngeo.analysis.change.causes import CAUSES
from kcngeo.analysis.change.explain import Change, between, by_month, explain

__all__ = ["CAUSES", "Change", "between", "by_month", "explain"]
