"""What is offered with a lot, a rent or a ready factory, held against what an investor asks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from kcngeo.analysis.sites.criteria import SiteCriteria


class Offer(StrEnum):
    """Columns of what is offered with a lot, by the word their reasons are made of."""

    PRICE = "price_vnd_m2"
    FIBRE = "fibre"
    HIGHWAY = "to_highway_m"
    PORT = "to_port_m"
    AIRPORT = "to_airport_m"
    TURNKEY = "turnkey"
    GATE = "to_gate_m"


OFFERED = {str(one): one.name.lower() for one in Offer}
"""Columns of an offer, each with the word its reasons are made of: "price", "unknown_price"."""
UNKNOWN_OFFERS = tuple(f"unknown_{word}" for word in OFFERED.values())
"""Reasons of land that neither meets a wish nor fails it: the figure is not on record."""
FLAGS = (str(Offer.FIBRE), str(Offer.TURNKEY))


def asked_offers(criteria: SiteCriteria) -> list[str]:
    """List the columns of an offer that something is asked of.

    Examples
    --------
    >>> from kcngeo.analysis.sites import SiteCriteria
    >>> asked_offers(SiteCriteria(min_area_ha=1, turnkey=True, max_to_gate_m=500))
    ['turnkey', 'to_gate_m']
    """
    return [name for name in OFFERED if _wish(criteria, name) not in (None, False)]


def _wish(criteria: SiteCriteria, name: str) -> Any:
    return getattr(criteria, name if name in FLAGS else f"max_{name}")


def offer_reasons(offers: pd.DataFrame, criteria: SiteCriteria) -> list[tuple[str, pd.Series]]:
    """Tell by reason which lots do not have what is asked, or not on record.

    Examples
    --------
    >>> from kcngeo.analysis.sites import SiteCriteria
    >>> rents = pd.DataFrame({"price_vnd_m2": [9.0, None]}, index=["P1", "P2"])
    >>> asked = SiteCriteria(min_area_ha=1, max_price_vnd_m2=8)
    >>> [(reason, bad.tolist()) for reason, bad in offer_reasons(rents, asked)]
    [('unknown_price', [False, True]), ('price', [True, False])]
    """
    found = []
    for name in asked_offers(criteria):
        word, values = OFFERED[name], offers[name]
        if name in FLAGS:
            bad, reason = values.eq(False), f"without_{word}"
        else:
            bad, reason = values > _wish(criteria, name), word
        found += [(f"unknown_{word}", values.isna()), (reason, bad.fillna(False).astype(bool))]
    return found


def offers_of(offers: pd.DataFrame | None, sites: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Give what is offered with sites: the dearest and farthest of its lots, what all of them have.

    Missing where a lot's figure is not on record; of a factory or fibre "no" where a lot has none.

    Examples
    --------
    >>> lots = pd.DataFrame({"to_gate_m": [300.0, 500.0]}, index=["P1", "P2"])
    >>> offers_of(lots, [["P1", "P2"], ["P1"]])["to_gate_m"].tolist()
    [500.0, 300.0]
    """
    columns: dict[str, Any] = {}
    for name in OFFERED:
        dtype: Any = "boolean" if name in FLAGS else "float64"
        given = None if offers is None or name not in offers else offers[name].dropna()
        known: dict[Any, Any] = {} if given is None else given.to_dict()
        columns[name] = pd.array([_of_lots(name, known, some) for some in sites], dtype=dtype)
    return pd.DataFrame(columns)


def _of_lots(name: str, known: dict[Any, Any], lots: Sequence[str]) -> Any:
    """Give what holds of all lots of a site."""
    values = [known[lot] for lot in lots if lot in known]
    if name in FLAGS and not all(values):
        return False
    if len(values) < len(lots) or not values:
        return None
    return True if name in FLAGS else max(values)
