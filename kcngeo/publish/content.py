"""What a file holds: bytes, or what stands in pieces on the disk because memory has no room."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Pieces(Protocol):
    """Bytes that come one piece after the other, as often as they are asked for."""

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces."""
        ...


Content = bytes | Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTable:
    """A table that has more rows than stand in memory.

    Attributes
    ----------
    digest
        Hash of its rows, see :func:`kcngeo.publish.digests.table_digest`.
    file
        Its file for programs.
    """

    digest: str
    file: Pieces


def pieces_of(content: Content) -> Iterable[bytes]:
    """Go through a content piece by piece."""
    return (content,) if isinstance(content, bytes) else content


def content_digest(content: Content) -> str:
    """Hash a content.

    Examples
    --------
    >>> content_digest(b"ab") == content_digest([b"a", b"b"])
    True
    """
    whole = hashlib.sha256()
    for piece in pieces_of(content):
        whole.update(piece)
    return whole.hexdigest()


def write_content(content: Content, path: Path) -> None:
    """Write a content into a new file, and make the folder it stands in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    with path.open("xb") as file:
        for piece in pieces_of(content):
            file.write(piece)
