"""Lots and zones that a page names become links that show them on its map."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from kcngeo.core.lot_names import within_zone
from kcngeo.core.schema import Names
from kcngeo.report import TOTAL, MonthlyReport, lot_names

_WORD = re.compile(r"\S+")
# What may stand round a name in a sentence.
_ROUND = "().,;:"
# A shorter name of a zone may be a word like any other.
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLinks:
    """Where on the map what a text names is.

    Attributes
    ----------
    addresses
        By name the address that shows it.
    within
        By zone, the names of its lots where the zone is told beside them.
    most_words
        How many words the longest name has.
    """

    addresses: Mapping[str, str]
    within: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    most_words: int

    @classmethod
    def of(cls, report: MonthlyReport, names: Names, *, map_file: str) -> MapLinks:
        """Find the lots and zones of a month, as the map finds them.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> links = MapLinks.of(report, {}, map_file="map.html")
        >>> links.marked("Let: A-1.")
        'Let: <a class="place" href="map.html#zone=A&amp;lot=A-1">A-1</a>.'
        """
        found: dict[str, str] = {}
        within: dict[str, dict[str, str]] = {}
        zones = names.get("zones", {})
        for zone_id, name in zones.items():
            if zone_id != TOTAL and len(name) >= _LEAST_LETTERS:
                found[name] = f"{map_file}#{urlencode({'zone': zone_id})}"
        called = lot_names(report.project, zones)
        parcels = report.snapshot.parcels[["parcel_id", "zone_id"]].drop_duplicates("parcel_id")
        for parcel_id, zone_id in parcels.astype(str).itertuples(index=False):
            address = f"{map_file}#{urlencode({'zone': zone_id, 'lot': parcel_id})}"
            name = called.get(parcel_id, parcel_id)
            found[" ".join(name.split())] = address
            alone = within_zone(name, zone=zones.get(zone_id, ""))
            within.setdefault(zone_id, {})[alone] = address
        most_words = max((len(name.split()) for name in found), default=0)
        return cls(addresses=found, within=within, most_words=most_words)

    def marked(self, text: str, *, zone_id: str = "") -> str:
        """Write a text, told of a zone or of all, as HTML, the longest names in it as links."""
        made, done = [], 0
        for start, end, address in self._places(text, zone_id):
            made.append(html.escape(text[done:start]))
            name = html.escape(text[start:end])
            made.append(f'<a class="place" href="{html.escape(address)}">{name}</a>')
            done = end
        return "".join([*made, html.escape(text[done:])])

    def _places(self, text: str, zone_id: str) -> Iterator[tuple[int, int, str]]:
        """Find where names stand in a text, none within another."""
        words = [(one.start(), one.end()) for one in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            step = 1
            for count in range(min(self.most_words, len(words) - at), 0, -1):
                found = self._named(text, words[at][0], words[at + count - 1][1], zone_id)
                if found is not None:
                    yield found
                    step = count
                    break
            at += step

    def _named(self, text: str, start: int, end: int, zone_id: str) -> tuple[int, int, str] | None:
        """Give place and address of a name that fills a stretch but for what stands round it."""
        bare = text[start:end]
        left = len(bare) - len(bare.lstrip(_ROUND))
        for low, high in ((0, len(bare)), (left, len(bare.rstrip(_ROUND)))):
            name = " ".join(bare[low:high].split())
            address = self.within.get(zone_id, {}).get(name) or self.addresses.get(name)
            if address is not None:
                return start + low, start + high, address
        return None
