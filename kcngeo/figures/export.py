"""Figures as files: the same figure gives the same bytes, whole or not at all."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.figures.typography import own_settings

# None keeps a field out of the file: no clock, and no version that changes without the figure.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_GROUP = re.compile(r'<g id="[^"]*"')
_SETTINGS = {"svg.hashsalt": "kcngeo", "svg.fonttype": "path", "pdf.fonttype": 42}


class PaperFigure(Figure):
    """A figure that a notebook shows as it is saved, without pyplot."""

    def _repr_png_(self) -> bytes:
        return drawn(self, "png")


def save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure as PNG, SVG or PDF; letters are drawn in shape, so no font is needed to read.

    The same figure gives the same bytes.

    Parameters
    ----------
    figure
        The figure.
    path
        The file; its ending, ".png", ".svg" or ".pdf", says the format.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataSourceError
        If the ending is another, or the file cannot be written; what was there before stays.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> figure = kcn.figures.fill_map(kcn.examples.squares(), month="2018-03", language="en")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(figure, f"{folder}/map.svg").name
    'map.svg'
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in _METADATA:
        choices = ", ".join(f".{name}" for name in _METADATA)
        raise DataSourceError("unwritable", path=path, detail=f"a figure ends in {choices}")
    atomic.write_bytes(path, drawn(figure, kind))
    return Path(path)


def drawn(figure: Figure, kind: str) -> bytes:
    """Draw a figure in a format; PDF and SVG carry its title."""
    metadata = dict(_METADATA[kind])
    title = str(figure.get_label())
    if title and kind != "png":
        metadata["Title"] = title
    buffer = io.BytesIO()
    with own_settings(_SETTINGS):
        canvas = figure.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            canvas = FigureCanvasAgg(figure)
        canvas.print_figure(
            buffer,
            format="rgba" if kind == "png" else kind,
            dpi=figure.dpi,
            metadata=metadata or None,
            bbox_inches=None,
        )
    if kind != "png":
        return buffer.getvalue()
    size = canvas.get_width_height()
    return _png(Image.frombuffer("RGBA", size, buffer.getvalue()), dpi=figure.dpi)


def drawn_inline(figure: Figure) -> str:
    """Draw a figure as SVG that stands in a page, its letters as text that can be found."""
    with own_settings({**_SETTINGS, "svg.fonttype": "none"}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata=_METADATA["svg"])
    # What stands before is of a file; names of groups would stand more than once in the page.
    return _GROUP.sub("<g", buffer.getvalue().partition("<svg")[2].join(("<svg", "")))


def drawn_pages(figures: Iterable[Figure]) -> bytes:
    """Draw figures as the pages of one PDF, in which the letters of all stand once."""
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with own_settings(_SETTINGS), PdfPages(buffer, metadata=_METADATA["pdf"]) as pages:
        for figure in figures:
            pages.savefig(figure, dpi=figure.dpi)
    return buffer.getvalue()


def _png(picture: Image.Image, *, dpi: float) -> bytes:
    """Keep 256 colours of a picture, which makes a third of it: areas keep theirs, edges nearly."""
    # Where it is not opaque, what lies under it shows through.
    is_opaque = picture.getchannel("A").getextrema() == (255, 255)
    if is_opaque:
        picture = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    made = io.BytesIO()
    # The highest level takes seven times as long, for a twentieth less.
    picture.save(made, "PNG", compress_level=7, dpi=(dpi, dpi))
    return made.getvalue()
