"""The last look at a public edition: no private text leaves in whatever file and spelling."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from kcngeo.core.errors import KcngeoError
from kcngeo.core.private_texts import PrivateTexts
from kcngeo.core.sql_names import sql_name
from kcngeo.publish.content import Content, pieces_of

# The program of a page holds no data; what it is drawn from stands in blocks of other kinds.
_PROGRAM = re.compile(
    r"""<script(?![^>]*type=["']?(?:application/json|text/plain))[^>]*>.*?</script>"""
    r"|<style[^>]*>.*?</style>",
    re.DOTALL | re.IGNORECASE,
)
_PACKED = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_GZIP = b"\x1f\x8b"


def require_nothing_private(outputs: Mapping[str, Content], private: PrivateTexts) -> None:
    """Refuse files that carry a private text, with every place.

    Examples
    --------
    >>> private = PrivateTexts.of(["Công ty TNHH Đại Sơn"])
    >>> try:
    ...     require_nothing_private({"notes.csv": b"A1,hop dong cty DaiSon"}, private)
    ... except KcngeoError as error:
    ...     print(error.fields["places"])
    ['notes.csv: "DaiSon" (Công ty TNHH Đại Sơn)']
    """
    places: dict[tuple[str, str], str] = {}
    for name, content in outputs.items():
        for place, text in _texts(name, b"".join(pieces_of(content))):
            for start, stop, secret in private.found(text):
                places.setdefault((place, secret), text[start:stop])
    if places:
        told = [f'{place}: "{shown}" ({secret})' for (place, secret), shown in places.items()]
        raise KcngeoError("private_left", places=told)


def _texts(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Give all texts of a file with where they stand, also of files inside it."""
    yield name, name
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for inner in packed.namelist():
                yield from _texts(f"{name}/{inner}", packed.read(inner))
    elif name.endswith(".gpkg"):
        yield from _of_package(name, data)
    elif name.endswith(".pdf"):
        from pypdf import PdfReader

        for number, page in enumerate(PdfReader(io.BytesIO(data)).pages, start=1):
            yield f"{name}, {number}", page.extract_text()
    elif name.endswith((".png", ".tif", ".jpg", ".ttf", ".odttf")):
        # Letters that are drawn come from the same tables; what a picture says of itself is text.
        yield name, " ".join(re.findall(r"[\w .,:/-]{6,}", data[:4096].decode("latin-1")))
    else:
        yield from _of_text(name, data.decode("utf-8", errors="replace"))


def _of_text(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Give a text, and what is packed in it; pictures in it are no words."""
    for found in _PACKED.finditer(text):
        try:
            data = base64.b64decode(found[0], validate=True)
        except binascii.Error:
            continue
        if data.startswith(_GZIP):
            yield from _of_text(name, gzip.decompress(data).decode("utf-8", errors="replace"))
    yield name, _PACKED.sub(" ", _PROGRAM.sub(" ", text))


def _of_package(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Give every text of every table of a GeoPackage, its own tables and styles among them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "searched.gpkg")
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as package:
            tables = package.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                rows = package.execute(f"SELECT * FROM {sql_name(table)}")  # noqa: S608
                words = {one for row in rows for one in row if isinstance(one, str)}
                yield f"{name}, {table}", "\n".join(sorted(words))
