"""Every theme of one day, drawn for screen, paper and QGIS: what was drawn is the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

import kcngeo as kcn
from kcngeo import theme
from kcngeo.cartography import MapSpec
from tests.cartography.drawings import (
    Drawn,
    amount_of,
    boxes_of,
    in_qgis_theme,
    on_paper,
    on_screen,
)
from tests.maps.test_fill_map import painted

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
ON, LANGUAGE = "2018-03-31", "en"
THEMES = (
    *("fill", "readiness", "conflicts", "sites", "findings", "unbuilt", "clashes", "vacancy"),
    "scenario",
)
# Made of lots by the same hand as "vacancy", which stands for them.
OF_LOTS = {"change", "lease_ends", "lot_findings", "sectors"}
DAY_THEMES = THEMES[1:]
STATUSES = list(theme.STATUS_COLORS)
# What lies under a map and is in no legend.
UNDER = ("context", "basemap")


@dataclass
class Drawings:
    """What the three renderers drew of one theme, and the ground the sheet shows."""

    screen: Drawn
    paper: Drawn
    qgis: Drawn
    panels: list[Any]

    def in_panels(self, key: str) -> list[Any]:
        """The shapes QGIS draws of a class that lie in a panel of the sheet."""
        shapes = self.qgis.shapes.get(key, [])
        return [one for one in shapes if shapely.intersects(self.panels, one).any()]


def specs_of(project: kcn.Project) -> dict[str, MapSpec]:
    """All themes of the day; what looks unbuilt goes by turns, as the sample has no rasters."""
    report = kcn.report.monthly(project, month=ON, start=ON)
    given = kcn.qgis.results(project, on=ON, sites_ha=1.4)
    let = kcn.imagery.let_parcels(project, on=ON).reset_index()
    turns = np.resize(np.array([True, None, False], dtype=object), len(let))
    let = let.assign(looks_unbuilt=pd.array(turns, dtype="boolean"), clock=None, state=None)
    made = {"fill": kcn.cartography.fill(report), **{one.theme: one for one in given.maps}}
    made["vacancy"] = kcn.cartography.vacancy(made["fill"])
    made["unbuilt"] = kcn.cartography.unbuilt(project, let, on=ON)
    theirs, mine = (edited(project, by_m=by_m) for by_m in (-18, -9))
    clashes = kcn.update.merge(project, theirs, mine).shapes
    made["scenario"] = what_if(project)
    return {**made, "clashes": kcn.cartography.clashes(project, clashes, on=ON)}


def what_if(project: kcn.Project) -> MapSpec:
    """A scenario that clears a block, lets half a lot of it and asks for other distances."""
    farther = '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = 400\n'
    land = '[[clear]]\nzone = "phu-hoi"\nblock = "CN8"\n[[let]]\nparcels = ["PH-CN08-01"]\n'
    wish = {"name": "CN8", "text": land + farther}
    return kcn.products.scenario(project, changes=wish, on=ON).maps["map_1"]()


def edited(project: kcn.Project, *, by_m: float) -> kcn.Project:
    """Draw two lots of a zone narrower and number two others."""
    parcels = project.parcels.copy()
    first, last = (
        parcels["parcel_id"].isin(list(parcels["parcel_id"][at : at + 2])) for at in (0, 3)
    )
    narrow = parcels.geometry.buffer(by_m, join_style="mitre")
    parcels = parcels.set_geometry(parcels.geometry.where(~first, narrow))
    codes = parcels["lot_code"].astype("object")
    return replace(project, parcels=parcels.assign(lot_code=codes.where(~last, str(by_m))))


def test_every_theme_is_drawn() -> None:
    assert {*THEMES, *OF_LOTS} == set(kcn.cartography.themes.__all__)


@pytest.fixture(scope="module")
def project() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module")
def specs(project: kcn.Project) -> dict[str, MapSpec]:
    made = specs_of(project)
    assert set(made) == set(THEMES)
    return made


@pytest.fixture(scope="module")
def folder(specs: dict[str, MapSpec], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages and the QGIS project."""
    folder = tmp_path_factory.mktemp("maps")
    for name, spec in specs.items():
        kcn.maps.draw_map(spec, language=LANGUAGE).save(folder / f"{name}.html")
    kcn.qgis.write_maps(list(specs.values()), folder, name="themes", language=LANGUAGE)
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path, specs: dict[str, MapSpec], in_qgis: Callable[..., Any]) -> dict[str, Any]:
    """What QGIS draws in every map theme, and the stripes it drew."""
    stripes = {
        "theme": specs["fill"].title[LANGUAGE],
        "layer": "kcngeo_parcels_on_day_polygon",
        "shares": [f"{one}_share" for one in STATUSES],
    }
    return in_qgis("drawn", path=str(folder / "themes.qgz"), stripes=stripes)


