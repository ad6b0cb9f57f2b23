"""Gather one month into a frozen report: figures and findings, no formatting, no files.

One zone's bad data must not stop the others: what breaks a contract or overlaps makes its own zone
"not computable", with the reason, and the total with it; a defect that belongs to no zone stops the
run.
"""

from kcngeo.report.html_repr import Card, card
from kcngeo.report.month import MonthlyReport, is_synthetic, monthly
from kcngeo.report.redaction import public
from kcngeo.report.site_report import SpaceReport, space
from kcngeo.report.spatial_sections import SITE_HA, Beside, beside
from kcngeo.report.total_change import TOTAL, whole_change

__all__ = [
    "SITE_HA",
    "TOTAL",
    "Beside",
    "Card",
    "MonthlyReport",
    "SpaceReport",
    "beside",
    "card",
    "is_synthetic",
    "monthly",
    "public",
    "space",
    "whole_change",
]
