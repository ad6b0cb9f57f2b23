"""What a file may be before any driver sees it: local, whole, no archive that lies, no XML trick.

GDAL follows what it finds: addresses, entities, paths inside archives. So nothing reaches it but
plain local files whose kind is known from their first bytes. Archives are unpacked here, under
limits, into a folder of their own; XML is read once from end to end, which refuses a document type
(the way to external and exploding entities) and finds a file that breaks off.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

from kcngeo.core.errors import DataSourceError

MAX_FILES = 5_000
"""Most files an archive may hold."""
MAX_UNPACKED_BYTES = 4 * 1024**3
"""Most bytes an archive may unpack to."""
MAX_RATIO = 100
"""Most an archive may grow when unpacked, once it is larger than ``FREE_BYTES``."""
FREE_BYTES = 64 * 1024**2
"""Up to this size the ratio does not matter: empty tables compress well."""
MAX_DEPTH = 200
"""Deepest nesting of XML elements."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(//|[^\\/])|/vsi|\\\\|<")
_CHUNK = 1 << 20
_LISTED = 12
MAX_COLUMNS = 2000
# What zipfile raises for bytes that make no sense: an entry without a name is an IndexError.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlRoot:
    """The first element of an XML file.

    Attributes
    ----------
    name
        Its name without prefix.
    namespaces
        The namespaces the file declares.
    """

    name: str
    namespaces: frozenset[str]


def unreadable(path: object, reason: str, **fields: object) -> DataSourceError:
    """Make the one error of a file that cannot be read, with the reason in both languages."""
    return DataSourceError(f"layer_{reason}", path=os.fspath(path), **fields)  # type: ignore[call-overload]


def require_few_columns(count: int, path: object) -> None:
    """Refuse a table wider than any layer: each column costs memory for every row."""
    if count > MAX_COLUMNS:
        raise unreadable(path, "columns", count=count, limit=MAX_COLUMNS)


def listed(names: Sequence[str]) -> str:
    """List the layers a file holds, for a message that must stay readable."""
    more = f" | … (+{len(names) - _LISTED})" if len(names) > _LISTED else ""
    return " | ".join(names[:_LISTED]) + more


def local_file(path: str | os.PathLike[str]) -> Path:
    """Take a path to a file or folder on this machine, and nothing else."""
    text = os.fspath(path)
    if _ADDRESS.match(text) or "\0" in text:
        raise unreadable(path, "address")
    place = Path(text).absolute()
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise unreadable(path, "missing") from error
    if stat.S_ISDIR(mode):
        return place
    if not stat.S_ISREG(mode):
        raise unreadable(path, "missing")
    if place.stat().st_size == 0:
        raise unreadable(path, "empty")
    return place


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack an archive into a folder of its own, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="kcngeo-") as folder:
        target = Path(folder)
        try:
            with zipfile.ZipFile(path) as archive:
                members = _members(path, archive)
                for member, place in members:
                    _unpack(archive, member, target / place)
        except _DAMAGE as error:
            raise unreadable(path, "damaged", detail=str(error)) from error
        except RuntimeError as error:  # zipfile's word for a password
            raise unreadable(path, "encrypted") from error
        yield target


def _members(path: Path, archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """List what an archive holds, or refuse it whole before anything is unpacked."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    size = sum(info.file_size for info in infos)
    if len(infos) > MAX_FILES or size > MAX_UNPACKED_BYTES:
        raise unreadable(path, "bomb", files=len(infos), megabytes=size // 1024**2)
    if size > FREE_BYTES and size > MAX_RATIO * path.stat().st_size:
        raise unreadable(path, "bomb", files=len(infos), megabytes=size // 1024**2)
    members, seen = [], set()
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or ":" in info.filename or is_link:
            raise unreadable(path, "escapes", name=info.filename)
        if str(name).casefold() in seen:
            raise unreadable(path, "escapes", name=info.filename)
        seen.add(str(name).casefold())
        members.append((info, str(name)))
    return members


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # zipfile gives no more bytes than the entry declares, and the sum was checked.
        with archive.open(member) as source, place.open("xb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except OSError as error:
        raise unreadable(archive.filename or "", "damaged", detail=error) from error


def checked_xml(path: Path) -> XmlRoot:
    """Read an XML file from end to end before a driver does."""
    reader = _XmlReader(path)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, UnicodeError, ValueError, LookupError) as error:
        raise unreadable(path, "damaged", detail=str(error)) from error
    return XmlRoot(name=reader.root, namespaces=frozenset(reader.namespaces))


class _XmlReader:
    """Notes the root and the namespaces, and stops what no layer needs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = ""
        self.depth = 0
        self.namespaces: set[str] = set()

    def refuse(self, *_: Any) -> None:
        raise unreadable(self.path, "doctype")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise unreadable(self.path, "nested")
        if not self.root:
            self.root = name.rpartition(":")[2]
        for key, value in attributes.items():
            if key.startswith("xmlns"):
                self.namespaces.add(value)

    def end(self, _: str) -> None:
        self.depth -= 1
