"""Drawings in a PDF as they are drawn: paths and letters, each in its place and in its tag."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kcngeo.figures.export import drawn_pages

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A picture without anything in it: what a drawing's place and its words are told by.
BLANK = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.2f %.2f"></svg>'
_EMPTY = re.compile(rb"(/P <</MCID \d+>> BDC\n)\nEMC")
_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing and where it stands.

    Attributes
    ----------
    page
        The number of the page, from 1.
    figure
        What is drawn.
    left_mm, top_mm
        Its upper left corner, from that of the page.
    scale
        How many times its own size it is.
    """

    page: int
    figure: Figure
    left_mm: float
    top_mm: float
    scale: float = 1.0


def with_drawings(data: bytes, drawings: Sequence[Drawing]) -> bytes:
    """Put drawings where a PDF has blank pictures, page by page in their order."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, NameObject

    if not drawings:
        return data
    writer = PdfWriter(clone_from=io.BytesIO(data))
    sheets = PdfReader(io.BytesIO(drawn_pages(one.figure for one in drawings))).pages
    drawn = [(one, _form(writer, sheet)) for one, sheet in zip(drawings, sheets, strict=True)]
    for number in sorted({one.page for one in drawings}):
        page: Any = writer.pages[number - 1]
        resources = page["/Resources"].get_object()
        forms = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
        calls = []
        for place, (one, form) in enumerate(pair for pair in drawn if pair[0].page == number):
            name = f"/Drawing{number}.{place}"
            forms[NameObject(name)] = writer._add_object(form)
            high = float(form["/BBox"][3]) * one.scale
            x = one.left_mm * _POINTS_PER_MM
            y = float(page.mediabox.height) - one.top_mm * _POINTS_PER_MM - high
            size = f"{one.scale:.5f}"
            calls.append(f"q {size} 0 0 {size} {x:.3f} {y:.3f} cm {name} Do Q".encode())
        _fill(writer, page, calls)
    made = io.BytesIO()
    writer.write(made)
    writer.close()
    return made.getvalue()


def _form(writer: Any, page: Any) -> Any:
    """Make a form of a page of a PDF: as a form its patterns keep to its scale."""
    from pypdf.generic import NameObject, StreamObject

    form = StreamObject()
    form.set_data(page.get_contents().get_data())
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = page.mediabox.clone(writer)
    form[NameObject("/Resources")] = page["/Resources"].get_object().clone(writer)
    if "/Group" in page:
        form[NameObject("/Group")] = page["/Group"].clone(writer)
    return form.flate_encode()


def _fill(writer: Any, page: Any, calls: Sequence[bytes]) -> None:
    """Write the calls of drawings into the blank pictures of a page, in their order."""
    from pypdf.generic import NameObject, StreamObject

    left = iter(calls)
    content = StreamObject()
    content.set_data(
        _EMPTY.sub(lambda found: found[1] + next(left) + b"\nEMC", page.get_contents().get_data())
    )
    page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
