"""What arrives from elsewhere: ``import`` and ``new``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from kcngeo import io, theme
from kcngeo import update as updates
from kcngeo.cli.shared import DONE, TOLD, Lang, Language, app, console, say_findings
from kcngeo.cli.stores import tell_edits
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.core.schema import TABLES
from kcngeo.io.mapping.toml import mapping_text
from kcngeo.ledger.project import Project
from kcngeo.qgis.safe_replace import keep

_CERTIFICATE = "certificate_area_m2"
# What a list says of its rows that is no part of the ledger.
_OF_THE_LIST = ("zone_id", "source_cell")


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What the user asked for, and what came of it so far."""

    table: str | None
    layer: str | None
    sheet: str | None
    year: int | None
    zone: str | None
    status: str
    area_unit: str | None
    crs: str | None
    province: str | None
    encoding: str | None
    partial: bool
    given: Mapping[str, io.ColumnMapping]
    mappings: dict[str, io.ColumnMapping] = field(default_factory=dict)
    tables: dict[str, list[Any]] = field(default_factory=dict)
    findings: dict[Path, list[Finding]] = field(default_factory=dict)
    counts: list[tuple[Path, str, int]] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)

    def found(self, source: Path, findings: Iterable[Finding]) -> None:
        """Note what was found in a source."""
        self.findings.setdefault(source, []).extend(findings)


