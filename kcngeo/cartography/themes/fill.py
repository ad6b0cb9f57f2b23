"""Parcels by lease status, with the zones' rates, on a day and month by month."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import context_of, title, zone_boundary
from kcngeo.cartography.map_layer import MapLayer, Told
from kcngeo.cartography.periods import STATUSES, periods
from kcngeo.cartography.places import lonlat_of, places_of
from kcngeo.cartography.spec import MOST_PANELS, MapHistory, MapSpec
from kcngeo.cartography.themes.fill_history import (
    NOT_COMPUTABLE,
    NOT_COUNTED,
    SHARES,
    aside,
    entries_of,
    history_of,
    label_of,
    status_classes,
)
from kcngeo.cartography.themes.fill_overview import fill_overview
from kcngeo.cartography.words import NO_WORDS, Words, joined, number, percent, same, say, text
from kcngeo.core.dates import Day, day, day_number, is_in_force
from kcngeo.core.errors import already_told
from kcngeo.core.schema import LAYERS
from kcngeo.fill import fill_rate, land_account
from kcngeo.ledger import lot_numbers
from kcngeo.report import MonthlyReport, declared_rows, is_synthetic, newer_claims
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

_ZONE_COLUMNS = ("zone_id", "established_on", "approved_area_ha", "geometry_source")


def fill(report: MonthlyReport, *, on: Day | None = None) -> MapSpec:
    """Show the lease status of every parcel, and the rate of every zone.

    Colours are in proportion: a parcel let in part is striped, the widths as the shares, because
    nobody drew where in it the part lies. Status colours stand only on land that is in the account
    of the day: leasable under the definition, in a zone that counts and is computable.

    Parameters
    ----------
    report
        The report; its dates are the months of the slider.
    on
        The day; None for the report's own.

    Returns
    -------
    MapSpec
        The map, with its history.

    Examples
    --------
    Of zone A 1.5 of 4 ha are let, of zone B 1 of 2 ha: together 2.5 of 6 ha.

    >>> import kcngeo as kcn
    >>> day = "2018-03-31"
    >>> spec = fill(kcn.report.monthly(kcn.examples.squares(), month=day, start=day))
    >>> spec.headline["en"]
    'Fill rate of 2 zones together: 41.67 %'
    """
    date = report.on if on is None else day(on)
    definition = fill_definition(report.chosen, on=date)
    every = periods(report.snapshot, area=report.area, uses=definition.uses)
    about = _about(report, date, definition)
    # Zones that count, and those that would if they could be computed.
    zones = _zones(report, date, definition, about)
    reasons = _reasons(report, date)
    is_known = zones.frame.attrs["counted"] | set(reasons)
    counted = [str(one) for one in zones.frame["zone_id"] if str(one) in is_known]
    label = label_of(definition, date)
    claims = _zone_claims(report)
    history = history_of(report, every, definition, about)
    return MapSpec(
        theme="fill",
        title=text("map.title"),
        headline=_headline(report, date, definition, counted),
        subtitle=joined([text("map.definition"), label], by=" "),
        on=date.date(),
        zones=zones,
        context=context_of(report.project),
        basemap=basemap_of(report.project),
        layers=(_parcels(report, every, history, date, zones.frame, about),),
        notes=(text("figures.stripes"),),
        zone_facts=_zone_facts(zones.frame),
        zone_reasons=reasons,
        zone_headlines=_zone_headlines(zones.frame),
        zone_places=_undrawn_places(report, date),
        zone_claims=claims,
        zone_declared=_zone_declared(report),
        panel_zones=tuple(counted),
        overview=fill_overview(report, zones, counted, claims)
        if len(counted) > MOST_PANELS
        else None,
        history=history,
        is_synthetic=is_synthetic(report.project),
    )


# ---- words --------------------------------------------------------------------------------------
def _about(report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition) -> Words:
    """Say by which definition the figures are, on which areas, and where it stands."""
    computed = text(
        "qgis.abstract_computed",
        on=say(lambda language: theme.date(on, language=language)),
        definition=label_of(definition, on),
        id=definition.name,
        area=text(f"qgis.area_{report.area}"),
    )
    source = text("qgis.abstract_source", source=say(definition.cited), version=version("kcngeo"))
    return joined([computed, source], by=" ")


def _rates_on(report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition) -> pd.DataFrame:
    """Give the rates of a day by zone; zones at fault stand in the findings of the report."""
    with already_told():
        return fill_rate(report.snapshot, on=on, definition=definition.name, area=report.area)


def _headline(
    report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition, counted: list[str]
) -> Words:
    names = report.zone_names()
    rates = _rates_on(report, on, definition)
    whole = report.total["fill_rate"].get((definition.name, on), np.nan)
    if len(counted) == 1:
        rate = rates["fill_rate"].get(counted[0], np.nan)
        return text("figures.rate_of", name=names[counted[0]], rate=percent(rate))
    total = report.total.xs(definition.name)
    known = total["known_count"].get(on, np.nan)
    if known < len(counted) and not pd.isna(known):
        words = {"known": int(known), "count": len(counted), "rate": percent(whole)}
        return text("figures.rate_of_known_zones", **words)
    return text("figures.rate_of_zones", count=len(counted), rate=percent(whole))


def _zone_headlines(zones: gpd.GeoDataFrame) -> dict[str, Words]:
    return {
        str(row["zone_id"]): text(
            "figures.rate_of", name=row["name"], rate=percent(row["fill_rate"])
        )
        for row in zones.to_dict("records")
    }


def _zone_facts(zones: gpd.GeoDataFrame) -> dict[str, tuple[Words, ...]]:
    """Say the rate of each zone that has figures, with let land and base."""
    return {
        str(row["zone_id"]): (
            text(
                "figures.panel_rate",
                rate=percent(row["fill_rate"]),
                leased=number(row["rate_leased_ha"]),
                base=number(row["rate_base_ha"]),
            ),
        )
        for row in zones.to_dict("records")
        if not np.isnan(row["rate_base_ha"])
    }


def _undrawn_places(report: MonthlyReport, on: pd.Timestamp) -> dict[str, list[float]]:
    """Give longitude and latitude of the zones without a polygon, as far as anybody places them."""
    zones = report.project.zones
    drawn = set(zones["zone_id"][zones.geometry.notna().to_numpy()])
    places = places_of(report.project, on=on)
    return lonlat_of(places[~places.index.isin(drawn)])


def _zone_declared(report: MonthlyReport) -> dict[str, tuple[pd.Timestamp, Words]]:
    """Say of the zones that live on a declared account when, how old and where it was stated."""
    rows = declared_rows(report)
    return {
        str(row["zone_id"]): (
            row["declared_on"],
            text(
                "map.declared_on",
                on=say(lambda language, row=row: theme.date(row["declared_on"], language=language)),  # type: ignore[misc]
                months=row["age_months"],
                source=row["cited"],
            ),
        )
        for row in rows[rows["source"] == "declared"].to_dict("records")
    }


def _zone_claims(report: MonthlyReport) -> dict[str, tuple[pd.Timestamp, Words]]:
    """Give the latest claimed rate of each zone that is not among its figures."""
    rows = newer_claims(report)
    rates = rows[rows["measure"] == "fill_rate"]
    found: dict[str, tuple[pd.Timestamp, Words]] = {}
    for row in rates.to_dict("records"):
        on = row["claimed_on"]
        words = [percent(row["value"]), same(f"({on:%m/%Y})")]
        before = found.get(str(row["zone_id"]))
        told = joined(words, by=" ")
        # Claims that contradict each other stand side by side.
        found[str(row["zone_id"])] = (
            on,
            told if before is None else joined([before[1], told], by="; "),
        )
    return found


def _reasons(report: MonthlyReport, on: pd.Timestamp) -> dict[str, Words]:
    """Say by zone why it has no figures on a day."""
    at = day_number(on)
    now = report.blocked[(report.blocked["start"] <= at) & (at < report.blocked["end"])]
    return {
        str(zone_id): joined([say(one.message) for one in some], by=" ")
        for zone_id, some in now.groupby("zone_id")["finding"]
    }


# ---- zones --------------------------------------------------------------------------------------
def _zones(
    report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition, about: Words
) -> MapLayer:
    """Give the zones in force on a day with their accounts and the rate in words."""
    reasons = _reasons(report, on)
    zones = report.project.zones
    zones = zones[is_in_force(zones, on)]
    if "removed_on" in zones.columns:
        zones = zones[~(zones["removed_on"] <= on)]
    zones = zones.sort_values("zone_id").reset_index(drop=True)
    rates = _rates_on(report, on, definition)
    # The report has told already which zones are left out.
    with already_told():
        asked: dict[str, Any] = {"on": on, "definition": definition.name, "area": report.area}
        account = land_account(report.snapshot, **asked)
    figures = account.join(rates[["fill_rate", "reason"]]).join(
        rates[["leased_ha", "base_ha"]].add_prefix("rate_")
    )
    figures.loc[figures.index.isin(list(reasons)), [*figures.select_dtypes("number")]] = np.nan
    unpublished = figures["reason"].dropna().to_dict()
    declared = set(figures.index[figures["source"] == "declared"])
    figures = figures.drop(columns="reason")
    names = report.zone_names()
    kept = [name for name in _ZONE_COLUMNS if name in zones.columns]
    frame = zones[[*kept, zones.active_geometry_name]].join(figures, on="zone_id")
    called = [names.get(one, one) for one in frame["zone_id"]]
    frame.insert(1, "name", pd.Series(called, index=frame.index, dtype="str"))

    def rated(law: Words) -> list[Words]:
        known: dict[str, Any] = {"unpublished": unpublished, "declared": declared, "law": law}
        pairs = zip(frame["zone_id"], frame["fill_rate"], strict=True)
        return [_rated(str(one), rate, reasons, figures.index, **known) for one, rate in pairs]

    frame = frame.assign(definition=definition.name)
    # Which zones have an account: a zone without a figure may count and be at fault.
    frame.attrs["counted"] = {str(one) for one in figures.index}
    # What is written on the map is short: by which definition it is stands beside it.
    labels = [
        joined([same(name), words], by="\n")
        for name, words in zip(called, rated(NO_WORDS), strict=True)
    ]
    return MapLayer(
        name="zones_on_day",
        title=title("zones_on_day"),
        frame=frame,
        classes=(zone_boundary(),),
        told=[
            Told(name=same(name), notes=(words,))
            for name, words in zip(called, rated(label_of(definition, on)), strict=True)
        ],
        labels=candidates(frame, labels),
        about=about,
    )


def _rated(
    zone_id: str,
    rate: float,
    reasons: dict[str, Words],
    counted: pd.Index,
    *,
    unpublished: Mapping[Any, str],
    declared: set[str],
    law: Words,
) -> Words:
    """Say the rate of a zone, with the law it goes by if that is to be told, or why it has none."""
    if zone_id in reasons:
        return text("qgis.not_computable")
    if zone_id not in counted:
        return text("qgis.not_counted")
    if zone_id in unpublished:
        return text(f"no_rate.{unpublished[zone_id]}")
    if np.isnan(rate):
        return text("qgis.no_rate")
    by_law = [] if law == NO_WORDS else [joined([same("("), law, same(")")], by="")]
    stated = [text("map.declared")] if zone_id in declared else []
    return joined([percent(rate), *by_law, *stated], by=" ")


# ---- parcels ------------------------------------------------------------------------------------
def _parcels(
    report: MonthlyReport,
    every: gpd.GeoDataFrame,
    history: MapHistory,
    on: pd.Timestamp,
    zones: gpd.GeoDataFrame,
    about: Words,
) -> MapLayer:
    """Give the parcels of the day by status, by use, or as land without an account."""
    now = every[is_in_force(every, on)].drop(columns=["shown_from", "shown_until", "version"])
    frame: Any = pd.concat([now, aside(report, on)], ignore_index=True)
    blocked = frame["zone_id"].isin(list(_reasons(report, on)))
    absent = ~frame["zone_id"].isin(zones.attrs["counted"]) & ~blocked
    is_status = frame["shown_as"].isin(STATUSES)
    # Status colours stand on land of an account alone: elsewhere they would claim a figure.
    shown = frame["shown_as"].mask(absent & is_status, NOT_COUNTED).mask(blocked, NOT_COMPUTABLE)
    frame = frame.assign(shown_as=shown, investors=_investors(report, frame["parcel_id"], on))
    return MapLayer(
        name="parcels_on_day",
        title=title("parcels_on_day"),
        frame=frame,
        column="shown_as",
        classes=status_classes(frame["shown_as"]),
        shares=SHARES,
        told=[Told(name=same(str(one))) for one in frame["parcel_id"]],
        contract=LAYERS["parcels_on_day"],
        area="area_ha",
        labels=candidates(frame, lot_numbers(frame, among=history.parcels.frame).tolist()),
        about=about,
    )


def _investors(report: MonthlyReport, parcel_ids: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Name who holds each parcel on a day, as far as projects tell."""
    entries = entries_of(report)
    nobody = pd.Series(None, index=parcel_ids.index, dtype="str")
    held = entries[is_in_force(entries, on) & entries["investor"].notna()]
    if held.empty:
        return nobody
    pairs = held[["parcel_id", "investor"]].drop_duplicates().sort_values(["parcel_id", "investor"])
    joined = pairs.groupby("parcel_id")["investor"].agg("; ".join)
    return parcel_ids.map(joined).astype("str")
