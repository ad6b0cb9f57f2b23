"""Kcngeo is called here: in the Python of QGIS where it can be imported, else as a process."""

from __future__ import annotations

from kcngeo_qgis.engine.calling import Done, NotInstalledError, StoppedError, call, where

__all__ = ["Done", "NotInstalledError", "StoppedError", "call", "where"]