@app.command(name="import")
def import_(
    sources: Annotated[
        list[Path], typer.Argument(help="Layers, lease lists, workbooks.", metavar="SOURCE...")
    ],
    into: Annotated[str, typer.Option(help="Project to import into; made if there is none.")],
    table: Annotated[str | None, typer.Option(help="Table the sources are, if not clear.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of a file that holds several.")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a spreadsheet; all if left out.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Only the sheets of this year.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of all rows that do not name one.")] = None,
    status: Annotated[
        str, typer.Option(help="Status of lists that do not say one.")
    ] = Status.LEASED.value,
    area_unit: Annotated[
        str | None, typer.Option(help="Unit of areas in lists that do not say it: ha or m2.")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of layers, whatever they say.")] = None,
    province: Annotated[
        str | None,
        typer.Option(help="Province (lam-dong), whose own zone is marked where a CRS is missing."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text, if not clear.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that says which column is which.")
    ] = None,
    write_mapping: Annotated[
        Path | None, typer.Option(help="Write the mapping to this TOML file, to be changed.")
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option(help="When it was recorded; now if left out.")
    ] = None,
    valid_from: Annotated[
        str | None,
        typer.Option(help="First day of new shapes and uses; if left out the old ones were wrong."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Rows a workbook no longer has are removed.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave out rows at fault instead of stopping.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, write no project.")
    ] = False,
    language: Language = Lang.VI,
) -> None:
    """Bring layers, lease lists and workbooks into a project; print how columns were mapped."""
    old = io.read_project(into) if Path(into).exists() or "://" in into else None
    asked = _Asked(
        table=table,
        layer=layer,
        sheet=sheet,
        year=year,
        zone=zone,
        status=status,
        area_unit=area_unit,
        crs=crs,
        province=province,
        encoding=encoding,
        partial=partial,
        given={} if mapping is None else io.read_mapping(mapping),
    )
    if asked.given and table is None and len(asked.given) == 1:
        asked.table = next(iter(asked.given))
    lists = []
    for source in sources:
        kind = _kind(source, asked)
        if kind == "list":
            lists.append(source)
        elif kind == "layer":
            _layer(source, asked, old)
        else:
            {"workbook": _workbook, "table": _table}[kind](source, asked)
    for source in lists:
        _list(source, asked, old)
    _say(asked, language)
    if write_mapping is not None and asked.mappings:
        io.write_mapping(asked.mappings.values(), write_mapping)
        console.print(theme.text("cli.made", language=language, path=write_mapping), markup=False)
    errors = [
        one for found in asked.findings.values() for one in found if one.severity is Severity.ERROR
    ]
    if errors and not partial:
        if dry_run:
            raise typer.Exit(TOLD)
        raise KcngeoError("import_stopped", count=len(errors))
    after = _joined(asked, old, recorded_at, valid_from, remove=remove, language=language)
    if dry_run or after is None:
        console.print(theme.text("cli.not_written", language=language), markup=False)
    else:
        io.write_project(after, into)
        console.print(
            theme.text("cli.made", language=language, path=io.redact_url(into)), markup=False
        )
    raise typer.Exit(TOLD if errors else DONE)


def _kind(source: Path, asked: _Asked) -> str:
    """Tell how a source is to be read: its headings say so, unless the user does."""
    if not source.exists():
        raise DataSourceError("sheet_missing", path=source)
    kind = io.kind_of(source, encoding=asked.encoding)
    if kind not in ("list", "table") or asked.table is None:
        return kind
    return "list" if asked.table == "ledger" and "ledger" not in asked.given else "table"


def _layer(source: Path, asked: _Asked, old: Project | None) -> None:
    read = io.read_layer(
        source,
        layer=asked.layer,
        crs=asked.crs,
        encoding=asked.encoding,
        province=asked.province,
    )
    asked.found(source, (one for one in read.findings if one.rule not in io.CRS_RULES))
    table, frame = _mapped(source, read.frame, asked)
    # What a column means is known by now, so areas on paper and the fences can prove the CRS.
    there = table == "parcels" and _CERTIFICATE in frame.columns
    proof = io.crs_findings(
        frame,
        table=source.stem,
        reference=_fences(asked, old) if table == "parcels" else None,
        certificate=_CERTIFICATE if there and frame[_CERTIFICATE].notna().any() else None,
        province=asked.province,
    )
    asked.found(source, proof)


def _fences(asked: _Asked, old: Project | None) -> Any:
    """Give the zones that lots must lie near: those that arrived, else those of the project."""
    frames = asked.tables.get("zones", [])
    zones = _one(frames) if frames else None if old is None else old.zones
    return None if zones is None or zones.empty or zones.crs is None else zones


def _table(source: Path, asked: _Asked) -> None:
    if asked.table is None:
        raise KcngeoError("import_which_table", path=source, tables=" | ".join(TABLES))
    read = io.read_table(source, table=asked.table, sheet=asked.sheet, encoding=asked.encoding)
    asked.found(source, read.findings)
    _mapped(source, read.frame, asked)


def _mapped(source: Path, frame: pd.DataFrame, asked: _Asked) -> tuple[str, Any]:
    """Make a table of a project from a source, by the mapping given or proposed."""
    fixed = {} if asked.zone is None else {"zone_id": asked.zone}
    name = asked.layer or source.stem
    proposal = io.propose_mapping(frame, table=asked.table, name=name)
    if fixed and "zone_id" in proposal.missing:
        proposal = io.propose_mapping(frame, table=proposal.table, fixed=fixed)
    mapping = asked.given.get(proposal.table, proposal)
    if mapping is not proposal and fixed and "zone_id" not in mapping.columns:
        mapping = replace(mapping, fixed={**fixed, **mapping.fixed})
    asked.mappings[mapping.table] = mapping
    made = io.mapped(frame, mapping)
    asked.found(source, made.findings)
    result = made.frame
    if asked.partial:
        result = result[~_lacks(result, mapping.table)]
    asked.tables.setdefault(mapping.table, []).append(result)
    asked.counts.append((source, mapping.table, len(result)))
    return mapping.table, made.frame


def _lacks(frame: pd.DataFrame, table: str) -> Any:
    """Find the rows without a value that their table must have."""
    required = [column.name for column in TABLES[table].columns if column.required]
    there = [name for name in required if name in frame.columns]
    return frame[there].isna().any(axis=1).to_numpy()


def _workbook(source: Path, asked: _Asked) -> None:
    read = io.read_workbook(source)
    asked.found(source, read.findings)
    for table, frame in read.tables.items():
        kept = frame[~_lacks(frame, table)] if asked.partial else frame
        asked.tables.setdefault(table, []).append(kept)
        asked.whole.add(table)
        if len(kept):
            asked.counts.append((source, table, len(kept)))


def _list(source: Path, asked: _Asked, old: Project | None) -> None:
    """Read a lease list; its lots are those of this import, else of the project."""
    known = {} if old is None else dict(old.tables())
    known |= {name: _one(frames) for name, frames in asked.tables.items()}
    parcels, zones = known.get("parcels"), known.get("zones")
    read = io.read_ledger(
        source,
        sheet=asked.sheet,
        year=asked.year,
        zone_id=asked.zone,
        parcels=None if parcels is None or parcels.empty else parcels,
        zones=zones,
        status=asked.status,
        area_unit=asked.area_unit,
        encoding=asked.encoding,
    )
    asked.found(source, read.findings)
    frame = read.frame[~read.at_fault] if asked.partial else read.frame
    # A column a list does not have says nothing of what the ledger holds in it.
    kept = frame.drop(columns=list(_OF_THE_LIST)).dropna(axis="columns", how="all")
    asked.tables.setdefault("ledger", []).append(kept)
    asked.counts.append((source, "ledger", len(kept)))


def _one(frames: list[Any]) -> Any:
    """Put the frames of several sources together."""
    if len(frames) == 1:
        return frames[0]
    both = pd.concat(frames, ignore_index=True)
    return both if not isinstance(frames[0], gpd.GeoDataFrame) else gpd.GeoDataFrame(both)


def _joined(
    asked: _Asked,
    old: Project | None,
    recorded_at: str | None,
    valid_from: str | None,
    *,
    remove: bool,
    language: str,
) -> Project | None:
    """Make the project: a new one of what arrived, or the old one with the edits on record.

    None is a project in which nothing changes.
    """
    tables = {name: _one(frames) for name, frames in asked.tables.items()}
    if old is not None:
        changes = updates.arriving(old, tables, whole=asked.whole, remove=remove)
        tell_edits(changes, language)
        if changes.empty:
            return None
        return updates.apply(old, changes, recorded_at=recorded_at, valid_from=valid_from)
    missing = [name for name in ("zones", "parcels") if name not in tables]
    if missing:
        raise KcngeoError("import_needs", tables=missing)
    empty = Project(
        zones=tables["zones"].iloc[:0],
        parcels=tables["parcels"].iloc[:0],
        ledger=dict(io.empty_project(tables["zones"].crs).tables())["ledger"],
    )
    # Contradictions are found by the same rules as in any update; nothing was on record before.
    proven = updates.apply(empty, updates.arriving(empty, tables), recorded_at=recorded_at)
    if recorded_at is not None:
        return proven
    plain = {
        name: frame.drop(columns=["recorded_at", "superseded_at"], errors="ignore")
        for name, frame in proven.tables()
    }
    return Project(**plain)


def _say(asked: _Asked, language: str) -> None:
    """Print the mapping to standard output, what was read and found to standard error."""
    if asked.mappings:
        typer.echo(mapping_text(asked.mappings.values()), nl=False)
    for source in dict.fromkeys(path for path, *_ in asked.counts):
        for path, table, count in asked.counts:
            if path == source:
                fields = {"path": path, "table": table, "count": count}
                line = theme.text("cli.arrived", language=language, **fields)
                console.print(line, markup=False)
        say_findings(tuple(asked.findings.get(source, ())), language)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the project; may lie in a folder.")],
    crs: Annotated[
        str, typer.Option(help="CRS of its layers; the default is that of Lâm Đồng.")
    ] = "EPSG:5899",
    of: Annotated[
        str | None, typer.Option(help="Write only the workbook, filled from this project.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files of that name; a copy is kept.")
    ] = False,
    language: Language = Lang.VI,
) -> None:
    """Make an empty project NAME.gpkg and its ledger workbook NAME.xlsx."""
    base = name.removesuffix(".gpkg").removesuffix(".xlsx")
    project = Path(f"{base}.gpkg")
    workbook = Path(f"{base}.xlsx")
    made = [workbook] if of is not None else [project, workbook]
    there = [path for path in made if path.exists()]
    if there and not force:
        raise KcngeoError("new_exists", paths=[str(path) for path in there])
    for copy in keep(there):
        console.print(theme.text("cli.kept", language=language, path=copy), markup=False)
    if of is not None:
        io.write_workbook(io.read_project(of), workbook, language=language)
    else:
        io.write_project(io.empty_project(_crs(crs)), project)
        io.write_workbook(None, workbook, language=language)
        console.print(theme.text("cli.new_crs", language=language, crs=crs), markup=False)
    for path in made:
        console.print(theme.text("cli.made", language=language, path=path), markup=False)


def _crs(text: str) -> Any:
    import pyproj

    from kcngeo.core.errors import CRSError

    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("new_crs", value=text) from error
