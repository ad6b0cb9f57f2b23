"""A CRS and a unit in words: read from what a person wrote, named shortly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
from pyproj.database import get_units_map

from kcngeo.core.errors import CRSError


def crs_of(text: Any) -> pyproj.CRS:
    """Read a CRS from what a person wrote.

    Parameters
    ----------
    text
        For example "EPSG:5899", or a CRS.

    Returns
    -------
    pyproj.CRS
        The CRS.

    Raises
    ------
    CRSError
        If it is none.

    Examples
    --------
    >>> crs_of("EPSG:5899").to_epsg()
    5899
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("new_crs", value=text) from error


def metres_of(unit: str) -> float:
    """Read a unit of length from what a person wrote.

    Parameters
    ----------
    unit
        A short name of the EPSG registry's ("mm", "ft", "us-ft"), or its metres as a number.

    Returns
    -------
    float
        Metres in the unit.

    Raises
    ------
    CRSError
        If it is neither.

    Examples
    --------
    >>> metres_of("mm"), metres_of("ft"), metres_of("0.5")
    (0.001, 0.3048, 0.5)
    """
    known = {
        one.proj_short_name: one.conv_factor
        for one in get_units_map(category="linear").values()
        if one.proj_short_name
    }
    if unit in known:
        return float(known[unit])
    try:
        metres = float(unit)
    except ValueError:
        metres = np.nan
    if not (np.isfinite(metres) and metres > 0):
        raise CRSError("unit_unknown", value=unit, units=" | ".join(sorted(known)))
    return metres


def label(crs: Any) -> str:
    """Name a CRS shortly.

    Parameters
    ----------
    crs
        A CRS.

    Returns
    -------
    str
        "EPSG:5899" where the registry knows it, else its name.

    Examples
    --------
    >>> label(pyproj.CRS.from_epsg(5899))
    'EPSG:5899'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)
