"""Gather one month into a frozen report: figures and findings, no formatting, no files.

One zone's bad data must not stop the others: what breaks a contract or overlaps makes its own zone
"not computable", with the reason, and the total with it; a defect that belongs to no zone stops the
run.
"""

from kcngeo.report.clearance_packages import clearance_packages
from kcngeo.report.declared_section import declared_rows, last_entries, newer_claims
from kcngeo.report.finding_words import said
from kcngeo.report.html_repr import Card, card
from kcngeo.report.investors_section import investor_rows
from kcngeo.report.month import MonthlyReport, is_synthetic, monthly
from kcngeo.report.names import feature_names, lot_names, names_asked, names_of
from kcngeo.report.official_return import OfficialReturn, official_return
from kcngeo.report.plan_board import STATES, TOPICS, Line
from kcngeo.report.plan_measures import is_in_force
from kcngeo.report.plan_topics import plan_lines
from kcngeo.report.publication_standing import Standing, standing
from kcngeo.report.publications import (
    Publication,
    account_rows,
    month_figures,
    publications_of,
)
from kcngeo.report.redaction import private_texts, public
from kcngeo.report.site_report import SiteReport, site_report
from kcngeo.report.spatial_sections import SITE_HA, SpatialSections, spatial_sections
from kcngeo.report.total_change import TOTAL, whole_change
from kcngeo.report.zone_rules_section import zone_rule_rows

__all__ = [
    "SITE_HA",
    "STATES",
    "TOPICS",
    "TOTAL",
    "Card",
    "Line",
    "MonthlyReport",
    "OfficialReturn",
    "Publication",
    "SiteReport",
    "SpatialSections",
    "Standing",
    "account_rows",
    "card",
    "clearance_packages",
    "declared_rows",
    "feature_names",
    "investor_rows",
    "is_in_force",
    "is_synthetic",
    "last_entries",
    "lot_names",
    "month_figures",
    "monthly",
    "names_asked",
    "names_of",
    "newer_claims",
    "official_return",
    "plan_lines",
    "private_texts",
    "public",
    "publications_of",
    "said",
    "site_report",
    "spatial_sections",
    "standing",
    "whole_change",
    "zone_rule_rows",
]
