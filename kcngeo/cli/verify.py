"""Prove or refute what was made: ``verify``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kcngeo import io, products, publish, standards, theme
from kcngeo.cli.development import by_year
from kcngeo.cli.shared import DONE, EXIT_FINDINGS, Lang, Language, app
from kcngeo.core.errors import KcngeoError
from kcngeo.products.confirmed import read_confirmed

_READ: Mapping[str, Any] = {
    "sectors": io.read_own_table,
    "demand": io.read_own_table,
    "green": lambda path: io.read_layer(path).frame,
    "confirmed": read_confirmed,
    "rules": standards.registry,
}
_SEVERAL = ("land_cover", "dem", "image")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of any product.", metavar="DIR")],
    project: Annotated[
        str | None, typer.Option(help="Compute anew from this project and compare the content.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            help="With --project: what was given beside it, for example sectors=sectors.csv, "
            "rules=own.toml, land_cover=2023=cover.tif; may be repeated."
        ),
    ] = None,
    language: Language = Lang.VI,
) -> None:
    """Prove or refute that a folder holds what its manifest says."""
    differences = publish.verify(folder)
    # What a manifest says that was tampered with is no recipe.
    if project is not None and "changed manifest.json" not in differences:
        said = publish.read_manifest(folder)
        made = products.remake(io.read_project(project), said, **_given(given or []))
        again = products.digests(made, said["language"])
        differences = publish.verify(folder, again=again)
    for difference in differences:
        kind, name = difference.split(" ", 1)
        typer.echo(theme.text(f"verify.{kind}", language=language, name=name))
    if not differences:
        typer.echo(theme.text("verify.agrees", language=language, path=folder))
    raise typer.Exit(EXIT_FINDINGS if differences else DONE)


def _given(words: Sequence[str]) -> dict[str, Any]:
    """Read what a product was given beside the project."""
    given: dict[str, Any] = {}
    for one in words:
        name, _, path = one.partition("=")
        if not path or name not in (*_READ, *_SEVERAL):
            choices = " | ".join((*_READ, *_SEVERAL))
            raise KcngeoError("unknown_given", value=one, choices=choices)
        if name in _SEVERAL:
            given.setdefault(name, []).append(path)
        else:
            given[name] = _READ[name](Path(path))
    if "land_cover" in given:
        given["land_cover"] = by_year(given["land_cover"])
    return given
