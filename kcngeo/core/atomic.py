"""Write beside, then rename: what was there before is there until the new is whole.

A reader, and whoever comes after a writer that was killed, finds the old or the new, never half of
either. A single file is exchanged by one renaming. A folder needs two, and between them a reader
finds none: a journal beside it says what is under way, and the next writer, or :func:`recover`,
brings that to its end before anything else.

One rule for all that is written:

- A file goes into a folder that is there: a mistyped path must not grow folders. A folder is made
  with the folders above it; those are taken away again if it does not come to be.
- A link stays a link; what it leads to is replaced. The permissions of what was there are kept.
- Content is on the disk before it takes its name, so that a power failure leaves no empty file.
- A failed writer takes away what it began. A killed one leaves a hidden file or folder, which
  :func:`is_leftover` knows by its name; the journal of a folder names those that are its own.
- A folder that cannot be replaced because a program has a file in it open is left, and the new one
  stands beside it (:func:`stand_ins`).
- Every failure is a :class:`~kcngeo.core.errors.DataSourceError` in both languages.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from kcngeo.core.errors import DataSourceError, KcngeoError

_LEFTOVER = re.compile(r"\.[0-9a-f]{32}(\..*|-before|-journal)?")
_JOURNAL = re.compile(r"(\.[0-9a-f]{32})\n([^\n]+)\n(whole\n)?")
_NAMED = 5


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(f"{folder}/rates.csv", b"zone_id,fill_rate")
    ...     [path.name for path in Path(folder).iterdir()]
    ['rates.csv']
    """
    with file(path) as part:
        part.write_bytes(data)


@contextmanager
def file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a hidden path beside a file that takes its place when all went well.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with file(f"{folder}/map.html") as part:
    ...         _ = part.write_text("<p>", encoding="utf-8")
    ...     Path(f"{folder}/map.html").read_text(encoding="utf-8")
    '<p>'
    """
    with files(path) as (part,):
        yield part


@contextmanager
def files(*paths: str | os.PathLike[str]) -> Iterator[tuple[Path, ...]]:
    """Give hidden paths beside files that belong together and are renamed one after the other.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with files(f"{folder}/a.gpkg", f"{folder}/a.qgz") as parts:
    ...         for part in parts:
    ...             _ = part.write_bytes(b"")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['a.gpkg', 'a.qgz']
    """
    # None is renamed before all are written. Each is whole; if one cannot take its place, those
    # before it have.
    # By given path: where its link leads, and the hidden path beside that.
    places = {Path(path): Path(path).resolve() for path in paths}
    for path, target in places.items():
        if not target.parent.is_dir():
            raise DataSourceError("no_folder", path=path, folder=path.parent)
        if target.is_dir():
            raise DataSourceError("not_a_file", path=path)
    parts = tuple(target.with_name(_hidden() + target.suffix) for target in places.values())
    try:
        with _unwritable(*places):
            yield parts
            for part, target in zip(parts, places.values(), strict=True):
                if target.exists():
                    shutil.copymode(target, part)
                _flush(part)
        for part, (path, target) in zip(parts, places.items(), strict=True):
            # Not before every part is whole: if one cannot take its place, those before it have.
            with _unwritable(path), _in_use(path):
                part.replace(target)
                _flush_folder(target.parent)
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def folder(
    path: str | os.PathLike[str], *, is_ours: Callable[[str], bool] | None = None
) -> Iterator[Path]:
    """Give an empty hidden folder that takes the place of another when all went well.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as above:
    ...     for month in ("2018-03", "2018-04"):
    ...         with folder(f"{above}/months", is_ours=lambda name: name == "month.txt") as made:
    ...             _ = (made / "month.txt").write_text(month, encoding="utf-8")
    ...     Path(f"{above}/months/month.txt").read_text(encoding="utf-8")
    '2018-04'
    """
    # "." has no name to rename by, and a link stays a link.
    target = Path(path).resolve()
    part = target.with_name(_hidden())
    grown = [parent for parent in target.parents if not parent.exists()]  # the deepest first
    began = False
    try:
        with _unwritable(path):
            recover(path)
            require_replaceable(path, is_ours=is_ours)
            if grown:
                target.parent.mkdir(parents=True, exist_ok=True)
            # Before anything is made, so that whatever is left has an owner.
            _note(target, f"{part.name}\n{target.name}\n")
            began = True
            part.mkdir()
            yield part
            for one in (*part.rglob("*"), part):
                _flush_folder(one) if one.is_dir() else _flush(one)
            # Whoever saved a file there in the meantime keeps it.
            require_replaceable(path, is_ours=is_ours)
            _note(target, "whole\n")
            try:
                _exchange(part, target)
            except PermissionError as error:
                _put_beside(path, part, error)
    finally:
        if began:
            _clear(target, part)
        if not target.exists():
            for parent in grown:
                with suppress(OSError):
                    parent.rmdir()


def recover(path: str | os.PathLike[str]) -> None:
    """Bring to its end what a killed writer of a folder began, and clear away what it left.

    A new folder that was whole takes its place; one that was not is gone, and the old one is there.

    Examples
    --------
    >>> recover("not/there")
    """
    target = Path(path).resolve()
    journal = _journal(target)
    if not journal.is_file():
        return
    with _unwritable(path):
        said = _JOURNAL.fullmatch(journal.read_text("utf-8", errors="replace"))
        # A writer that died before its first line was written had made nothing.
        if said is None or said[2] != target.name:
            journal.unlink(missing_ok=True)
            return
        part = target.with_name(said[1])
        if said[3] and part.exists() and (_before(part).exists() or not target.exists()):
            # Where somebody has put another folder in its place meanwhile, both stay.
            part.replace(_free_beside(target) if target.exists() else target)
            _flush_folder(target.parent)
        _clear(target, part)


def is_interrupted(path: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is being written, or was when its writer was killed.

    Examples
    --------
    >>> is_interrupted("not/there")
    False
    """
    return _journal(Path(path).resolve()).is_file()