@pytest.fixture(scope="module")
def sheets(specs: dict[str, MapSpec]) -> dict[str, Figure]:
    return {name: kcn.figures.draw_map(spec, language=LANGUAGE) for name, spec in specs.items()}


@pytest.fixture(scope="module")
def drawings(
    folder: Path,
    specs: dict[str, MapSpec],
    sheets: dict[str, Figure],
    opened: dict[str, Any],
    browser: Browser,
) -> dict[str, Drawings]:
    context = browser.new_context(offline=True)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    made = {}
    for name in DAY_THEMES:
        made[name] = Drawings(
            screen=on_screen(context.new_page(), (folder / f"{name}.html").as_uri()),
            paper=on_paper(sheets[name]),
            qgis=in_qgis_theme(opened["themes"][specs[name].title[LANGUAGE]]),
            panels=boxes_of(sheets[name]),
        )
    context.close()
    assert not errors
    return made


def marks(drawn: Drawn, key: str) -> str:
    """The class QGIS draws the marks of pins in; other classes are their own."""
    return key.replace("findings.", "finding_marks.") if key.startswith("findings.") else key


# ---- maps of a day ------------------------------------------------------------------------------
@pytest.mark.parametrize("name", DAY_THEMES)
def test_the_same_classes_in_the_same_colours(drawings: dict[str, Drawings], name: str) -> None:
    made = drawings[name]
    shown = {key for key in made.screen.counts if made.screen.counts[key]}
    # What QGIS draws beside: the context, and areas below the marks of pins.
    drawn = {key for key in made.qgis.counts if not key.startswith((*UNDER, "finding_marks"))}
    assert shown == drawn
    assert len(shown) > 4
    for key in shown:
        assert made.screen.colors[key] == made.qgis.colors[marks(made.qgis, key)], key
        if made.in_panels(key):
            assert made.paper.colors[key] == made.screen.colors[key], key
    for key in made.qgis.counts:
        if key.startswith("context") and made.in_panels(key):
            assert made.paper.colors[key] == made.qgis.colors[key]


@pytest.mark.parametrize("name", DAY_THEMES)
def test_as_many_features_and_as_much_land(drawings: dict[str, Drawings], name: str) -> None:
    made = drawings[name]
    for key, count in made.screen.counts.items():
        assert made.qgis.counts[marks(made.qgis, key)] == count, key
        here = made.in_panels(key)
        if key in made.paper.shapes:
            drawn = sum(one.area for one in made.paper.shapes[key])
            expected = shapely.union_all([one for one in here if one.area]).area
            assert drawn == pytest.approx(expected, rel=1e-6), key
        elif here and all(one.geom_type in ("Point", "LineString") for one in here):
            assert made.paper.counts[key] == len(here), key
    pins = [key for key in made.paper.counts if key.endswith(".mark")]
    assert bool(pins) == (name == "findings")
    for key in pins:
        here = made.in_panels(marks(made.qgis, key.removesuffix(".mark")))
        assert made.paper.counts[key] == len(here)


def legend_of(made: Drawings) -> dict[str, str]:
    """The words QGIS has for each class it draws, without those of what lies around."""
    return {
        key: label
        for key, label in made.qgis.legend.items()
        if made.qgis.counts[key] and not key.startswith((*UNDER, "zones", "finding_marks"))
    }


@pytest.mark.parametrize("name", DAY_THEMES)
def test_the_legends_say_the_same_words_and_amounts(
    drawings: dict[str, Drawings], name: str
) -> None:
    made = drawings[name]
    told = legend_of(made)
    for key, label in told.items():
        if not key.startswith("parcels_on_day"):
            assert made.screen.legend[label] == made.qgis.colors[key], key
            assert made.screen.amounts[label][0] == made.qgis.counts[marks(made.qgis, key)], key
        if made.in_panels(key):
            assert amount_of(made.paper, label) is not None, (key, label)
    for label, (count, *_) in made.screen.amounts.items():
        assert count == 0 or label in told.values(), label


@pytest.mark.parametrize("name", DAY_THEMES)
def test_hectares_of_a_legend_are_those_of_the_other(
    drawings: dict[str, Drawings], name: str
) -> None:
    made = drawings[name]
    told = legend_of(made)
    compared = 0
    for key, label in told.items():
        is_whole = len(made.in_panels(key)) == made.qgis.counts[key]
        # "green" is a use of land as well as something to be kept clear of.
        is_one = list(told.values()).count(label) == 1
        if is_whole and is_one and label in made.screen.amounts:
            (amount,) = amount_of(made.paper, label) or [None]
            assert amount in made.screen.amounts[label], label
            compared += 1
    assert compared


