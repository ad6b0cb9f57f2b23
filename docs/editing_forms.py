"""Draw how a project is edited in QGIS: its forms and the map beside them, in both languages.

    .venv/bin/python docs/editing_forms.py   after `python run.py test`, which brings what it needs

The package of the sample project is opened in QGIS and its forms are photographed. It needs the
Python of the system that QGIS belongs to. Letters come from the fonts of the machine, so another
machine may give other bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from map_themes import QGIS_PYTHON, SAMPLE
from PIL import Image

import kcngeo as kcn

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PROGRAM = ROOT / "tests" / "qgis" / "inside.py"
ON, LOT = "2018-03-31", "LS-CN01-03"
WIDE, HIGH = 620, 390
COLUMNS, GAP = 2, 8
MOST_BYTES = 150_000
LOTS, LEDGER = "kcngeo_parcels_polygon", "kcngeo_ledger_table"
OF_LOT = f"\"parcel_id\" = '{LOT}'"
FORMS = (
    {"layer": LOTS, "where": OF_LOT, "tab": "0"},
    {"layer": LOTS, "where": OF_LOT, "tab": "2"},
    {"layer": LEDGER, "where": f"{OF_LOT} AND \"status\" = 'leased'", "tab": "0"},
    {"layer": LEDGER, "where": f"{OF_LOT} AND \"status\" = 'leased'", "tab": "1"},
    {"layer": "kcngeo_projects_table", "where": "\"project_id\" = 'DA-015'", "tab": "0"},
)


def in_qgis(folder: Path, tasks: list[list[Any]]) -> list[Any]:
    """Run tasks in the Python of QGIS, without a window."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
    done = subprocess.run(
        [QGIS_PYTHON, PROGRAM, "several"],
        input=json.dumps({"tasks": tasks}),
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    answers: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def main() -> None:
    project = kcn.io.read_project(SAMPLE)
    for language in kcn.theme.LANGUAGES:
        with tempfile.TemporaryDirectory() as temporary:
            folder, nothing = Path(temporary), kcn.qgis.Results()
            made = kcn.qgis.write_package(project, folder, on=ON, language=language, layers=nothing)
            theme = kcn.theme.text("qgis.theme_editing", language=language)
            shown = {"path": str(made.qgz), "theme": theme, "lot": LOT, "size": (WIDE, HIGH)}
            forms = {"path": str(made.qgz), "forms": FORMS, "folder": str(folder)}
            tasks = [
                ["map_picture", {**shown, "target": str(folder / "map.png")}],
                ["pictures", {**forms, "size": (WIDE, HIGH)}],
            ]
            drawn, paths = in_qgis(folder, tasks)
            save(sheet([drawn, *paths]), PICTURES / f"editing_forms_{language}.png")


def sheet(paths: list[str]) -> Image.Image:
    """Lay pictures of one size side by side."""
    rows = -(-len(paths) // COLUMNS)
    size = (COLUMNS * (WIDE + GAP) - GAP, rows * (HIGH + GAP) - GAP)
    made = Image.new("RGB", size, kcn.theme.PAPER)
    for number, path in enumerate(paths):
        with Image.open(path) as image:
            row, column = divmod(number, COLUMNS)
            made.paste(image.convert("RGB"), (column * (WIDE + GAP), row * (HIGH + GAP)))
    return made


def save(image: Image.Image, picture: Path) -> None:
    """Keep a picture with few colours."""
    few = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    few.save(picture, optimize=True)
    size = picture.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"editing_forms.py: {picture.name} has {size} bytes")


if __name__ == "__main__":
    main()
