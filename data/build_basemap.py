"""Make the light ground of maps from the published boundaries of communes and wards.

`python data/build_basemap.py units.geojson` writes `kcngeo/cartography/basemaps/`; the source is
named in the file itself. Shapes stay as they were published.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "kcngeo/cartography/basemaps/lam_dong_2025.geojson"
HEAD = {
    "type": "FeatureCollection",
    "valid_from": "2025-07-01",
    "source": "thanglequoc/vietnamese-provinces-database @cd58063, json/geojson/68_lam_dong",
    "derived_from": "sapnhap.bando.com.vn",
    "licence": "MIT (c) 2021 Thang Le Quoc",
    "simplified_m": 250,
}


def main(source: str) -> None:
    """Write the units of a province by code, each with the kind it is drawn as."""
    units = json.loads(Path(source).read_text("utf-8"))["features"]
    lines = []
    for unit in sorted(units, key=lambda one: one["properties"]["code"]):
        said = unit["properties"]
        kind = "ward" if said["full_name"].startswith("Phường") else "commune"
        kept = {"code": said["code"], "name": said["full_name"], "kind": kind}
        lines.append(compact({"type": "Feature", "properties": kept, "geometry": unit["geometry"]}))
    head = compact(HEAD)[:-1]
    TARGET.write_text(head + ',"features":[\n' + ",\n".join(lines) + "\n]}\n", "utf-8")


def compact(value: object) -> str:
    """Write JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
