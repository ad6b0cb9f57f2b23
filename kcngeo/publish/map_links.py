"""Lots and zones that a page names become links that show them on its map."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kcngeo.core.schema import Names
from kcngeo.report import TOTAL, MonthlyReport

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
    most_words
        How many words the longest name has.
    """

    addresses: Mapping[str, str]
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
        found = {}
        for zone_id, name in names.get("zones", {}).items():
            if zone_id != TOTAL and len(name) >= _LEAST_LETTERS:
                found[name] = f"{map_file}#{urlencode({'zone': zone_id})}"
        parcels = report.snapshot.parcels[["parcel_id", "zone_id"]].drop_duplicates("parcel_id")
        for parcel_id, zone_id in parcels.astype(str).itertuples(index=False):
            found[parcel_id] = f"{map_file}#{urlencode({'zone': zone_id, 'lot': parcel_id})}"
        return cls(
            addresses=found, most_words=max((len(name.split()) for name in found), default=0)
        )

    def marked(self, text: str) -> str:
        """Write a text as HTML, the longest names in it as links."""
        made, done = [], 0
        for start, end in self._places(text):
            name = text[start:end]
            address = html.escape(self.addresses[" ".join(name.split())])
            made.append(html.escape(text[done:start]))
            made.append(f'<a class="place" href="{address}">{html.escape(name)}</a>')
            done = end
        return "".join([*made, html.escape(text[done:])])

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Find where names stand in a text, none within another."""
        words = [(one.start(), one.end()) for one in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            step = 1
            for count in range(min(self.most_words, len(words) - at), 0, -1):
                found = self._named(text, words[at][0], words[at + count - 1][1])
                if found is not None:
                    yield found
                    step = count
                    break
            at += step

    def _named(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Give the place of a name that fills a stretch of a text, but for what stands round it."""
        bare = text[start:end]
        left = len(bare) - len(bare.lstrip(_ROUND))
        for low, high in ((0, len(bare)), (left, len(bare.rstrip(_ROUND)))):
            if " ".join(bare[low:high].split()) in self.addresses:
                return start + low, start + high
        return None
