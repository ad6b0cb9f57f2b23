"""Stores: the only room that opens vector files and databases of a project."""

from __future__ import annotations

from kcngeo.io.geopackage import read_project, write_layers, write_project

__all__ = ["read_project", "write_layers", "write_project"]
