"""Prove or refute what was made, and sign it: ``verify``, ``sign``."""

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
from kcngeo.products.filed import read_filed
from kcngeo.publish.manifest import NAME
from kcngeo.publish.verification.words import verdict_lines

_READ: Mapping[str, Any] = {
    "sectors": io.read_own_table,
    "demand": io.read_own_table,
    "green": lambda path: io.read_layer(path).frame,
    "confirmed": read_confirmed,
    "rules": standards.registry,
    "filed": read_filed,
    "forms": Path,
    "letterhead": Path,
    "imagery": Path,
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
    signers: Annotated[
        Path | None,
        typer.Option(
            help="Refute the folder unless one of these has signed it: a list of ssh-keygen, "
            "a line a person, for example: board@lamdong ssh-ed25519 AAAA…"
        ),
    ] = None,
    language: Language = Lang.VI,
) -> None:
    """Prove or refute a folder: files against its manifest, each other, and the project."""
    try:
        said = publish.read_manifest(folder)
    except KcngeoError as error:
        _name_months(error, folder, language)
        raise
    made = None
    # What a manifest says that was tampered with is no recipe.
    if project is not None and f"changed {NAME}" not in publish.changed_files(folder):
        made = products.remake(io.read_project(project), said, **_given(given or []))
    inputs = [] if project is None else [project]
    verdict = publish.verify(folder, remade=made, inputs=inputs, signers=signers)
    for line in verdict_lines(verdict, path=folder, language=language):
        typer.echo(line)
    raise typer.Exit(EXIT_FINDINGS if verdict.is_refuted else DONE)


@app.command()
def sign(
    folder: Annotated[Path, typer.Argument(help="Folder of any product.", metavar="DIR")],
    key: Annotated[Path, typer.Option(help="A private key of ssh-keygen.")],
    language: Language = Lang.VI,
) -> None:
    """Sign a folder, so that `verify --signers` tells who hands it out; needs no network."""
    done = publish.sign(folder, key=key)
    typer.echo(theme.text("verify.signed", language=language, path=done, kind="ssh-ed25519"))


def _name_months(error: KcngeoError, folder: Path, language: str) -> None:
    """Note on an error that this is the folder of a batch, whose months are proved one by one."""
    made = sorted(path.parent for path in folder.glob(f"*/{NAME}"))
    if made and not (folder / NAME).exists():
        key = "cli.verify_each"
        error.add_note(theme.text(key, language=language, count=len(made), path=made[-1]))


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
