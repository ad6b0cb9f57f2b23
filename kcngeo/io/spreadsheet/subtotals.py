"""Sections and totals of a list: what holds for the rows below, and sums that are proven."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kcngeo.core.model import Severity
from kcngeo.io.spreadsheet.lot_matching import zone_named
from kcngeo.io.spreadsheet.records import status_in
from kcngeo.io.spreadsheet.table_detection import Role, Row, Table

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.io.spreadsheet.records import Area, Said
from kcngeo.io.spreadsheet.row_parser import Reader

_Read = TypeVar("_Read")
_ROMAN = re.compile(r"(?:[IVX]+)[.)]?(?:\s|$)")
_LETTER = re.compile(r"[A-Z][.)]?(?:\s|$)")


@dataclass(slots=True, kw_only=True)
class _Sum:
    """A sum that is being added up."""

    style: str
    stated: Area | None = None
    hectares: float = 0.0
    past_ha: float = 0.0
    free_ha: float = 0.0


def _style(table: Table, row: Row) -> str:
    """Tell how a section is numbered; a section of the same style ends it."""
    cells = table.sheet.rows[row.number]
    first = next(value for value in cells if value is not None)
    text = str(first) if isinstance(first, str) else ""
    if _ROMAN.match(text):
        return "roman"
    return "letter" if _LETTER.match(text) else "none"


def sections_of(table: Table, zones: pd.DataFrame | None) -> dict[int, Mapping[str, str]]:
    """Say what the headings of sections mean for the rows below them."""
    stack: list[tuple[str, dict[str, str]]] = []
    result: dict[int, Mapping[str, str]] = {}
    for row in table.rows:
        if row.role is Role.SECTION:
            style = _style(table, row)
            stack = _until(stack, style)
            said = {"section": row.label}
            status, zone_id = status_in(row.label), zone_named(row.label, zones)
            if zone_id is not None:
                said["zone_id"] = zone_id
            elif status is not None:
                said["status"] = status
            stack.append((style, said))
        elif row.role is Role.DATA and stack:
            merged: dict[str, str] = {}
            for _, said in stack:
                merged |= said
            merged["section"] = " / ".join(said["section"] for _, said in stack)
            result[row.number] = merged
    return result


def _until(stack: list[tuple[str, dict[str, str]]], style: str) -> list[tuple[str, dict[str, str]]]:
    styles = [one for one, _ in stack]
    return stack[: styles.index(style)] if style in styles else stack


def proven(table: Table, reader: Reader, said: Said) -> None:
    """Compare totals with the sums of their rows."""
    # A total may be of the rows since the last total, of a section, or of all rows; the total a
    # section states beside its heading is of the section.
    everything = _Sum(style="all")
    since = _Sum(style="since")
    open_sums: list[_Sum] = []
    counted: set[str] = set()
    for row in table.rows:
        if row.role is Role.SECTION:
            style = _style(table, row)
            places = [one.style for one in open_sums]
            if style in places:
                for closed in open_sums[places.index(style) :]:
                    _compare(closed, said)
                open_sums = open_sums[: places.index(style)]
            open_sums.append(_Sum(style=style, stated=reader.area(row.number)))
            continue
        if row.role is Role.DATA:
            area = _quiet(reader, said, partial(reader.area, row.number))
            if area is not None and area.place not in counted:
                counted.add(area.place)
                for one in (everything, since, *open_sums):
                    one.hectares += area.hectares
                    one.past_ha += area.hectares * (row.number in reader.past_rows)
                    one.free_ha += area.hectares * (row.number in reader.free_rows)
            continue
        area = reader.area(row.number)
        if area is not None:
            sums = [everything, since, *open_sums]
            if not any(_agrees(area, one) for one in sums):
                _tell(area, _nearest(area, sums), said)
        since = _Sum(style="since")
    for one in open_sums:
        _compare(one, said)


def _quiet(reader: Reader, said: Said, read: Callable[[], _Read]) -> _Read:
    """Read again without telling again what is wrong."""
    before, told, errors = len(said.findings), len(reader.ambiguous), said.errors
    found = read()
    said.errors = errors
    del said.findings[before:]
    del reader.ambiguous[told:]
    return found


def areas_compared(table: Table, reader: Reader, said: Said) -> None:
    """Tell where columns state different areas of one row: by contract, as measured."""
    for row in table.rows:
        if row.role is not Role.DATA or not table.other_areas:
            continue
        area = _quiet(reader, said, partial(reader.area, row.number))
        others = _quiet(reader, said, partial(reader.other_areas, row.number))
        for heading, other in others:
            if area is not None and not _same(area, other):
                said.note(
                    "areas_contradict",
                    Severity.WARNING,
                    area.place,
                    other.place,
                    heading=_heading(table),
                    area_ha=round(area.hectares, 6),
                    other=heading,
                    other_ha=round(other.hectares, 6),
                    difference_m2=round((other.hectares - area.hectares) * 1e4),
                )


def _same(area: Area, other: Area) -> bool:
    return abs(area.hectares - other.hectares) <= area.half_ha + other.half_ha + 1e-9


def _heading(table: Table) -> str:
    column = table.column("area")
    return "" if column is None else table.headings[column]


def _agrees(area: Area, one: _Sum) -> bool:
    # A board may add up leases that have ended and land that is free, or leave them out.
    apart = (0.0, one.past_ha, one.free_ha, one.past_ha + one.free_ha)
    differences = (abs(area.hectares - (one.hectares - some)) for some in apart)
    return min(differences) <= area.half_ha + 1e-9


def _nearest(area: Area, sums: list[_Sum]) -> _Sum:
    return min(sums, key=lambda one: abs(one.hectares - area.hectares))


def _compare(one: _Sum, said: Said) -> None:
    if one.stated is not None and not _agrees(one.stated, one):
        _tell(one.stated, one, said)


def _tell(area: Area, one: _Sum, said: Said) -> None:
    said.note(
        "total_differs",
        Severity.ERROR,
        area.place,
        total_ha=round(area.hectares, 6),
        sum_ha=round(one.hectares, 6),
    )
