"""What the maps of lease status have in common: classes, months, entries of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.layers import choice, title, use_classes, zone_boundary
from kcngeo.cartography.map_layer import MapClass, MapLayer
from kcngeo.cartography.periods import STATUSES, shown_months
from kcngeo.cartography.spec import MapDefinition, MapHistory
from kcngeo.cartography.words import Words, joined, say, text
from kcngeo.core.dates import is_in_force
from kcngeo.core.units import hectares
from kcngeo.fill import ACCOUNT_COLUMNS, Accounts
from kcngeo.ledger import PARTS
from kcngeo.report import MonthlyReport
from kcngeo.standards import FillDefinition

if TYPE_CHECKING:
    import geopandas as gpd

NOT_COMPUTABLE, NOT_COUNTED = "not_computable", "not_counted"
"""What parcels are shown as whose zone has no account, or does not count on the day."""
SHARES = tuple(f"{status}_share" for status in STATUSES)
"""Columns with the shares of a parcel's statuses."""
_KEPT = ("parcel_id", "zone_id", "lot_code", "land_use", "land_use_code", "geometry_source")


def status_classes(shown_as: pd.Series) -> tuple[MapClass, ...]:
    """Give the classes of parcels by what they are shown as; the statuses first, all of them."""
    there = set(shown_as)
    classes = [
        MapClass(value=status, label=choice(status, name="status"), color=color)
        for status, color in theme.STATUS_COLORS.items()
    ]
    others = [
        MapClass(value=value, label=text(key), color=theme.LAYER_COLORS[value])
        for value, key in ((NOT_COMPUTABLE, "qgis.not_computable"), (NOT_COUNTED, "map.no_status"))
        if value in there
    ]
    return (*classes, *use_classes(shown_as), *others)


def aside(report: MonthlyReport, on: pd.Timestamp | None = None) -> gpd.GeoDataFrame:
    """Give the parcels that no account could take in, so that no land is missing."""
    parcels = report.project.parcels
    counted = set(report.snapshot.parcels["zone_id"])
    is_aside = ~parcels["zone_id"].isin(counted)
    rows = parcels[is_aside & is_in_force(parcels, on)] if on is not None else parcels[is_aside]
    names = (*_KEPT, *(("valid_from", "valid_to") if on is None else ()))
    kept = [name for name in names if name in rows.columns]
    rows = rows[[*kept, rows.active_geometry_name]]
    return rows.assign(shown_as=pd.Series(NOT_COMPUTABLE, index=rows.index, dtype="str"))


def history_of(
    report: MonthlyReport, every: gpd.GeoDataFrame, definition: FillDefinition, about: Words
) -> MapHistory:
    """Give the months of a map of lease status."""
    used = [report.definition_on(date) for date in report.dates]
    labels = [label_of(one, date) for one, date in zip(used, report.dates, strict=True)]
    # One entry a definition and label: before it is in force a law is another thing.
    keys = [(one.name, str(label)) for one, label in zip(used, labels, strict=True)]
    kinds = dict(zip(keys, zip(used, labels, strict=True), strict=True))
    months = text("qgis.abstract_months")
    return MapHistory(
        dates=report.dates,
        definitions=tuple(
            MapDefinition(name=name, label=label, uses=tuple(map(str, one.uses)))
            for (name, _), (one, label) in kinds.items()
        ),
        of_date=tuple(list(kinds).index(key) for key in keys),
        parcels=_parcels_history(report, every, joined([about, months], by=" ")),
        zones=_zones_history(report, months),
        entries=entries_of(report),
        rates=_rates(report, [one.name for one in used]),
        accounts=_accounts(report),
        reasons=report.blocked,
    )


def label_of(definition: FillDefinition, on: pd.Timestamp) -> Words:
    """Name a definition as it stands on a day."""
    return say(lambda language: definition.label(on=on, language=language))


