"""Parcels by lease status, with the zones' rates, on a day and month by month."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.labels import candidates, parcel_codes
from kcngeo.cartography.layers import choice, context_of, title, use_classes
from kcngeo.cartography.periods import STATUSES, periods, shown_months
from kcngeo.cartography.spec import (
    MOST_PANELS,
    MapClass,
    MapDefinition,
    MapHistory,
    MapLayer,
    MapSpec,
    Told,
)
from kcngeo.cartography.themes.fill_overview import fill_overview
from kcngeo.cartography.words import Words, joined, number, percent, same, say, text
from kcngeo.core.dates import Day, day, day_number, is_in_force
from kcngeo.core.units import hectares
from kcngeo.fill import ACCOUNT_COLUMNS
from kcngeo.ledger import PARTS
from kcngeo.report import MonthlyReport, is_synthetic
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

NOT_COMPUTABLE, NOT_COUNTED = "not_computable", "not_counted"
"""What parcels are shown as whose zone has no account, or does not count on the day."""
SHARES = tuple(f"{status}_share" for status in STATUSES)
"""Columns with the shares of a parcel's statuses."""
_KEPT = ("parcel_id", "zone_id", "lot_code", "land_use", "land_use_code", "geometry_source")
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
    """
    date = report.on if on is None else day(on)
    definition = fill_definition(report.chosen, on=date)
    every = periods(report.book, uses=definition.uses)
    about = _about(report, date, definition)
    zones = _zones(report, date, definition, about)
    reasons = _reasons(report, date)
    is_known = zones.frame.attrs["counted"] | set(reasons)
    counted = [str(one) for one in zones.frame["zone_id"] if str(one) in is_known]
    label = _label(definition, date)
    return MapSpec(
        theme="fill",
        title=text("map.title"),
        headline=_headline(report, date, definition, counted),
        subtitle=joined(
            [text("map.definition"), joined([same(definition.name), label], by=" – ")], by=" "
        ),
        on=date.date(),
        zones=zones,
        context=context_of(report.project),
        layers=(_parcels(report, every, date, zones.frame, about),),
        notes=(text("figures.stripes"),),
        zone_facts=_zone_facts(zones.frame),
        zone_reasons=reasons,
        zone_headlines=_zone_headlines(zones.frame),
        panel_zones=tuple(counted),
        overview=fill_overview(report, zones, counted) if len(counted) > MOST_PANELS else None,
        history=_history(report, every, definition, about),
        is_synthetic=is_synthetic(report.project),
    )


# ---- words --------------------------------------------------------------------------------------
def _about(report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition) -> Words:
    """Say by which definition the figures are, on which areas, and where it stands."""
    computed = text(
        "qgis.abstract_computed",
        on=say(lambda language: theme.date(on, language=language)),
        definition=_label(definition, on),
        id=definition.name,
        area=text(f"qgis.area_{report.area}"),
    )
    source = text("qgis.abstract_source", source=say(definition.cited), version=version("kcngeo"))
    return joined([computed, source], by=" ")


def _headline(
    report: MonthlyReport, on: pd.Timestamp, definition: FillDefinition, counted: list[str]
) -> Words:
    names = report.zone_names()
    rates = report.book.rates(pd.DatetimeIndex([on], name="on"), definition.name, strict=False)
    whole = report.total["fill_rate"].get((definition.name, on), np.nan)
    if len(counted) == 1:
        rate = rates["fill_rate"].get((counted[0], on), np.nan)
        return text("figures.rate_of", name=names[counted[0]], rate=percent(rate))
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
    book, reasons = report.book, _reasons(report, on)
    zones = report.project.zones
    zones = zones[is_in_force(zones, on)]
    if "removed_on" in zones.columns:
        zones = zones[~(zones["removed_on"] <= on)]
    zones = zones.sort_values("zone_id").reset_index(drop=True)
    account = book.account(on, definition.name)
    rates = book.rates(pd.DatetimeIndex([on], name="on"), definition.name).droplevel("on")
    figures = account.join(rates[["fill_rate"]]).join(
        rates[["leased_ha", "base_ha"]].add_prefix("rate_")
    )
    figures.loc[figures.index.isin(list(reasons))] = np.nan
    names = report.zone_names()
    kept = [name for name in _ZONE_COLUMNS if name in zones.columns]
    frame = zones[[*kept, zones.active_geometry_name]].join(figures, on="zone_id")
    called = [names.get(one, one) for one in frame["zone_id"]]
    frame.insert(1, "name", pd.Series(called, index=frame.index, dtype="str"))
    rated = [
        _rated(str(zone_id), rate, reasons, figures.index, definition.name)
        for zone_id, rate in zip(frame["zone_id"], frame["fill_rate"], strict=True)
    ]
    frame = frame.assign(definition=definition.name)
    frame.attrs["counted"] = {str(one) for one in figures.index}
    labels = [
        joined([same(name), words], by="\n") for name, words in zip(called, rated, strict=True)
    ]
    boundary = MapClass(
        value=None,
        label=title("zones"),
        color=theme.LAYER_COLORS["zone"],
        symbol="outline",
        width_mm=0.7,
    )
    return MapLayer(
        name="zones_on_day",
        title=title("zones_on_day"),
        frame=frame,
        classes=(boundary,),
        told=[
            Told(name=same(name), notes=(words,)) for name, words in zip(called, rated, strict=True)
        ],
        labels=candidates(frame, labels),
        about=about,
    )


def _rated(
    zone_id: str, rate: float, reasons: dict[str, Words], counted: pd.Index, name: str
) -> Words:
    """Say the rate of a zone with its definition, or why there is none."""
    if zone_id in reasons:
        return text("qgis.not_computable")
    if zone_id not in counted:
        return text("qgis.not_counted")
    if np.isnan(rate):
        return text("qgis.no_rate")
    return joined([percent(rate), same(f"({name})")], by=" ")


# ---- parcels ------------------------------------------------------------------------------------
def _parcels(
    report: MonthlyReport,
    every: gpd.GeoDataFrame,
    on: pd.Timestamp,
    zones: gpd.GeoDataFrame,
    about: Words,
) -> MapLayer:
    """Give the parcels of the day by status, by use, or as land without an account."""
    now = every[is_in_force(every, on)].drop(columns=["shown_from", "shown_until", "version"])
    frame: Any = pd.concat([now, _aside(report, on)], ignore_index=True)
    blocked = frame["zone_id"].isin(list(_reasons(report, on)))
    absent = ~frame["zone_id"].isin(zones.attrs["counted"]) & ~blocked
    is_status = frame["shown_as"].isin(STATUSES)
    shown = frame["shown_as"].mask(absent & is_status, NOT_COUNTED).mask(blocked, NOT_COMPUTABLE)
    frame = frame.assign(shown_as=shown, investors=_investors(report, frame["parcel_id"], on))
    return MapLayer(
        name="parcels_on_day",
        title=text("figures.lots_shown"),
        frame=frame,
        column="shown_as",
        classes=status_classes(frame["shown_as"]),
        shares=SHARES,
        told=[Told(name=same(str(one))) for one in frame["parcel_id"]],
        facts=("land_use", "area_ha", "investors"),
        area="area_ha",
        labels=candidates(frame, parcel_codes(frame).tolist()),
        about=about,
    )


def status_classes(shown_as: pd.Series) -> tuple[MapClass, ...]:
    """Give the classes of parcels by what they are shown as; the statuses first, all of them.

    Parameters
    ----------
    shown_as
        What parcels are shown as.

    Returns
    -------
    tuple[MapClass, ...]
        Statuses, then land uses and land without an account, as far as they are there.
    """
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


def _aside(report: MonthlyReport, on: pd.Timestamp | None = None) -> gpd.GeoDataFrame:
    """Give the parcels that no account could take in, so that no land is missing."""
    parcels = report.project.parcels
    counted = set(report.book.tables.parcels["zone_id"])
    is_aside = ~parcels["zone_id"].isin(counted)
    rows = parcels[is_aside & is_in_force(parcels, on)] if on is not None else parcels[is_aside]
    names = (*_KEPT, *(("valid_from", "valid_to") if on is None else ()))
    kept = [name for name in names if name in rows.columns]
    rows = rows[[*kept, rows.active_geometry_name]]
    return rows.assign(shown_as=pd.Series(NOT_COMPUTABLE, index=rows.index, dtype="str"))


def _investors(report: MonthlyReport, parcel_ids: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Name who holds each parcel on a day, as far as projects tell."""
    entries = _entries(report)
    nobody = pd.Series(None, index=parcel_ids.index, dtype="str")
    held = entries[is_in_force(entries, on) & entries["investor"].notna()]
    if held.empty:
        return nobody
    pairs = held[["parcel_id", "investor"]].drop_duplicates().sort_values(["parcel_id", "investor"])
    joined = pairs.groupby("parcel_id")["investor"].agg("; ".join)
    return parcel_ids.map(joined).astype("str")


