"""Real parcels: two fiscal years of Cambridge, Massachusetts, as a kcngeo project.

No zone in Viet Nam publishes its lots with their dates, so the library is tried on a city that
publishes all of its parcels. Zoning districts stand for industrial zones, the assessor's use codes
for the ledger. Cambridge has no fill rate: the figures test the arithmetic and say nothing about
the city.

Data: City of Cambridge GIS and Assessing Department, repository cambridgegis/cambridgegis_data at
commit 44a03d1 (Assessing/FY2013, Assessing/FY2014, CDD/Zoning_Districts), under the Public Domain
Dedication and License 1.0. They are not shipped with kcngeo. All files lie in one folder::

    python docs/examples/cambridge.py FOLDER OUT

writes two projects (``*.gpkg``) and their month 2014-01 into the folder OUT, and prints what was
found on the way.

The steps, and what was decided
-------------------------------
1. *Shapes.* The parcels are TopoJSON without a CRS; their numbers are degrees of WGS 84. They are
   measured in EPSG:26986 (NAD83, Massachusetts Mainland, metres). A ring of fewer than four points
   has no area and is counted as empty; readers drop it without a word. Only invalid shapes are
   repaired, after projection, and every repair is listed with what it does to the area.
2. *Keys.* A polygon belongs to the assessor row with the same map and lot. Polygons without such a
   row (streets, water, railways and other gaps, keys like "---" and "ROAD") have no known use and
   are left out, with their area. Polygons that share a key which has a row are one parcel in
   several pieces and are joined.
3. *Uses.* Several assessor rows share a key where a parcel is a condominium, or partly exempt from
   tax. The row with the largest land area decides the use and gives the deed area, the first in
   the file among equals: the rows of flats have no land, the row of the building (199) has it all,
   and rows of one lot often repeat the same area. A condominium of shops thus counts as housing.
   Industrial are the codes 4xx and 316 (warehouse), service the other 3xx. A leading zero marks
   mixed use, of which nobody says how much is what: housing where a dwelling is named first, else
   other. A fourth digit only refines the code.
4. *Ledger.* Every industrial or service parcel is let while it has such a use, except where the
   code says the land is vacant: 390 to 392 and 440 to 442. With ``every_use_leasable`` every use
   counts as industrial land, and the other codes whose description says "vacant" or "land" to be
   developed are never let either: 130 to 132 (residential), 930, 933, 936, 946, 973, 974 and 975
   (public and tax-exempt). The field lists name the column of the codes, not the codes; their
   meaning is the column UseDescription of the tables. All entries are "assumed".
5. *Zones.* The 261 zoning districts dissolved by ZONE_TYPE. A parcel belongs to the zone in which
   its representative point lies; parcels beyond the city line lie in none and are left out.
6. *Deeds.* Deed areas are square feet, taken as international feet (0.09290304 m²). If they are
   U.S. survey feet, all of them are 4 millionths larger: 0.006 ha in the whole city. An area of 0
   is a missing one.
7. *Versions.* FY2013 runs from 1 July 2012, FY2014 from 1 July 2013, open. A parcel whose shape,
   zone, use and deed area did not change has one version, else one for each year. In these files
   it never has: each rounds its coordinates to a grid of its own (0.8 × 0.6 m), so that no shape is
   repeated exactly, and `Account.years` says how many moved by rounding only. To take those over
   from the year before was tried and left: neighbours on two grids overlap, in 305 places instead
   of 13.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import kcngeo as kcn

CRS = "EPSG:26986"
M2_PER_SQUARE_FOOT = 0.09290304
STARTS = {2013: pd.Timestamp("2012-07-01"), 2014: pd.Timestamp("2013-07-01")}
"""First day of each fiscal year in the files; the last one stays open."""

VACANT = frozenset({"390", "391", "392", "440", "441", "442"})
OTHER_VACANT = frozenset({"130", "131", "132", "930", "933", "936", "946", "973", "974", "975"})
PUBLIC = {
    "910": "green",  # state parks
    "953": "green",  # cemeteries
    "970": "housing",  # housing authority
    "973": "housing",
    "971": "technical",  # utility authority
    "974": "technical",
    "972": "transport",  # transportation authority
    "975": "transport",
}
"""Land uses of the public and exempt codes (9xx) that have one; the others are "other"."""

ROUNDING_M = 0.6
"""Two grids of 0.8 × 0.6 m that differ in the smaller step: no vertex moves farther by rounding."""

SAME_DEED_M2 = 0.01
"""Deed areas are written to a tenth of a square foot; what differs by less is the same."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """What was found on the way from the files to the project; nothing is lost unsaid.

    Attributes
    ----------
    years
        Counts and areas, a column a fiscal year. ``polygons read`` is the sum of ``parcels``,
        ``pieces joined`` and the rows of ``excluded``.
    excluded
        Polygons (after joining: parcels) that are not in the project: ``fiscal_year``, ``key``,
        ``reason``, ``area_m2``.
    repaired
        Invalid shapes: ``fiscal_year``, ``key``, ``reason`` in GEOS's words, ``area_m2`` as
        repaired, ``change_m2`` of the area by the repair.
    deeds
        Geometry against deeds by ``fiscal_year`` and ``zone_id``, parcels with a deed area only:
        ``parcels``, ``geometry_m2``, ``deed_m2``, ``difference_m2``.
    """

    years: pd.DataFrame
    excluded: pd.DataFrame
    repaired: pd.DataFrame
    deeds: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Files:
    """The files as read, before it is said which uses count.

    Attributes
    ----------
    zones
        Table "zones".
    years
        The fiscal years, in their order.
    """

    zones: gpd.GeoDataFrame
    years: tuple[_Year, ...]


def build_project(folder: Path | str, *, every_use_leasable: bool = False) -> kcn.Project:
    """Turn the files into a project.

    Parameters
    ----------
    folder
        Folder of the files.
    every_use_leasable
        Count every use as industrial land, not only industry and service.

    Returns
    -------
    kcn.Project
        Zones, parcels and ledger.
    """
    return convert(read_files(folder), every_use_leasable=every_use_leasable)[0]


def read_files(folder: Path | str) -> Files:
    """Read the files, once for both ways to count.

    Parameters
    ----------
    folder
        Folder of the files.

    Returns
    -------
    Files
        What both projects are made from.
    """
    zones = read_zones(Path(folder))
    years = tuple(_Year(Path(folder), fiscal_year, zones) for fiscal_year in STARTS)
    return Files(zones=zones, years=years)


def convert(files: Files, *, every_use_leasable: bool = False) -> tuple[kcn.Project, Account]:
    """Turn the files into a project, and account for what was found on the way.

    Parameters
    ----------
    files
        The files, from `read_files`.
    every_use_leasable
        Count every use as industrial land, not only industry and service.

    Returns
    -------
    tuple[kcn.Project, Account]
        The project and the account.
    """
    zones, years = files.zones, files.years
    parcels = pd.concat([year.parcels for year in years], ignore_index=True)
    days = dict.fromkeys(("valid_from", "valid_to"), "datetime64[s]")
    parcels = parcels.astype(days)
    parcels["land_use"] = parcels["land_use_code"].map(
        lambda code: "industrial" if every_use_leasable else land_use(code)
    )
    parcels, compared = _continued(parcels)
    vacant = VACANT | OTHER_VACANT if every_use_leasable else VACANT
    project = kcn.Project(zones=zones, parcels=parcels, ledger=_ledger(parcels, vacant))
    counts = pd.DataFrame({year.fiscal_year: year.counts for year in years})
    last = max(STARTS)
    for name, count in compared.items():
        counts.loc[name, last] = count
    account = Account(
        years=counts,
        excluded=pd.concat([year.excluded for year in years], ignore_index=True),
        repaired=pd.concat([year.repaired for year in years], ignore_index=True),
        deeds=pd.concat({year.fiscal_year: year.deeds() for year in years}, names=["fiscal_year"]),
    )
    return project, account


def land_use(code: str) -> str:
    """Give the land use of an assessor's use code.

    Parameters
    ----------
    code
        State use code, three digits or four.

    Returns
    -------
    str
        The land use of the parcel.
    """
    if code.startswith("01"):
        return "housing"
    if code.startswith(("4", "316")):
        return "industrial"
    return {"1": "housing", "3": "service"}.get(code[0], PUBLIC.get(code[:3], "other"))


def read_zones(folder: Path) -> gpd.GeoDataFrame:
    """Read the zoning districts, dissolved by type.

    Parameters
    ----------
    folder
        Folder of the files.

    Returns
    -------
    gpd.GeoDataFrame
        Table "zones".
    """
    districts = gpd.read_file(folder / "CDD_ZoningDistricts.geojson").to_crs(CRS)
    zones = districts[["ZONE_TYPE", "geometry"]].dissolve("ZONE_TYPE").reset_index()
    zones = zones.rename(columns={"ZONE_TYPE": "zone_id"})
    return zones.assign(name="Zoning district " + zones["zone_id"], geometry_source="digitised")


def read_topojson(path: Path) -> tuple[gpd.GeoDataFrame, int]:
    """Read the polygons of a TopoJSON file as they are, whole.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple[gpd.GeoDataFrame, int]
        ``ML`` (map and lot) and the shapes in degrees, maybe invalid or empty; and the number of
        rings left out because they have fewer than four points.
    """
    topology = json.loads(path.read_text(encoding="utf-8"))
    (layer,) = topology["objects"].values()
    scale, translate = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    # Arcs are written as steps from point to point on a grid of whole numbers.
    arcs = [np.cumsum(arc, axis=0) * scale + translate for arc in topology["arcs"]]
    empty = 0

    def ring(numbers: list[int]) -> Any:
        """Join the arcs of a ring; ~n is arc n backwards, and each begins where the last ended."""
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(numbers: list[list[int]]) -> shapely.Polygon:
        nonlocal empty
        rings = [ring(one) for one in numbers]
        whole = [one for one in rings if len(one) >= 4]
        empty += len(rings) - len(whole)
        return shapely.Polygon(whole[0], whole[1:]) if len(rings[0]) >= 4 else shapely.Polygon()

    def shape(member: dict[str, Any]) -> shapely.Geometry:
        if member["type"] == "Polygon":
            return polygon(member["arcs"])
        parts = [polygon(one) for one in member["arcs"]]
        return shapely.MultiPolygon([part for part in parts if not part.is_empty])

    members = layer["geometries"]
    keys = pd.Series([member["properties"].get("ML") for member in members], dtype="str")
    shapes = [shape(member) for member in members]
    return gpd.GeoDataFrame({"ML": keys}, geometry=shapes, crs="EPSG:4326"), empty


def read_assessor(folder: Path, fiscal_year: int) -> pd.DataFrame:
    """Read the assessor's table of a fiscal year.

    Parameters
    ----------
    folder
        Folder of the files.
    fiscal_year
        2013 or 2014.

    Returns
    -------
    pd.DataFrame
        All rows, in the order of the file: ``ML``, ``UseCode``, ``LandArea`` (square feet).
    """
    path = folder / f"TaxFY{fiscal_year % 100}.csv"
    columns = ["ML", "UseCode", "LandArea"]
    return pd.read_csv(path, usecols=columns, dtype={"ML": "str", "UseCode": "str"})[columns]


def main_rows(assessor: pd.DataFrame) -> pd.DataFrame:
    """Give the row that speaks for each key: the largest land area, the first among equals.

    Parameters
    ----------
    assessor
        The assessor's table.

    Returns
    -------
    pd.DataFrame
        Indexed by ``ML``: ``UseCode`` and ``LandArea``.
    """
    known = assessor.dropna(subset=["ML", "UseCode"])
    largest = known.sort_values("LandArea", ascending=False, kind="stable")
    return largest.drop_duplicates("ML").set_index("ML")


class _Year:
    """The parcels of one fiscal year on their way into the project, with what was left behind."""

    def __init__(self, folder: Path, fiscal_year: int, zones: gpd.GeoDataFrame) -> None:
        self.fiscal_year = fiscal_year
        self.counts: dict[str, float] = {}
        self._excluded: list[pd.DataFrame] = []
        path = folder / f"ASSESSING_ParcelsFY{fiscal_year}.topojson"
        polygons, self.counts["empty rings"] = read_topojson(path)
        self.counts["polygons read"] = len(polygons)
        polygons = self._repair(polygons.to_crs(CRS))
        polygons = self._without(polygons, polygons.is_empty, "empty shape")
        parcels = self._zoned(self._joined(self._used(folder, polygons)), zones)
        start = STARTS[fiscal_year]
        following = STARTS.get(fiscal_year + 1, pd.NaT)
        self.parcels = parcels.assign(
            valid_from=start, valid_to=following, geometry_source="digitised"
        )
        self.counts["parcels"] = len(parcels)
        self.excluded = pd.concat(self._excluded, ignore_index=True)

    def _without(self, frame: gpd.GeoDataFrame, out: Any, reason: str) -> gpd.GeoDataFrame:
        """Take rows out and list them."""
        gone = frame[out]
        self._excluded.append(
            pd.DataFrame(
                {
                    "fiscal_year": self.fiscal_year,
                    "key": gone["ML"],
                    "reason": reason,
                    "area_m2": gone.area,
                }
            )
        )
        self.counts[f"excluded: {reason}"] = len(gone)
        self.counts[f"excluded m2: {reason}"] = gone.area.sum()
        return frame[~out].reset_index(drop=True)

    def _repair(self, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Make the invalid shapes valid; the others are not touched."""
        bad = ~polygons.is_valid
        before = polygons.geometry[bad].array
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        self.repaired = pd.DataFrame(
            {
                "fiscal_year": self.fiscal_year,
                "key": polygons.loc[bad, "ML"],
                "reason": [text.partition("[")[0] for text in shapely.is_valid_reason(before)],
                "area_m2": shapely.area(after),
                "change_m2": shapely.area(after) - shapely.area(before),
            }
        )
        self.counts["shapes repaired"] = len(self.repaired)
        self.counts["m2 changed by repairs"] = self.repaired["change_m2"].abs().sum()
        polygons.loc[bad, "geometry"] = after
        return polygons

    def _used(self, folder: Path, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give each polygon the use and the deed area of its key."""
        assessor = read_assessor(folder, self.fiscal_year)
        rows = main_rows(assessor)
        per_key = assessor["ML"].value_counts()
        absent = rows[~rows.index.isin(polygons["ML"])]
        self.counts |= {
            "assessor rows read": len(assessor),
            "assessor rows without key": int(assessor["ML"].isna().sum()),
            "keys with several rows": int((per_key > 1).sum()),
            "rows of those keys": int(per_key[per_key > 1].sum()),
            "keys without polygon": len(absent),
            "deed m2 without polygon": absent["LandArea"].sum() * M2_PER_SQUARE_FOOT,
        }
        unknown = ~polygons["ML"].isin(rows.index)
        polygons = self._without(polygons, unknown, "no assessor row")
        own = rows.loc[polygons["ML"]]
        deed_m2 = own["LandArea"].to_numpy() * M2_PER_SQUARE_FOOT
        return polygons.assign(
            land_use_code=own["UseCode"].to_numpy(),
            certificate_area_m2=np.where(deed_m2 > 0, deed_m2, np.nan),
        )

    def _joined(self, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Join the polygons that share a key; area lying under two of them counts once."""
        several = polygons["ML"].duplicated(keep=False)
        pieces = polygons[several]
        joined = pieces.dissolve("ML", as_index=False)
        self.counts["pieces joined"] = len(pieces) - len(joined)
        self.counts["m2 lost by joining"] = pieces.area.sum() - joined.area.sum()
        return pd.concat([polygons[~several], joined], ignore_index=True)

    def _zoned(self, parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Put each parcel into the zone in which its representative point lies."""
        points = gpd.GeoDataFrame(geometry=parcels.representative_point())
        hits = points.sjoin(zones[["zone_id", "geometry"]]).sort_values("zone_id")
        # A point on the line between two zones goes to the first.
        zone_id = hits["zone_id"].groupby(level=0).first().reindex(parcels.index)
        parcels = parcels.assign(zone_id=zone_id)
        parcels = self._without(parcels, zone_id.isna(), "outside every zone")
        self.counts["parcels without deed area"] = int(parcels["certificate_area_m2"].isna().sum())
        return parcels.rename(columns={"ML": "parcel_id"})

    def deeds(self) -> pd.DataFrame:
        """Compare geometry with deeds, by zone."""
        known = self.parcels[self.parcels["certificate_area_m2"].notna()]
        sums = (
            known.assign(geometry_m2=known.area)
            .groupby("zone_id")
            .agg(
                parcels=("parcel_id", "size"),
                geometry_m2=("geometry_m2", "sum"),
                deed_m2=("certificate_area_m2", "sum"),
            )
        )
        return sums.assign(difference_m2=sums["geometry_m2"] - sums["deed_m2"])


def _continued(parcels: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Make one version of two that follow each other and are equal."""
    parcels = parcels.sort_values(["parcel_id", "valid_from"], ignore_index=True)
    before, after = parcels.iloc[:-1], parcels.iloc[1:]
    follows = (before["parcel_id"].to_numpy() == after["parcel_id"].to_numpy()) & (
        before["valid_to"].to_numpy() == after["valid_from"].to_numpy()
    )
    same_zone, same_use = (
        before[name].to_numpy() == after[name].to_numpy() for name in ("zone_id", "land_use_code")
    )
    deeds = (one["certificate_area_m2"].to_numpy() for one in (before, after))
    same_deed = np.isclose(*deeds, rtol=0, atol=SAME_DEED_M2, equal_nan=True)
    shapes = before.geometry.to_numpy(), after.geometry.to_numpy()
    same_shape = shapely.equals_exact(*shapes)
    equal = np.flatnonzero(follows & same_zone & same_use & same_deed & same_shape)
    moved_m = shapely.hausdorff_distance(shapes[0][follows], shapes[1][follows])
    compared = {
        "parcels of the year before": int(follows.sum()),
        "of these, other zone": int((follows & ~same_zone).sum()),
        "of these, other use code": int((follows & ~same_use).sum()),
        "of these, other deed area": int((follows & ~same_deed).sum()),
        "of these, shape moved by rounding only": int(
            ((moved_m <= ROUNDING_M) & ~same_shape[follows]).sum()
        ),
        "of these, one version": len(equal),
    }
    # From the back: a chain of equal versions ends with the last day of its last link.
    ends = parcels["valid_to"].to_numpy(copy=True)
    for row in equal[::-1]:
        ends[row] = ends[row + 1]
    return parcels.assign(valid_to=ends).drop(index=equal + 1).reset_index(drop=True), compared


def _ledger(parcels: gpd.GeoDataFrame, vacant: frozenset[str]) -> pd.DataFrame:
    """Let every leasable parcel while its use code is none of the vacant ones."""
    leasable = parcels["land_use"].isin(["industrial", "service"])
    used = ~parcels["land_use_code"].str[:3].isin(vacant)
    versions = parcels.loc[leasable & used, ["parcel_id", "valid_from", "valid_to"]]
    # A parcel let in versions that follow each other is let once, from the first to the last.
    fresh = (versions["parcel_id"] != versions["parcel_id"].shift()) | (
        versions["valid_from"] != versions["valid_to"].shift()
    )
    runs = versions.groupby(fresh.cumsum())
    return pd.DataFrame(
        {
            "parcel_id": runs["parcel_id"].first(),
            "status": "leased",
            "valid_from": runs["valid_from"].first(),
            "valid_to": runs["valid_to"].nth(-1).to_numpy(),
            "basis": "assumed",
        }
    ).reset_index(drop=True)


def main(folder: str, out: str) -> None:
    """Build both projects, publish their month 2014-01, and print what was found.

    Parameters
    ----------
    folder
        Folder of the files.
    out
        Folder to write into; it is made.
    """
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    files = read_files(folder)
    for name, every_use_leasable in (("industry", False), ("every-use", True)):
        project, account = convert(files, every_use_leasable=every_use_leasable)
        kcn.io.write_project(project, target / f"{name}.gpkg")
        report = kcn.report.monthly(project, month="2014-01", start="2012-07-01")
        kcn.publish.month_bundle(report).write(target / f"{name}-2014-01", language="en")
        print(f"\n== {name}: {project}")
        if not every_use_leasable:
            print(account.years.to_string(float_format="{:.0f}".format, na_rep="–"))
            sums = account.deeds.groupby("fiscal_year").sum() / 10_000
            print("\nGeometry against deeds, ha")
            print(sums[["geometry_m2", "deed_m2", "difference_m2"]].round(2).to_string())
        print(f"\n{report}\n")
        for zone_id, reason in report.reasons(language="en").items():
            print(f"{zone_id}: {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:])
