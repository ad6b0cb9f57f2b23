"""Areas in cells: a number, its digits and its unit, and what cannot be read of it."""

from __future__ import annotations

from kcngeo.core.model import Severity
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.records import Area, Said
from kcngeo.io.spreadsheet.workbook import Cell

# "2" ha is not "about 2": however few digits are written, areas agree within 50 m² or not at all.
_COARSEST_HA = 0.005


def area_in(
    value: Cell, place: str, unit: str | None, *, said: Said, ambiguous: list[str]
) -> Area | None:
    """Read the area in a cell; what was read by custom is added to ``ambiguous``."""
    if value is None or (isinstance(value, str) and value in "-–—"):
        return None
    read = _number(value, place, unit, said, ambiguous)
    if read is None:
        return None
    number, decimals, unit = read
    if unit is None:
        said.note("unit_missing", Severity.ERROR, place, value=value)
        return None
    size = value_parser.hectares_per(unit)
    if number <= 0:
        said.note("area_not_positive", Severity.ERROR, place, value=value)
        return None
    half_ha = min(0.5 * 10.0**-decimals * size, _COARSEST_HA)
    return Area(hectares=number * size, half_ha=half_ha, place=place)


def _number(
    value: Cell, place: str, unit: str | None, said: Said, ambiguous: list[str]
) -> tuple[float, int, str | None] | None:
    if isinstance(value, float):
        digits = f"{value:.10f}".rstrip("0").partition(".")[2]
        # What a formula leaves behind ("8.360000000001") is not written digit by digit.
        return value, min(len(digits), 6), unit
    if not isinstance(value, str):
        said.note("number", Severity.ERROR, place, value=value)
        return None
    match = value_parser.AREA.fullmatch(value)
    text = match["number"] if match else value
    unit = value_parser.unit_of(value) or unit
    sign = value_parser.decimal_sign(text)
    decimal = said.decimal if sign in (None, "?") else sign
    if sign == "?" and decimal is None:
        # "76,072 ha" and "12.345 m²" are read as Vietnamese does; what custom makes odd is refused.
        if ("," in text) != (unit == "ha"):
            said.note("number_ambiguous", Severity.ERROR, place, value=text)
            return None
        ambiguous.append(place)
        decimal = ","
    read = value_parser.number(text, decimal=decimal or ",")
    if read is None:
        said.note("number", Severity.ERROR, place, value=value)
        return None
    return (*read, unit)
