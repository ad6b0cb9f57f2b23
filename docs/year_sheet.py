"""Take a zone through a year in the window of QGIS, and put its pictures on a sheet a language.

    .venv/bin/python docs/year_sheet.py

It needs QGIS itself, Xvfb and openbox (Debian: `apt install qgis xvfb xauth openbox`), and minutes.
What is done, and its hectares, are those of `tests/plugin/test_a_year.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import shapely
from PIL import Image, ImageColor
from plugin_sheet import PICTURES, joined

from kcngeo import theme

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from plugin import pack  # noqa: E402
from tests.plugin.test_a_year import CUT, begun  # noqa: E402

WINDOW = Path(__file__).with_name("year_window.py")
SCREEN = "1180x640x24"
ROWS = (("in", "line"), ("home", "month"))
# In metres of the grid: from west, south to east, north.
SEEN = (499950, 1269850, 501050, 1270250)
LONGEST_S = 900
COLOURS, MOST_BYTES = 32, 150_000
INVESTOR = {"vi": "Công ty Thép Một", "en": "Steel One Ltd"}
LOCALE = {"vi": "vi", "en": "en_GB"}
PROFILE = """[PythonPlugins]
kcngeo_qgis=true
processing=true

[qgis]
checkVersion=false
showTips=false

[locale]
overrideFlag=true
userLocale={locale}
globalLocale={locale}

[kcngeo]
language={language}
way=auto
"""


def taken(language: str, folder: Path) -> Path:
    """Let QGIS live through the year."""
    home, drawing, corners = begun(folder)
    profile = folder / "person" / ".local/share/QGIS/QGIS3/profiles/default"
    (profile / "QGIS").mkdir(parents=True)
    said = PROFILE.format(locale=LOCALE[language], language=language)
    (profile / "QGIS" / "QGIS3.ini").write_text(said, encoding="utf-8")
    with zipfile.ZipFile(pack(folder)) as packed:
        packed.extractall(profile / "python" / "plugins")
    given = {
        "folder": str(folder),
        # Beside where QGIS is started: whose folder it is stands in no picture.
        "home": home.name,
        "drawing": drawing.name,
        "corners": corners.name,
        "lots": SEEN,
        "cut": shapely.get_coordinates(shapely.from_wkt(CUT)).tolist(),
        "theme": theme.text("qgis.theme_editing", language=language),
        "investor": INVESTOR[language],
    }
    (folder / "year.json").write_text(json.dumps(given), encoding="utf-8")
    environment = {
        # Last: QGIS takes its Python from there.
        "PATH": os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)]),
        "LANG": "C.UTF-8",
        "HOME": str(folder / "person"),
        "XDG_RUNTIME_DIR": str(folder / "person"),
        "KCNGEO_YEAR": str(folder / "year.json"),
    }
    window = ("qgis", "--nologo", "--noversioncheck", "--code", str(WINDOW))
    # On a screen of its own, which ends with it.
    screen = ("xvfb-run", "-a", "-s", f"-screen 0 {SCREEN}", "sh", "-c", 'openbox & exec "$@"', "-")
    about = {"env": environment, "cwd": folder, "capture_output": True, "timeout": LONGEST_S}
    code = subprocess.run([*screen, *window], **about, check=False).returncode
    if code or not (folder / "month.png").exists():
        raise SystemExit(f"{code}: {(folder / 'failed.txt').read_text(encoding='utf-8')}")
    return folder


def opened(folder: Path, name: str) -> Image.Image:
    """Open a picture that was taken."""
    return Image.open(folder / f"{name}.png").convert("RGB")


def slim(sheet: Image.Image) -> Image.Image:
    """Keep the commonest colours and those of the legend; the others take the nearest of them."""
    counted = sorted(sheet.getcolors(sheet.width * sheet.height) or [], reverse=True)
    kept = [color for _, color in counted[:COLOURS]]
    legend = [*theme.STATUS_COLORS.values(), theme.USE_COLORS["green"], theme.LAYER_COLORS["site"]]
    legend.append("black")
    kept += [ImageColor.getrgb(color) for color in legend]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for color in kept for part in color])
    return sheet.quantize(palette=palette, dither=Image.Dither.NONE)


def main() -> None:
    """Write both sheets."""
    for language in ("vi", "en"):
        with tempfile.TemporaryDirectory(prefix="kcn-") as name:
            folder = taken(language, Path(name))
            made = joined(
                [joined([opened(folder, one) for one in row], down=False) for row in ROWS],
                down=True,
            )
        target = PICTURES / f"qgis_year_{language}.png"
        slim(made).save(target, optimize=True)
        print(target, target.stat().st_size)
        if target.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
