"""A QGIS project that stands on the database, and the styles QGIS finds there."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kcngeo import io, products, theme
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.qgis import table_styles
from tests.io.test_postgis import ask
from tests.postgres import ENCODED, PASSWORD, Server

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"


def entered(qgz: Path, made: Path) -> Path:
    """Give a project whose layers know who enters, as QGIS asks it of a person."""
    with zipfile.ZipFile(qgz) as held, zipfile.ZipFile(made, "w") as copy:
        (name,) = held.namelist()
        text = held.read(name).decode("utf-8")
        word = escape(f"dbname='postgres' user='owner' password='{PASSWORD}'", quote=False)
        copy.writestr(name, text.replace("dbname='postgres'", word))
    return made


def test_a_project_that_stands_on_the_database(
    postgis: Server, in_qgis: Callable[..., Any], tmp_path: Path
) -> None:
    url = postgis.url("stands")
    sample = io.read_project(SAMPLE)
    io.write_project(sample, url)
    program = [sys.executable, "-m", "kcngeo", "qgis", url, "--on", "2018-03-31", "--database"]
    done = subprocess.run(
        [*program, "--out", tmp_path], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    # No word that opens the database stands in any file, nor who uses it.
    with zipfile.ZipFile(tmp_path / "layers.qgz") as held:
        told = held.read("layers.qgs").decode("utf-8") + done.stdout + done.stderr
    told += (tmp_path / "manifest.json").read_text("utf-8")
    for secret in (PASSWORD, ENCODED, "owner", "user=", "password"):
        assert secret not in told, secret
    options = json.loads((tmp_path / "manifest.json").read_text("utf-8"))["options"]
    assert options["database"] == f"postgresql://127.0.0.1:{postgis.port}/postgres?schema=stands"
    opened = in_qgis("project", path=str(entered(tmp_path / "layers.qgz", tmp_path / "mine.qgz")))
    layers = opened["layers"]
    assert all(one["valid"] for one in layers.values()), layers
    stored = {name: one for name, one in layers.items() if "dbname=" in one["source"]}
    told = [name.removesuffix("_past").split("_", 1)[1] for name in stored]
    names = {name.rpartition("_")[0] for name in told}
    assert names == {name for name, _ in sample.tables()}
    # What has ended lies apart.
    lots = [stored[f"kcngeo_parcels_polygon{end}"]["features"] for end in ("", "_past")]
    assert lots == [296, 36]
    assert sum(lots) == len(sample.parcels)
    known = sample.ledger["superseded_at"].isna().sum()
    ledger = stored["kcngeo_ledger_table"]
    assert ledger["features"] == known
    assert ledger["aliases"]["valid_from"] == theme.column("valid_from", language="vi")
    words = {value: said for said, value in ledger["lists"]["status"]}
    assert words["leased"] == "đã cho thuê"
    # The surroundings are part of the maps, too.
    fixed = [name for name, one in stored.items() if one["read_only"]]
    assert set(fixed) <= {"kcngeo_context_line"}
    # What was computed stands in the package, and knows nothing of the database.
    assert layers["kcngeo_zones_on_day_polygon"]["source"].startswith(str(tmp_path))


def test_a_layer_that_is_added_from_the_database_is_drawn_and_worded(
    postgis: Server, in_qgis: Callable[..., Any]
) -> None:
    url = postgis.url("styled")
    io.write_project(io.read_project(SAMPLE), url)
    first = products.store_styles(url)
    assert products.store_styles(url) == first > 10
    place = (
        f"dbname='postgres' host='127.0.0.1' port='{postgis.port}' user='owner'"
        f" password='{PASSWORD}' "
    )
    sources = {
        "parcels": f'{place} table="styled"."parcels" (geometry)',
        "parcels_now": f'{place} key=\'fid\' table="styled"."parcels_now" (geometry)',
        "ledger": f'{place} table="styled"."ledger"',
    }
    told = in_qgis("added", **sources)
    colors = {value: color for value, _, color in told["parcels"]["colors"]}
    assert colors["industrial"] == theme.USE_COLORS["industrial"].lower()
    assert told["parcels_now"]["colors"] == told["parcels"]["colors"]
    for name, column in (("parcels", "land_use"), ("ledger", "status")):
        choices = TABLES[name].column(column)
        assert choices is not None
        assert {value for _, value in told[name]["lists"][column]} == set(choices.choices)
    # Somebody's own default stays the default.
    ask(
        url,
        "UPDATE public.layer_styles SET owner = 'lan', styleName = 'Lan' WHERE f_table_schema ="
        " 'styled' AND f_table_name = 'parcels' AND useAsDefault",
    )
    products.store_styles(url)
    rows = ask(
        url,
        "SELECT owner, useAsDefault FROM public.layer_styles WHERE f_table_schema = 'styled'"
        " AND f_table_name = 'parcels' ORDER BY owner",
    )
    assert rows == [("kcngeo", False), ("lan", True)]


def test_who_may_not_keep_styles_is_told_what_an_administrator_runs(postgis: Server) -> None:
    url = postgis.url("unstyled")
    io.write_project(io.read_project(SAMPLE), url)
    postgis.run("DROP TABLE IF EXISTS public.layer_styles")
    reader = url.replace("owner:", "reader:", 1)
    ask(url, "GRANT USAGE ON SCHEMA {} TO reader")
    ask(url, "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO reader")
    with pytest.raises(DataSourceError, match="administrator of the database runs once") as caught:
        products.store_styles(reader)
    postgis.run(caught.value.message("en").partition("runs once: ")[2])
    assert products.store_styles(reader) == len(
        [one for one in table_styles(io.read_project(url)) if not _is_no_view(url, one.table)]
    )
    postgis.run("DROP TABLE public.layer_styles")


def _is_no_view(url: str, name: str) -> bool:
    with psycopg.connect(url.partition("?")[0]) as connection:
        found = connection.execute("SELECT to_regclass(%s)", [f"unstyled.{name}"]).fetchone()
    return found == (None,)
