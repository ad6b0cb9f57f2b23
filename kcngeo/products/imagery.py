"""What rasters show of the parcels: built, let but not built, slope, green."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from kcngeo import cartography, theme
from kcngeo.analysis import imagery as room
from kcngeo.analysis import progress
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError, left_out_zones
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import asked as sound
from kcngeo.ledger import known
from kcngeo.products.common import asked_for, file_names, naming, together
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.standards import Clock, Limit, Registry, registry, unchecked

if TYPE_CHECKING:
    from kcngeo.cartography import MapSpec
    from kcngeo.ledger import Project, Snapshot

BELOW_SHARE, K, N = 0.1, 2, 3
"""A parcel with a smaller built share looks unbuilt, if so in K of the last N years."""

Paths = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Which bands of an image are red and near infrared, and from which index land is green.

    Attributes
    ----------
    red
        Band of red light, from 1.
    nir
        Band of near infrared light.
    threshold
        Index of plants above which land is green.
    """

    red: int
    nir: int
    threshold: float


def imagery(
    project: Project | Snapshot,
    *,
    on: Day,
    land_cover: Mapping[int, Paths] | None = None,
    built: Sequence[int] = (),
    below_share: float = BELOW_SHARE,
    k: int = K,
    n: int = N,
    confirmed: pd.Series | None = None,
    dem: Paths = (),
    image: Paths = (),
    red: int | None = None,
    nir: int | None = None,
    ndvi: float | None = None,
    law_on: Day | None = None,
    definition: str | None = None,
    rules: Registry | None = None,
) -> Bundle:
    """Tell what rasters show of every parcel.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    land_cover
        Rasters of land cover by year, tiles of a year together; none of a year after the day.
    built
        Classes of the land cover that are built.
    below_share
        A parcel with a smaller built share looks unbuilt in a year.
    k
        Years it must look unbuilt.
    n
        Of so many last years.
    confirmed
        What a person found, by parcel_id: true, false, or missing.
    dem
        Rasters of heights in metres.
    image
        Rasters with red and near infrared light.
    red
        Band of red light, from 1.
    nir
        Band of near infrared light.
    ndvi
        Index of plants above which land is green.
    law_on
        Day whose law on idle land is taken; None for ``on``.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    rules
        The registry; None for the one that comes with the library.

    Returns
    -------
    Bundle
        Tables ``built``, ``built_change``, ``unbuilt``, ``slope`` and ``green`` as far as there
        are rasters for them, and ``findings``; a map of let land that looks unbuilt.

    Raises
    ------
    KcngeoError
        If there is no raster, one of a later year, or classes or bands are missing.
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If a raster has no CRS.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> imagery(kcn.examples.squares(), on="2018-03-31")
    Traceback (most recent call last):
    kcngeo.core.errors.KcngeoError: name a raster: --land-cover, --dem or --image.
    """
    covers = _covers(land_cover or {}, built, on=on)
    bands = _bands(image, red, nir, ndvi)
    if not (covers or dem or bands):
        raise KcngeoError("nothing_to_measure")
    followed = rules or registry()
    snapshot = known(project)
    with left_out_zones() as apart:
        parcels = _parcels(snapshot, on=on)
        tables: dict[str, pd.DataFrame] = {}
        if covers:
            tables = _built(parcels, covers, built)
            asked: dict[str, Any] = {"on": on, "definition": definition}
            clocks = _clocks(snapshot, followed, asked, law_on=law_on)
            let = room.let_parcels(snapshot, **asked)
            rule: dict[str, Any] = {"below_share": below_share, "k": k, "n": n}
            found = room.unbuilt_parcels(
                let, tables["built"], clocks=clocks, confirmed=confirmed, **rule
            )
            tables["unbuilt"] = _evidence(let, found)
        if dem:
            tables["slope"] = _slope(parcels, dem, followed)
        if bands:
            tables["green"] = _green(parcels, image, bands)
    given = {"land_cover": covers, "dem": dem, "image": image, "confirmed": confirmed}
    used = (*followed.of(Clock), *followed.of(Limit))
    # Names of the files, not where they lay: the manifest must say the same on another machine.
    options = asked_for(
        on=on,
        land_cover={str(year): file_names(paths) for year, paths in covers.items()} or None,
        built=tuple(built),
        below_share=below_share,
        k=k,
        n=n,
        dem=tuple(file_names(dem)),
        image=tuple(file_names(image)),
        red=red,
        nir=nir,
        ndvi=ndvi,
        law_on=None if law_on is None else str(law_on),
        definition=definition,
    )
    findings = together(followed.findings(), unchecked(used, on=on), apart)
    names = naming(snapshot, lambda _: tables, findings, on=on, rules=followed)
    return Bundle(
        product="imagery",
        provenance=Provenance(
            options=options,
            tables=snapshot,
            registry=followed,
            moment=snapshot.moment,
            rules=used,
            given={name: one for name, one in given.items() if one is not None and len(one)},
        ),
        make_tables=lambda _: tables,
        names=names,
        findings=findings,
        left_out=apart,
        maps={"map": partial(_map, snapshot, tables, on=on)} if "unbuilt" in tables else {},
        say=lambda language: _lines(tables, names(language)["zones"], language),
    )


def _covers(given: Mapping[int, Paths], built: Sequence[int], *, on: Day) -> dict[int, list[str]]:
    """Put years in order; one that lies ahead of the day shows nothing of it."""
    for year, paths in given.items():
        if int(year) > day(on).year:
            raise KcngeoError("land_cover_ahead", value=f"{year}={paths[0]}", on=on)
    if given and not built:
        raise KcngeoError("raster_classes")
    return {int(year): [str(path) for path in given[year]] for year in sorted(given)}


