"""The history of a parcel: its versions, its entries, its parents and children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import VIET_NAM
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import as_known, distinct, validate
from kcngeo.ledger.entries import children
from kcngeo.theme import date, number, text

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.core.dates import Moment
    from kcngeo.ledger.project import Project

_COLUMNS = [
    "parcel_id",
    "relation",
    "kind",
    "what",
    "valid_from",
    "valid_to",
    "area_ha",
    "document",
    "recorded_at",
    "superseded_at",
]


def history(project: Project, parcel_id: str, *, known_at: Moment | None = None) -> pd.DataFrame:
    """Tell everything on record about a parcel, and about what it came from and became.

    Parameters
    ----------
    project
        The tables as stored.
    parcel_id
        The parcel.
    known_at
        Only the rows on record at this moment; None for all rows, superseded ones included.

    Returns
    -------
    pd.DataFrame
        A row a version or entry; of each parcel its versions by time, then its entries:
        ``parcel_id``, ``relation`` ("self", "ancestor", "descendant"), ``kind`` ("version",
        "entry"), ``what`` (land use or status),
        ``valid_from``, ``valid_to``, ``area_ha`` (on the grid; of an entry its part, missing if
        the whole), ``document``, ``recorded_at``, ``superseded_at``.

    Raises
    ------
    KcngeoError
        If there is no such parcel.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> rows = history(kcn.examples.squares(), "A-2")
    >>> rows[["kind", "what", "area_ha"]].values.tolist()
    [['version', 'industrial', 1.0], ['entry', 'leased', 0.5]]
    """
    parcels, ledger = validate(project.parcels, "parcels"), validate(project.ledger, "ledger")
    if known_at is not None:
        parcels, ledger = as_known(parcels, known_at), as_known(ledger, known_at)
    if parcel_id not in set(parcels["parcel_id"]):
        raise KcngeoError("no_parcel", parcel=parcel_id)
    relation = {
        **dict.fromkeys(_ancestors(parcels, parcel_id), "ancestor"),
        **dict.fromkeys(_descendants(parcels, parcel_id), "descendant"),
        parcel_id: "self",
    }
    # All versions and entries of the family, superseded ones too.
    versions = parcels[parcels["parcel_id"].isin(relation)]
    versions = versions.assign(
        kind="version",
        what=versions["land_use"],
        area_ha=areas_m2(versions, basis="grid", certificate="") / M2_PER_HA,
    )
    entries = ledger[ledger["parcel_id"].isin(relation)]
    entries = entries.assign(kind="entry", what=entries["status"])
    entries = entries.rename(columns={"part_area_ha": "area_ha"})
    rows = pd.concat(
        [pd.DataFrame(part).reindex(columns=_COLUMNS) for part in (versions, entries)],
        ignore_index=True,
    )
    rows["relation"] = rows["parcel_id"].map(relation)
    # What it came from, itself, what it became; versions before entries.
    order = {"ancestor": 0, "self": 1, "descendant": 2}
    rows = rows.assign(_relation=rows["relation"].map(order), _entry=rows["kind"] == "entry")
    by = ["_relation", "parcel_id", "_entry", "valid_from", "recorded_at", "what"]
    rows = rows.sort_values(by, na_position="first", ignore_index=True)
    return rows.drop(columns=["_relation", "_entry"])


def timeline(rows: pd.DataFrame, *, language: str = "vi") -> str:
    """Write the history of a parcel as text, a line a row.

    Parameters
    ----------
    rows
        Result of :func:`history`.
    language
        "vi" or "en".

    Returns
    -------
    str
        The lines; a superseded row is marked.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> print(timeline(history(kcn.examples.squares(), "A-2"), language="en"))
    A-2 (this lot)
      … – … · industrial · 1.0000 ha
      1 Jan 2016 – … · leased · 0.5000 ha
    """
    lines = []
    parcel = None
    for row in rows.to_dict("records"):
        if row["parcel_id"] != parcel:
            parcel = row["parcel_id"]
            relation = text(f"history.{row['relation']}", language=language)
            lines.append(f"{parcel} ({relation})")
        group = "status" if row["kind"] == "entry" else "land_use"
        words = [
            f"  {_shown(row['valid_from'], language)} – {_shown(row['valid_to'], language)}",
            text(f"{group}.{row['what']}", language=language),
        ]
        if not np.isnan(row["area_ha"]):
            words.append(f"{number(row['area_ha'], language=language, decimals=4)} ha")
        if isinstance(row["document"], str):
            words.append(row["document"])
        if not pd.isna(row["superseded_at"]):
            when = _shown(row["superseded_at"].tz_convert(VIET_NAM), language)
            words.append(text("history.superseded", language=language, on=when))
        lines.append(" · ".join(words))
    return "\n".join(lines)


def _ancestors(parcels: gpd.GeoDataFrame, parcel_id: str) -> tuple[str, ...]:
    """Find the parents of a parcel, theirs, and so on."""
    if "parents" not in parcels.columns:
        return ()
    by_child = parcels.dropna(subset=["parents"]).groupby("parcel_id")["parents"].agg("|".join)
    found: set[str] = set()
    ask = [parcel_id]
    while ask:
        # What was found already is not asked again: a mistaken circle must not go round for ever.
        named = set(by_child.get(ask.pop(), "").split("|")) - {""} - found
        found |= named
        ask += sorted(named)
    return distinct(found)


def _descendants(parcels: gpd.GeoDataFrame, parcel_id: str) -> tuple[str, ...]:
    """Find the children of a parcel, theirs, and so on."""
    found: set[str] = set()
    ask = [parcel_id]
    while ask:
        named = set(children(parcels, ask.pop())) - found
        found |= named
        ask += sorted(named)
    return distinct(found)


def _shown(value: Any, language: str) -> str:
    return "…" if pd.isna(value) else date(value, language=language)
