"""What rasters show of the lots: ``imagery``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from kcngeo import cartography, io, maps, progress, standards, theme
from kcngeo import imagery as room
from kcngeo.cli.outputs import made_folder, with_registry
from kcngeo.cli.registry import Rules
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Definition,
    KnownAt,
    Lang,
    Language,
    Project,
    app,
    console,
    say_findings,
)
from kcngeo.cli.worded import answered, zone_names
from kcngeo.core.dates import day, in_force
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.model import Finding
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project as Tables
from kcngeo.publish.tables import csv_bytes
from kcngeo.standards import Clock, Limit, Registry

MAP = "map.html"
FILES = (MAP, *(f"{name}.csv" for name in ("built", "built_change", "unbuilt", "slope", "green")))
"""What the command writes, as far as it was given the rasters for it."""


@app.command(name="imagery")
def imagery_(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2024-10-31.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    land_cover: Annotated[
        list[str] | None,
        typer.Option(help="Land cover of a year, 2023=cover.tif; again for more years and tiles."),
    ] = None,
    built: Annotated[
        list[int] | None,
        typer.Option(help="Class of the land cover that is built; again for more."),
    ] = None,
    below: Annotated[
        float, typer.Option(help="Built share under which a lot looks unbuilt.")
    ] = 0.1,
    k: Annotated[int, typer.Option(help="Years it must look unbuilt ...")] = 2,
    n: Annotated[int, typer.Option(help="... of so many last years.")] = 3,
    confirmed: Annotated[
        Path | None, typer.Option(help="CSV of what a person found: parcel_id, confirmed.")
    ] = None,
    dem: Annotated[
        list[Path] | None, typer.Option(help="Heights in metres; again for more tiles.")
    ] = None,
    image: Annotated[
        list[Path] | None, typer.Option(help="Image with red and near infrared; again for tiles.")
    ] = None,
    red: Annotated[int | None, typer.Option(help="Band of red light, from 1.")] = None,
    nir: Annotated[int | None, typer.Option(help="Band of near infrared light.")] = None,
    ndvi: Annotated[float | None, typer.Option(help="Index above which land is green.")] = None,
    law_on: Annotated[
        str | None, typer.Option(help="Day whose law on idle land is taken; that of --on.")
    ] = None,
    definition: Definition = None,
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
) -> None:
    """Write what rasters show of every lot: built, let but not built, slope, green."""
    covers = _covers(land_cover or [], built or [], on=on)
    bands = _bands(image or [], red, nir, ndvi)
    if not (covers or dem or bands):
        raise KcngeoError("nothing_to_measure")
    registry = standards.registry(rules)
    seen = None if confirmed is None else _confirmed(confirmed)
    asked: dict[str, Any] = {"on": on, "definition": definition, "known_at": known_at}

    def ask(tables: Tables) -> dict[str, pd.DataFrame]:
        lots = _lots(tables, on=on, known_at=known_at)
        made: dict[str, pd.DataFrame] = {}
        if covers:
            made = _built(lots, covers, built or [])
            let = room.let_lots(tables.zones, tables.parcels, tables.ledger, **asked)
            clocks = _clocks(tables, registry, asked, law_on=law_on)
            rule: dict[str, Any] = {"below_share": below, "k": k, "n": n}
            found = room.unbuilt_lots(let, made["built"], clocks=clocks, confirmed=seen, **rule)
            made["unbuilt"] = _evidence(let, found)
        if dem:
            made["slope"] = _slope(lots, dem, registry)
        if bands:
            green = room.green_share(lots, image or [], **bands)
            made["green"] = _beside(lots, green).assign(threshold=bands["threshold"])
        return made

    made, tables, problems = answered(io.read_project(project), ask)
    names = zone_names(tables, on=on, known_at=known_at)
    with made_folder(out, FILES) as folder:
        for name, table in made.items():
            told = with_registry(table, registry)
            (folder / f"{name}.csv").write_bytes(csv_bytes(told, name=name))
        if "unbuilt" in made:
            known = Tables(**{key: as_known(one, known_at) for key, one in tables.tables()})
            let: Any = made["unbuilt"]
            shown = cartography.unbuilt(known, let, on=on)
            maps.draw_map(shown, language=language).save(folder / MAP)
    _say(made, names, language)
    findings: tuple[Finding, ...] = tuple(registry.findings())
    say_findings((*findings, *problems), language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(TOLD if problems else DONE)


def _covers(given: Sequence[str], built: Sequence[int], *, on: str) -> dict[int, list[str]]:
    """Read the years and paths of land cover, tiles of a year together."""
    covers: dict[int, list[str]] = {}
    for one in given:
        year, _, path = one.partition("=")
        if not (year.isdecimal() and len(year) == 4 and path):
            raise KcngeoError("land_cover", value=one)
        if int(year) > day(on).year:
            raise KcngeoError("land_cover_ahead", value=one, on=on)
        covers.setdefault(int(year), []).append(path)
    if covers and not built:
        raise KcngeoError("raster_classes")
    return dict(sorted(covers.items()))


def _bands(
    image: Sequence[Path], red: int | None, nir: int | None, ndvi: float | None
) -> dict[str, Any]:
    if not image:
        return {}
    if red is None or nir is None or ndvi is None:
        raise KcngeoError("image_bands")
    return {"red": red, "nir": nir, "threshold": ndvi}


def _confirmed(path: Path) -> pd.Series:
    """Read what a person found, the table of an earlier run with the column filled in too."""
    try:
        # Opened here: pandas would fetch what reads like an address.
        with path.open(encoding="utf-8-sig") as file:
            table = pd.read_csv(file, dtype="str")
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error
    columns = {}
    for name in ("parcel_id", "confirmed"):
        headings = {name, *(theme.column(name, language=one) for one in theme.LANGUAGES)}
        columns[name] = next((one for one in table.columns if one in headings), None)
    if None in columns.values():
        raise KcngeoError("confirmed_columns", path=path)
    said = table[columns["confirmed"]].str.strip().str.casefold()
    yes, no = ({word, *_flags(word)} for word in ("true", "false"))
    told = said.isin(yes).astype("boolean").mask(said.isna() | (said == ""))
    strange = told.notna() & ~said.isin(yes | no)
    lots = table[columns["parcel_id"]]
    twice = lots.duplicated(keep=False)
    if (strange | twice).any():
        raise KcngeoError("confirmed_rows", path=path, ids=list(lots[strange | twice]))
    return pd.Series(told.to_numpy(), index=lots.to_numpy())


def _flags(word: str) -> list[str]:
    return [theme.text(f"flag.{word}", language=one).casefold() for one in theme.LANGUAGES]


def _lots(tables: Tables, *, on: str, known_at: str | None) -> gpd.GeoDataFrame:
    """Give the lots of the day by their id."""
    lots = in_force(as_known(tables.parcels, known_at), on)
    return lots.set_index("parcel_id").sort_index()


def _beside(lots: gpd.GeoDataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Put the zone beside what was measured of each lot, and how its pixels were counted."""
    table = measured.reset_index()
    table.insert(1, "zone_id", lots["zone_id"].to_numpy())
    return table.assign(evidence="area_fractions")


