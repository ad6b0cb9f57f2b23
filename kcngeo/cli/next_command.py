"""The command that works after one that was refused, where what was found names it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kcngeo import theme
from kcngeo import update as updates
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity

# Rows at fault can be left out; what concerns a whole layer cannot.
_OF_ROWS = (
    *("shape_unheld", "shape_not_finite", "shape_huge", "shape_invalid", "shape_stray"),
    *("corner_no_number", "corner_gap", "corner_twice", "corner_too_few", "corner_crossing"),
    *("corner_lot_again", "import_no_area", "import_lot_names", "import_unread"),
)
_OF_CRS = ("crs_missing", "crs_out_of_domain", "crs_far")
_DRAWN = (".dxf", ".dgn")
# What GDAL's own program reads and kcngeo does not.
_CONVERTED = (".jml", ".gmt", ".e00", ".pmtiles", ".mvt", ".rss", ".sql", ".sxf", ".vct", ".000")


def advise(
    error: KcngeoError, sources: Sequence[Path], arrived: updates.Arrived | None, language: str
) -> None:
    """Note the next command on an error, if there is one."""
    found = [] if arrived is None else [one for some in arrived.findings.values() for one in some]
    converting, source, made = _conversion(error, sources)
    words = [] if converting else _by_error(error, sources) or _by_findings(found)
    if not converting and not words:
        return
    told = _joined([*_called(), *words])
    if converting:
        replaced = [made if word == source else word for word in _called()]
        told = f"{_joined(converting)} && {_joined(replaced)}"
    best: list[Any] = [one.fields.get("best") or {} for one in found if one.rule in _OF_CRS]
    key = "cli.try_first" if any(one.get("tied") for one in best) else "cli.try_next"
    error.add_note(theme.text(key, language=language, command=told))


def _called() -> list[str]:
    """Give the command as it was called."""
    return ["kcngeo", *sys.argv[1:]]


def _joined(words: Sequence[str]) -> str:
    """Write a command as the shell of this machine takes it."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _conversion(error: KcngeoError, sources: Sequence[Path]) -> tuple[list[str], str, str]:
    """Give the command of another program that makes a readable file, of which and named how."""
    path = str(error.fields.get("path", ""))
    source = next((str(one) for one in sources if str(one.absolute()) == path), path)
    suffix = Path(source).suffix
    bare = source.removesuffix(suffix)
    package, book = f"{bare}.gpkg", f"{bare}.xlsx"
    match error.code:
        case "layer_unknown" | "layer_suffix" if suffix.lower() in _CONVERTED:
            return ["ogr2ogr", package, source], source, package
        case "layer_part_missing" if error.fields.get("part") == ".shx":
            mend = ["ogr2ogr", "--config", "SHAPE_RESTORE_SHX", "YES", package, source]
            return mend, source, package
        case "sheet_old":
            folder = str(Path(source).parent)
            office = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", folder, source]
            return office, source, book
    return [], source, source


def _by_error(error: KcngeoError, sources: Sequence[Path]) -> list[str]:
    """Give the words to add for what could not be read."""
    if error.code == "layer_layers":
        return ["--all-layers"]
    if error.code == "mapping_no_table" and "--table" not in sys.argv:
        # The columns of a drawing are those of its pens: no row of it is a lot with a number.
        if all(one.suffix.lower() in _DRAWN for one in sources):
            said = "--land-use" in sys.argv or "--land-use-table" in sys.argv
            return ["--lots-from-lines", *(() if said else ("--land-use", "industrial"))]
        return ["--table", "parcels"]
    return []


def _by_findings(found: Iterable[Finding]) -> list[str]:
    """Give the words that answer every error; none where one has no answer."""
    errors = [one for one in found if one.severity is Severity.ERROR]
    words: dict[str, None] = {}
    unanswered = {one.rule for one in errors}
    for one in errors:
        best: Any = one.fields.get("best") or {}
        if one.rule in _OF_CRS and best:
            words[f"--crs {best['crs']}"] = None
            words |= {"--swap-axes": None} if best["swap_axes"] else {}
            words |= {f"--unit {best['unit_m']:g}": None} if best["unit_m"] != 1.0 else {}
            # What lies beyond any map in metres may not in its own unit.
            unanswered -= {one.rule, *(("shape_huge",) if best["unit_m"] != 1.0 else ())}
        if one.rule == "crs_lost_datum":
            words[f"--crs {one.fields['code']}"] = None
            unanswered.discard(one.rule)
        if one.rule == "shape_unheld" and "--close-rings" not in sys.argv:
            words["--close-rings"] = None
            unanswered.discard(one.rule)
            unheld = one.fields["count"]
            # Lots without an area are those without a shape, and these get one.
            flat = [two for two in errors if two.rule == "import_no_area"]
            unanswered -= {two.rule for two in flat if two.fields["count"] == unheld}
        if one.rule == "import_missing" and "import_lot_names" in unanswered:
            # That no column gives the id of lots follows from it.
            unanswered -= {"import_missing"} if one.fields["columns"] == ["parcel_id"] else set()
    if unanswered & {*_OF_ROWS} and unanswered <= {*_OF_ROWS} and "--partial" not in sys.argv:
        words["--partial"] = None
        unanswered = set()
    is_new = any(one.split()[0] not in sys.argv for one in words)
    return [word for one in words for word in one.split()] if is_new and not unanswered else []
