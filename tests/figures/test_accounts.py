"""Bars of land accounts and of one day's rates: as long as the tables say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcngeo import figures, theme
from kcngeo.standards import fill_definitions
from tests.figures.test_figures import HOSTILE, LANGUAGES, require_readable, shapes, words

ON = "2018-03-31"
# Lộc Sơn and Phú Hội by the board's notice of March 2018, and a zone nobody could compute.
PUBLISHED = {
    "leased_ha": [76.072, 63.572, np.nan],
    "reserved_ha": [16.1371, 0, np.nan],
    "recovering_ha": [3.743, 0, np.nan],
    "repurposed_ha": [4, 0, np.nan],
    "uncleared_ha": [17, 21.1, np.nan],
    "available_ha": [18.793, 0, np.nan],
    "base_ha": [135.7451, 84.672, np.nan],
}


def table() -> pd.DataFrame:
    return pd.DataFrame(PUBLISHED, index=pd.Index(["LS", "PH", "X"], name="zone_id"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_bars_of_accounts_add_up_to_the_base(language: str) -> None:
    names = {"LS": "KCN Lộc Sơn", "PH": HOSTILE}
    figure = figures.accounts(
        table(), on=ON, definition="nd164-2013", language=language, names=names, synthetic=True
    )
    require_readable(figure)
    bars = shapes(figure)
    lengths = {name: bar.get_width() for name, bar in bars.items()}
    assert lengths == {
        "LS.0": 76.072, "LS.1": 16.1371, "LS.2": 3.743, "LS.3": 4, "LS.4": 17, "LS.5": 18.793,
        "PH.0": 63.572, "PH.4": 21.1,
    }  # fmt: skip
    # One bar ends where the next begins, the last at the base.
    ends = [bars[f"LS.{part}"].get_x() + bars[f"LS.{part}"].get_width() for part in range(6)]
    assert ends[-1] == pytest.approx(135.7451)
    shown = words(figure)
    assert f"{theme.number(135.7451, language=language)} ha" in shown
    assert theme.text("figures.not_computable", language=language) in shown
    assert theme.text("map.synthetic", language=language) in shown
    # 76.072 + 63.572 = 139.644 ha let of 135.7451 + 84.672 = 220.4171 ha
    total = [f"{theme.number(one, language=language)} ha" for one in (139.644, 220.4171)]
    assert any(all(one in line for one in total) for line in shown)


def test_no_zone_and_too_many_zones_are_told() -> None:
    nothing = figures.accounts(table().iloc[:0], on=ON, definition="nd164-2013", language="en")
    require_readable(nothing)
    assert "No zone counts on this day." in words(nothing)
    ids = pd.Index([f"Z{number:02}" for number in range(42)], name="zone_id")
    many = pd.DataFrame(dict.fromkeys(PUBLISHED, 0.0), index=ids).assign(base_ha=np.arange(42.0))
    figure = figures.accounts(many, on=ON, definition="nd164-2013", language="en")
    assert any(line.startswith("2 smaller zones are left out") for line in words(figure))
    assert "Z00" not in words(figure)
    assert "Z41" in words(figure)


def series(rates: dict[tuple[str, str], tuple[float, float]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(
        [(name, zone_id, pd.Timestamp(ON)) for name, zone_id in rates],
        names=["definition", "zone_id", "on"],
    )
    rows: list[dict[str, Any]] = [
        {"leased_ha": leased, "base_ha": base, "fill_rate": leased / base if base else np.nan}
        for leased, base in rates.values()
    ]
    return pd.DataFrame(rows, index=index)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rates_stand_side_by_side_by_all_five_definitions(language: str) -> None:
    given = series(
        {
            ("nd164-2013", "A"): (30, 60),
            ("nd82-2018", "A"): (30, 60),
            ("nd35-2022", "A"): (33, 66),
            ("cleared", "A"): (30, 40),
            ("gross", "A"): (33, 100),
            ("nd164-2013", "B"): (0, 0),
        }
    )
    figure = figures.rates(given, on=ON, language=language, names={"A": HOSTILE}, synthetic=True)
    require_readable(figure)
    bars = {name: bar.get_width() for name, bar in shapes(figure).items()}
    assert bars == {
        "A.nd164-2013.0": 0.5, "A.nd82-2018.0": 0.5, "A.nd35-2022.0": 0.5, "A.cleared.0": 0.75,
        "A.gross.0": 0.33,
    }  # fmt: skip
    said = " ".join(words(figure))
    for definition in fill_definitions():
        assert definition.label(on=ON, language=language) in said
    assert theme.percent(0.75, language=language) in words(figure)
    area = [theme.number(one, language=language) for one in (30, 40)]
    assert f"{area[0]} ha / {area[1]} ha" in words(figure)
    # Zone B: nothing leasable by one, no row by the others; a missing rate is no 0.
    assert words(figure).count(theme.text("figures.no_rate", language=language)) == 5
    # What limits a definition on the day is not cut off.
    assert theme.text("definition.unverified", language=language) in said
    assert not any(line.endswith("…") for line in words(figure))


def test_a_day_without_rates_says_so() -> None:
    given = series({("nd164-2013", "A"): (30, 60)})
    figure = figures.rates(given, on="2017-03-31", language="en")
    require_readable(figure)
    assert shapes(figure) == {}
    one = figures.rates(given, on=ON, language="en", zone_id="A")
    assert any(line.startswith("A: fill rate 50.00 %") for line in words(one))
