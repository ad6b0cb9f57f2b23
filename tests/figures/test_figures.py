"""Charts: what is written and drawn is what the tables hold, plainly, and with the same bytes."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import kcngeo as kcn
from kcngeo import figures, theme
from kcngeo.analysis.change import CAUSES, Change
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.figures.labels import definition_label
from kcngeo.figures.time_axis import day_of, day_ticks, lanes, spread, value_ticks
from kcngeo.figures.typography import font, own_settings, plain, width_in, wrapped
from kcngeo.theme import hectares, points
from tests import squares

LANGUAGES = ("vi", "en")
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
START, END, LAW = "2018-03-31", "2022-03-31", "nd164-2013"
HOSTILE = r"Lô $\frac{1}{2}$ _x^ <b>&amp; {0} %s \n"


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module")
def change(sample: kcn.Project) -> Change:
    return kcn.change.explain(sample, start=START, end=END, definition=LAW)


def artists(figure: Figure) -> list[Text]:
    """Texts that are shown."""
    found = figure.findobj(lambda one: isinstance(one, Text) and bool(one.get_text()))
    return [one for one in found if one.get_visible()]


def words(figure: Figure) -> list[str]:
    return [one.get_text() for one in artists(figure)]


def shapes(figure: Figure, ending: str = "") -> dict[str, Any]:
    """What carries a name, by its name."""
    found = figure.findobj(lambda one: bool(one.get_gid()) and one.get_gid().endswith(ending))
    return {one.get_gid(): one for one in found}


def require_readable(figure: Figure) -> None:
    """No words leave the sheet or stand on others, and none are taken for formulas."""
    with own_settings():
        figure.canvas.draw()
        boxes = [(one.get_text(), one.get_window_extent()) for one in artists(figure)]
    assert not any(one.get_parse_math() for one in artists(figure))
    page = figure.bbox
    for shown, box in boxes:
        assert page.x0 <= box.x0, shown
        assert box.x1 <= page.x1, shown
        assert page.y0 <= box.y0, shown
        assert box.y1 <= page.y1, shown
    # Boxes reach above and below the letters: a little of the leading may be shared.
    pad = 0.03 * figure.dpi
    for (one, left), (other, right) in combinations(boxes, 2):
        apart_x = left.x1 <= right.x0 or right.x1 <= left.x0
        apart_y = left.y1 - pad <= right.y0 or right.y1 - pad <= left.y0
        assert apart_x or apart_y, (one, other)


# ---- the bridge ---------------------------------------------------------------------------------
def drawn_bridge(change: Change, zone_id: str = "loc-son", **options: Any) -> Figure:
    given = {"start": START, "end": END, "definition": LAW, "language": "vi", **options}
    return figures.bridge(change, zone_id=zone_id, **given)


def made_up(effects: dict[str, float], *, start: float = 0.5) -> Change:
    """A change of zone A by causes; each moves 1 ha let and 2 ha of the base."""
    total = sum(effects.values())
    row = {
        "rate_start": start,
        "rate_end": start + total,
        "numerator_effect": total / 4,
        "base_effect": total * 3 / 4,
        "change": total,
        **{cause: effects.get(cause, 0.0) for cause in CAUSES},
    }
    entries = pd.DataFrame(
        {"zone_id": "A", "cause": list(effects), "leased_change_ha": 1.0, "base_change_ha": -2.0}
    )
    return Change(
        effects=pd.DataFrame([row], index=pd.Index(["A"], name="zone_id")), entries=entries
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_bridge_tells_the_story_of_loc_son(change: Change, language: str):
    figure = drawn_bridge(change, language=language, synthetic=True, name="KCN Lộc Sơn")
    require_readable(figure)
    shown = words(figure)
    row = change.effects.loc["loc-son"]
    for name in ("rate_start", "rate_end"):
        assert theme.percent(row[name], language=language) in shown
    # Let land fell by 1.57 ha and the base by 22.78 ha, so the rate rose by 9.91 points.
    mine = change.entries[change.entries["zone_id"] == "loc-son"]
    sums = mine.groupby("cause")[["leased_change_ha", "base_change_ha"]].sum()
    sides = (
        ("leased", "leased_change_ha", "numerator_effect"),
        ("base", "base_change_ha", "base_effect"),
    )
    for side, column, effect in sides:
        area = hectares(sums[column].sum(), language=language)
        name = theme.text(f"figures.side_{side}", language=language)
        assert f"{name} {area}: {points(row[effect], language=language)}" in shown
    for cause in CAUSES:
        moved = bool(row[cause] != 0)
        assert (theme.text(f"figures.{cause}", language=language) in shown) is moved
        if moved:
            assert theme.signed(row[cause] * 100, language=language) in shown
            for area_ha in sums.loc[cause]:
                assert (theme.signed(area_ha, language=language) if area_ha else "–") in shown
    assert theme.text("map.synthetic", language=language) in shown
    assert theme.text("figures.source", language=language) in shown
    dates = [theme.date(pd.Timestamp(date), language=language) for date in (START, END)]
    first, second = (
        definition_label(LAW, on=pd.Timestamp(date), language=language) for date in (START, END)
    )
    assert any(" – ".join(dates) in line and first in line for line in shown)
    # On the second date this law is no longer in force, and that is said.
    assert any(dates[1] in line and second in line and dates[0] not in line for line in shown)


def test_bridge_in_figures_that_can_be_read_off(change: Change):
    vi, en = (words(drawn_bridge(change, language=language)) for language in LANGUAGES)
    assert "loc-son: tỷ lệ lấp đầy tăng 9,91 điểm %, từ 56,04 % lên 65,95 %" in vi
    assert "loc-son: fill rate up 9.91 points, from 56.04 % to 65.95 %" in en
    assert {"+6,11", "−7,27", "+11,07", "+8,30", "−9,87"} <= set(vi)
    assert "Land let −1.57 ha: −1.16 points" in en


def test_bars_run_from_level_to_level(change: Change):
    bars = shapes(drawn_bridge(change))
    row = change.effects.loc["loc-son"]
    assert list(bars) == ["lease_begun.leased", "lease_ended.leased", "change_of_use.base"]
    level = row["rate_start"]
    for name, bar in bars.items():
        effect = row[name.split(".")[0]]
        assert bar.get_x() == pytest.approx(min(level, level + effect), abs=1e-12)
        assert bar.get_width() == pytest.approx(abs(effect), abs=1e-12)
        level += effect
    assert level == pytest.approx(row["rate_end"], abs=1e-9)
    assert {bar.get_facecolor() for bar in bars.values()} == {
        mpl.colors.to_rgba(theme.STATUS_COLORS[status]) for status in ("leased", "repurposed")
    }


def test_bridge_of_squares():
    # 4 of 10 ha let, then 5 of 9: 40 % → 55.56 %.
    # The lease adds 1/10 = 10 points, the square lost 5/9 − 5/10 = 5.56.
    ids = [f"P{n}" for n in range(10)]
    lots = squares.parcels(*ids, valid_to=[*[None] * 9, "2020-06-01"])
    green = squares.parcels("P9", use="green", valid_from="2020-06-01").set_geometry(
        lots.geometry[9:].reset_index(drop=True)
    )
    lots = pd.concat([lots.assign(valid_from="2010-01-01"), green], ignore_index=True)
    for column in ("valid_from", "valid_to"):
        lots[column] = pd.to_datetime(lots[column])
    book = squares.ledger(
        *((name, "leased", "2011-01-01") for name in ids[:4]), ("P4", "leased", "2020-03-01")
    )
    moved = kcn.change.explain(
        squares.known(squares.zones("A"), lots, book),
        start="2019-12-31",
        end="2020-12-31",
        definition=LAW,
    )
    shown = words(drawn_bridge(moved, "A", language="en", start="2019-12-31", end="2020-12-31"))
    assert "A: fill rate up 15.56 points, from 40.00 % to 55.56 %" in shown
    assert "Land let +1.00 ha: +10.00 points" in shown
    assert "Base −1.00 ha: +5.56 points" in shown
    assert {"+10.00", "+5.56", "+1.00", "−1.00"} <= set(shown)


@pytest.mark.parametrize("count", range(2, 10))
@pytest.mark.parametrize("language", LANGUAGES)
def test_bridge_is_readable_with_many_causes(count: int, language: str):
    sizes = (0.08, -0.1, 0.0004, 0.11, -0.015, 0.03, -0.3, 0.2, 0.0123)
    moved = made_up(dict(zip(CAUSES[:count], sizes[:count], strict=True)))
    figure = drawn_bridge(moved, "A", language=language, synthetic=True)
    require_readable(figure)
    # Every cause moves both sides, so every bar has two halves of one bar's height.
    bars = shapes(figure)
    assert len(bars) == 2 * count
    heights = {round(bar.get_height(), 9) for bar in bars.values()}
    assert len(heights) == 1
    assert {theme.signed(100 * size, language=language) for size in sizes[:count]} <= set(
        words(figure)
    )


def test_rates_that_fall_and_rates_that_stand():
    fallen = words(drawn_bridge(made_up({"lease_ended": -0.25}), "A", language="en"))
    assert "A: fill rate down 25.00 points, from 50.00 % to 25.00 %" in fallen
    stands = drawn_bridge(made_up({}), "A", language="en")
    require_readable(stands)
    assert "A: fill rate unchanged, 50.00 % and 50.00 %" in words(stands)
    assert "Land let 0.00 ha: 0.00 points" in words(stands)
    assert theme.text("figures.no_cause", language="en") in words(stands)
    assert shapes(stands) == {}


def test_what_floating_point_leaves_of_a_cause_is_no_bar():
    assert set(shapes(drawn_bridge(made_up({"lease_begun": 0.1, "resurvey": 1e-17}), "A"))) == {
        "lease_begun.leased",
        "lease_begun.base",
    }


def test_only_an_axis_that_does_not_begin_at_0_is_noted():
    note = theme.text("figures.not_from_zero", language="en")
    assert note in words(drawn_bridge(made_up({"lease_begun": 0.1}), "A", language="en"))
    from_zero = made_up({"lease_begun": 0.9}, start=0.0)
    assert note not in words(drawn_bridge(from_zero, "A", language="en"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("zone_id", ["tan-phu", "nowhere"])
def test_a_missing_change_is_said_in_words(change: Change, zone_id: str, language: str):
    figure = drawn_bridge(change, zone_id, language=language, synthetic=True)
    require_readable(figure)
    shown = " ".join(words(figure))
    assert theme.text("figures.no_change", language=language) in shown
    assert zone_id in shown
    assert theme.text("map.synthetic", language=language) in shown
    assert shapes(figure) == {}


def test_the_rate_that_is_known_is_given_beside_the_missing_one():
    moved = made_up({})
    moved.effects.loc["A", ["rate_end", "change", *CAUSES]] = np.nan
    shown = words(drawn_bridge(moved, "A"))
    assert "31/03/2018: 50,00 %" in shown
    assert "31/03/2022: –" in shown


@pytest.mark.parametrize(
    "name", [HOSTILE, "Rất dài " * 60, "x" * 400, "KCN 株式会社 $", "A\nB\t C"]
)
def test_names_are_shown_as_they_stand(name: str):
    figure = drawn_bridge(made_up({"lease_begun": 0.1}), "A", name=name, synthetic=True)
    require_readable(figure)
    title = " ".join(line for line in words(figure))
    assert plain(name)[:20] in title
    assert "từ 50,00 % lên 60,00 %" in title


def test_text_from_data_becomes_one_line_of_known_letters():
    # Letters in pieces are put together, what the font lacks is marked, lines become one.
    pieces = "KCN 株 Lo\u0302\u0323c\n Sơn"
    assert plain(pieces) == "KCN \N{REPLACEMENT CHARACTER} Lộc Sơn"


# ---- the way to a target ------------------------------------------------------------------------
def series_of(rates: dict[str, float], *, definition: str | list[str] = LAW) -> pd.DataFrame:
    """Zone A with a base of 100 ha."""
    index = pd.MultiIndex.from_product(
        [["A"], pd.to_datetime(list(rates))], names=["zone_id", "on"]
    )
    values = np.array(list(rates.values()))
    return pd.DataFrame(
        {
            "leased_ha": 100 * values,
            "base_ha": 100.0,
            "fill_rate": values,
            "definition": definition,
        },
        index=index,
    )


def target_of(value: float, on: str, *, measure: str = "fill_rate") -> pd.DataFrame:
    row = {"zone_id": "A", "measure": measure, "definition": None, "value": value}
    return pd.DataFrame([{**row, "on": pd.Timestamp(on), "source": ""}])


def fan_of(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["A"], pd.to_datetime([row[0] for row in rows])], names=["zone_id", "on"]
    )
    return pd.DataFrame([row[1:] for row in rows], columns=["p10", "p50", "p90"], index=index)


# From 20 % on 31/12/2014, 80 % by 31/12/2016: 366 + 365 days, of which 365 are over on 31/12/2015,
# so 20 + 60 · 365/731 = 49.96 % is planned then.
RATES = {"2014-12-31": 0.2, "2015-06-30": 0.25, "2015-12-31": 0.3}


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    return series_of(RATES)


@pytest.fixture(scope="module")
def plan(series: pd.DataFrame) -> pd.DataFrame:
    return kcn.targets.trajectory(series, target_of(0.8, "2016-12-31"))


FAN = fan_of(("2016-06-30", 30, 35, 50), ("2016-12-31", 32, 41, 62))


@pytest.mark.parametrize("language", LANGUAGES)
def test_trajectory_draws_what_the_tables_hold(
    series: pd.DataFrame, plan: pd.DataFrame, language: str
):
    figure = figures.trajectory(
        series, plan, FAN, zone_id="A", language=language, synthetic=True, name="KCN A"
    )
    require_readable(figure)
    days = [day_of(date) for date in pd.to_datetime(list(RATES))]
    drawn = shapes(figure)
    line, planned = drawn["actual"], drawn["planned"]
    assert line.get_drawstyle() == "steps-post"
    assert list(line.get_xdata()) == days
    assert list(line.get_ydata()) == list(RATES.values())
    assert list(planned.get_xdata()) == days
    assert list(planned.get_ydata()) == pytest.approx(list(plan["planned"]))
    last = plan.iloc[-1]
    assert last["planned"] == pytest.approx(0.2 + 0.6 * 365 / 731)
    shown = words(figure)
    assert theme.percent(0.3, language=language) in shown
    assert points(last["gap_share"], language=language) in shown
    assert hectares(last["gap_ha"], language=language) in shown
    # The fan ends at 32, 41 and 62 of 100 ha.
    for name, share in (("P10", 0.32), ("P50", 0.41), ("P90", 0.62)):
        assert f"{name} {theme.percent(share, language=language)}" in shown
    for key in ("map.synthetic", "figures.source", "figures.plan_straight"):
        assert theme.text(key, language=language) in shown
    due = pd.Timestamp("2016-12-31")
    assert theme.date(due, language=language) in shown
    assert any(line.endswith(theme.text("targets.behind", language=language)) for line in shown)


def test_trajectory_in_figures_that_can_be_read_off(series: pd.DataFrame, plan: pd.DataFrame):
    vi = words(figures.trajectory(series, plan, zone_id="A", language="vi"))
    assert "A: tỷ lệ lấp đầy 30,00 %, chỉ tiêu 80,00 %: chậm tiến độ" in vi
    assert "Kế hoạch ngày 31/12/2015: 49,96 %" in vi
    # 30 − 49.96 points, and as many hectares, as the base is 100 ha.
    assert {"−19,96 điểm %", "−19,96 ha", "Chỉ tiêu 80,00 %", "31/12/2016"} <= set(vi)


def test_the_fan_begins_where_the_line_ends(series: pd.DataFrame):
    # What the forecast says of the last reporting date itself is known better.
    forecast = pd.concat([fan_of(("2015-12-31", 1, 2, 3)), FAN])
    figure = figures.trajectory(series, None, forecast, zone_id="A", language="en")
    (fan,) = figure.findobj(mpl.collections.FillBetweenPolyCollection)
    corners = {(day, round(share, 9)) for day, share in fan.get_paths()[0].vertices}
    days = [day_of(pd.Timestamp(date)) for date in ("2015-12-31", "2016-06-30", "2016-12-31")]
    ends = [(0.3, 0.3), (0.3, 0.5), (0.32, 0.62)]
    assert corners == {(day, end) for day, pair in zip(days, ends, strict=True) for end in pair}


def test_a_measure_in_hectares(series: pd.DataFrame):
    plan = kcn.targets.trajectory(series, target_of(80, "2016-12-31", measure="leased_ha"))
    options: dict[str, Any] = {"zone_id": "A", "measure": "leased_ha", "language": "en"}
    figure = figures.trajectory(series, plan, FAN, **options)
    require_readable(figure)
    shown = words(figure)
    assert "A: land let 30.00 ha, target 80.00 ha: behind" in shown
    assert {"−19.96 ha", "P50 41.00 ha"} <= set(shown)
    assert not any("points" in line for line in shown)


@pytest.mark.parametrize(
    ("reason", "changed", "key"),
    [
        (None, True, "figures.forecast_changed"),
        (None, False, None),
        ("pace_unknown", True, "forecast.pace_unknown"),
        ("few_leases", None, None),
    ],
)
def test_a_forecast_says_what_is_to_be_said_of_the_pace(
    series: pd.DataFrame, reason: str | None, key: str | None, *, changed: bool | None
):
    fan = FAN.assign(
        reason=pd.array([reason] * len(FAN), dtype="str"),
        pace_changed=pd.array([changed] * len(FAN), dtype="boolean"),
    )
    for language in ("vi", "en"):
        figure = figures.trajectory(series, None, fan, zone_id="A", language=language)
        said = " ".join(" ".join(words(figure)).split())
        for one in ("figures.forecast_changed", "forecast.pace_unknown"):
            assert (theme.text(one, language=language) in said) == (one == key)


def test_a_forecast_of_let_land_is_not_drawn_as_another_measure(series: pd.DataFrame):
    figure = figures.trajectory(series, None, FAN, zone_id="A", language="en", measure="base_ha")
    assert theme.text("figures.forecast_other", language="en") in words(figure)
    assert not any(line.startswith("P50") for line in words(figure))


@pytest.mark.parametrize("actual", [0.1, 0.49, 0.4996, 0.51, 0.7, 0.9])
@pytest.mark.parametrize("forecast", [None, FAN], ids=["", "fan"])
def test_trajectory_is_readable_wherever_the_zone_stands(
    actual: float, forecast: pd.DataFrame | None
):
    series = series_of({**RATES, "2015-12-31": actual})
    plan = kcn.targets.trajectory(series, target_of(0.8, "2016-12-31"))
    require_readable(figures.trajectory(series, plan, forecast, zone_id="A", language="vi"))


def test_changes_of_law_are_marked():
    # nd82-2018 took the place of nd164-2013 on 10 Jul 2018, nd35-2022 its place on 15 Jul 2022.
    dates = pd.date_range("2017-12-31", "2023-12-31", freq="YE")
    laws = [LAW, *["nd82-2018"] * 4, "nd35-2022", "nd35-2022"]
    series = series_of(dict.fromkeys(dates.astype(str), 0.5), definition=laws)
    figure = figures.trajectory(series, None, zone_id="A", language="en")
    require_readable(figure)
    marks = [line for line in figure.findobj(mpl.lines.Line2D) if len(set(line.get_xdata())) == 1]
    at = {line.get_xdata()[0] for line in marks if len(line.get_xdata()) == 2}
    for day in ("2018-07-10", "2022-07-15"):
        assert day_of(pd.Timestamp(day)) in at
    shown = words(figure)
    for decree in ("164/2013", "82/2018", "35/2022"):
        assert any(f"Decree {decree}/ND-CP" in line for line in shown)
    one = words(figures.trajectory(series_of(RATES), None, zone_id="A", language="en"))
    assert sum("Decree 164/2013/ND-CP" in line for line in one) == 1


def test_a_line_breaks_where_nothing_is_computable():
    series = series_of({**RATES, "2015-06-30": np.nan})
    line = shapes(figures.trajectory(series, None, zone_id="A", language="en"))["actual"]
    assert list(np.isnan(line.get_ydata())) == [False, True, False]
    # A month in which only another zone counts is a gap too.
    other = series_of({"2015-03-31": 0.5}).rename(index={"A": "B"})
    both = pd.concat([series_of(RATES), other])
    line = shapes(figures.trajectory(both, None, zone_id="A", language="en"))["actual"]
    assert list(np.isnan(line.get_ydata())) == [False, True, False, False]


def test_the_target_due_last_is_drawn_unless_one_is_named(series: pd.DataFrame):
    both = pd.concat([target_of(0.8, "2017-12-31"), target_of(0.6, "2016-12-31")])
    plan = kcn.targets.trajectory(series, both.set_axis(["far", "near"]))
    options: dict[str, Any] = {"zone_id": "A", "language": "en"}
    assert "Target 80.00 %" in words(figures.trajectory(series, plan, **options))
    assert "Target 60.00 %" in words(figures.trajectory(series, plan, target="near", **options))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_figures_no_plan(series: pd.DataFrame, language: str):
    empty = figures.trajectory(series, None, zone_id="B", language=language, synthetic=True)
    require_readable(empty)
    assert theme.text("figures.no_series", language=language) in " ".join(words(empty))
    figure = figures.trajectory(series, None, zone_id="A", language=language)
    require_readable(figure)
    assert any(theme.text("figures.no_target", language=language) in one for one in words(figure))
    missing = series_of(dict.fromkeys(RATES, np.nan))
    shown = words(figures.trajectory(missing, None, zone_id="A", language=language))
    assert theme.text("figures.no_series", language=language) in " ".join(shown)
    zero = figures.trajectory(
        series_of(dict.fromkeys(RATES, 0.0)), None, zone_id="A", language="vi"
    )
    assert "0,00 %" in words(zero)
    require_readable(zero)


def test_two_definitions_on_a_date_need_a_choice(series: pd.DataFrame):
    both = pd.concat([series, series_of(RATES, definition="cleared")])
    with pytest.raises(KcngeoError, match="different definitions"):
        figures.trajectory(both, None, zone_id="A", language="en")
    figure = figures.trajectory(both, None, zone_id="A", language="en", definition="cleared")
    assert any("cleared" in line for line in words(figure))


def test_a_series_by_phase_is_refused(series: pd.DataFrame):
    by_phase = pd.concat({"1": series}, names=["phase"])
    with pytest.raises(KcngeoError, match="by phase"):
        figures.trajectory(by_phase, None, zone_id="A", language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_zone_missed_its_target(sample: kcn.Project, language: str):
    series = kcn.fill.fill_series(sample, start="2013-04-30", end="2018-03-31")
    plan = kcn.targets.trajectory(series, sample.targets)
    fan = kcn.forecast.leased_at(sample, on="2018-03-31", horizons=range(1, 25))
    figure = figures.trajectory(
        series, plan, fan, zone_id="loc-son", language=language, synthetic=True
    )
    require_readable(figure)
    shown = words(figure)
    base_ha = series.loc[("loc-son", "2018-03-31"), "base_ha"]
    for name, value in fan.loc[("loc-son", "2020-03-31"), ["p10", "p50", "p90"]].items():
        percent = theme.percent(value / base_ha, language=language)
        assert f"{str(name).upper()} {percent}" in shown
    last = plan[(plan["zone_id"] == "loc-son") & (plan["on"] == "2018-03-31")].iloc[0]
    assert points(last["gap_share"], language=language) in shown
    assert hectares(last["gap_ha"], language=language) in shown
    drawn = shapes(figure)["actual"].get_ydata()
    assert list(drawn) == list(series.loc["loc-son"]["fill_rate"])


# ---- the life of a lot --------------------------------------------------------------------------
LIFE = [
    # parcel_id, relation, kind, what, from, to, ha, recorded, superseded
    ("P1", "ancestor", "version", "industrial", "2010-01-01", "2014-01-01", 2.5, None, None),
    ("P1", "ancestor", "entry", "leased", "2011-01-01", "2014-01-01", None, None, None),
    ("P2", "self", "version", "industrial", "2014-01-01", None, 1.25, None, None),
    ("P2", "self", "entry", "leased", "2014-01-01", None, 0.5, None, None),
    # Both at once, on parts of the lot.
    ("P2", "self", "entry", "reserved", "2015-01-01", "2019-01-01", 0.25, None, None),
    # 20:00 in UTC is the next day in Viet Nam.
    (
        "P2",
        "self",
        "entry",
        "leased",
        "2014-01-01",
        None,
        0.4,
        "2014-01-10 03:00Z",
        "2014-02-01 20:00Z",
    ),
]


def history_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    names = ["parcel_id", "relation", "kind", "what", "valid_from", "valid_to", "area_ha"]
    frame = pd.DataFrame(rows, columns=[*names, "recorded_at", "superseded_at"])
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column])
    frame["area_ha"] = frame["area_ha"].astype("float64")
    stamps = [None if one is None else pd.Timestamp(one) for one in frame["superseded_at"]]
    return frame.assign(document=None, superseded_at=pd.Series(stamps, dtype="object"))


def polygons(figure: Figure) -> list[Any]:
    return figure.findobj(lambda one: type(one) is mpl.patches.Polygon)


def test_timeline_draws_every_row():
    figure = figures.timeline(history_of(*LIFE), language="vi", synthetic=True)
    require_readable(figure)
    assert len(polygons(figure)) == len(LIFE)
    assert {
        "P1",
        "lô trước đó",
        "P2",
        "lô này",
        "đất công nghiệp · 2,5000 ha · 01/01/2010 – 01/01/2014",
        "đã cho thuê · 01/01/2011 – 01/01/2014",
        "đất công nghiệp · 1,2500 ha · 01/01/2014 – …",
        "đã cho thuê · 0,5000 ha · 01/01/2014 – …",
        "đã giới thiệu địa điểm · 0,2500 ha · 01/01/2015 – 01/01/2019",
        "đã cho thuê · 0,4000 ha · 01/01/2014 – … · đã thay thế ngày 02/02/2014",
        "Hình học giả định – không phải ranh giới thật",
    } <= set(words(figure))


def test_timeline_places_bars_by_their_days():
    figure = figures.timeline(history_of(*LIFE), language="en", on="2020-01-01")
    first, last = (day_of(pd.Timestamp(date)) for date in ("2010-01-01", "2020-01-01"))
    # Beyond the last day is room for open ends: a twentieth of the period.
    inches_a_day = 8.25 / ((last - first) * 1.05)
    spans = {
        tuple(np.round([bar.get_xy()[:, 0].min(), bar.get_xy()[:, 0].max()], 6))
        for bar in polygons(figure)
    }

    def at(date: str) -> float:
        return round((day_of(pd.Timestamp(date)) - first) * inches_a_day, 6)

    assert spans == {
        (0, at("2014-01-01")),
        (at("2011-01-01"), at("2014-01-01")),
        (at("2014-01-01"), 8.25),
        (at("2015-01-01"), at("2019-01-01")),
    }


def test_open_ends_are_arrows_and_what_was_superseded_is_hatched():
    bars = polygons(figures.timeline(history_of(*LIFE), language="en"))
    corners = [len(bar.get_xy()) - 1 for bar in bars]
    assert sorted(corners) == [4, 4, 4, 5, 5, 5]
    hatched = [bar for bar in bars if bar.get_hatch()]
    assert len(hatched) == 1
    height = {bar: np.ptp(bar.get_xy()[:, 1]) for bar in bars}
    leased = mpl.colors.to_rgba(theme.STATUS_COLORS["leased"])
    thick = [height[bar] for bar in bars if bar.get_facecolor() == leased]
    assert height[hatched[0]] < min(thick)
    always = history_of(("P", "self", "version", "industrial", None, None, 1.0, None, None))
    figure = figures.timeline(always, language="en")
    require_readable(figure)
    assert len(polygons(figure)[0].get_xy()) - 1 == 6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lot", ["LS-CN10-06", "LS-CN09-01", "LS-CN06-01", "PH-CN07-01"])
def test_lives_of_the_sample_are_readable(sample: kcn.Project, lot: str, language: str):
    history = kcn.ledger.history(sample, lot)
    for on in (None, "2024-06-30"):
        figure = figures.timeline(history, language=language, on=on, synthetic=True)
        require_readable(figure)
        shown = words(figure)
        assert set(history["parcel_id"]) <= set(shown)
        assert len(polygons(figure)) == len(history)
        for area_ha in history["area_ha"].dropna():
            area = theme.number(area_ha, language=language, decimals=4)
            assert any(f"{area} ha" in line for line in shown)


@pytest.mark.parametrize("name", [HOSTILE, "$x$", "Lô rất dài " * 30, "y" * 300])
def test_hostile_lots_are_shown_as_they_stand(name: str):
    rows = [(name, *row[1:]) for row in LIFE if row[0] == "P2"]
    figure = figures.timeline(history_of(*rows), language="en")
    require_readable(figure)
    assert any(plain(name)[:10] in line for line in words(figure))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_history_without_rows_says_so(language: str):
    figure = figures.timeline(history_of(), language=language)
    require_readable(figure)
    assert theme.text("figures.no_history", language=language) in words(figure)


def test_inputs_are_not_changed(change: Change, series: pd.DataFrame, plan: pd.DataFrame):
    history = history_of(*LIFE)
    tables = [change.effects, change.entries, series, plan, FAN, history]
    before = [table.copy(deep=True) for table in tables]
    drawn_bridge(change)
    figures.trajectory(series, plan, FAN, zone_id="A", language="vi")
    figures.timeline(history, language="vi")
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


# ---- files --------------------------------------------------------------------------------------
def three(change: Change, series: pd.DataFrame, plan: pd.DataFrame) -> list[Figure]:
    return [
        drawn_bridge(change, synthetic=True),
        figures.trajectory(series, plan, FAN, zone_id="A", language="vi"),
        figures.timeline(history_of(*LIFE), language="vi"),
    ]


@pytest.mark.parametrize("ending", ["png", "svg", pytest.param("pdf", marks=pytest.mark.long)])
def test_the_same_figure_gives_the_same_bytes(
    change: Change, series: pd.DataFrame, plan: pd.DataFrame, ending: str, tmp_path: Path
):
    once = [
        figures.save(figure, tmp_path / f"a{place}.{ending}").read_bytes()
        for place, figure in enumerate(three(change, series, plan))
    ]
    # A reader's own style changes nothing, neither in what is drawn nor in what is written.
    style = {"font.family": "serif", "lines.linewidth": 9, "savefig.dpi": 30, "text.usetex": True}
    with mpl.rc_context({**style, "svg.fonttype": "none", "pdf.compression": 0}):
        again = three(change, series, plan)
        for place, figure in enumerate(again):
            path = figures.save(figure, tmp_path / f"b{place}.{ending}")
            assert path.read_bytes() == once[place]
            assert figures.save(figure, path).read_bytes() == once[place]
    for data in once:
        for mark in (b"CreationDate", b"Producer", b"Software", b"dc:date", b"atplotlib v"):
            assert mark not in data
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [f".{ending}"] * 6


def test_a_picture_keeps_the_colours_of_its_areas(
    change: Change, series: pd.DataFrame, plan: pd.DataFrame, tmp_path: Path
):
    for figure in three(change, series, plan):
        FigureCanvasAgg(figure).draw()
        drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3]
        with Image.open(figures.save(figure, tmp_path / "a.png")) as picture:
            assert picture.mode == "P"  # 256 colours, a third of the bytes
            kept = np.asarray(picture.convert("RGB"))
        assert kept.shape == drawn.shape
        # One number a colour, which sorts faster than three.
        drawn, kept = (one.astype("int64") @ (1 << 16, 1 << 8, 1) for one in (drawn, kept))
        colours, counts = np.unique(drawn, return_counts=True)
        # Letters and areas, 98 of 100 points, stay to the bit; what is left are mixed edges.
        for colour in colours[np.argsort(-counts)[:12]]:
            assert (kept[drawn == colour] == colour).all()
        assert (kept == drawn).mean() > 0.98


def test_settings_of_the_caller_come_back(series: pd.DataFrame, tmp_path: Path):
    with mpl.rc_context({"font.size": 23, "svg.hashsalt": "mine"}):
        before = dict(mpl.rcParams)
        figures.save(
            figures.trajectory(series, None, zone_id="A", language="vi"), tmp_path / "a.svg"
        )
        assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["a.jpg", "a", ".png", "a.png.tmp"])
def test_other_endings_are_refused(series: pd.DataFrame, tmp_path: Path, name: str):
    figure = figures.trajectory(series, None, zone_id="A", language="vi")
    with pytest.raises(DataSourceError, match=r"\.png, \.svg, \.pdf"):
        figures.save(figure, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_appears_whole_or_not_at_all(
    series: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    figure = figures.trajectory(series, None, zone_id="A", language="vi")
    path = tmp_path / "a.PNG"
    path.write_bytes(b"before")

    def fail(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(DataSourceError, match="no space left"):
            figures.save(figure, path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(DataSourceError, match="cannot be written"):
        figures.save(figure, tmp_path / "missing" / "a.png")
    assert figures.save(figure, path) == path
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_link_stays_a_link(series: pd.DataFrame, tmp_path: Path):
    real, link = tmp_path / "real.svg", tmp_path / "link.svg"
    real.write_text("before")
    link.symlink_to(real)
    figures.save(figures.trajectory(series, None, zone_id="A", language="vi"), link)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.system
def test_drawing_needs_no_pyplot():
    code = "import sys, kcngeo; kcngeo.figures.save; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# ---- letters, lanes, ticks ----------------------------------------------------------------------
def test_lines_fit_their_width():
    words = "Chỉ một câu tiếng Việt khá dài để ngắt dòng, " + "w" * 80
    lines = wrapped(words, width=1.5, size=10, most=20)
    assert all(width_in(line, size=10) <= 1.5 for line in lines)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    cut = wrapped(words, width=1.5, size=10, most=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert width_in(cut[-1], size=10) <= 1.5
    assert wrapped("", width=1, size=10) == [""]


@pytest.mark.parametrize("word", ["iii", "wwww"])  # narrower and wider than words mostly are
def test_a_line_ends_where_the_next_word_does_not_fit(word: str):
    *full, rest = wrapped(" ".join([word] * 40), width=1.5, size=10, most=40)
    assert width_in(full[0], size=10) <= 1.5 < width_in(f"{full[0]} {word}", size=10)
    assert {*full} == {full[0]}
    assert " ".join([*full, rest]).split() == [word] * 40


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_letters_are_as_wide_as_measured(weight: str):
    words = "đã cho thuê · 0,8500 ha · 05/10/2020 – … · đã thay thế ngày 14/01/2021"
    sheet = Figure(figsize=(11, 1), dpi=110)
    with own_settings():
        made = sheet.text(0, 0, words, fontproperties=font(7.8, weight), parse_math=False)
        drawn = made.get_window_extent().width / sheet.dpi
    assert drawn <= width_in(words, size=7.8, weight=weight) <= 1.02 * drawn


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (9.912, "+9,91", "+9.91"),
        (-22.784, "−22,78", "−22.78"),
        (-0.004, "0,00", "0.00"),
        (0.0, "0,00", "0.00"),
        (1234.5, "+1.234,50", "+1,234.50"),
        (float("nan"), "–", "–"),
    ],
)
def test_changes_carry_their_sign(value: float, vi: str, en: str):
    assert theme.signed(value, language="vi") == vi
    assert theme.signed(value, language="en") == en


def test_lanes_hold_nothing_twice():
    spans = [(0, 4), (1, 2), (2, 6), (4, 5), (0, 1)]
    # By their left ends: (0, 1) first, (0, 4) beside it, and what touches may follow.
    assert lanes(spans) == [1, 0, 0, 1, 0]
    assert lanes([]) == []


def test_labels_are_spread_around_where_they_would_stand():
    assert spread([3.0, 1.0], apart=1.0) == [3.0, 1.0]
    assert spread([1.0, 1.0, 1.0], apart=1.0) == [0.0, 1.0, 2.0]
    assert spread([5.0, 1.2, 1.0], apart=1.0) == pytest.approx([5.0, 1.6, 0.6])


@pytest.mark.parametrize(
    ("first", "last", "width_inches", "words"),
    [
        ("2018-01-01", "2018-03-31", 5, ["01/2018", "02/2018", "03/2018"]),
        ("2015-06-01", "2018-06-01", 2, ["2016", "2017", "2018"]),
        ("1900-01-02", "2000-01-01", 1.3, ["1950", "2000"]),
    ],
)
def test_ticks_of_days(first: str, last: str, width_inches: float, words: list[str]):
    ends = [day_of(pd.Timestamp(date)) for date in (first, last)]
    ticks = day_ticks(*ends, width_in=width_inches)
    assert [label for _, label in ticks] == words
    assert all(ends[0] <= day <= ends[1] for day, _ in ticks)


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (0, 1.17, 0.01, ([0, 0.2, 0.4, 0.6, 0.8, 1.0], 0)),
        (0.555, 0.565, 0.01, ([0.556, 0.558, 0.56, 0.562, 0.564], 1)),
        (0, 140, 1, ([0, 25, 50, 75, 100, 125], 0)),
    ],
)
def test_ticks_of_values(low: float, high: float, unit: float, expected: tuple[list[float], int]):
    ticks, decimals = value_ticks(low, high, unit=unit)
    assert ticks == pytest.approx(expected[0])
    assert decimals == expected[1]
