"""A map for more lots than one page can hold: an overview of the zones, and a page a zone.

The overview is the same page as any fill map; its lots are the zones, striped by their account, so
that legend, slider and rates work in it as they do in the pages it leads to.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.cartography import MapSpec
from kcngeo.core.errors import KcngeoError
from kcngeo.maps.fill_pages import Payload, frame_of, parcels_map
from kcngeo.maps.fill_payload import Parcels, States, history_of
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.payload import PayloadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")
# Names Windows keeps for devices.
_DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


class OfflineAtlas(OfflineMap):
    """An overview of the zones whose lots stand in pages of their own, in a folder beside it.

    ``save`` writes all of them. In a notebook the overview is shown, without its pages.

    Parameters
    ----------
    parcels
        The parcels of the map.
    payload
        What the overview draws.
    """

    def __init__(self, parcels: Parcels, payload: Payload) -> None:
        language = payload["language"]
        super().__init__(title=payload["texts"]["title"][language], language=language)
        self.parcels, self.zones, self.language = parcels, payload["zones"], language
        self.layer = PayloadLayer(payload, options={"pages": None})
        self.add_child(self.layer)

    def pages(self, overview: str) -> Iterator[tuple[str, OfflineMap]]:
        """Make the pages of the zones, one after the other, and let the overview lead to them.

        Parameters
        ----------
        overview
            Name of the overview's file; the pages lead back to it.

        Yields
        ------
        tuple[str, OfflineMap]
            Path relative to the overview's folder, and the page.
        """
        folder = f"{Path(overview).stem}_zones"
        self.layer.options["pages"] = folder
        for zone in self.zones:
            frame = frame_of(self.parcels.spec, language=self.language, zone_ids=[zone["id"]])
            versions = self.parcels.in_zone(zone["id"])
            options = {"home": f"../{overview}"}
            yield (
                f"{folder}/{zone['page']}",
                parcels_map(self.parcels, frame, versions=versions, options=options),
            )

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:
        """Write the pages of the zones into a folder beside the file, then the overview.

        Parameters
        ----------
        outfile
            Path of the overview; the folder is named after it, with ``_zones``.
        close_file
            Not used, as no open file will do.
        **kwargs
            Handed on to the templates.

        Raises
        ------
        KcngeoError
            If no path is given: there is more than one file to write.
        """
        if not isinstance(outfile, (str, os.PathLike)):
            raise KcngeoError("map_pages")
        path = Path(outfile)
        for name, page in self.pages(path.name):
            (path.parent / name).parent.mkdir(exist_ok=True)
            page.save(path.parent / name)
        super().save(path, close_file, **kwargs)


def atlas(parcels: Parcels, *, language: str) -> OfflineAtlas:
    """Draw an overview of the zones, and a page a zone."""
    frame = frame_of(parcels.spec, language=language)
    for zone in frame["zones"]:
        zone["page"] = page_name(zone["id"])
    states = States()
    rows = [
        row
        for index, (zone, account) in enumerate(
            zip(frame["zones"], _accounts(parcels.spec, frame["zones"]), strict=True)
        )
        for row in _zone_rows(index, zone, account, states)
    ]
    return OfflineAtlas(parcels, {**frame, "parcels": rows, "states": states.listed()})


def page_name(zone_id: str) -> str:
    """Name the file of a zone's page, safe on every system and the same in every run.

    Examples
    --------
    >>> page_name("loc-son"), page_name("../Lộc Sơn")
    ('loc-son.html', 'zone-e5a9276b5140.html')
    >>> page_name("A"), page_name("con")
    ('a-559aead08264.html', 'con-1143da2bc54c.html')
    """
    small = zone_id.lower()
    is_plain = _PLAIN_NAME.fullmatch(small) is not None
    if is_plain and small == zone_id and not _DEVICE.fullmatch(small):
        return f"{zone_id}.html"
    mark = hashlib.sha256(zone_id.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{small if is_plain else 'zone'}-{mark}.html"


def _accounts(spec: MapSpec, zones: list[dict[str, Any]]) -> Floats:
    """Give the accounts: zones × months × (base, six parts), hectares; missing where unknown."""
    history = history_of(spec)
    ids = [zone["id"] for zone in zones]
    index = pd.MultiIndex.from_product([ids, history.dates], names=["zone_id", "on"])
    found = history.accounts.reindex(index).to_numpy(dtype="float64")
    return found.reshape(len(ids), len(history.dates), -1)


def _zone_rows(
    index: int, zone: dict[str, Any], account: Floats, states: States
) -> Iterator[dict[str, Any]]:
    """Tell of a zone as if it were a lot: one row for each stretch of one shape and one base."""
    for begin, end, shape in zone["shapes"]:
        base = account[begin:end, 0]
        cuts = [0, *(np.flatnonzero(base[1:] != base[:-1]) + 1).tolist(), len(base)]
        for low, high in pairwise(cuts):
            area_ha = base[low]
            if np.isnan(area_ha):
                area_ha = 0.0
            yield {
                "id": zone["name"],
                "zone": index,
                "use": "industrial",
                "lot": None,
                "place": None,
                "area_ha": round(float(area_ha), 8),
                "from": begin + low,
                "to": begin + high,
                "geometry": shape,
                "states": _steps(account[begin + low : begin + high], begin + low, states),
                "entries": [],
            }


def _steps(account: Floats, begin: int, states: States) -> list[list[int]]:
    """Give the months at which the shares of an account change, and the new state."""
    steps: list[list[int]] = []
    for month, (base, *parts) in enumerate(account.tolist(), begin):
        if not base > 0:
            continue
        state = states.number(np.array(parts) / base)
        if not steps or steps[-1][1] != state:
            steps.append([month, state])
    return steps
