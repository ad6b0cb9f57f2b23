"""Names of lots as people write them, and the parcels they mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, covers_day, day_numbers
from kcngeo.core.units import M2_PER_HA
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.vocabulary import plain

if TYPE_CHECKING:
    import geopandas as gpd

Key = tuple[str, ...]

_PIECES = re.compile(r"\s*(?:[;+&\n]|,(?!\d)|(?<!\d),|,\s+|\bvà\b|\bva\b)\s*", re.IGNORECASE)
_PART = re.compile(r"\b(?:(?:1|một|mot)\s*phần|(?:1|mot)\s+phan|part of)\b", re.IGNORECASE)
_PREFIX = re.compile(
    r"^(?:lô(?=\w)|(?:các|cac|toàn bộ|toan bo|thuộc|thuoc|tại|tai|lots?|plots?|lô|lo|đất|dat|số|so"
    r"|ký hiệu|ky hieu)"
    r"\b\s*[:.]?\s*)+",
    re.IGNORECASE,
)
_AREA_WORD = re.compile(r"\b(?:diện tích|dien tich|dt)\b", re.IGNORECASE)
_ZONE = re.compile(r"[\s,–-]*\b(?:thuộc\s+)?(?:kcn|khu công nghiệp)\b(?P<name>.*)$", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z]+|\d+")
_MAP_SHEET = re.compile(r"\bto(?: ban do)?(?: so)?[ :.]*(\d+)")
_CADASTRAL = re.compile(r"\bthua(?: dat)?(?: so)?[ :.]*(\d+(?:\s*(?:,|;|\+|va|&)\s*\d+)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A lot named in a cell.

    Attributes
    ----------
    text
        Its name as written, without words like "Lô".
    part
        Whether the text says that it is only a part.
    area_ha
        Area given beside the name.
    half_ha
        Half of the last written digit of that area, in hectares, at most 0.005.
    map_sheet_no
        Number of the cadastral map sheet.
    cadastral_no
        Number of the cadastral parcel.
    """

    text: str
    part: bool = False
    area_ha: float | None = None
    half_ha: float = 0.0
    map_sheet_no: str | None = None
    cadastral_no: str | None = None


def lot_key(text: str) -> Key:
    """Reduce the name of a lot to what tells it from others."""
    # Letters and numbers count, signs, case, "Lô" and "KCN" do not, and 09 is 9: "BI-5-KCN",
    # "BI5" and "Lô BI-5" are one lot; "B1-15" and "B11-5" are two.
    bare = plain(_PREFIX.sub("", text))
    tokens = [token for word in bare.split() for token in _TOKEN.findall(word)]
    without = [token for token in tokens if token != "kcn"] or tokens  # noqa: S105
    key: list[str] = []
    for token in without:
        if key and token.isalpha() and key[-1].isalpha():
            key[-1] += token
        else:
            key.append(str(int(token)) if token.isdigit() else token)
    return tuple(key)


def lots_in(text: str, *, decimal: str = ",") -> tuple[Lot, ...]:
    """Find the lots a cell names."""
    cadastral = _cadastral(text)
    if cadastral:
        return cadastral
    pieces = [piece for piece in _PIECES.split(text) if piece and plain(piece)]
    lots = [_lot(piece, decimal) for piece in pieces]
    return tuple(lot for lot in lots if lot.text)


def _lot(piece: str, decimal: str) -> Lot:
    part = _PART.search(piece) is not None
    name, area_ha, half = _PART.sub(" ", piece), None, 0.0
    area = value_parser.AREA.search(name)
    if area is not None:
        sign = value_parser.decimal_sign(area["number"])
        read = value_parser.number(area["number"], decimal=decimal if sign in (None, "?") else sign)
        unit = value_parser.unit_of(area["unit"])
        if read is not None and unit is not None:
            area_ha = read[0] * value_parser.hectares_per(unit)
            half = min(0.5 * 10.0 ** -read[1] * value_parser.hectares_per(unit), 0.005)
            name = _AREA_WORD.sub(" ", name[: area.start()] + " " + name[area.end() :])
    name = _PREFIX.sub("", _ZONE.sub("", name).strip(" :()–-,.")).strip(" :()–-,.")
    return Lot(text=name, part=part, area_ha=area_ha, half_ha=half)