def _built(
    lots: gpd.GeoDataFrame, covers: dict[int, list[str]], built: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Measure every year, and compare the first with the last."""
    years = {year: room.built_share(lots, paths, classes=built) for year, paths in covers.items()}
    parts = [_beside(lots, share).assign(year=year) for year, share in years.items()]
    table = pd.concat(parts, ignore_index=True)
    table.insert(2, "year", table.pop("year"))
    made = {"built": table.sort_values(["parcel_id", "year"], ignore_index=True)}
    first, last = min(years), max(years)
    if first < last:
        change = room.change(years[first], years[last], measure="built_share")
        made["built_change"] = _beside(lots, change).assign(year_from=first, year_to=last)
    return made


def _clocks(
    tables: Tables, registry: Registry, asked: dict[str, Any], *, law_on: str | None
) -> pd.DataFrame | None:
    if tables.projects is None:
        return None
    land = (tables.zones, tables.parcels, tables.ledger, tables.projects)
    return progress.idle_clocks(*land, law_on=law_on, laws=registry.of(Clock), **asked)


def _evidence(let: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the let hectares beside the evidence, what looks unbuilt on top."""
    table = let.join(found).reset_index()
    # Built lots last, and before them those of which nothing can be told: they may be all.
    rank = table["looks_unbuilt"].astype("Int64").mul(-2).add(2).fillna(1)
    order = table.assign(rank=rank).sort_values(["rank", "leased_ha"], ascending=[True, False])
    return order.drop(columns="rank").reset_index(drop=True)


def _slope(lots: gpd.GeoDataFrame, dem: Sequence[Path], registry: Registry) -> pd.DataFrame:
    limit: Limit = registry.load("slope")
    slope = room.mean_slope(lots, dem, limit_share=limit.at_most)
    marks = {"limit_share": limit.at_most, "rule": limit.name, "verified": str(limit.verified)}
    return _beside(lots, slope).assign(**marks)


def _say(made: dict[str, pd.DataFrame], names: pd.Series, language: str) -> None:
    """Print by zone how many let lots look unbuilt, and of how many nothing can be told."""
    if "unbuilt" not in made:
        return
    for zone_id, some in made["unbuilt"].groupby("zone_id"):
        unbuilt = some["looks_unbuilt"].fillna(False).astype(bool)
        line = theme.text(
            "imagery.zone",
            language=language,
            zone=names.get(zone_id, zone_id),
            lots=len(some),
            unbuilt=int(unbuilt.sum()),
            area=theme.number(some.loc[unbuilt, "leased_ha"].sum(), language=language),
            unknown=int(some["looks_unbuilt"].isna().sum()),
        )
        typer.echo(line)