def _bands(image: Paths, red: int | None, nir: int | None, ndvi: float | None) -> Bands | None:
    if not image:
        return None
    if red is None or nir is None or ndvi is None:
        raise KcngeoError("image_bands")
    return Bands(red=red, nir=nir, threshold=ndvi)


def _parcels(snapshot: Snapshot, *, on: Day) -> gpd.GeoDataFrame:
    """Give the parcels of the day by their id."""
    computable = sound(snapshot, start=on)
    parcels = computable.parcels[computable.in_force(on)]
    return parcels.set_index("parcel_id").sort_index()


def _in_hectares(parcels: gpd.GeoDataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Put zone and hectares beside the shares of each parcel."""
    area_ha = areas_m2(parcels, basis="grid", certificate="certificate_area_m2") / M2_PER_HA
    found = room.hectares(shares, lot_ha=pd.Series(area_ha, index=parcels.index))
    return _beside(parcels, shares.join(found))


def _beside(parcels: gpd.GeoDataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Put the zone beside what was measured of each parcel, and how its pixels were counted."""
    table = measured.reset_index()
    table.insert(1, "zone_id", parcels["zone_id"].to_numpy())
    return table.assign(evidence="area_fractions")


def _built(
    parcels: gpd.GeoDataFrame, covers: dict[int, list[str]], built: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Measure every year, and compare the first with the last."""
    years = {
        year: room.built_share(parcels, paths, classes=list(built))
        for year, paths in covers.items()
    }
    parts = [_in_hectares(parcels, share).assign(year=year) for year, share in years.items()]
    table = pd.concat(parts, ignore_index=True)
    tables = {"built": table.sort_values(["parcel_id", "year"], ignore_index=True)}
    first, last = min(years), max(years)
    if first < last:
        change = room.change(years[first], years[last], measure="built_share")
        tables["built_change"] = _beside(parcels, change).assign(year_from=first, year_to=last)
    return tables


def _clocks(
    snapshot: Snapshot, rules: Registry, asked: dict[str, Any], *, law_on: Day | None
) -> pd.DataFrame | None:
    """Give the terms of idle land, where the projects are on record."""
    if snapshot.table("projects") is None:
        return None
    return progress.idle_clocks(snapshot, law_on=law_on, laws=rules.of(Clock), **asked)


def _evidence(let: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the let hectares beside the evidence, what looks unbuilt on top."""
    table = let.join(found).reset_index()
    # Built parcels last, and before them those of which nothing can be told: they may be all.
    rank = table["looks_unbuilt"].astype("Int64").mul(-2).add(2).fillna(1)
    order = table.assign(rank=rank).sort_values(["rank", "leased_ha"], ascending=[True, False])
    return order.drop(columns="rank").reset_index(drop=True)


def _slope(parcels: gpd.GeoDataFrame, dem: Paths, rules: Registry) -> pd.DataFrame:
    """Measure slopes against the limit of the registry."""
    limit: Limit = rules.load("slope")
    slope = room.mean_slope(parcels, list(dem), limit_share=limit.at_most)
    marks = {"limit_share": limit.at_most, "rule": limit.name, "verified": str(limit.verified)}
    return _in_hectares(parcels, slope).assign(**marks)


def _green(parcels: gpd.GeoDataFrame, image: Paths, bands: Bands) -> pd.DataFrame:
    """Measure green land in an image."""
    green = room.green_share(
        parcels, list(image), red=bands.red, nir=bands.nir, threshold=bands.threshold
    )
    return _in_hectares(parcels, green).assign(threshold=bands.threshold)


def _map(snapshot: Snapshot, tables: dict[str, Any], *, on: Day) -> MapSpec:
    return cartography.unbuilt(snapshot, tables["unbuilt"], on=on)


def _lines(tables: dict[str, Any], zones: Mapping[str, str], language: str) -> Iterator[str]:
    """Say by zone what was seen, and of how much nothing can be told."""
    if "unbuilt" in tables:
        yield from _unbuilt_lines(tables["unbuilt"], zones, language)
    for table, measure in (("built", "built"), ("slope", "steep"), ("green", "green")):
        if table not in tables:
            continue
        seen = tables[table]
        if "year" in seen:
            seen = seen[seen["year"] == seen["year"].max()]
        sums = seen.groupby("zone_id")[[f"{measure}_ha", "lot_ha", "known_ha"]].sum()
        for zone_id, (area_ha, lot_ha, known_ha) in zip(sums.index, sums.to_numpy(), strict=True):
            yield theme.text(
                f"imagery.seen_{measure}",
                language=language,
                zone=zones[str(zone_id)],
                area=theme.number(area_ha, language=language),
                known=theme.number(known_ha, language=language),
                unseen=theme.number(lot_ha - known_ha, language=language),
                **({"year": int(seen["year"].iloc[0])} if "year" in seen else {}),
            )


def _unbuilt_lines(
    unbuilt_lots: pd.DataFrame, zones: Mapping[str, str], language: str
) -> Iterator[str]:
    """Say by zone how many let parcels look unbuilt, and of how many nothing can be told."""
    for zone_id, some in unbuilt_lots.groupby("zone_id"):
        unbuilt = some["looks_unbuilt"].fillna(False).astype(bool)
        yield theme.text(
            "imagery.zone",
            language=language,
            zone=zones[str(zone_id)],
            lots=len(some),
            unbuilt=int(unbuilt.sum()),
            area=theme.number(some.loc[unbuilt, "leased_ha"].sum(), language=language),
            unknown=int(some["looks_unbuilt"].isna().sum()),
        )
