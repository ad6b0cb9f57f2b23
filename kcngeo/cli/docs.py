"""The documentation: ``docs``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from kcngeo.cli.shared import Lang, Language, app
from kcngeo.publish.documentation import unpack_pages


@app.command()
def docs(
    out: Annotated[
        Path | None, typer.Option(help="Folder to lay the pages out in; your cache if left out.")
    ] = None,
    browser: Annotated[
        bool, typer.Option(help="Open the first page, or only print where it is.")
    ] = True,
    language: Language = Lang.VI,
) -> None:
    """Open the documentation in a browser; needs no network."""
    first = (unpack_pages(out) / language / "index.html").resolve()
    typer.echo(first)
    if browser:
        webbrowser.open(first.as_uri())
