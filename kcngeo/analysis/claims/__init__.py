"""Published figures beside computed ones, and what published figures imply of each other.

A claim is kept as it was published and never corrected. Two claims may contradict each other, and
both may differ from what is computed; which is right is not for a program to say.
"""

from __future__ import annotations

from kcngeo.analysis.claims.digits import half_digit
from kcngeo.analysis.claims.implied import Implied, implied
from kcngeo.analysis.claims.reconcile import VERDICTS, explanations, figures, reconcile

__all__ = ["VERDICTS", "Implied", "explanations", "figures", "half_digit", "implied", "reconcile"]