# ---- months -------------------------------------------------------------------------------------
def _history(
    report: MonthlyReport, every: gpd.GeoDataFrame, definition: FillDefinition, about: Words
) -> MapHistory:
    used = [report.definition_on(date) for date in report.dates]
    labels = [_label(one, date) for one, date in zip(used, report.dates, strict=True)]
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
        entries=_entries(report),
        rates=_rates(report, [one.name for one in used]),
        accounts=_accounts(report),
        reasons=report.blocked,
    )


def _label(definition: FillDefinition, on: pd.Timestamp) -> Words:
    return say(lambda language: definition.label(on=on, language=language))


def _parcels_history(report: MonthlyReport, every: gpd.GeoDataFrame, about: Words) -> MapLayer:
    """Give all parcels period by period; those without an account have no shares."""
    aside = _aside(report)
    frame: Any = every
    if len(aside):
        first = int(every["version"].max()) + 1 if len(every) else 0
        aside = aside.assign(version=np.arange(first, first + len(aside)), **shown_months(aside))
        frame = pd.concat([every, aside], ignore_index=True)
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
    boundary = MapClass(
        value=None,
        label=title("zones"),
        color=theme.LAYER_COLORS["zone"],
        symbol="outline",
        width_mm=0.7,
    )
    return MapLayer(
        name="zones_history",
        title=title("zones_history"),
        frame=rows,
        classes=(boundary,),
        about=about,
    )


