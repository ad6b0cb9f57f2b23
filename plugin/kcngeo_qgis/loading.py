"""Results are loaded into QGIS: layers in the style they carry, sheets as tables."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsProcessingContext, QgsProviderRegistry

from kcngeo_qgis.dressing import Dress, NameColumns, kept
from kcngeo_qgis.texts import text

_HEADERS = "OGR_XLSX_HEADERS"
_LAYERS = 1000


def load_layers(
    package: Path, wanted: Sequence[str], group: str, context: QgsProcessingContext
) -> dict[str, str]:
    """Load layers of a GeoPackage, the first above; those it lacks have nothing to show."""
    found = {}
    held = _names(package)
    shown = [one for one in wanted if one in held]
    for place, name in enumerate(shown):
        found[name] = f"{package}|layername={name}"
        details = _details(name, group, context)
        # Above the tables.
        details.layerSortKey = _LAYERS + len(shown) - place
        # Its own title, once it is loaded.
        details.forceName = False
        details.setPostProcessor(kept(Dress()))
        context.addLayerToLoadOnCompletion(found[name], details)
    return found


def load_sheets(
    workbook: Path,
    tables: Path,
    group: str,
    context: QgsProcessingContext,
    *,
    first: int = 1,
    only: str = "",
) -> dict[str, str]:
    """Load the sheets of a workbook as tables; of a product's the first tells in words."""
    found = {}
    names = _tables_of(workbook, tables, first)
    for place, name in enumerate(names):
        found[f"table:{name}"] = f"{tables}|layername={name}{only}"
        details = _details(text("say.table", name=name), group, context)
        details.layerSortKey = len(names) - place
        context.addLayerToLoadOnCompletion(found[f"table:{name}"], details)
    return found


def load_csv(path: Path, title: str, context: QgsProcessingContext) -> str:
    """Load a CSV as a table, numbers as numbers, and name its columns in words."""
    source = f"{path}|option:AUTODETECT_TYPE=YES"
    details = _details(title, title, context)
    details.setPostProcessor(kept(NameColumns()))
    context.addLayerToLoadOnCompletion(source, details)
    return source


def load_clashes(folder: Path, group: str, context: QgsProcessingContext) -> dict[str, str]:
    """Load what two people changed otherwise: where it lies, and the list to fill in."""
    tables = folder.with_name(f"{folder.name}-tables.gpkg")
    # Its second row is hidden, and names the columns for whoever reads what was chosen.
    shown = '|subset="fid" > 1'
    found = load_sheets(folder / "clashes.xlsx", tables, group, context, first=0, only=shown)
    return {**found, **load_layers(folder / "clashes.gpkg", ("clashes",), group, context)}


def _details(
    title: str, group: str, context: QgsProcessingContext
) -> QgsProcessingContext.LayerDetails:
    details = QgsProcessingContext.LayerDetails(title, context.project(), title)
    details.groupName = group
    details.forceName = True
    return details


def _names(path: Path) -> list[str]:
    metadata = QgsProviderRegistry.instance().providerMetadata("ogr")
    found = metadata.querySublayers(str(path)) if path.is_file() else []
    return [one.name() for one in found]


def _tables_of(workbook: Path, target: Path, first: int) -> list[str]:
    """Copy sheets that hold rows into a GeoPackage: where all is text QGIS takes no headings."""
    before = gdal.GetConfigOption(_HEADERS)
    gdal.SetConfigOption(_HEADERS, "FORCE")
    target.unlink(missing_ok=True)
    try:
        with warnings.catch_warnings():
            # Whether errors are to be raised is QGIS's to say, for all plugins.
            warnings.simplefilter("ignore", FutureWarning)
            book = gdal.OpenEx(str(workbook), gdal.OF_VECTOR)
        sheets = [book.GetLayer(place) for place in range(first, book.GetLayerCount())]
        names = [sheet.GetName() for sheet in sheets if not _is_empty(sheet)]
        if names:
            gdal.VectorTranslate(str(target), book, format="GPKG", layers=names)
        del sheets, book
    finally:
        gdal.SetConfigOption(_HEADERS, before)
    return names


def _is_empty(sheet: gdal.ogr.Layer) -> bool:
    """Whether a sheet only says, in its first cell, that there is nothing to show."""
    rows = [[row.IsFieldSetAndNotNull(at) for at in range(row.GetFieldCount())] for row in sheet]
    return not rows or (len(rows) == 1 and not any(rows[0][1:]))
