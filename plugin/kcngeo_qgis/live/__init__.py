"""The package that is open in QGIS: which layers it is, and a copy of it as it is edited now."""
