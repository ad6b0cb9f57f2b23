"""What the fuzzer spoils: for every reader of the library small whole files, and how to judge it.

Each reader either gives what it promises, with words in both languages for everything it noticed,
or raises one clear error of the library; anything else is a find.
"""

from __future__ import annotations

import random
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import pandas as pd
import pyogrio
from shapely import LineString

import kcngeo as kcn
from kcngeo import io
from kcngeo.core.errors import KcngeoError
from kcngeo.io.encoding import repair
from tests import squares
from tests.io import bad_input
from tests.io.mutations import spoilt
from tests.io.spreadsheet import bad_lists
from tests.io.spreadsheet.made import xlsx


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of file: how a whole one is made, spoilt, and read."""

    make: Callable[[Path], Path]
    spoil: Callable[[Path, random.Random], None]
    read: Callable[[Path], object]


def judged(read: Callable[[Path], Any], path: Path) -> Any:
    """Read a file; nothing is written beside it, and every word exists in both languages."""
    before = sorted(one.name for one in path.parent.rglob("*"))
    try:
        with warnings.catch_warnings():
            # GDAL may say of what it read that it is of another version than it knows.
            warnings.simplefilter("ignore", RuntimeWarning)
            result = read(path)
    except KcngeoError as error:
        result = error
    assert sorted(one.name for one in path.parent.rglob("*")) == before
    if isinstance(result, KcngeoError):
        assert str(result) != result.message("vi")
    for one in getattr(result, "findings", ()):
        assert one.message("vi") != one.message("en")
    return result


def of_bytes(path: Path, chance: random.Random) -> None:
    """Spoil the bytes of one part of a data set."""
    part = chance.choice(bad_input.parts(path))
    part.write_bytes(spoilt(part.read_bytes(), chance))


# Drawings

SQUARES = [
    [(0, 0), (90, 0), (90, 50), (0, 50), (0, 0)],
    [(90, 0), (180, 0.02), (180, 50), (90, 50)],
]


def dxf(folder: Path) -> Path:
    """Draw two lots, the second open, with their numbers."""
    drawing = ezdxf.new("R12")
    space = drawing.modelspace()
    for number, line in enumerate(SQUARES):
        space.add_polyline2d([(500_000 + x, 1_270_000 + y) for x, y in line])
        space.add_text(f"A{number}").set_placement((500_045 + 90 * number, 1_270_020))
    drawing.saveas(folder / "lots.dxf")
    return folder / "lots.dxf"


def dgn(folder: Path) -> Path:
    """Draw the same lines in DGN, which GDAL writes without texts."""
    lines = [LineString([(500_000 + x, 1_270_000 + y) for x, y in line]) for line in SQUARES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # drawings have no CRS
        pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=lines), folder / "lots.dgn", driver="DGN")
    return folder / "lots.dgn"


# Spreadsheets that are no lease lists, and mappings


def projects(folder: Path) -> Path:
    """Write a list of projects."""
    heads = ["Mã dự án", "Nhà đầu tư", "Ngày cấp phép", "Diện tích đăng ký (ha)"]
    rows = [heads, ["P1", "Công ty A", "15/12/2015", "1,5"], ["P2", "Công ty B", "2016", "2.000"]]
    return xlsx(folder / "list.xlsx", {"Dự án": rows})


def read_projects(path: Path) -> Any:
    """Read a list of projects as ``kcngeo import`` does."""
    read = io.read_table(path, table="projects")
    return io.mapped(read.frame, io.propose_mapping(read.frame, table="projects"))


def project() -> kcn.Project:
    """Two lots, one let."""
    return kcn.Project(
        zones=squares.zones("A", name=["Lộc Sơn"]),
        parcels=squares.parcels("P", "Q", lot_code=["CN1", "CN2"]),
        ledger=squares.ledger(("P", "leased", "2017-01-01", "2067-01-01", 0.5)),
    )


def workbook(folder: Path) -> Path:
    """Write the ledger workbook of a project."""
    io.write_workbook(project(), folder / "book.xlsx", language="vi")
    return folder / "book.xlsx"


def store(folder: Path, name: str) -> Path:
    """Write a project into a store."""
    io.write_project(project(), folder / name)
    return folder / name


# Where the driver's remarks are passed on.
_DRIVERS = r"pyogrio|kcngeo\.io\.geopackage"


def read_store(path: Path) -> Any:
    """Read a project; what the driver remarks on the way is shown to the user as a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=_DRIVERS)
        return io.read_project(path)


def of_store(path: Path, chance: random.Random) -> None:
    """Spoil one file of a store."""
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    part = chance.choice(files)
    part.write_bytes(spoilt(part.read_bytes(), chance))


