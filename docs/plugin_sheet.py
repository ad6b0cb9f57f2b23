"""Draw the panel of the QGIS plugin and its dialogs, one sheet a language.

    .venv/bin/python docs/plugin_sheet.py

It needs the Python of the system that QGIS belongs to, no window. Letters come from the fonts of
the machine, so another machine may give other bytes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from map_themes import QGIS_PYTHON, SAMPLE
from PIL import Image

import kcngeo as kcn

PICTURES = Path(__file__).resolve().parent / "pictures"
WINDOW = Path(__file__).with_name("plugin_window.py")
# In rows; what stands in one place lies below each other.
ROWS = ((("window",), ("correct", "send_back")), (("account",), ("lease",), ("split",)))
GAP, COLOURS, MOST_BYTES = 12, 56, 150_000


def taken(language: str, folder: Path) -> Path:
    """Let QGIS take the pictures."""
    project = kcn.io.read_project(SAMPLE)
    made = kcn.qgis.write_package(
        project, folder / "package", on="2018-03-31", language=language, name="province"
    )
    home = folder / "home"
    home.mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    subprocess.run(
        [QGIS_PYTHON, str(WINDOW), str(made.qgz), language, str(folder)],
        check=True,
        env=environment,
    )
    return folder


def sheet(folder: Path) -> Image.Image:
    """Put the pictures together."""
    rows = []
    for row in ROWS:
        columns = [
            joined([Image.open(folder / f"{name}.png").convert("RGB") for name in names], down=True)
            for names in row
        ]
        rows.append(joined(columns, down=False))
    return joined(rows, down=True)


def joined(pictures: list[Image.Image], *, down: bool) -> Image.Image:
    """Put pictures below or beside each other."""
    sizes = [one.size for one in pictures]
    gaps = GAP * (len(pictures) - 1)
    along, across = (1, 0) if down else (0, 1)
    whole = [0, 0]
    whole[along] = sum(one[along] for one in sizes) + gaps
    whole[across] = max(one[across] for one in sizes)
    made, place = Image.new("RGB", (whole[0], whole[1]), "white"), [0, 0]
    for one in pictures:
        made.paste(one, (place[0], place[1]))
        place[along] += one.size[along] + GAP
    return made


def main() -> None:
    """Write both sheets."""
    for language in ("vi", "en"):
        with tempfile.TemporaryDirectory() as folder:
            made = sheet(taken(language, Path(folder)))
        target = PICTURES / f"plugin_{language}.png"
        made.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{target}: {target.stat().st_size} bytes")
        print(target)


if __name__ == "__main__":
    main()
