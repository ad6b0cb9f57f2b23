"""The way without a process: kcngeo in the Python of QGIS, where its libraries are new enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).with_name("inside.py")
# It stands for the library: what is asked here is how it is found, called and listened to.
MAIN = """
import sys
def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    print("đất", *sys.argv[1:])
    print("khu Lộc Sơn", file=sys.stderr)
    sys.exit(1 if "faulty" in sys.argv else None)
"""


def library(folder: Path, pandas: str) -> list[str]:
    """Make a folder that holds kcngeo, and pandas of a version."""
    (folder / "kcngeo").mkdir(parents=True)
    (folder / "kcngeo" / "__init__.py").touch()
    (folder / "kcngeo" / "cli.py").write_text(MAIN, encoding="utf-8")
    needs = "Requires-Dist: pandas>=3.0\nRequires-Dist: nothing>=1; extra == 'dev'\n"
    for name, version, more in (("kcngeo", "0.1.0", needs), ("pandas", pandas, "")):
        told = folder / f"{name}-{version}.dist-info"
        told.mkdir()
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (told / "METADATA").write_text(head + more, encoding="utf-8")
    return [str(folder)]


def test_only_libraries_that_are_new_enough_will_do(
    in_qgis: Callable[..., Any], tmp_path: Path
) -> None:
    cases = [library(tmp_path / version, version) for version in ("2.2.3", "3.0.0")]
    old, new = in_qgis("inside", program=INSIDE, cases=cases, arguments=["series", "faulty"])
    assert old == {"missing": "pandas>=3.0 (2.2.3)", "where": None}
    assert new["missing"] is None
    assert (new["version"], new["code"]) == ("0.1.0", 1)
    assert (new["printed"], new["said"]) == ("đất series faulty\n", ["khu Lộc Sơn"])
    # The words of QGIS's own command line are put back.
    assert new["argv"] == ["inside"]