def mapping(folder: Path) -> Path:
    """Write the mapping of a layer."""
    frame = squares.parcels("P", "Q").rename(columns={"parcel_id": "KÝ HIỆU LÔ"})
    io.write_mapping([io.propose_mapping(frame, table="parcels")], folder / "m.toml")
    return folder / "m.toml"


# Text

WORDS = (
    "®Êt c«ng nghiÖp", "Ñaát coâng nghieäp", "ðâìt công nghiêòp", "Ä‘áº¥t cÃ´ng nghiá»‡p",
    "đất công nghiệp", "Lô BI-5", "C¤NG TY", "Příbram", "café", "?", "\ufffd", "«", "×", "ế",
)  # fmt: skip


def words(folder: Path) -> Path:
    """Write words in every encoding, a line each."""
    (folder / "words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    return folder / "words.txt"


def of_words(path: Path, chance: random.Random) -> None:
    """Mix, cut and join words."""
    letters = "".join(WORDS)
    lines = [chance.choice(WORDS) for _ in range(chance.randrange(1, 12))]
    for place in range(len(lines)):
        if chance.random() < 0.5:
            one = list(lines[place])
            for _ in range(chance.randrange(1, 4)):
                one.insert(chance.randrange(len(one) + 1), chance.choice(letters))
                if chance.random() < 0.3:
                    del one[chance.randrange(len(one))]
            lines[place] = "".join(one)
    path.write_text("\n".join(lines), encoding="utf-8")


def read_words(path: Path) -> Any:
    """Repair a column: plain letters stay, all is composed, nothing is lost or left to do."""
    column = pd.Series(path.read_text("utf-8").split("\n"), dtype="str")
    for encoding in (None, *repair.ENCODINGS):
        text = repair.repaired(column, encoding=encoding)
        assert text.text.index.equals(column.index)
        plain = column.map(str.isascii)
        assert text.text[plain].tolist() == column[plain].tolist()
        assert all(unicodedata.is_normalized("NFC", one) for one in text.text)
        told = sum(rows.astype(int) for rows in text.changed.values())
        assert (((text.text != column).to_numpy()) == (told > 0)).all()
    return repair.repaired_frame(pd.DataFrame({"a": column}), table="words")[0]


def _lists(kind: str) -> Subject:
    return Subject(
        make=partial(bad_lists.make, kind=kind), spoil=bad_lists.spoil, read=io.read_ledger
    )


def _layers(kinds: Iterable[str]) -> dict[str, Subject]:
    return {
        kind: Subject(
            make=partial(bad_input.make, kind=kind, rows=4), spoil=of_bytes, read=io.read_layer
        )
        for kind in kinds
    }


_TABLES = ("gpkg", "shp", "tab", "mif", "fgb", "gdb", "parquet")
_DRAWN = ("dxf", "dgn")
READERS: dict[str, dict[str, Subject]] = {
    "layers-tables": _layers(_TABLES),
    "layers-text": _layers(one for one in bad_input.KINDS if one not in (*_TABLES, *_DRAWN)),
    "drawings": {
        **_layers(_DRAWN),
        "lots-dxf": Subject(make=dxf, spoil=of_bytes, read=io.lots_from_cad),
        "lots-dgn": Subject(make=dgn, spoil=of_bytes, read=io.lots_from_cad),
    },
    "lists": {kind: _lists(kind) for kind in bad_lists.KINDS},
    "tables": {
        "projects": Subject(make=projects, spoil=bad_lists.spoil, read=read_projects),
        "workbook": Subject(make=workbook, spoil=bad_lists.spoil, read=io.read_workbook),
        "mapping": Subject(make=mapping, spoil=of_bytes, read=io.read_mapping),
    },
    "stores": {
        name: Subject(make=partial(store, name=name), spoil=of_store, read=read_store)
        for name in ("project.gpkg", "project.parquet")
    },
    "text": {"words": Subject(make=words, spoil=of_words, read=read_words)},
}
"""By reader, the kinds of files it reads."""

SUBJECTS = {kind: one for kinds in READERS.values() for kind, one in kinds.items()}


def tried(kind: str, whole: Path, folder: Path, chance: random.Random) -> Any:
    """Spoil a copy of a whole file and read it."""
    subject = SUBJECTS[kind]
    copy = bad_input.copied(whole, folder)
    subject.spoil(copy, chance)
    result = judged(subject.read, copy)
    if isinstance(result, io.LayerRead):
        assert len(result.frame.geometry) == len(result.frame)
    if isinstance(result, io.LedgerRead):
        assert result.frame["source_cell"].notna().all()
    return result
