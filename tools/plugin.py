"""Pack the plugin for QGIS: `dist/kcngeo_qgis-VERSION.zip`, the same bytes every time.

    python tools/plugin.py [FOLDER]

QGIS takes it under Plugins, Manage and Install Plugins, Install from ZIP.
"""

from __future__ import annotations

import configparser
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "plugin" / "kcngeo_qgis"
KINDS = {".py", ".toml", ".txt", ".svg"}
# The earliest a zip can say.
STAMP = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def version() -> str:
    """Give the version that the plugin says it has."""
    told = configparser.ConfigParser(interpolation=None)
    told.read(PLUGIN / "metadata.txt", encoding="utf-8")
    return told["general"]["version"]


def files() -> dict[str, bytes]:
    """Give what is packed, by its name in the zip."""
    own = sorted(path for path in PLUGIN.rglob("*") if path.suffix in KINDS)
    found = {path.relative_to(PLUGIN.parent).as_posix(): path.read_bytes() for path in own}
    return {**found, f"{PLUGIN.name}/LICENSE": (ROOT / "LICENSE").read_bytes()}


def pack(folder: Path) -> Path:
    """Write the zip into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{PLUGIN.name}-{version()}.zip"
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in files().items():
            # Stored as it is: compressed bytes would change with the version of zlib.
            one = zipfile.ZipInfo(name, STAMP)
            one.create_system, one.external_attr = 3, _READABLE
            packed.writestr(one, content.replace(b"\r\n", b"\n"))
    return target


if __name__ == "__main__":
    print(pack(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