def _entries(report: MonthlyReport) -> pd.DataFrame:
    """Give the ledger's entries as they are told, with the investor where projects name one."""
    ledger, projects = report.book.tables.ledger, report.project.projects
    none = pd.Series(None, index=ledger.index, dtype="object")
    investor = none
    if "project_id" in ledger.columns and projects is not None and "investor" in projects:
        known = projects.drop_duplicates("project_id").set_index("project_id")["investor"]
        investor = ledger["project_id"].map(known)
    columns = {
        name: ledger.get(name, none)
        for name in ("parcel_id", "status", "part_area_ha", "valid_from", "valid_to", "document")
    }
    return pd.DataFrame({**columns, "investor": investor})


def _rates(report: MonthlyReport, names: list[str]) -> pd.DataFrame:
    """Give the rates by the definition of each date."""
    series = report.series.reset_index()
    used = series["on"].map(dict(zip(report.dates, names, strict=True)))
    mine = series[series["definition"] == used].drop(columns="definition")
    return mine.set_index(["zone_id", "on"])


def _accounts(report: MonthlyReport) -> pd.DataFrame:
    """Give base and parts by zone and date; missing where they are not known."""
    book, dates = report.book, report.dates
    columns = ACCOUNT_COLUMNS[: len(PARTS) + 2]
    # (zones, months, base and parts) hectares
    found = np.full((len(book.zone_ids), len(dates), len(columns)), np.nan)
    used = np.array([report.definition_on(date).name for date in dates], dtype=object)
    for name in dict.fromkeys(used):
        mine = np.flatnonzero(used == name)
        definition = report.definition_on(dates[mine[0]])
        totals, counts = book.totals(dates[mine], definition, strict=False)
        stacked = np.stack([totals[column] for column in columns], axis=2)
        found[:, mine] = np.where(counts[:, :, None], hectares(stacked), np.nan)
    index = pd.MultiIndex.from_product([list(book.zone_ids), dates], names=["zone_id", "on"])
    return pd.DataFrame(found.reshape(-1, len(columns)), index=index, columns=list(columns))
