"""What a map shows, said once: layers, classes, words, numbers; no renderer stands in it.

A theme (:mod:`kcngeo.cartography.themes`) makes a :class:`MapSpec` of tables and of answers of the
analyses. :mod:`kcngeo.maps` draws it for a screen, :mod:`kcngeo.figures` for paper and
:mod:`kcngeo.qgis` for QGIS. What two of them would have to agree on stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.cartography.words import NO_WORDS, Words

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.cartography.labels import Label

SYMBOLS = ("area", "outline", "line", "dashed", "dotted", "point", "pin")
"""How features of a class are drawn. A "pin" is an area with a mark that is seen however small the
area is; "outline" is an area seen through."""
LINES = ("line", "dashed", "dotted")
"""Symbols that are lines."""
MOST_PANELS = 12
"""Zones one sheet can show; for more, a sheet a zone, or an overview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapClass:
    """Features of a layer that are drawn alike: a line of the legend.

    Attributes
    ----------
    value
        What they have in the layer's column; None for all features, or all others.
    label
        Their words in the legend; none, no line.
    color
        Their colour.
    symbol
        Of :data:`SYMBOLS`.
    mark
        A letter or digit that says on a screen what the colour says; None for the next free letter,
        "" for none.
    marker
        Shape of points on paper, "o", "s", "^", "D".
    width_mm
        Width of outlines and lines on paper.
    """

    value: str | None
    label: Words
    color: str
    symbol: str = "area"
    mark: str | None = None
    marker: str = "o"
    width_mm: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of one feature.

    Attributes
    ----------
    name
        What it is called.
    entry
        Its line in the list; None if it is not listed.
    notes
        Sentences below its facts.
    number
        Its number in the list and on the map; None for what is not listed.
    """

    name: Words
    entry: Words | None = None
    notes: tuple[Words, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapLayer:
    """Features of one kind, by class.

    Attributes
    ----------
    name
        Name of the layer for machines; what is drawn of a table of the project on the day is named
        "TABLE_on_day".
    title
        Its words; the heading its classes stand under in a legend.
    frame
        The features, a row each, with a CRS.
    classes
        Its classes, in the order of the legend.
    column
        Column with the class of each feature; "" where all are alike.
    shares
        Columns with the share of each feature that is of each class, in the order of the classes:
        features of several classes are striped, the widths as the shares. None for none.
    told
        What is said of each feature, in the order of the rows.
    facts
        Columns shown when a feature is asked about.
    area
        Column with the hectares the legend adds up; "" to count features.
    labels
        Of each feature, what may be written on it; empty for nothing.
    is_framing
        Whether a sheet shows it whole where it lies near a zone.
    opacity_share
        How opaque its fills are on a screen, 0 to 1.
    about
        What it holds and where it is from.
    """

    name: str
    title: Words
    frame: gpd.GeoDataFrame
    classes: tuple[MapClass, ...]
    column: str = ""
    shares: tuple[str, ...] = ()
    told: Sequence[Told] = ()
    facts: tuple[str, ...] = ()
    area: str = ""
    labels: Sequence[Label | None] = ()
    is_framing: bool = False
    opacity_share: float = 1.0
    about: Words = field(default_factory=lambda: NO_WORDS)

    def places(self) -> NDArray[np.int64]:
        """Give the position of each feature's class.

        Returns
        -------
        NDArray[np.int64]
            A position a row; what has no class of its own has that of the class without a value,
            -1 where there is none.
        """
        rest = next((at for at, one in enumerate(self.classes) if one.value is None), -1)
        if not self.column:
            return np.full(len(self.frame), rest, dtype="int64")
        known = {one.value: at for at, one in enumerate(self.classes) if one.value is not None}
        values = self.frame[self.column].astype("str")
        return values.map(known).fillna(rest).to_numpy(dtype="int64")

    def shares_of(self) -> NDArray[np.float64]:
        """Give what share of each feature is of each class.

        Returns
        -------
        NDArray[np.float64]
            Rows of features, columns of classes; 1 for the one class of a feature without shares.
        """
        places = self.places()
        # (features, classes)
        found = (places[:, None] == np.arange(len(self.classes))).astype("float64")
        if not self.shares:
            return found
        # What is shown as something else than a part of its land is that as a whole.
        is_parted = (places >= 0) & (places < len(self.shares))
        shares = self.frame.loc[is_parted, list(self.shares)].to_numpy(dtype="float64")
        found[is_parted, : len(self.shares)] = shares
        return found

    def hectares(self) -> NDArray[np.float64] | None:
        """Give the hectares of each feature for the legend.

        Returns
        -------
        NDArray[np.float64] | None
            Hectares a row; None if features are counted instead.
        """
        if not self.area:
            return None
        return np.nan_to_num(self.frame[self.area].to_numpy(dtype="float64", na_value=np.nan))

    def only(self, rows: NDArray[np.bool_]) -> MapLayer:
        """Keep some features, with all that is said of them.

        Parameters
        ----------
        rows
            Whether each is kept.

        Returns
        -------
        MapLayer
            The layer.
        """
        kept = np.flatnonzero(rows).tolist()
        return replace(
            self,
            frame=self.frame[rows],
            told=[self.told[at] for at in kept] if self.told else (),
            labels=[self.labels[at] for at in kept] if self.labels else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDefinition:
    """A definition as it stands on some dates of a map's months.

    Attributes
    ----------
    name
        Its id.
    label
        Its words, with what limits it on the dates.
    uses
        The land uses that count.
    """

    name: str
    label: Words
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapHistory:
    """The months of a map that has a slider over time.

    Attributes
    ----------
    dates
        The reporting days, last days of months.
    definitions
        The definitions, in the order in which they come.
    of_date
        Of each date, the position of its definition.
    parcels
        ``parcels_history``: parcels period by period, see
        :func:`kcngeo.cartography.periods.periods`.
    zones
        ``zones_history``: the versions of the zones with the months they are shown in.
    entries
        Ledger entries: ``parcel_id``, ``status``, ``part_area_ha``, ``valid_from``, ``valid_to``,
        ``document``, ``investor``.
    rates
        By (``zone_id``, ``on``): ``leased_ha``, ``base_ha``, ``fill_rate`` by the definition of the
        date; no row where the zone does not count.
    accounts
        By (``zone_id``, ``on``): ``base_ha`` and its parts; missing where they are not known.
    reasons
        When zones are not computable: ``zone_id``, ``start`` and ``end`` (day numbers, half-open),
        and ``finding``.
    """

    dates: pd.DatetimeIndex
    definitions: tuple[MapDefinition, ...]
    of_date: tuple[int, ...]
    parcels: MapLayer
    zones: MapLayer
    entries: pd.DataFrame
    rates: pd.DataFrame
    accounts: pd.DataFrame
    reasons: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapSpec:
    """What a map shows.

    Attributes
    ----------
    theme
        Id of the theme: "fill", "conflicts" …
    title
        What sort of map it is.
    headline
        What it says, with its main figure.
    subtitle
        What stands beside the date; none if empty.
    on
        The reporting day.
    zones
        The zones of the day, with ``zone_id`` and ``name``.
    ground
        Parcels of the day under everything, by land use; None where the theme tells of them itself.
    context
        Roads, rivers and boundaries under everything; None for none.
    layers
        The layers, lowest first.
    notes
        Sentences a reader needs not to misread the map.
    zone_facts
        By zone, sentences about it.
    zone_reasons
        By zone, why it has no figures.
    zone_headlines
        By zone, what a map of that zone alone says.
    panel_zones
        Zones a sheet gives a panel; None for those that hold parcels.
    overview
        What a sheet shows instead where there are more zones than panels.
    history
        The months, for a map that has a slider over time.
    list_title
        Heading of the list of numbered features; none if there is no list.
    list_empty
        What the list says where there is nothing.
    most_listed
        How many of the list a sheet shows; the others are counted.
    is_synthetic
        Whether shapes are invented, which every renderer says.
    """

    theme: str
    title: Words
    headline: Words
    on: dt.date
    zones: MapLayer
    layers: tuple[MapLayer, ...]
    ground: MapLayer | None = None
    context: MapLayer | None = None
    subtitle: Words = field(default_factory=lambda: NO_WORDS)
    notes: tuple[Words, ...] = ()
    zone_facts: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    zone_reasons: Mapping[str, Words] = field(default_factory=dict)
    zone_headlines: Mapping[str, Words] = field(default_factory=dict)
    panel_zones: tuple[str, ...] | None = None
    overview: MapSpec | None = None
    history: MapHistory | None = None
    list_title: Words = field(default_factory=lambda: NO_WORDS)
    list_empty: Words = field(default_factory=lambda: NO_WORDS)
    most_listed: int = 12
    is_synthetic: bool = False

    def drawn(self) -> tuple[MapLayer, ...]:
        """Give all that is drawn on the ground, lowest first; the zones lie on top.

        Returns
        -------
        tuple[MapLayer, ...]
            Context, ground and layers.
        """
        below = (self.context, self.ground)
        return (*(one for one in below if one is not None), *self.layers)

    def layer(self, name: str) -> MapLayer:
        """Give a layer by its name.

        Parameters
        ----------
        name
            The name.

        Returns
        -------
        MapLayer
            The layer.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in (*self.drawn(), self.zones):
            if one.name == name:
                return one
        raise KeyError(name)

    def numbered(self) -> list[tuple[int, Any, Told]]:
        """List what has a number, with its shape.

        Returns
        -------
        list[tuple[int, Any, Told]]
            Number, shape and words, by number.
        """
        found = [
            (told.number, shape, told)
            for layer in self.layers
            for shape, told in zip(layer.frame.geometry, layer.told, strict=False)
            if told.number is not None
        ]
        return sorted(found, key=lambda one: one[0])

    def of_zone(self, zone_id: str) -> MapSpec:
        """Keep what is said of one zone; numbers stay as they are.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        MapSpec
            The map; of layers without ``zone_id`` everything stays.
        """

        def kept(layer: MapLayer) -> MapLayer:
            if "zone_id" not in layer.frame.columns:
                return layer
            return layer.only(of_zone(layer.frame["zone_id"], zone_id))

        return replace(
            self,
            headline=self.zone_headlines.get(zone_id, self.headline),
            zones=kept(self.zones),
            ground=None if self.ground is None else kept(self.ground),
            layers=tuple(map(kept, self.layers)),
        )


def of_zone(zones: pd.Series, zone_id: str) -> NDArray[np.bool_]:
    """Tell which rows belong to a zone.

    Parameters
    ----------
    zones
        The zone of each row; several are joined by "|".
    zone_id
        The zone.

    Returns
    -------
    NDArray[np.bool_]
        Whether each is of the zone.

    Examples
    --------
    >>> of_zone(pd.Series(["A", "A|B", None]), "B").tolist()
    [False, True, False]
    """
    named = zones.fillna("").astype("str").str.split("|")
    return np.array([zone_id in some for some in named], dtype=bool)


def numbered(told: Sequence[Told], *, after: int = 0) -> Iterator[Told]:
    """Number what is listed, in the order in which it stands.

    Parameters
    ----------
    told
        What is said of features.
    after
        The last number that is taken.

    Yields
    ------
    Told
        The same, with numbers.
    """
    number = after
    for one in told:
        if one.entry is None:
            yield one
            continue
        number += 1
        yield replace(one, number=number)