def _cadastral(text: str) -> tuple[Lot, ...]:
    """Read "tờ 12 thửa 45": several numbers may share a sheet, or follow in pairs."""
    bare = "".join(plain(sign) or sign for sign in text)
    sheets = [match[1] for match in _MAP_SHEET.finditer(bare)]
    numbers = [re.findall(r"\d+", match[1]) for match in _CADASTRAL.finditer(bare)]
    if not numbers or (len(sheets) != len(numbers) and len(sheets) != 1):
        return ()
    if len(sheets) == 1:
        sheets = sheets * len(numbers)
    return tuple(
        Lot(text=f"tờ {sheet} thửa {number}", map_sheet_no=sheet, cadastral_no=number)
        for sheet, group in zip(sheets, numbers, strict=True)
        for number in group
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    parcel_id: str
    zone_id: str
    start: int
    end: int
    area_ha: float


class Register:
    """The parcels a list may mean, by the names they can have.

    Parameters
    ----------
    parcels
        Parcel versions, or None where there are none to match with.
    """

    def __init__(self, parcels: gpd.GeoDataFrame | None) -> None:
        self._names: dict[Key, list[_Version]] = {}
        self._cadastral: dict[tuple[str, str], list[_Version]] = {}
        self._shown: dict[Key, str] = {}
        self.is_empty = parcels is None
        if parcels is not None:
            self._enter(parcels)

    def _enter(self, parcels: gpd.GeoDataFrame) -> None:
        size = len(parcels)
        start = day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size)
        end = day_numbers(parcels.get("valid_to"), missing=OPEN, length=size)
        area_ha = parcels.geometry.area.to_numpy() / M2_PER_HA
        if "certificate_area_m2" in parcels.columns:
            stated = parcels["certificate_area_m2"].to_numpy(dtype="float64") / M2_PER_HA
            area_ha = np.where(np.isnan(stated), area_ha, stated)
        columns = [
            parcels[name].to_numpy(dtype=object) if name in parcels.columns else [None] * size
            for name in ("parcel_id", "zone_id", "lot_code", "map_sheet_no", "cadastral_no")
        ]
        for row, (parcel_id, zone_id, lot, sheet, number) in enumerate(zip(*columns, strict=True)):
            version = _Version(
                parcel_id=str(parcel_id),
                zone_id=str(zone_id),
                start=int(start[row]),
                end=int(end[row]),
                area_ha=float(area_ha[row]),
            )
            for name in {str(one) for one in (lot, parcel_id) if isinstance(one, str)}:
                self._names.setdefault(lot_key(name), []).append(version)
                self._shown.setdefault(lot_key(name), name)
            if isinstance(sheet, str) and isinstance(number, str):
                self._cadastral.setdefault((_bare(sheet), _bare(number)), []).append(version)

    def find(self, lot: Lot, *, zone_id: str | None, on: int | None) -> tuple[str, ...]:
        """Find the parcels a lot can mean."""
        found = self._versions(lot, zone_id)
        if on is not None and len({version.parcel_id for version in found}) > 1:
            found = [one for one in found if covers_day(one.start, one.end, on)] or found
        return tuple(dict.fromkeys(version.parcel_id for version in found))

    def area_ha(self, parcel_id: str, *, lot: Lot, on: int) -> float | None:
        """Give the area of a parcel on a day."""
        for version in self._versions(lot, None):
            if version.parcel_id == parcel_id and covers_day(version.start, version.end, on):
                return version.area_ha
        return None

    def near(self, lot: Lot) -> Sequence[str]:
        """Suggest lots with a name like one that does not exist."""
        known = {"".join(key): name for key, name in self._shown.items()}
        close = difflib.get_close_matches("".join(lot_key(lot.text)), known, n=3, cutoff=0.5)
        return [known[one] for one in close]

    def _versions(self, lot: Lot, zone_id: str | None) -> list[_Version]:
        if lot.map_sheet_no is not None and lot.cadastral_no is not None:
            found = self._cadastral.get((_bare(lot.map_sheet_no), _bare(lot.cadastral_no)), [])
        else:
            found = self._names.get(lot_key(lot.text), [])
        if zone_id is None:
            return found
        return [version for version in found if version.zone_id == zone_id]


def _bare(number: str) -> str:
    return number.strip().lstrip("0").casefold() or "0"


_A_ZONE = re.compile(
    r"^(?:[ivx]+|[a-z]|\d+)?\s*(?:kcn|khu cong nghiep) (?!giai doan|mo rong|hien huu)\w"
)


def names_zone(text: str) -> bool:
    """Tell whether a heading begins with the name of a zone, known or not."""
    return _A_ZONE.match(plain(text)) is not None


def zone_named(text: str, zones: pd.DataFrame | None) -> str | None:
    """Find the zone a text names."""
    if zones is None:
        return None
    said = f" {_zone_words(text)} "
    found = set()
    names = zones["name"] if "name" in zones.columns else zones["zone_id"]
    for zone_id, name in zip(zones["zone_id"], names, strict=True):
        for known in (zone_id, name):
            words = _zone_words(known) if isinstance(known, str) else ""
            if words and f" {words} " in said:
                found.add((len(words), str(zone_id)))
    longest = max((size for size, _ in found), default=0)
    ids = {zone_id for size, zone_id in found if size == longest}
    return ids.pop() if len(ids) == 1 else None


def _zone_words(text: str) -> str:
    words = plain(text)
    for common in ("khu cong nghiep", "kcn", "industrial zone", "industrial park"):
        words = re.sub(rf"\b{common}\b", " ", words)
    return " ".join(words.split())
