"""Styles that a database keeps for QGIS, which takes the default of a layer when it is added."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.url import is_url, redact_url
from kcngeo.io.stores.which import store_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerStyle:
    """One style of a table or view.

    Attributes
    ----------
    table
        The table or view.
    column
        Its column of shapes; None for a table without.
    name
        Name of the style, as people choose it.
    qml
        The style as QGIS writes it.
    sld
        The style for other programs; None where there is nothing to draw.
    is_default
        Whether the layer looks so when it is added, unless somebody has chosen another default.
    description
        What the layer holds.
    """

    table: str
    column: str | None
    name: str
    qml: str
    sld: str | None
    is_default: bool
    description: str


def write_layer_styles(styles: Sequence[LayerStyle], url: str | os.PathLike[str]) -> int:
    """Keep styles in a database, where QGIS looks for them: the table ``public.layer_styles``.

    Styles written before take the place of those of the same name; those of others stay, and so
    does a default that somebody else has chosen.

    Parameters
    ----------
    styles
        The styles; of tables and views that are not there none is written.
    url
        The URL of a project, see :func:`kcngeo.io.read_project`.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    DataSourceError
        If the address is no database, the role may not write the table of styles, or the schema
        was not yet written by this version.
    MissingExtraError
        If the driver is not installed.

    Examples
    --------
    >>> write_layer_styles([], "project.gpkg")
    Traceback (most recent call last):
    kcngeo.core.errors.DataSourceError: project.gpkg: only a database keeps styles.
    """
    if not is_url(url):
        raise DataSourceError("no_database", path=redact_url(url))
    store, place = store_of(url)
    written: int = store.write_layer_styles(styles, place)
    return written
