"""Charts of stages and of land use: what is written and drawn is what the tables hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcngeo import figures, theme
from tests.figures.test_figures import HOSTILE, LANGUAGES, require_readable, shapes, words

ON = pd.Timestamp("2018-03-31")
ROW = {
    "planned_ha": 100.0, "cleared_ha": 80.0, "serviced_ha": 40.0, "taken_ha": 60.0,
    "reserved_ha": 10.0, "leased_ha": 50.0, "building_ha": 30.0, "operating_ha": 20.0,
    "serviced_taken_ha": 30.0, "leased_unknown_ha": 2.0, "cleared_share": 0.8,
    "serviced_share": 0.5, "taken_share": 0.75, "leased_share": 50 / 60,
    "building_share": 30 / 48, "operating_share": 20 / 30,
}  # fmt: skip


def funnel(**changes: float) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("A", ON)], names=["zone_id", "on"])
    return pd.DataFrame([ROW | changes], index=index)


def drawn_stages(table: pd.DataFrame | None = None, **options: Any):
    given = {"zone_id": "A", "on": ON, "language": "vi", **options}
    return figures.stages(funnel() if table is None else table, **given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_stages_are_as_long_as_their_hectares(language: str) -> None:
    figure = drawn_stages(language=language, name="KCN Lộc Sơn", synthetic=True)
    require_readable(figure)
    bars = {name: bar.get_width() for name, bar in shapes(figure).items()}
    assert bars == {
        "planned.0": 100, "cleared.0": 80, "serviced.0": 40, "taken.0": 50, "taken.1": 10,
        "leased.0": 50, "building.0": 30, "operating.0": 20,
    }  # fmt: skip
    # what is reserved stands right of what is let
    assert shapes(figure)["taken.1"].get_x() == 50
    shown = words(figure)
    for area_ha in (100, 80, 40, 60, 50, 30, 20):
        assert f"{theme.number(area_ha, language=language)} ha" in shown
    share = theme.percent(0.625, language=language)
    assert any(one.startswith(share) for one in shown)
    assert any("164/2013" in one for one in shown)
    assert not any("nd164-2013" in one for one in shown)
    assert theme.text("map.synthetic", language=language) in shown


def test_a_stage_that_is_not_known_has_no_bar_and_says_so() -> None:
    missing = {"building_ha": np.nan, "operating_ha": np.nan, "building_share": np.nan}
    table = funnel(**missing, operating_share=np.nan, leased_unknown_ha=np.nan)
    figure = drawn_stages(table, language="en")
    require_readable(figure)
    assert "building.0" not in shapes(figure)
    assert words(figure).count("not known") == 2
    assert "–" in words(figure)
    assert any("50.00 ha are let" in one and "operate" not in one for one in words(figure))


def test_a_zone_that_does_not_count_is_told_in_words() -> None:
    figure = drawn_stages(zone_id="B", language="en")
    require_readable(figure)
    assert shapes(figure) == {}
    assert any("does not count on 31 Mar 2018" in one for one in words(figure))


def test_stages_of_a_zone_without_land_and_with_a_hostile_name() -> None:
    empty = funnel(**dict.fromkeys(ROW, 0.0))
    require_readable(drawn_stages(empty, name=HOSTILE))


def balance(**changes: Any) -> pd.DataFrame:
    rows = {
        "industrial": (80.0, 0.8, np.nan, pd.NA),
        "green": (7.0, 0.07, 0.1, False),
        "transport": (10.0, 0.1, 0.08, True),
        "water": (3.0, 0.03, np.nan, pd.NA),
        "housing": (0.0, 0.0, np.nan, pd.NA),
    }
    index = pd.MultiIndex.from_product([["A"], list(rows)], names=["zone_id", "item"])
    table = pd.DataFrame(
        list(rows.values()),
        columns=["actual_ha", "actual_share", "required_share", "passes"],
        index=index,
    ).astype({"passes": "boolean"})
    judged = table["required_share"].notna()
    return table.assign(
        deficit_ha=(table["required_share"] * 100 - table["actual_ha"]).clip(lower=0),
        rule=pd.Series("own-rule", index=index).where(judged),
        verified=pd.Series("secondary", index=index).where(judged),
        approved_ha=[81.0, 7.0, 9.0, np.nan, np.nan],
        **changes,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_land_use_against_its_marks(language: str) -> None:
    figure = figures.land_use(
        balance(), zone_id="A", on=ON, language=language, name="KCN Phú Hội", synthetic=True
    )
    require_readable(figure)
    drawn = shapes(figure)
    assert drawn["green.0"].get_width() == pytest.approx(0.07)
    assert list(drawn["green.mark"].get_xdata()) == [0.1, 0.1]
    assert drawn["industrial.0"].get_width() == pytest.approx(0.8)
    assert "industrial.mark" not in drawn
    assert "housing.0" not in drawn  # nothing there, nothing asked
    shown = " ".join(words(figure))
    assert f"{theme.number(3, language=language)} ha" in shown.split("·")[0]  # 10 ha less 7 ha
    assert theme.text("verified.secondary", language=language) in shown
    assert theme.percent(0.1, language=language) in shown
    colors = {name: drawn[name].get_facecolor() for name in ("green.0", "transport.0")}
    assert colors["green.0"] != colors["transport.0"]


def test_where_nothing_lacks_it_says_so() -> None:
    enough = balance()
    enough["passes"] = enough["passes"].mask(enough["required_share"].notna(), True)
    figure = figures.land_use(enough, zone_id="A", on=ON, language="en")
    require_readable(figure)
    assert any("no use the standard names is short" in one for one in words(figure))
    absent = figures.land_use(enough, zone_id="B", on=ON, language="en")
    require_readable(absent)
    assert shapes(absent) == {}