def _parcels_history(report: MonthlyReport, every: gpd.GeoDataFrame, about: Words) -> MapLayer:
    """Give all parcels period by period; those without an account have no shares."""
    apart = aside(report)
    frame: Any = every
    if len(apart):
        first = int(every["version"].max()) + 1 if len(every) else 0
        versions = np.arange(first, first + len(apart))
        apart = apart.assign(version=versions, **shown_months(apart))
        frame = pd.concat([every, apart], ignore_index=True)
    return MapLayer(
        name="parcels_history",
        title=title("parcels_history"),
        frame=frame,
        column="shown_as",
        classes=status_classes(frame["shown_as"]),
        shares=SHARES,
        area="area_ha",
        about=about,
    )


def _zones_history(report: MonthlyReport, about: Words) -> MapLayer:
    """Give the boundaries of the zones, each for the months it is shown in."""
    zones, names = report.project.zones, report.zone_names()
    kept = ("zone_id", "valid_from", "valid_to", "removed_on", "geometry_source")
    rows = zones[[*(name for name in kept if name in zones.columns), zones.active_geometry_name]]
    rows = rows.assign(name=rows["zone_id"].map(names).astype("str"), **shown_months(rows))
    if "removed_on" in rows.columns:
        # A zone that was removed has a boundary up to the month of its removal.
        removed = rows["removed_on"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
        earlier = removed.notna() & ~(rows["shown_until"] < removed)
        rows = rows.assign(shown_until=rows["shown_until"].mask(earlier, removed))
    return MapLayer(
        name="zones_history",
        title=title("zones_history"),
        frame=rows,
        classes=(zone_boundary(),),
        about=about,
    )


def entries_of(report: MonthlyReport) -> pd.DataFrame:
    """Give the ledger's entries as they are told, with investor and sector where projects say."""
    ledger, projects = report.snapshot.ledger, report.project.projects
    none = pd.Series(None, index=ledger.index, dtype="object")
    told = dict.fromkeys(("investor", "sector"), none)
    if "project_id" in ledger.columns and projects is not None:
        known = projects.drop_duplicates("project_id").set_index("project_id")
        told |= {
            name: ledger["project_id"].map(known[name]) for name in told if name in known.columns
        }
    names = ("parcel_id", "status", "part_area_ha", "valid_from", "valid_to", "document")
    # A table may lack all but its required columns: without an end every entry is open.
    open_ended = pd.Series(pd.NaT, index=ledger.index, dtype="datetime64[s]")
    missing = {"valid_to": open_ended}
    columns = {name: ledger.get(name, missing.get(name, none)) for name in names}
    return pd.DataFrame({**columns, **told})


def _rates(report: MonthlyReport, names: list[str]) -> pd.DataFrame:
    """Give the rates by the definition of each date."""
    series = report.series.reset_index()
    used = series["on"].map(dict(zip(report.dates, names, strict=True)))
    mine = series[series["definition"] == used].drop(columns="definition")
    return mine.set_index(["zone_id", "on"])


def _accounts(report: MonthlyReport) -> pd.DataFrame:
    """Give base and parts by zone and date; missing where they are not known."""
    dates = report.dates
    accounts = Accounts.of(report.snapshot, area=report.area)
    columns = ACCOUNT_COLUMNS[: len(PARTS) + 2]
    # (zones, months, base and parts) hectares
    found = np.full((len(accounts.zone_ids), len(dates), len(columns)), np.nan)
    used = np.array([report.definition_on(date).name for date in dates], dtype=object)
    for name in dict.fromkeys(used):
        mine = np.flatnonzero(used == name)
        definition = report.definition_on(dates[mine[0]])
        # (zones, items, months): the leasable land and its six parts
        items = accounts.known_items(dates, definition)[:, : len(columns), mine]
        found[:, mine] = np.moveaxis(hectares(items), 1, 2)
    index = pd.MultiIndex.from_product([list(accounts.zone_ids), dates], names=["zone_id", "on"])
    return pd.DataFrame(found.reshape(-1, len(columns)), index=index, columns=list(columns))