@pytest.mark.parametrize("name", DAY_THEMES)
def test_numbers_are_the_same_in_every_list_and_on_every_map(
    drawings: dict[str, Drawings], name: str
) -> None:
    made = drawings[name]
    assert made.screen.listed
    assert sorted(made.screen.listed) == list(range(1, len(made.screen.listed) + 1))
    assert made.paper.listed
    for number, called in made.paper.listed.items():
        # Paper breaks lines itself, and has plain spaces.
        said = " ".join(made.screen.listed[number].split())
        assert said.startswith(called.rstrip("…")[:20]), number
    assert set(made.paper.numbers) <= set(made.paper.listed)
    assert set(made.screen.numbers) == set(made.qgis.numbers)
    numbers = sorted(made.screen.numbers)
    shapes = gpd.GeoDataFrame(geometry=[made.qgis.numbers[one] for one in numbers], crs=5899)
    for number, other in zip(numbers, kcn.crs.to_wgs84(shapes).geometry, strict=True):
        # Degrees of the page have six decimals: a tenth of a metre.
        assert made.screen.numbers[number].distance(other) < 3e-6, number


@pytest.mark.parametrize("name", DAY_THEMES)
def test_what_is_written_on_paper_is_what_qgis_may_write(
    drawings: dict[str, Drawings], name: str
) -> None:
    made = drawings[name]
    without_numbers = {re.sub(r"^\d+\n", "", one) for one in made.qgis.labels}
    assert made.paper.labels <= without_numbers | made.qgis.labels


def test_conflicts_and_sites_are_numbered_and_digits_of_levels_written(
    drawings: dict[str, Drawings],
) -> None:
    assert len(drawings["conflicts"].qgis.numbers) >= 3
    assert len(drawings["sites"].qgis.numbers) >= 5
    levels = {"0", "1", "2", "3", "4"}
    assert drawings["readiness"].paper.labels == levels
    assert levels <= drawings["readiness"].qgis.labels


def test_the_green_belt_is_on_all_three(drawings: dict[str, Drawings]) -> None:
    made = drawings["readiness"]
    counts = [one.counts["green_belt_gaps"] for one in (made.screen, made.qgis)]
    assert counts[0] == counts[1] > 0
    assert made.paper.counts["green_belt_gaps"] > 0
    colors = {one.colors["green_belt_gaps"] for one in (made.screen, made.paper, made.qgis)}
    assert len(colors) == 1


@pytest.mark.parametrize("name", DAY_THEMES)
def test_invented_shapes_are_said_to_be(
    drawings: dict[str, Drawings], opened: dict[str, Any], name: str
) -> None:
    assert drawings[name].screen.notice
    assert drawings[name].paper.notice
    assert any("Synthetic geometry" in one for one in opened["notices"])


# ---- parcels by lease status --------------------------------------------------------------------
@pytest.fixture(scope="module")
def statuses(project: kcn.Project) -> pd.DataFrame:
    """The shares of the statuses by parcel, from the ledger."""
    state = kcn.ledger.state(project, on=ON).set_index("parcel_id")
    return state.loc[
        state["land_use"] == "industrial", [f"{one}_share" for one in STATUSES]
    ].set_axis(STATUSES, axis=1)


@pytest.fixture(scope="module")
def lots(folder: Path, browser: Browser) -> Iterator[dict[str, Any]]:
    """What the page paints of each parcel, its legend, and its labels from near."""
    context = browser.new_context(offline=True, reduced_motion="reduce")
    page = context.new_page()
    page.set_viewport_size({"width": 1800, "height": 1400})
    page.goto((folder / "fill.html").as_uri())
    legend = page.locator(".kcn-legend button").evaluate_all(
        "rows => rows.map(row => [row.children[1].textContent,"
        " getComputedStyle(row.querySelector('.kcn-swatch')).backgroundColor,"
        " row.children[2].textContent])"
    )
    labels: set[str] = set()
    found = painted(page)
    seen = page.evaluate(
        """() => {
          const texts = new Set();
          const fit = (bounds) => {
            kcngeo.map.fitBounds(bounds, { animate: false });
            document.querySelectorAll(".kcn-lot").forEach((node) => {
              const words = [...node.firstChild.childNodes].filter((one) => one.tagName !== "B");
              const text = words.map((one) => one.textContent).join("");
              if (text) texts.add(text);
            });
          };
          const bounds = [];
          kcngeo.map.eachLayer((layer) => {
            if (layer.feature) bounds.push(layer.getBounds());
          });
          bounds.forEach(fit);
          return [...texts];
        }"""
    )
    labels |= set(seen)
    yield {"parcels": {one["id"]: one for one in found}, "legend": legend, "labels": labels}
    context.close()


