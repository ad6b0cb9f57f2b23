"""What a map shows, said once: layers, classes, words, numbers; no renderer stands in it.

A theme (:mod:`kcngeo.cartography.themes`) makes a :class:`MapSpec` of tables and of answers of the
analyses. :mod:`kcngeo.maps` draws it for a screen, :mod:`kcngeo.figures` for paper and
:mod:`kcngeo.qgis` for QGIS. What two of them would have to agree on stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kcngeo.cartography.map_layer import MapLayer, Told, of_zone
from kcngeo.cartography.words import NO_WORDS, Words

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.analysis.imagery.pictures import GroundPicture

MOST_PANELS = 12
"""Zones one sheet can show; for more, a sheet a zone, or an overview."""


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
        ``document``, ``investor``, ``sector``.
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
        Roads, rivers and boundaries under the parcels; None for none.
    basemap
        Communes, wards and the border of the province under everything; None where not known.
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
    zone_places
        By zone without a polygon, longitude and latitude of where it lies, as far as that is known.
    zone_claims
        By zone, the day and the words of the latest claim that stands beside its figures.
    zone_declared
        By zone that lives on a declared account, its day, and what must be said of it.
    more
        Layers that go with the map where layers are handed over, and are not drawn on it.
    panel_zones
        Zones a sheet gives a panel; None for those that hold parcels.
    overview
        What a sheet shows instead where there are more zones than panels.
    history
        The months, for a map that has a slider over time.
    themes
        Other maps of the day that the page of this one switches to; paper and QGIS show each by
        itself.
    pictures
        Pieces of an image that lie under the parcels of a page; paper and QGIS have none.
    list_title
        Heading of the list of numbered features; none if there is no list.
    list_empty
        What the list says where there is nothing.
    most_listed
        How many of the list a sheet shows; the others are counted.
    is_marked
        Whether what is listed carries its number on the map; not where it carries its name.
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
    basemap: MapLayer | None = None
    subtitle: Words = field(default_factory=lambda: NO_WORDS)
    notes: tuple[Words, ...] = ()
    zone_facts: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    zone_reasons: Mapping[str, Words] = field(default_factory=dict)
    zone_headlines: Mapping[str, Words] = field(default_factory=dict)
    zone_places: Mapping[str, list[float]] = field(default_factory=dict)
    zone_claims: Mapping[str, tuple[pd.Timestamp, Words]] = field(default_factory=dict)
    zone_declared: Mapping[str, tuple[pd.Timestamp, Words]] = field(default_factory=dict)
    more: tuple[MapLayer, ...] = ()
    panel_zones: tuple[str, ...] | None = None
    overview: MapSpec | None = None
    history: MapHistory | None = None
    themes: tuple[MapSpec, ...] = ()
    pictures: tuple[GroundPicture, ...] = ()
    list_title: Words = field(default_factory=lambda: NO_WORDS)
    list_empty: Words = field(default_factory=lambda: NO_WORDS)
    most_listed: int = 12
    is_marked: bool = True
    is_synthetic: bool = False

    def drawn(self) -> tuple[MapLayer, ...]:
        """Give all that is drawn on the ground, lowest first; the zones lie on top.

        Returns
        -------
        tuple[MapLayer, ...]
            Basemap, context, ground and layers.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> [layer.name for layer in spec.drawn()]
        ['basemap', 'parcels_on_day']
        """
        below = (self.basemap, self.context, self.ground)
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> spec.layer(spec.layers[0].name) is spec.layers[0]
        True
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> spec.numbered()  # a map of lease status numbers nothing
        []
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> spec.of_zone("B").zones.frame["zone_id"].tolist()
        ['B']
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
