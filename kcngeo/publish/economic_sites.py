"""Zones and lots in the attributes of the French geostandard of economic sites, as a GeoPackage."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import closing
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import io, theme
from kcngeo.analysis.progress import land_axes, vacancy
from kcngeo.core.areal import many_parts
from kcngeo.core.dates import Day, day, in_force
from kcngeo.core.model import LandUse, Stage, Status
from kcngeo.core.units import M2_PER_HA, hectares
from kcngeo.fill import land_account, parcels_on
from kcngeo.ledger import state
from kcngeo.ledger.zones import zone_names
from kcngeo.qgis.geopackage_styles import connect, dress
from kcngeo.qgis.safe_replace import seal
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Snapshot

FILE = "sites_economiques.gpkg"
"""Name of the file, that of the template of the standard."""
SITES, PLOTS = "site_eco", "terrain_eco"
"""Its layers, named as in that template."""

_NEVER_LET = [
    str(use) for use in (LandUse.GREEN, LandUse.TRANSPORT, LandUse.TECHNICAL, LandUse.WATER)
]
_OWN = "kcn_"
_TYPES: Mapping[str, Any] = {"number": "float64", "integer": "Int64"}


@cache
def conventions() -> Mapping[str, Any]:
    """Read what becomes of our words in those of the standard."""
    file = resources.files("kcngeo") / "standards" / "exchange" / "cnig-2024-10.toml"
    return tomllib.loads(file.read_text("utf-8"))


def economic_sites(snapshot: Snapshot, *, on: Day) -> dict[str, gpd.GeoDataFrame]:
    """Give the zones and lots of a day in the attributes of the standard.

    Parameters
    ----------
    snapshot
        The tables, without the zones at fault on the day.
    on
        The day.

    Returns
    -------
    dict[str, gpd.GeoDataFrame]
        ``site_eco``, a row a zone, and ``terrain_eco``, a row a lot, sorted by id; what nobody
        knows, or the standard has no word for, is missing.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> layers = economic_sites(kcn.examples.squares().as_known(), on="2018-03-31")
    >>> layers["site_eco"][["site_surf_brute", "site_surf_utile"]].values.tolist()
    [[10.0, 4.0], [10.0, 2.0]]
    """
    axes = land_axes(snapshot, on=on)
    return {SITES: _sites(snapshot, axes, on=on), PLOTS: _plots(snapshot, axes, on=on)}


def _sites(snapshot: Snapshot, axes: pd.DataFrame, *, on: Day) -> gpd.GeoDataFrame:
    """Give a row a zone that is on record on the day, established or not."""
    zones = in_force(snapshot.zones, on).sort_values("zone_id").set_index("zone_id")
    account = land_account(snapshot, on=on).reindex(zones.index)
    lots = vacancy(axes).reindex(zones.index).astype("Float64")
    # Of the one that nobody knows since when it is empty none knows whether it is two years.
    is_known = lots["vacant_unknown_count"].eq(0).fillna(False).astype(bool)
    long = lots["vacant_long_count"].where(is_known)
    whole_ha = zones.geometry.area.where(zones.geometry.notna()) / M2_PER_HA
    founded = _column(zones, "established_on").astype("datetime64[s]")
    ways = {"autoroute_echang_dist": "highway", "aeroport_dist": "airport", "port_dist": "port"}
    names = zone_names(snapshot.zones, on=on)
    made = {
        "site_id": zones.index,
        "site_nom": [names[str(one)] for one in zones.index],
        **conventions()["always"],
        "site_etat": _stage(zones, account, on=on).map(conventions()["site_etat"]),
        "site_surf_brute": whole_ha,
        "site_surf_utile": account["base_ha"],
        "site_actu_date": day(on).strftime("%Y-%m-%d"),
        "site_creation_date": founded.where(founded <= day(on)).dt.strftime("%Y"),
        "site_uf_nbre": lots["lots_count"],
        "site_uf_vacant_nbre": long,
        "site_taux_vacance": (100 * long / lots["lots_count"]).astype("Float64").round(),
        "site_surf_comm_dispo": account["available_ha"],
        "site_surf_projet": account["reserved_ha"],
        "reseau_fibre_optique": _column(zones, "fibre").map({True: "oui", False: "non"}),
        **{name: _km(_column(zones, f"to_{place}_m")) for name, place in ways.items()},
    }
    ours = pd.concat([_own(zones), account, lots], axis=1).add_prefix(_OWN)
    return _laid_out(SITES, made, ours, zones)


def _plots(snapshot: Snapshot, axes: pd.DataFrame, *, on: Day) -> gpd.GeoDataFrame:
    """Give a row a lot of the day, roads and green among them."""
    lots = state(snapshot, on=on).sort_values("parcel_id").set_index("parcel_id")
    counted = parcels_on(snapshot, on=on).set_index("parcel_id")["whole_mm2"]
    # The hectares of leasable lots are those of the account, so that they add up to it.
    area_ha = pd.Series(hectares(counted.to_numpy()), index=counted.index).reindex(lots.index)
    held = axes.drop(columns="zone_id").reindex(lots.index)
    is_counted = lots.index.isin(axes.index)
    is_leasable = lots["land_use"].isin([str(use) for use in fill_definition(None, on=on).uses])
    words = conventions()
    stages = held["servicing"].str.cat(held["occupation"], sep="_")
    use = held["occupation"].where(is_counted, lots["land_use"])
    made = {
        "terr_id": lots.index,
        "site_id": lots["zone_id"],
        "terr_surf_brute": area_ha.fillna(lots.geometry.area / M2_PER_HA),
        "terr_utile": np.where(is_leasable, "oui", "non"),
        "terr_actu_date": day(on).strftime("%Y-%m-%d"),
        "terr_stade_amngt": stages.map(words["terr_stade_amngt"]),
        "terr_stade_comm": _marketing(lots, held).map(words["terr_stade_comm"]),
        "terr_etat_occup": held["occupation"].map(words["terr_etat_occup"]),
        "terr_usage": use.map(words["terr_usage"]),
    }
    since = held["vacant_since"].dt.strftime("%Y-%m-%d")
    ours = held.assign(vacant_since=since, land_use=lots["land_use"]).add_prefix(_OWN)
    return _laid_out(PLOTS, made, ours, lots)


def _marketing(lots: pd.DataFrame, held: pd.DataFrame) -> pd.Series:
    """Tell how each lot is marketed; of one that is in no account by the ledger, if it says so."""
    status = lots["status"].astype(object)
    told = status.replace(str(Status.LEASED), "let").mask(status == "available")
    is_never_let = (status == "available") & lots["land_use"].isin(_NEVER_LET)
    return held["marketing"].astype(object).fillna(told.mask(is_never_let, "not_leasable"))


def _stage(zones: pd.DataFrame, account: pd.DataFrame, *, on: Day) -> pd.Series:
    """Tell where each zone stands; the stage on record speaks only where the day is missing."""
    # A zone of which neither is on record counts, here as in every account.
    stage = _column(zones, "stage").astype(object).fillna(str(Stage.ESTABLISHED))
    founded, removed = (
        _column(zones, name).astype("datetime64[s]") for name in ("established_on", "removed_on")
    )
    stage = stage.where(founded.isna(), str(Stage.ESTABLISHED))
    stage = stage.mask(founded > day(on), str(Stage.PLANNED))
    stage = stage.where(removed.isna(), str(Stage.ESTABLISHED))
    stage = stage.mask(removed <= day(on), str(Stage.REMOVED))
    is_let = (stage == str(Stage.ESTABLISHED)) & (account["leased_ha"] > 0)
    unknown = (stage == str(Stage.ESTABLISHED)) & account["leased_ha"].isna()
    return stage.mask(is_let, "let").mask(unknown)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column, missing where the table has none."""
    return (
        frame[name] if name in frame.columns else pd.Series(None, index=frame.index, dtype="object")
    )


