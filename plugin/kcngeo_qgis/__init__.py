"""The QGIS plugin kcngeo: accounts of industrial land inside QGIS.

The folder is not called ``kcngeo``: QGIS puts the folder of plugins on the path, and the library of
that name could not be imported any more. Nothing is computed here; the library is asked.
"""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:  # QGIS calls it by this name
    """Make the plugin; QGIS asks for it by this name."""
    from kcngeo_qgis.plugin import Plugin

    return Plugin(iface)
