"""Colours that stay apart for every reader, and numbers, dates and words in both languages."""

from __future__ import annotations

import ast
import datetime as dt
import re
import string
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from kcngeo import theme
from kcngeo.core import texts
from kcngeo.core.model import LandUse
from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.core.texts import table

# How colours look to readers without one kind of cone, in linear RGB: Machado, Oliveira and
# Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15(6), matrices of severity 1.0.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# IEC 61966-2-1: linear sRGB to XYZ; the sum of its rows is the white point D65.
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
# Differences below 2 are hard to see side by side; these are for small areas that lie far apart.
STATUS_APART, USE_APART = 15.0, 12.0


def lab(color: str, vision: str) -> np.ndarray:
    """CIELAB of a colour as a reader sees it."""
    srgb = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(seen > (6 / 29) ** 3, np.cbrt(seen), seen / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """CIEDE2000, as in Sharma, Wu and Dalal (2005), with all weights 1."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + turn / 2 if c1 * c2 else h1 + h2

    def cosine(times: int, shift: float) -> float:
        return np.cos(np.radians(times * hue + shift))

    weight = 1 - 0.17 * cosine(1, -30) + 0.24 * cosine(2, 0) + 0.32 * cosine(3, 6)
    weight -= 0.20 * cosine(4, -63)
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    bend = 60 * np.exp(-((((hue % 360) - 275) / 25) ** 2))
    turned = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(bend))
    parts = np.array([d_l / s_l, d_c / s_c, d_h / s_h])
    return float(np.sqrt(parts @ parts + turned * parts[1] * parts[2]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # from the table of test data of Sharma, Wu and Dalal
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.0010, 2.4900), (50, 0.0009, -2.4900), 4.8045),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_measure_of_difference_is_the_published_one(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
):
    assert difference(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_statuses_stay_apart_for_every_reader(vision: str):
    seen = {status: lab(color, vision) for status, color in theme.STATUS_COLORS.items()}
    apart = {pair: difference(seen[pair[0]], seen[pair[1]]) for pair in combinations(seen, 2)}
    assert len(apart) == 15
    assert {pair: apart[pair] for pair in apart if apart[pair] < STATUS_APART} == {}


@pytest.mark.parametrize("vision", VISION)
def test_a_status_is_never_taken_for_other_land(vision: str):
    pale = ["#ffffff", *theme.USE_COLORS.values()]
    apart = {
        (status, other): difference(lab(color, vision), lab(other, vision))
        for status, color in theme.STATUS_COLORS.items()
        for other in pale
    }
    assert {pair: apart[pair] for pair in apart if apart[pair] < USE_APART} == {}


def test_there_is_a_colour_for_everything():
    assert list(theme.STATUS_COLORS) == [
        "leased",
        "reserved",
        "recovering",
        "repurposed",
        "uncleared",
        "available",
    ]
    assert set(theme.USE_COLORS) == set(LandUse)


def test_what_was_lost_is_loud_and_what_is_let_is_calm():
    chroma = {
        status: np.hypot(*lab(color, "full")[1:]) for status, color in theme.STATUS_COLORS.items()
    }
    warm = {"reserved", "repurposed"}
    assert min(chroma[status] for status in warm) > max(
        value for status, value in chroma.items() if status not in warm
    )
    assert chroma["leased"] < 45


# ---- numbers and dates --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.56, 2, "1.234,56", "1,234.56"),
        (1_234_567.891, 1, "1.234.567,9", "1,234,567.9"),
        (999.999, 2, "1.000,00", "1,000.00"),
        (0, 2, "0,00", "0.00"),
        (-12.5, 2, "−12,50", "−12.50"),
        (8.36, 4, "8,3600", "8.3600"),
        (1234, 0, "1.234", "1,234"),
        (float("nan"), 2, "–", "–"),
        (None, 2, "–", "–"),
    ],
)
def test_numbers(value: float, decimals: int, vi: str, en: str):
    assert theme.number(value, language="vi", decimals=decimals) == vi
    assert theme.number(value, language="en", decimals=decimals) == en


@pytest.mark.parametrize(
    ("share", "vi", "en"),
    [
        (0.56040, "56,04 %", "56.04 %"),
        (0, "0,00 %", "0.00 %"),
        (1, "100,00 %", "100.00 %"),
        (float("nan"), "–", "–"),
        (None, "–", "–"),
    ],
)
def test_percentages(share: float, vi: str, en: str):
    assert theme.percent(share, language="vi") == vi
    assert theme.percent(share, language="en") == en


@pytest.mark.parametrize(
    ("day", "vi", "en", "month"),
    [
        (dt.date(2018, 3, 31), "31/03/2018", "31 Mar 2018", "03/2018"),
        (dt.date(1999, 12, 1), "01/12/1999", "1 Dec 1999", "12/1999"),
    ],
)
def test_dates_and_months(day: dt.date, vi: str, en: str, month: str):
    assert theme.date(day, language="vi") == vi
    assert theme.date(day, language="en") == en
    assert theme.month(day) == month


# ---- words --------------------------------------------------------------------------------------
def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def wrong_with(entry: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with one text."""
    if set(entry) != set(theme.LANGUAGES):
        return [f"languages {sorted(entry)}"]
    wrong = [
        f"{language} is empty or has space around it"
        for language, words in entry.items()
        if not words or words.strip() != words
    ]
    if placeholders(entry["vi"]) != placeholders(entry["en"]):
        wrong.append("vi and en have other places")
    return wrong


def test_every_text_is_in_both_languages_with_the_same_places():
    assert len(table()) > 1000
    assert {key: wrong for key, entry in table().items() if (wrong := wrong_with(entry))} == {}


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"vi": "một {a}", "en": "one {a}"}, []),
        ({"vi": "một"}, ["languages ['vi']"]),
        ({"vi": "một", "en": "one", "fr": "un"}, ["languages ['en', 'fr', 'vi']"]),
        ({"vi": "một {a}", "en": "one {b}"}, ["vi and en have other places"]),
        (
            {"vi": "một ", "en": ""},
            [f"{one} is empty or has space around it" for one in ("vi", "en")],
        ),
    ],
)
def test_what_is_wrong_with_a_text_is_seen(entry: dict[str, str], wrong: list[str]):
    assert wrong_with(entry) == wrong


