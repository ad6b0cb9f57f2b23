"""A folder is refuted whatever was changed in it, the manifest's hashes made to fit or not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import kcngeo as kcn
from kcngeo import products, publish
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.publish.document import document
from kcngeo.publish.format_table import Shown
from kcngeo.publish.pdf import pdf_pages
from kcngeo.publish.verification.words import verdict_lines
from kcngeo.qgis.safe_replace import digest, project_seal

ASKED: dict[str, Any] = {"month": "2018-03", "start": "2018-01-01"}


def cached(bundle: publish.Bundle, language: str) -> publish.Bundle:
    """The same, with every file made once."""
    made = {
        part: {name: make() for name, make in bundle.files(part, language=language).items()}
        for part in bundle.parts
    }

    def files(part: str) -> Callable[[str], dict[str, Callable[[], bytes]]]:
        return lambda _: {name: lambda data=data: data for name, data in made[part].items()}

    return replace(bundle, documents={part: files(part) for part in made})


@pytest.fixture(scope="module")
def remade() -> publish.Bundle:
    """A month of the squares, made once."""
    return cached(products.month(kcn.examples.squares(), **ASKED), "vi")


@pytest.fixture(scope="module")
def whole(remade: publish.Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return remade.write(tmp_path_factory.mktemp("month") / "2018-03")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(whole, tmp_path / "month")


def rehash(folder: Path, **said: Any) -> None:
    """Make the manifest fit what the folder holds now."""
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text("utf-8")), **said}
    manifest["outputs"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in manifest["outputs"]
    }
    content = {name: value for name, value in manifest.items() if name != "digest"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    sealed = {**content, "digest": hashlib.sha256(text.encode()).hexdigest()}
    path.write_text(json.dumps(sealed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert publish.changed_files(folder) == []


def codes(verdict: publish.Verdict) -> set[str]:
    return {one.code for one in verdict.differences}


def lines(verdict: publish.Verdict, language: str = "en") -> str:
    return "\n".join(verdict_lines(verdict, path=Path("out"), language=language))


# What was made agrees


def test_every_table_is_read_back_from_every_file(whole: Path) -> None:
    verdict = publish.verify(whole)
    assert verdict.differences == ()
    five = {"report.json", "report.xlsx", "report.html", "report.pdf", "report.docx"}
    assert set(verdict.compared["accounts"]) == {
        "accounts.csv",
        *five,
        "layers.gpkg (zones_on_day)",
    }
    assert set(verdict.compared["series"]) == {"series.csv", "map.html", *five}
    assert set(verdict.compared["summary"]) == five
    # Empty tables are in all files for programs, and nothing of them is printed.
    assert set(verdict.compared["land"]) >= {"land.csv", "report.json", "report.xlsx"}
    held = [name for name in verdict.once if not name.startswith("layers.gpkg")]
    assert held == ["layers.qgz"]
    assert "ledger" in next(name for name in verdict.once if name.startswith("layers.gpkg"))


def test_the_project_gives_every_file_again(whole: Path, remade: publish.Bundle) -> None:
    verdict = publish.verify(whole, remade=remade)
    assert verdict.differences == ()
    assert sorted(verdict.proved or ()) == sorted(verdict.files)
    told = f"out is proven: the project gives all {len(verdict.files)} files again, byte for byte."
    assert lines(verdict) == told


@pytest.mark.parametrize(
    "parts",
    [["workbook", "report"], ["json", "report"], ["json", "workbook"], ["tables", "report"]],
)
def test_a_folder_of_some_parts_agrees(
    parts: list[str], remade: publish.Bundle, tmp_path: Path
) -> None:
    folder = remade.write(tmp_path / "some", parts=parts)
    told = publish.verify(folder)
    assert told.differences == ()
    assert len(told.compared["accounts"]) == 2


# One digit, in every kind of file


def in_text(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def in_zip(path: Path, change: Callable[[str, bytes], bytes], comment: bool = False) -> None:
    with zipfile.ZipFile(path) as held:
        parts = [(one, change(one.filename, held.read(one))) for one in held.infolist()]
    with zipfile.ZipFile(path, "w") as made:
        for info, data in parts:
            made.writestr(info, data)
        if comment:
            made.comment = project_seal(parts[0][1])


def in_csv(folder: Path) -> None:
    in_text(folder, "accounts.csv", "1.5000", "1.6000")


def in_json(folder: Path) -> None:
    path = folder / "report.json"
    content = json.loads(path.read_text("utf-8"))
    assert content["tables"]["accounts"][0]["leased_ha"] == 1.5
    content["tables"]["accounts"][0]["leased_ha"] = 1.6
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def in_workbook(folder: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"<v>1.5</v>", b"<v>1.6</v>", 1) if "sheet4" in name else data

    in_zip(folder / "report.xlsx", change)


def in_page(folder: Path) -> None:
    path = folder / "report.html"
    text = path.read_text("utf-8")
    at = text.index('<section id="accounts">')
    path.write_text(text[:at] + text[at:].replace(">1,50<", ">1,60<", 1), encoding="utf-8")


def in_paper(folder: Path) -> None:
    report = kcn.report.monthly(kcn.examples.squares(), **ASKED)
    doc = document(report, language="vi")
    place = next(at for at, one in enumerate(doc.sections) if one.key == "accounts")
    table = doc.sections[place].table
    assert isinstance(table, Shown)
    first = tuple("1,60" if cell == "1,50" else cell for cell in table.rows[0])
    changed = replace(doc.sections[place], table=replace(table, rows=(first, *table.rows[1:])))
    sections = (*doc.sections[:place], changed, *doc.sections[place + 1 :])
    (folder / "report.pdf").write_bytes(pdf_pages(replace(doc, sections=sections)))


def in_word(folder: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        at = data.index(b'w:name="accounts"')
        return data[:at] + data[at:].replace(b">1,50<", b">1,60<", 1)

    in_zip(folder / "report.docx", change)


def in_package(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "layers.gpkg")) as connection, connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _: 0)  # what the index of shapes asks
        connection.execute("UPDATE zones_on_day SET leased_ha = 1.6 WHERE zone_id = 'A'")
        # Whoever changes it may seal it anew.
        connection.execute(
            "UPDATE gpkg_metadata SET metadata = ? WHERE md_standard_uri = 'urn:kcngeo:content'",
            [digest(connection)],
        )


def in_project(folder: Path) -> None:
    def change(_: str, data: bytes) -> bytes:
        assert b"31/03/2018" in data
        return data.replace(b"31/03/2018", b"31/03/2019", 1)

    in_zip(folder / "layers.qgz", change, comment=True)


def in_picture(folder: Path) -> None:
    picture = Image.open(folder / "map.png").convert("RGBA")
    picture.putpixel((10, 10), (1, 2, 3, 255))
    picture.save(folder / "map.png")


def in_manifest(folder: Path) -> None:
    facts = publish.read_manifest(folder)["facts"]
    facts["rates"]["A"]["fill_rate"] = 0.385
    rehash(folder, facts=facts)


def in_map(folder: Path) -> None:
    in_text(folder, "map.html", '"area_ha":1.0', '"area_ha":1.1')


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "accounts.csv": (in_csv, "cell accounts"),
    "report.json": (in_json, "cell accounts"),
    "report.xlsx": (in_workbook, "cell accounts"),
    "report.html": (in_page, "cell accounts"),
    "report.pdf": (in_paper, "cell accounts"),
    "report.docx": (in_word, "cell accounts"),
    "layers.gpkg": (in_package, "cell accounts"),
    "map.png": (in_picture, "drawing map.png"),
    "map.html": (in_map, "drawing map.html"),
    "manifest.json": (in_manifest, "fact facts.rates.A.fill_rate"),
    # No other file says what stands in it.
    "layers.qgz": (in_project, ""),
}


@pytest.mark.parametrize("name", SPOILT)
def test_one_digit_refutes_though_the_hashes_fit(
    name: str, folder: Path, remade: publish.Bundle
) -> None:
    spoil, alone = SPOILT[name]
    before = (folder / name).read_bytes()
    spoil(folder)
    assert (folder / name).read_bytes() != before
    rehash(folder)
    told = publish.verify(folder)
    assert (alone in codes(told)) if alone else not told.is_refuted
    if not alone:
        assert name in told.once
    again = publish.verify(folder, remade=remade)
    assert again.is_refuted
    # And the project says which file it is.
    assert {one.name for one in again.differences if one.kind != "fact"} <= {name}
    assert "REFUTED" in lines(again)


def test_a_cell_is_named_with_what_each_file_says(folder: Path, remade: publish.Bundle) -> None:
    in_csv(folder)
    rehash(folder)
    told = lines(publish.verify(folder))
    at = "Land accounts, A · 2018-03-31 · nd164-2013, Leased (ha)"
    assert f'  {at}: accounts.csv "1.6000" ≠ report.json "1.5000"' in told
    assert "To learn which file is wrong: kcngeo verify out --project PROJECT" in told
    vietnamese = lines(publish.verify(folder, remade=remade), "vi")
    where = "Cân đối quỹ đất, A · 2018-03-31 · nd164-2013, Đã cho thuê (ha)"
    assert f'  {where}: accounts.csv "1.6000" ≠ dự án "1.5000"' in vietnamese.splitlines()


@pytest.mark.long
def test_the_project_itself_may_be_another(folder: Path) -> None:
    squares = kcn.examples.squares()
    entries = squares.ledger.assign(
        part_area_ha=squares.ledger["part_area_ha"].where(
            squares.ledger["part_area_ha"] != 0.5, 0.25
        )
    )
    other = products.month(replace(squares, ledger=entries), **ASKED)
    told = publish.verify(folder, remade=other)
    assert {"content accounts", "content series"} <= codes(told)


# Other versions


def test_other_versions_are_compared_by_content(folder: Path, remade: publish.Bundle) -> None:
    said = publish.read_manifest(folder)["versions"]
    in_picture(folder)
    rehash(folder, versions={**said, "matplotlib": "3.0.0"})
    itself = codes(publish.verify(folder))
    assert itself == {"drawing map.png", "drawing report.html"}
    told = publish.verify(folder, remade=remade)
    assert told.unproved == ("map.png",)
    assert codes(told) == itself
    assert "matplotlib 3.0.0 → " in lines(told)
    in_csv(folder)
    rehash(folder)
    told = publish.verify(folder, remade=remade)
    assert "cell accounts.csv" in codes(told)


# What cannot be read, and what else may be wrong


@pytest.mark.parametrize(
    "name", ["report.json", "report.xlsx", "report.pdf", "accounts.csv", "layers.gpkg"]
)
def test_a_file_that_is_none_is_refuted(name: str, folder: Path) -> None:
    (folder / name).write_bytes(b"\xff\xfe no such file")
    rehash(folder)
    assert f"unreadable {name}" in codes(publish.verify(folder))


def test_a_row_too_many_and_another_column_are_told(folder: Path) -> None:
    text = (folder / "accounts.csv").read_bytes()
    (folder / "accounts.csv").write_bytes(text + text.splitlines(keepends=True)[-1])
    in_text(folder, "series.csv", "leased_ha", "let_ha")
    rehash(folder)
    told = codes(publish.verify(folder))
    assert {"rows accounts", "columns series"} <= told


def test_a_path_out_of_the_folder_is_never_read(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    (folder.parent / "secret").write_bytes(b"")
    manifest["outputs"]["../secret"] = hashlib.sha256(b"").hexdigest()
    path.write_text(json.dumps(manifest), encoding="utf-8")
    told = publish.verify(folder)
    assert {"missing ../secret", "changed manifest.json"} <= codes(told)
    assert "../secret" not in told.files


def test_a_file_the_project_does_not_give_is_told(folder: Path, remade: publish.Bundle) -> None:
    (folder / "more.csv").write_bytes(b"a,b\r\n")
    outputs = publish.read_manifest(folder)["outputs"]
    rehash(folder, outputs={**outputs, "more.csv": ""})
    assert codes(publish.verify(folder, remade=remade)) == {"not_remade more.csv"}
    del outputs["accounts.csv"]
    (folder / "more.csv").unlink()
    (folder / "accounts.csv").unlink()
    rehash(folder, outputs=outputs)
    assert codes(publish.verify(folder, remade=remade)) == {"not_made accounts.csv"}


# Signatures


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys, each with a list of signers that names only its owner."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    place = tmp_path_factory.mktemp("keys")
    for name in ("board", "other"):
        key = place / name
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)]
        subprocess.run(made, check=True)
        kind, words, _ = key.with_suffix(".pub").read_text().split()
        (place / f"{name}.signers").write_text(f"{name}@lamdong {kind} {words}\n")
    return place


@pytest.fixture
def series(tmp_path: Path) -> Path:
    made = products.series(kcn.examples.squares(), **ASKED)
    return made.write(tmp_path / "series", language="en")


def test_a_folder_is_signed_and_says_by_whom(keys: Path, series: Path) -> None:
    assert publish.sign(series, key=keys / "board") == series / "manifest.json.sig"
    told = publish.verify(series, signers=keys / "board.signers")
    assert told.differences == ()
    assert "Signed by board@lamdong." in lines(told)
    assert publish.changed_files(series) == []
    # Without a list it is only told that the signature fits.
    assert "the signature fits" in lines(publish.verify(series))
    # Made again, the folder is not signed any more.
    products.series(kcn.examples.squares(), **ASKED).write(series, language="en")
    assert not (series / "manifest.json.sig").exists()


def test_a_bad_foreign_or_missing_signature_refutes(keys: Path, series: Path) -> None:
    missing = publish.verify(series, signers=keys / "board.signers")
    assert codes(missing) == {"signature_missing manifest.json.sig"}
    publish.sign(series, key=keys / "board")
    foreign = publish.verify(series, signers=keys / "other.signers")
    assert codes(foreign) == {"signature_foreign manifest.json.sig"}
    assert "nobody in the list of signers" in lines(foreign)
    # Whoever changes a figure and makes the hashes fit cannot sign for the board.
    in_text(series, "series.csv", "1.5000", "1.6000")
    rehash(series)
    for signers in (None, keys / "board.signers"):
        assert "signature_bad manifest.json.sig" in codes(publish.verify(series, signers=signers))
    (series / "manifest.json.sig").write_text("no signature")
    assert "signature_bad manifest.json.sig" in codes(publish.verify(series))


def test_what_does_not_agree_is_not_signed(keys: Path, series: Path) -> None:
    in_text(series, "series.csv", "1.5000", "1.6000")
    with pytest.raises(KcngeoError, match=r"changed series\.csv\. Nothing was signed"):
        publish.sign(series, key=keys / "board")
    assert not (series / "manifest.json.sig").exists()


def test_keys_and_lists_that_are_none_are_told(
    keys: Path, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataSourceError, match="there is no such file"):
        publish.sign(series, key=keys / "nobody")
    with pytest.raises(KcngeoError, match="ssh-keygen does not sign with"):
        publish.sign(series, key=keys / "board.signers")
    publish.sign(series, key=keys / "board")
    with pytest.raises(DataSourceError, match="there is no such file"):
        publish.verify(series, signers=keys / "nobody")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(KcngeoError, match="ssh-keygen, which is not installed"):
        publish.verify(series, signers=keys / "board.signers")
    assert "ssh-keygen, which checks signatures, is not installed" in lines(publish.verify(series))


# Any cell


def cells(folder: Path, name: str) -> list[tuple[int, int]]:
    """Places of the digits of a file's table cells."""
    text = (folder / name).read_bytes().decode("utf-8-sig")
    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        return [
            (at, place)
            for at, row in enumerate(rows)
            for place, cell in enumerate(row)
            if re.search(r"\d", cell)
        ]
    pattern = r"<td[^>]*>([^<]*\d[^<]*)</td>" if name.endswith(".html") else r": (-?\d[\d.]*)"
    return [found.span(1) for found in re.finditer(pattern, text)]


