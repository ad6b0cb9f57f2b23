"""Coordinate reference systems: fit for areas or refused, and one road from each to another."""

from __future__ import annotations

from kcngeo.core.crs.fitness import require_metric_crs, require_same_crs, strays
from kcngeo.core.crs.operations import (
    VN2000_TO_WGS84,
    WGS84,
    Operation,
    lonlat,
    operation_to,
    to_crs,
    to_wgs84,
    wgs84_operation,
)
from kcngeo.core.crs.words import crs_of, label, metres_of

__all__ = [
    "VN2000_TO_WGS84",
    "WGS84",
    "Operation",
    "crs_of",
    "label",
    "lonlat",
    "metres_of",
    "operation_to",
    "require_metric_crs",
    "require_same_crs",
    "strays",
    "to_crs",
    "to_wgs84",
    "wgs84_operation",
]
