"""Write the folder of a month: beside its place first, then renamed."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from kcngeo.core.errors import DataSourceError
from kcngeo.maps import report_map
from kcngeo.publish.manifest import NAME, manifest_of, read_manifest
from kcngeo.publish.tables import accounts_table, csv_bytes, series_table
from kcngeo.report import MonthlyReport


def write(
    report: MonthlyReport,
    folder: str | os.PathLike[str],
    *,
    language: str = "vi",
    inputs: Iterable[str | os.PathLike[str]] = (),
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a month: ``map.html``, ``accounts.csv``, ``series.csv`` and ``manifest.json``.

    The folder appears whole or not at all. One that an earlier run made is replaced; one that
    holds anything else is refused. The same report gives the same bytes.

    Parameters
    ----------
    report
        The month.
    folder
        The folder to make.
    language
        Language of everything a person reads, "vi" or "en".
    inputs
        Files the project was read from; their hashes go into the manifest.
    progress
        Called with the name of each file before it is made.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataSourceError
        If the folder holds files that are not an earlier run's, or cannot be written; what was
        there before is then still there.
    """
    # "." has no name to rename by, and a link stays a link.
    target = Path(folder).resolve()
    _require_ours(target)
    tell = progress or (lambda _: None)
    tables = {}
    outputs = {}
    for name, make in (("accounts", accounts_table), ("series", series_table)):
        tell(f"{name}.csv")
        tables[name] = make(report, language=language)
        outputs[f"{name}.csv"] = csv_bytes(tables[name])
    tell("map.html")
    outputs["map.html"] = report_map(report, language=language).get_root().render().encode()
    tell(NAME)
    manifest = manifest_of(report, language=language, tables=tables, outputs=outputs, inputs=inputs)
    _place(target, {**outputs, NAME: manifest})
    return Path(folder)


def _require_ours(target: Path) -> None:
    """Refuse a folder whose replacement would lose somebody's files."""
    if not target.exists():
        return
    if not target.is_dir():
        raise DataSourceError("unwritable", path=target, detail="it is a file")
    ours = {NAME, *read_manifest(target)["outputs"]} if (target / NAME).is_file() else set()
    files = (path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    # A few are enough to say no: somebody may have named a home folder.
    strange = sorted(islice((name for name in files if name not in ours), 5))
    if strange:
        detail = f"the folder holds files of others: {', '.join(strange)}"
        raise DataSourceError("unwritable", path=target, detail=detail)


def _place(target: Path, files: dict[str, bytes]) -> None:
    """Write all files beside the target, then swap the folders."""
    mark = uuid.uuid4().hex
    beside, before = target.with_name(f".{mark}"), target.with_name(f".{mark}-before")
    try:
        beside.mkdir(parents=True)
        for name, data in files.items():
            (beside / name).write_bytes(data)
        if target.exists():
            target.replace(before)
        beside.replace(target)
    except OSError as error:
        raise DataSourceError("unwritable", path=target, detail=str(error)) from error
    finally:
        if before.exists() and not target.exists():
            before.replace(target)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
