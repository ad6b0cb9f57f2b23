"""Features of a map by class: how they are drawn, what is said of each, what a legend adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.cartography.words import NO_WORDS, Words
from kcngeo.core.schema import Names, Table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.cartography.labels import Label

SYMBOLS = ("area", "outline", "line", "dashed", "dotted", "point", "pin")
"""How features of a class are drawn. A "pin" is an area with a mark that is seen however small the
area is; "outline" is an area seen through."""
LINES = ("line", "dashed", "dotted")
"""Symbols that are lines."""


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
    contract
        Contract of its rows, which says the columns a popup tells; None to tell none.
    names
        By language, what the ids in its columns are called; empty where a popup tells the ids.
    area
        Column with the hectares the legend adds up; "" to count features.
    labels
        Of each feature, what may be written on it; empty for nothing.
    marks
        Name of the layer of its marks, for pins; "" for none.
    is_framing
        Whether a sheet shows it whole where it lies near a zone.
    edge_color
        Colour of the edges of its areas; "" for what a renderer draws around areas.
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
    contract: Table | None = None
    names: Mapping[str, Names] = field(default_factory=dict)
    area: str = ""
    labels: Sequence[Label | None] = ()
    marks: str = ""
    is_framing: bool = False
    edge_color: str = ""
    opacity_share: float = 1.0
    about: Words = field(default_factory=lambda: NO_WORDS)

    def class_id(self, one: MapClass) -> str:
        """Name a class, as every renderer names what it draws of it.

        Parameters
        ----------
        one
            A class of the layer.

        Returns
        -------
        str
            "LAYER.VALUE", or the layer's name where all features are alike.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> lots = spec.layers[0]
        >>> [lots.class_id(one) for one in lots.classes][:2]
        ['parcels_on_day.leased', 'parcels_on_day.reserved']
        """
        return self.name if one.value is None else f"{self.name}.{one.value}"

    def places(self) -> NDArray[np.int64]:
        """Give the position of each feature's class.

        Returns
        -------
        NDArray[np.int64]
            A position a row; what has no class of its own has that of the class without a value,
            -1 where there is none.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> lots = spec.layers[0]
        >>> [lots.classes[place].value for place in lots.places()][:2]
        ['leased', 'leased']
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> lots = spec.layers[0]
        >>> half = lots.frame["parcel_id"].tolist().index("A-2")
        >>> sorted(lots.shares_of()[half].tolist())[-2:]  # half let, half vacant
        [0.5, 0.5]
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> float(spec.layers[0].hectares().sum())  # ten lots of a hectare
        10.0
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> spec = kcn.cartography.fill(report)
        >>> lots = spec.layers[0]
        >>> len(lots.only((lots.frame["zone_id"] == "B").to_numpy()).frame)
        3
        """
        kept = np.flatnonzero(rows).tolist()
        return replace(
            self,
            frame=self.frame[rows],
            told=[self.told[at] for at in kept] if self.told else (),
            labels=[self.labels[at] for at in kept] if self.labels else (),
        )


def of_zone(zones: pd.Series, zone_id: str) -> NDArray[np.bool_]:
    """Tell which rows belong to a zone.

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

    Examples
    --------
    >>> from kcngeo.cartography.words import same
    >>> told = [Told(name=same("A-2")), Told(name=same("A-4"), entry=same("reserved"))]
    >>> [one.number for one in numbered(told, after=3)]  # only what is listed has a number
    [None, 4]
    """
    number = after
    for one in told:
        if one.entry is None:
            yield one
            continue
        number += 1
        yield replace(one, number=number)
