"""What arrives from elsewhere: ``import`` and ``new``."""

from __future__ import annotations

import functools
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, theme
from kcngeo import update as updates
from kcngeo.cli.companies import say_companies
from kcngeo.cli.next_command import advise
from kcngeo.cli.reconciling import (
    read_missing,
    require_ending,
    say_columns,
    say_reconciled,
    write_reconciled,
)
from kcngeo.cli.shared import DONE, EXIT_FINDINGS, Lang, Language, app, console, say_findings
from kcngeo.cli.stores import beside, say_clashes, say_edits
from kcngeo.core import atomic
from kcngeo.core.checked_once import each_once
from kcngeo.core.crs import crs_of, metres_of
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Status
from kcngeo.io.mapping.toml import mapping_text
from kcngeo.publish.company_register import read_companies
from kcngeo.publish.mapping_review import (
    BOOK,
    PAGE,
    mapping_workbook,
    read_mapping_workbook,
    review_page,
)


@app.command(name="import")
def import_(
    sources: Annotated[
        list[Path], typer.Argument(help="Layers, lease lists, workbooks.", metavar="SOURCE...")
    ],
    into: Annotated[str, typer.Option(help="Project to import into; made if there is none.")],
    table: Annotated[str | None, typer.Option(help="Table the sources are, if not clear.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of a file that holds several.")] = None,
    all_layers: Annotated[
        bool,
        typer.Option("--all-layers", help="Every layer of a file; each told, whatever it becomes."),
    ] = False,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a spreadsheet; all if left out.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Only the sheets of this year.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of all rows that do not name one.")] = None,
    land_use: Annotated[
        str | None, typer.Option(help="Function of all lots that do not say one: industrial …")
    ] = None,
    status: Annotated[
        str, typer.Option(help="Status of lists that do not say one.")
    ] = Status.LEASED.value,
    area_unit: Annotated[
        str | None, typer.Option(help="Unit of areas in lists that do not say it: ha or m2.")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of layers, whatever they say.")] = None,
    to_crs: Annotated[
        str | None,
        typer.Option(help="CRS layers are brought to; that of the project if left out; told."),
    ] = None,
    swap_axes: Annotated[
        bool, typer.Option("--swap-axes", help="The coordinates of layers have northings first.")
    ] = False,
    unit: Annotated[
        str, typer.Option(help="Unit of the coordinates of layers, as mm or ft; or its metres.")
    ] = "m",
    province: Annotated[
        str | None,
        typer.Option(help="Province (lam-dong), whose own zone is marked where a CRS is missing."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text, if not clear.")] = None,
    close_rings: Annotated[
        bool,
        typer.Option("--close-rings", help="Close rings that do not end where they begin; told."),
    ] = False,
    lots_from_lines: Annotated[
        bool,
        typer.Option("--lots-from-lines", help="Make lots of the lines of a DXF or DGN drawing."),
    ] = False,
    line_layer: Annotated[
        list[str] | None, typer.Option(help="Layer of a drawing with boundaries; may be repeated.")
    ] = None,
    text_layer: Annotated[
        list[str] | None, typer.Option(help="Layer of a drawing with numbers; may be repeated.")
    ] = None,
    snap_m: Annotated[
        float, typer.Option(min=0, help="Corners of lines nearer than this are joined, in m.")
    ] = 0.05,
    symbol_m2: Annotated[
        float, typer.Option(min=0, help="What encloses less in a drawing is no lot, in m².")
    ] = 2.0,
    land_use_table: Annotated[
        Path | None,
        typer.Option(help="CSV: the function each legal code means; made to fill in if absent."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="TOML file, or workbook of --review, that says which column is which."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Folder for a page and a workbook of what was understood; no project."),
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
    on: Annotated[
        str | None, typer.Option(help="Day a list is of; what it says itself if left out.")
    ] = None,
    missing: Annotated[
        str,
        typer.Option(
            help="Entries a list no longer names: ask (nothing is written), keep, or ends-on:DAY."
        ),
    ] = "ask",
    companies: Annotated[
        Path | None,
        typer.Option(
            help="Make projects of the tenants of lists. Spellings in doubt are asked in this"
            " .csv: give their project_id there and run again."
        ),
    ] = None,
    reconciliation: Annotated[
        Path | None,
        typer.Option(help="Write lists beside the ledger, line by line, as .csv or .xlsx."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, write no project.")
    ] = False,
    language: Language = Lang.VI,
) -> None:
    """Bring layers, lease lists and workbooks into a project; print how columns were mapped."""
    require_ending(reconciliation)
    policy, ends_on = read_missing(missing)
    answers = read_companies(companies)
    says_codes = land_use_table is not None and land_use_table.exists()
    old = io.read_project(into) if Path(into).exists() or "://" in into else None
    reading = updates.Reading(
        table=table,
        layer=layer,
        sheet=sheet,
        year=year,
        zone=zone,
        land_use=land_use,
        status=status,
        area_unit=area_unit,
        crs=crs,
        to_crs=to_crs,
        swap_axes=swap_axes,
        unit_m=metres_of(unit),
        province=province,
        encoding=encoding,
        close_rings=close_rings,
        all_layers=all_layers,
        drawing=updates.Drawing(
            snap_m=snap_m,
            line_layers=tuple(line_layer or ()),
            text_layers=tuple(text_layer or ()),
            symbol_m2=symbol_m2,
        )
        if lots_from_lines or line_layer or text_layer
        else None,
        land_uses=io.read_land_use_table(land_use_table)
        if land_use_table is not None and says_codes
        else None,
        land_uses_from=land_use_table.name if land_use_table is not None else "",
        partial=partial,
        on=on,
        missing=policy,
        ends_on=ends_on,
        companies=answers,
        mappings={} if mapping is None else _mappings(mapping),
        review=review is not None,
    )
    try:
        arrived = updates.read_sources(sources, reading, old=old)
    except KcngeoError as error:
        advise(error, sources, None, language)
        raise
    _say(arrived, language)
    if write_mapping is not None and arrived.mappings:
        io.write_mapping(arrived.mappings.values(), write_mapping)
        console.print(theme.text("cli.made", language=language, path=write_mapping), markup=False)
    if review is not None:
        _write_review(arrived, review, language)
        raise typer.Exit(EXIT_FINDINGS if arrived.errors else DONE)
    if companies is not None:
        say_companies(arrived.registers, companies, language)
        if arrived.asked and not dry_run:
            raise KcngeoError("companies_asked", count=arrived.asked, path=companies)
    if land_use_table is not None and not says_codes:
        _ask_land_uses(arrived, land_use_table, language)
    if arrived.errors and not partial:
        if dry_run:
            # What the list says beside its faults.
            say_reconciled(arrived.seen, language)
            raise typer.Exit(EXIT_FINDINGS)
        stopped = KcngeoError("import_stopped", count=arrived.errors)
        advise(stopped, sources, arrived, language)
        raise stopped
    bring_in = functools.partial(
        updates.bring_in,
        arrived,
        recorded_at=recorded_at,
        valid_from=valid_from,
        remove=remove,
    )
    if old is None:
        made = bring_in()
        if made.project is not None and not dry_run:
            io.write_project(made.project, into)
    else:
        # Read again: what others have recorded while the sources were read stays.
        with each_once(), io.editing(into) as now:
            made = bring_in(old=now.project)
            if made.project is not None and not dry_run:
                now.write(made.project)
    say_reconciled(made.reconciled, language)
    if reconciliation is not None:
        write_reconciled(made.reconciled, reconciliation, language)
    if made.asked:
        raise KcngeoError("list_missing", count=made.asked)
    if made.merged is not None and len(made.merged.clashes):
        say_clashes(made.merged, None if dry_run else beside(sources[0]), language)
    if made.changes is not None:
        say_edits(made.changes, language)
    if dry_run or made.project is None:
        console.print(theme.text("cli.not_written", language=language), markup=False)
    else:
        path = io.redact_url(into)
        console.print(theme.text("cli.made", language=language, path=path), markup=False)
    differs = not all(one.agrees for one in made.reconciled)
    raise typer.Exit(EXIT_FINDINGS if arrived.errors or differs else DONE)


def _mappings(path: Path) -> dict[str, io.ColumnMapping]:
    """Read which column is which, from a workbook or a TOML file."""
    is_book = path.suffix.lower() in io.WORKBOOKS
    return read_mapping_workbook(path) if is_book else io.read_mapping(path)


def _write_review(arrived: updates.Arrived, folder: Path, language: str) -> None:
    """Write what was understood as a page and a workbook to put right."""
    made = {
        PAGE: review_page(arrived.reviews, arrived.findings, arrived.columns, language=language),
    }
    if arrived.reviews:
        made[BOOK] = mapping_workbook(arrived.reviews, language=language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        atomic.write_bytes(folder / name, content)
        line = theme.text("cli.made", language=language, path=folder / name)
        console.print(line, markup=False)


def _ask_land_uses(arrived: updates.Arrived, path: Path, language: str) -> None:
    """Write the legal codes of lots that say no function, to be filled in, and stop."""
    lots = arrived.tables.get("parcels")
    if lots is None or "land_use" in lots.columns or "land_use_code" not in lots.columns:
        return
    count = io.write_land_use_table(lots, path, language=language)
    raise KcngeoError("land_use_written", path=path, count=count)


def _say(arrived: updates.Arrived, language: str) -> None:
    """Print the mapping to standard output, what was read and found to standard error."""
    if arrived.mappings:
        typer.echo(mapping_text(arrived.mappings.values()), nl=False)
    for source in dict.fromkeys(path for path, *_ in arrived.counts):
        for path, table, count in arrived.counts:
            if path == source:
                fields = {"path": path, "table": table, "count": count}
                line = theme.text("cli.arrived", language=language, **fields)
                console.print(line, markup=False)
        say_columns(arrived.columns.get(source, {}), language)
        say_findings(arrived.findings.get(source, ()), language)


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
    for copy in io.keep_copies(there):
        console.print(theme.text("cli.kept", language=language, path=copy), markup=False)
    if of is not None:
        io.write_workbook(io.read_project(of), workbook, language=language)
    else:
        # Two empty projects are not one.
        empty = replace(io.empty_project(crs_of(crs)), dataset_id=str(uuid.uuid4()))
        io.write_project(empty, project)
        io.write_workbook(None, workbook, language=language)
        console.print(theme.text("cli.new_crs", language=language, crs=crs), markup=False)
    for path in made:
        console.print(theme.text("cli.made", language=language, path=path), markup=False)