def shares_on_screen(one: dict[str, Any]) -> dict[str, float]:
    """The shares of the colours of a parcel as the browser computed them."""
    shares: dict[str, float] = {}
    for color, share in one["stripes"]:
        red, green, blue = map(int, re.findall(r"\d+", color)[:3])
        key = f"#{red:02x}{green:02x}{blue:02x}"
        shares[key] = shares.get(key, 0) + share
    return shares


def test_stripes_are_as_wide_as_the_shares_on_all_three(
    lots: dict[str, Any],
    statuses: pd.DataFrame,
    opened: dict[str, Any],
    sheets: dict[str, Figure],
    project: kcn.Project,
) -> None:
    shapes = project.parcels.drop_duplicates("parcel_id", keep="last").set_index("parcel_id")
    paper = on_paper(sheets["fill"])
    surfaces = {
        status: shapely.union_all(paper.shapes[f"parcels_on_day.{status}"]) for status in STATUSES
    }
    parted = statuses[(statuses > 1e-9).sum(axis=1) > 1]
    assert len(parted) > 10
    for parcel_id, row in parted.iterrows():
        in_qgis_share = opened["stripes"][parcel_id]
        shape = shapes.geometry[parcel_id]
        on_page = shares_on_screen(lots["parcels"][parcel_id])
        for status in STATUSES:
            color = theme.STATUS_COLORS[status].lower()
            held = row[status]
            assert on_page.get(color, 0) == pytest.approx(held, abs=1e-6), parcel_id
            assert in_qgis_share.get(color, 0) == pytest.approx(held, abs=0.05), parcel_id
            drawn = surfaces[status].intersection(shape).area / shape.area
            assert drawn == pytest.approx(held, abs=0.05), parcel_id


def test_parcels_by_status_have_one_legend(
    lots: dict[str, Any],
    opened: dict[str, Any],
    specs: dict[str, MapSpec],
    sheets: dict[str, Figure],
) -> None:
    qgis = in_qgis_theme(opened["themes"][specs["fill"].title[LANGUAGE]])
    paper = on_paper(sheets["fill"])
    assert [words for words, *_ in lots["legend"]] == [
        qgis.legend[f"parcels_on_day.{status}"] for status in STATUSES
    ]
    for status, (words, color, amount) in zip(STATUSES, lots["legend"], strict=True):
        red, green, blue = map(int, re.findall(r"\d+", color)[:3])
        key = f"parcels_on_day.{status}"
        assert f"#{red:02x}{green:02x}{blue:02x}" == qgis.colors[key] == paper.colors[key]
        # What the board published of both zones, in the same figures.
        assert paper.amounts[words] == [float(amount.removesuffix(" ha").replace(",", ""))]


def test_parcels_have_the_same_labels(
    lots: dict[str, Any],
    opened: dict[str, Any],
    specs: dict[str, MapSpec],
    sheets: dict[str, Figure],
) -> None:
    layers = opened["themes"][specs["fill"].title[LANGUAGE]]
    (layer,) = (one for one in layers if one["name"] == "parcels_on_day")
    candidates = {one["label"] for one in layer["features"] if one["label"]}
    # Where it has too little room, a lot is called by the end of its number.
    assert all(any(one.endswith(words) for one in candidates) for words in lots["labels"])
    assert on_paper(sheets["fill"]).labels <= candidates
    # From near the page writes nearly all: only what is too thin for words stays without.
    assert len(lots["labels"] & candidates) > 0.9 * len(candidates)


def test_zones_say_the_same_rate(
    folder: Path,
    opened: dict[str, Any],
    specs: dict[str, MapSpec],
    sheets: dict[str, Figure],
    offline_page: Any,
) -> None:
    layers = opened["themes"][specs["fill"].title[LANGUAGE]]
    (zones,) = (one for one in layers if one["name"] == "zones_on_day")
    rates = [
        found[0] for one in zones["features"] if (found := re.findall(r"[\d.]+ %", one["label"]))
    ]
    assert len(rates) == 2
    offline_page.goto((folder / "fill.html").as_uri())
    page = offline_page.locator(".kcn-zones").first.inner_text()
    paper = " ".join(
        one.get_text() for one in sheets["fill"].findobj(lambda some: hasattr(some, "get_text"))
    )
    for rate in rates:
        assert rate in page
        assert rate in paper