def interrupted_below(folder: Path) -> list[Path]:
    """List the folders in a folder of which :func:`is_interrupted` holds.

    Examples
    --------
    >>> interrupted_below(Path("not/there"))
    []
    """
    found = []
    for journal in filter(is_leftover, sorted(folder.glob(".*-journal"))):
        said = _JOURNAL.fullmatch(journal.read_text("utf-8", errors="replace"))
        # What is named there is taken for a name only if the journal is its own.
        if said is not None and _journal(folder.resolve() / said[2]).name == journal.name:
            found.append(folder / said[2])
    return found


def stand_ins(path: str | os.PathLike[str]) -> list[Path]:
    """List the folders that stand beside one whose place they could not take.

    Examples
    --------
    >>> stand_ins("not/there")
    []
    """
    target = Path(path).resolve()
    # To the letter: a folder somebody called "month.new draft" is theirs.
    ours = re.compile(rf"{re.escape(target.name)}\.new\d*")
    return sorted(one for one in target.parent.glob("*") if ours.fullmatch(one.name))


def require_replaceable(
    path: str | os.PathLike[str], *, is_ours: Callable[[str], bool] | None = None
) -> None:
    """Refuse a folder whose replacement would lose somebody's files, before work is put into it.

    Examples
    --------
    >>> require_replaceable("not/there")
    """
    target = Path(path).resolve()
    if not target.exists():
        return
    if not target.is_dir():
        raise DataSourceError("not_a_folder", path=path)
    files = (one.relative_to(target).as_posix() for one in target.rglob("*") if not one.is_dir())
    strange = (name for name in files if is_ours is None or not is_ours(name))
    # A few are enough to say no: somebody may have named a home folder.
    if names := sorted(islice(strange, _NAMED)):
        raise DataSourceError("folder_of_others", path=path, names=", ".join(names))


def is_leftover(path: Path) -> bool:
    """Tell whether a writer that was killed left this behind.

    Examples
    --------
    >>> is_leftover(Path("month/.0123456789abcdef0123456789abcdef.gpkg"))
    True
    >>> is_leftover(Path("month/.hidden"))
    False
    """
    return _LEFTOVER.fullmatch(path.name) is not None


def _hidden() -> str:
    # Not made of the name, which may be as long as names can be.
    return f".{uuid.uuid4().hex}"


def _before(part: Path) -> Path:
    """Name the place where a folder waits while another takes its name."""
    return part.with_name(f"{part.name}-before")


def _journal(target: Path) -> Path:
    """Name the journal of a folder; every writer knows it."""
    # Not made of the name, which may be as long as names can be.
    name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:32]
    return target.with_name(f".{name}-journal")


def _note(target: Path, line: str) -> None:
    """Add a line to the journal of a folder; it is on the disk before anything follows."""
    journal = _journal(target)
    with journal.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(target.parent)


def _exchange(part: Path, target: Path) -> None:
    """Let a folder take the place of another."""
    if target.exists():
        shutil.copymode(target, part)
        target.replace(_before(part))
    part.replace(target)
    _flush_folder(target.parent)


def _put_beside(path: str | os.PathLike[str], part: Path, error: OSError) -> None:
    """Put a folder beside the one that a program has open, and say so."""
    # On Windows nothing can be moved that a program has open.
    target = Path(path).resolve()
    _put_back(target, part)
    place = _free_beside(target)
    try:
        part.replace(place)
    except OSError as other:
        raise DataSourceError("in_use", path=path, detail=error) from other
    told = Path(path).with_name(place.name)
    raise DataSourceError("in_use_beside", path=path, place=told, detail=error) from error


def _free_beside(target: Path) -> Path:
    """Name a place beside a folder for the one that cannot take its name."""
    places = (target.with_name(f"{target.name}.new{number}") for number in ("", *range(2, 1000)))
    return next(place for place in places if not place.exists())


def _put_back(target: Path, part: Path) -> None:
    """Give a folder its name back that made room for another."""
    before = _before(part)
    if before.exists() and not target.exists():
        before.replace(target)


def _clear(target: Path, part: Path) -> None:
    """Take away what a writer has no more use for; the journal last, which says whose it is."""
    _put_back(target, part)
    for one in (part, _before(part)):
        shutil.rmtree(one, ignore_errors=True)
    if not part.exists() and not _before(part).exists():
        _journal(target).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file is on the disk: its name must not be there before it."""
    # To be flushed a file must be open for writing, which its permissions may forbid by now.
    with suppress(PermissionError), path.open("rb+") as written:
        os.fsync(written.fileno())


def _flush_folder(path: Path) -> None:
    """Wait until a renaming is on the disk, where a folder can be flushed (not on Windows)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _unwritable(*paths: str | os.PathLike[str]) -> Iterator[None]:
    """Say what could not be written, unless somebody has said so already."""
    try:
        yield
    except KcngeoError:
        raise
    except OSError as error:
        named = ", ".join(os.fspath(path) for path in paths)
        raise DataSourceError("unwritable", path=named, detail=error) from error


@contextmanager
def _in_use(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say why something cannot be moved: on Windows nothing can that a program has open."""
    try:
        yield
    except PermissionError as error:
        raise DataSourceError("in_use", path=path, detail=error) from error
