"""Frames for programs that take GeoJSON, which knows no days."""

from __future__ import annotations

import geopandas as gpd
from pandas.api.types import is_datetime64_any_dtype


def days_as_text(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a frame whose days and moments are ISO text, for what makes GeoJSON of it.

    ``to_json``, ``__geo_interface__`` and what stands on them (folium, Altair, a web service) meet
    days as objects they cannot write. ``frame.explore()`` does this by itself; it asks for
    mapclassify.

    Parameters
    ----------
    frame
        A layer of a project, or what a question gave.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; a day is "2018-03-31", a missing one None.

    Examples
    --------
    >>> import json
    >>> import kcngeo as kcn
    >>> zones = days_as_text(kcn.examples.squares().zones)
    >>> json.loads(zones.to_json())["features"][0]["properties"]["established_on"]
    '2010-01-01'
    """
    days = [name for name in frame.columns if is_datetime64_any_dtype(frame[name].dtype)]
    texts = {}
    for name in days:
        is_day = (frame[name].dropna() == frame[name].dropna().dt.normalize()).all()
        said = frame[name].dt.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M:%S%z")
        texts[name] = said.astype("object").where(frame[name].notna(), None)
    return frame.assign(**texts)