def change(folder: Path, name: str, place: tuple[int, int], draw: random.Random) -> None:
    """Change one digit of a cell."""
    text = (folder / name).read_bytes().decode("utf-8-sig")
    mark = "\ufeff" if name.endswith(".csv") else ""

    def changed(cell: str) -> str:
        at = draw.choice([one.start() for one in re.finditer(r"\d", cell)])
        digit = draw.choice([one for one in "0123456789" if one != cell[at]])
        return cell[:at] + digit + cell[at + 1 :]

    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        rows[place[0]][place[1]] = changed(rows[place[0]][place[1]])
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\r\n").writerows(rows)
        text = written.getvalue()
    else:
        text = text[: place[0]] + changed(text[place[0] : place[1]]) + text[place[1] :]
    (folder / name).write_bytes((mark + text).encode())


def spoil_any(whole: Path, folder: Path, draw: random.Random) -> str:
    """Change a digit of any table cell of any file, and make the hashes fit."""
    names = [one.name for one in sorted(whole.glob("*.csv"))]
    some = [one for one in (*names, "report.html", "report.json") if cells(folder, one)]
    name = draw.choice(some)
    change(folder, name, draw.choice(cells(folder, name)), draw)
    rehash(folder)
    return name


@pytest.fixture(scope="module")
def without_layers(
    remade: publish.Bundle, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, publish.Bundle]:
    """The month without what takes long to read."""
    parts = ["report", "tables", "workbook", "json", "map"]
    return remade.write(tmp_path_factory.mktemp("short") / "month", parts=parts), remade


def any_digit(whole: Path, remade: publish.Bundle, seed: int, folder: Path) -> None:
    draw = random.Random(seed)
    name = spoil_any(whole, folder, draw)
    assert publish.verify(folder).is_refuted, (seed, name)
    assert publish.verify(folder, remade=remade).is_refuted, (seed, name)


@pytest.mark.parametrize("seed", range(6))
def test_any_digit_of_any_cell_refutes(
    seed: int, without_layers: tuple[Path, publish.Bundle], tmp_path: Path
) -> None:
    folder = shutil.copytree(without_layers[0], tmp_path / "month")
    any_digit(*without_layers, seed, folder)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 300))
def test_any_digit_of_any_cell_of_a_whole_month_refutes(
    seed: int, whole: Path, remade: publish.Bundle, folder: Path
) -> None:
    any_digit(whole, remade, seed, folder)