def _own(zones: pd.DataFrame) -> pd.DataFrame:
    """Give what the zones' own table says."""
    return pd.DataFrame({name: _column(zones, name) for name in ("zone_type", "approved_area_ha")})


def _km(way_m: pd.Series) -> pd.Series:
    """Round a way to whole kilometres, as the standard has it."""
    return (way_m.astype("Float64") / 1000).round()


def _laid_out(
    layer: str, made: Mapping[str, Any], ours: pd.DataFrame, shapes: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Put the attributes in their order and types, what is not known missing, and the shapes."""
    frame = pd.DataFrame(made, index=shapes.index).join(ours)
    columns = {
        name: _typed(_column(frame, name), name) for names in _names(layer) for name in names
    }
    geometry = _flat(shapes.geometry.to_numpy())
    table = pd.DataFrame(columns).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=geometry, crs=shapes.crs)


def _names(layer: str) -> tuple[list[str], list[str], list[str]]:
    told = conventions()["attributes"][layer]
    return told["required"], told["optional"], told["own"]


def _typed(values: pd.Series, name: str) -> pd.Series:
    kind = _type(name)
    if kind in _TYPES:
        return values.astype("Float64").astype(_TYPES[kind])
    return values.astype(object).where(values.notna() & (values != ""), None).astype("str")


def _type(name: str) -> str:
    return next((kind for kind, names in conventions()["types"].items() if name in names), "string")


def _flat(shapes: Any) -> Any:
    """Give shapes as MultiPolygons in the plane; nothing where there is none."""
    return many_parts(np.where(shapely.is_empty(shapes), None, shapely.force_2d(shapes)))


def site_files(
    layers: Mapping[str, gpd.GeoDataFrame], *, on: Day, language: str
) -> Mapping[str, Any]:
    """Give the GeoPackage and its descriptor, each with what makes its content."""
    told = site_descriptor(layers, on=on, language=language)
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    return {FILE: partial(_package, layers, language), "datapackage.json": lambda: text.encode()}


def _package(layers: Mapping[str, gpd.GeoDataFrame], language: str) -> bytes:
    """Write the layers, their titles and metadata, and what by verify sees whether one edits it."""
    abstract = theme.text("economic_sites.description", language=language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, FILE)
        io.write_layers(layers, path)
        with closing(connect(path)) as package, package:
            for name in layers:
                title = theme.text(f"economic_sites.{name}", language=language)
                dress(package, name, (), language=language, title=title, abstract=abstract)
            seal(package)
        return path.read_bytes()


def site_descriptor(
    layers: Mapping[str, gpd.GeoDataFrame], *, on: Day, language: str
) -> dict[str, Any]:
    """Describe the layers and their attributes, and count in each what is left empty."""
    standard = conventions()["standard"]
    title = f"{standard['title']} v{standard['edition']} (schema {standard['schema']})"
    return {
        "profile": "data-package",
        "name": "kcngeo-economic-sites",
        "title": theme.text("economic_sites.title", language=language),
        "description": theme.text("economic_sites.description", language=language),
        "day": day(on).strftime("%Y-%m-%d"),
        "conformant": False,
        "sources": [{"title": title, "path": standard["source"]}],
        "resources": [
            {
                "name": name.replace("_", "-"),
                "path": FILE,
                "layer": name,
                "profile": "data-resource",
                "title": theme.text(f"economic_sites.{name}", language=language),
                "format": "gpkg",
                "mediatype": "application/geopackage+sqlite3",
                "crs": frame.crs.to_string(),
                "geometryType": "MultiPolygon",
                "rows": len(frame),
                "schema": {"fields": _fields(name, frame, language=language)},
            }
            for name, frame in layers.items()
        ],
    }


def _fields(layer: str, frame: gpd.GeoDataFrame, *, language: str) -> list[dict[str, Any]]:
    required, _, own = _names(layer)
    told = []
    for name in frame.columns.drop("geometry"):
        key = f"column.{name.removeprefix(_OWN)}" if name in own else f"economic_sites.{name}"
        field: dict[str, Any] = {
            "name": name,
            "type": _type(name),
            "title": theme.text(key, language=language),
            "ofStandard": name not in own,
            "requiredByStandard": name in required,
            "empty": int(frame[name].isna().sum()),
        }
        if name in conventions()["lists"]:
            field["constraints"] = {"enum": conventions()["lists"][name]}
        told.append(field)
    empty = int(frame.geometry.isna().sum())
    words = theme.text("economic_sites.geometry", language=language)
    shape = {"name": "geometry", "type": "any", "title": words, "empty": empty}
    return [*told, shape | {"ofStandard": True, "requiredByStandard": True}]