def test_every_table_column_and_choice_has_words():
    for layer, contract in TABLES.items():
        assert f"table.{layer}" in table()
        for column in (*contract.columns, *RECORDED):
            assert f"column.{column.name}" in table()
            for value in column.choices:
                named = {f"{layer}_{column.name}.{value}", f"{column.name}.{value}"} & set(table())
                assert named, (layer, column.name, value)


def test_a_choice_is_named_by_its_table_and_what_is_unknown_stays():
    assert theme.column("certificate_area_m2", language="en") == "Certificate area (m²)"
    assert theme.column("my_own", language="vi") == "my_own"
    assert theme.column("ids", layer="findings", language="en") == "Rows"
    assert theme.column("status", layer="findings", language="en") == "Status"
    assert theme.choice("leased", name="status", language="vi") == "đã cho thuê"
    assert theme.choice("water", name="kind", layer="works", language="vi") == "cấp nước"
    assert theme.choice("water", name="kind", layer="receptors", language="vi") == "mặt nước"
    assert theme.choice("<b>", name="kind", layer="works", language="vi") == "<b>"


def test_words_of_some_groups():
    words = theme.texts("status", "severity", language="vi")
    assert words["status.leased"] == "đã cho thuê"
    assert words["severity.error"] == "lỗi"
    assert {key.split(".")[0] for key in words} == {"status", "severity"}
    assert set(theme.STATUS_COLORS) <= {key.removeprefix("status.") for key in words}


def test_a_group_goes_on_in_several_files_but_no_key_stands_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "texts").mkdir()
    entry = '{ en = "one", vi = "một" }'
    (tmp_path / "texts" / "a.toml").write_text(f"[rules]\none = {entry}\n", encoding="utf-8")
    other = tmp_path / "texts" / "b.toml"
    other.write_text(f"[rules]\ntwo = {entry}\n", encoding="utf-8")
    monkeypatch.setattr(texts.resources, "files", lambda _: tmp_path)
    assert list(table.__wrapped__()) == ["rules.one", "rules.two"]
    other.write_text(f"[rules]\none = {entry}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"rules\.one twice"):
        table.__wrapped__()


PACKAGE = Path(theme.__file__).parent
COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}){1,2}(?![0-9a-zA-Z_-])")


def colors_in(path: Path) -> list[str]:
    """Colours written out in a Python file, but not in its docstrings, which give examples."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        found
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
        for found in COLOR.findall(node.value)
    ]


def test_no_color_is_written_outside_the_theme():
    found = {
        path.relative_to(PACKAGE).as_posix(): colors
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "theme.py" and (colors := colors_in(path))
    }
    assert found == {}


def test_the_pages_of_a_report_take_their_inks_from_the_theme():
    sheets = [*(PACKAGE / "publish").glob("*.css"), *(PACKAGE / "publish").glob("*.j2")]
    assert len(sheets) >= 3
    for path in sheets:
        text = path.read_text("utf-8")
        assert COLOR.findall(text) == [], path.name
        given = set(re.findall(r"(--[\w-]+):", theme.page_colors()))
        assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= given, path.name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('ink = "#1B2A32"', ["#1B2A32"]),
        ('style = f"fill: #fff; {1}"', ["#fff"]),
        ('def f():\n    """Its colour, "#fff"."""', []),
        ('names = "#zone-a", "#{1}", "# 3"', []),
    ],
)
def test_colors_are_found_where_they_are_written(tmp_path: Path, source: str, found: list[str]):
    (tmp_path / "made.py").write_text(source, encoding="utf-8")
    assert colors_in(tmp_path / "made.py") == found
