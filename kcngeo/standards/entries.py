"""The kinds of entries: what every entry says of itself, fill rates, conditions, provinces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from kcngeo.core.dates import Day, covers_day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import LandUse, Verified
from kcngeo.core.texts import text

SHIPPED = "kcngeo"
"""Origin of the entries that come with the library."""

ZONE = "zone"
"""The item that is the polygon of the zone, whatever the use of its land."""

ITEMS = (
    "leasable",
    "leased",
    "reserved",
    "recovering",
    "repurposed",
    "uncleared",
    "available",
    "uncleared_held",
    "leased_uncleared",
    "leased_unlicensed",
    "unserviced",
)
"""What a definition may weigh of the land of a use: the leasable land, its six parts, and what is
given again beside them. What is not known of a zone makes the rate missing."""

DAYS = ("in_force_from", "in_force_to")
"""The first day of an entry in force, and the first no longer."""

CHECK_MONTHS = 6
"""How long, in months, an entry may be relied on after somebody looked whether it still holds."""

Weights = Mapping[tuple[str, str], float]

# A share that should be exactly 0.6 may come out of a division a little less.
_ROUNDING = 1e-9


class StandardError(KcngeoError, KeyError):
    """No entry of the registry has this name, or none is in force."""

    def __str__(self) -> str:
        return self.message()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What every entry of the registry says of itself.

    Attributes
    ----------
    name
        Id, unique in the registry.
    title
        What it is, by language ("vi", "en").
    source
        Where the figure stands, in English.
    verified
        How well it is verified.
    edition
        The text the figure was read in, as an id that entries of the same text share, for example
        "qcvn01-2008".
    checked_on
        The day somebody last looked whether the entry still holds.
    in_force_from
        First day in force; None if it never was law, or if nobody read since when it is.
    in_force_to
        First day no longer in force; None if still, or if nobody read until when.
    is_law
        Whether it is law at all; a practice, a rule of this software or a box on a map is not.
    unread
        Which of its two days nobody read, of :data:`DAYS`.
    note
        What a reader should know besides, in English.
    source_vi
        Where the figure stands, in Vietnamese; empty if the source is given once for both.
    note_vi
        What a reader should know besides, in Vietnamese.
    origin
        "kcngeo", or the name of the user's own file it was read from.
    overrides
        Whether it stands in the place of an entry that comes with the library.
    """

    name: str
    title: Mapping[str, str]
    source: str
    verified: Verified
    edition: str
    checked_on: dt.date
    is_law: bool = True
    unread: tuple[str, ...] = ()
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    note: str = ""
    source_vi: str = ""
    note_vi: str = ""
    origin: str = SHIPPED
    overrides: bool = False

    def cited(self, language: str) -> str:
        """Give the source in a language; as it stands where it is given once for both.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The source.

        Examples
        --------
        >>> from kcngeo import standards
        >>> one = standards.load("nd35-2022")
        >>> one.cited("en").split(",")[0], one.cited("vi").split(",")[0]
        ('Decree 35/2022/ND-CP', 'Nghị định 35/2022/NĐ-CP')
        """
        return (self.source_vi if language == "vi" else "") or self.source

    def remark(self, language: str) -> str:
        """Give the note in a language; as it stands where it is given once for both.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The note; empty if there is none.

        Examples
        --------
        >>> from kcngeo import standards
        >>> standards.load("cleared").remark("en")
        'Not a legal definition.'
        """
        return (self.note_vi if language == "vi" else "") or self.note

    def is_in_force(self, on: Day) -> bool:
        """Tell whether it is law on a day; the last day in force is the day before the end.

        Parameters
        ----------
        on
            The day.

        Returns
        -------
        bool
            Whether ``in_force_from <= on < in_force_to``; never without a first day.

        Examples
        --------
        >>> from kcngeo import standards
        >>> law = standards.load("nd35-2022")
        >>> law.in_force_from, [law.is_in_force(on) for on in ("2022-07-14", "2022-07-15")]
        (datetime.date(2022, 7, 15), [False, True])
        """
        return self.in_force_from is not None and self.applies_on(on)

    def applies_on(self, on: Day) -> bool:
        """Tell whether its dates let it be used on a day; one without dates may always be used.

        Parameters
        ----------
        on
            The day.

        Returns
        -------
        bool
            Whether ``in_force_from <= on < in_force_to``, a missing date being open.

        Examples
        --------
        >>> from kcngeo import standards
        >>> gross = standards.load("gross")  # no law, so without dates
        >>> gross.applies_on("2018-03-31"), gross.is_in_force("2018-03-31")
        (True, False)
        """
        return bool(covers_day(self.in_force_from, self.in_force_to, day(on).date()))

    def is_stale(self, on: Day) -> bool:
        """Tell whether a day lies too long after anybody looked whether it still holds.

        Parameters
        ----------
        on
            The day.

        Returns
        -------
        bool
            Whether it is law that may be used on the day, and the day lies more than
            :data:`CHECK_MONTHS` months after ``checked_on``.

        Examples
        --------
        >>> from kcngeo import standards
        >>> law = standards.load("nd35-2022")
        >>> law.checked_on, [law.is_stale(on) for on in ("2027-05-27", "2027-05-28")]
        (datetime.date(2026, 11, 27), [False, True])
        """
        limit = pd.Timestamp(self.checked_on) + pd.DateOffset(months=CHECK_MONTHS)
        return self.is_law and self.applies_on(on) and day(on) > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class FillDefinition(Standard):
    """A definition of the fill rate: which land counts and what it is divided by.

    Attributes
    ----------
    uses
        Land uses that count.
    numerator
        What a hectare of each item counts above the line: by (land use, item), see
        :data:`ITEMS`; the land use is empty for the polygon of the zone.
    base
        The same below the line.
    reading_of
        The definition this is another reading of; empty if it stands for itself.
    """

    uses: tuple[LandUse, ...]
    numerator: Weights
    base: Weights
    reading_of: str = ""

    @property
    def on_whole_zone(self) -> bool:
        """Tell whether the polygon of the zone counts below the line.

        Returns
        -------
        bool
            Whether it does.
        """
        return any(item == ZONE for _, item in self.base)

    @property
    def arithmetic(self) -> Hashable:
        """Tell definitions apart by what they count; two of the same arithmetic always agree.

        Returns
        -------
        Hashable
            The weights above and below the line.
        """
        return frozenset(self.numerator.items()), frozenset(self.base.items())

    def label(self, *, on: Day, language: str) -> str:
        """Name the definition for a person, with what limits it.

        Parameters
        ----------
        on
            The day it is used for.
        language
            "vi" or "en".

        Returns
        -------
        str
            Title, and whether it is no law on the day or not verified; without the id.

        Examples
        --------
        >>> from kcngeo import standards
        >>> standards.load("gross").label(on="2018-03-31", language="en")
        'On the whole zone (no law, not verified)'
        """
        remarks = []
        if not self.is_in_force(on):
            dated = "undated" if self.in_force_from is None else "not_in_force"
            remarks.append(dated if self.is_law else "no_law")
        if self.verified is not Verified.OFFICIAL:
            remarks.append(str(self.verified))
        words = [text(f"definition.{remark}", language=language) for remark in remarks]
        title = self.title[language]
        return f"{title} ({', '.join(words)})" if words else title


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Standard):
    """A condition for a new industrial zone or for the extension of one.

    Attributes
    ----------
    kind
        "new" or "extension".
    measure
        "fill_rate", a share; "wastewater_running", works in operation; "remaining_ha", hectares
        not let.
    at_least
        Smallest value that passes; None if the condition is an upper limit.
    below
        Smallest value that no longer passes; None if the condition is a lower limit.
    alternative_to
        The measure whose conditions need not be met where this one is; empty for a condition that
        must be met. Without ``at_least`` and ``below`` nobody read what the condition asks.
    """

    kind: str
    measure: str
    at_least: float | None = None
    below: float | None = None
    alternative_to: str = ""

    def passes(self, value: float) -> bool:
        """Tell whether a value passes; exactly ``at_least`` does, exactly ``below`` does not.

        Parameters
        ----------
        value
            Value of the measure; less than ``at_least`` by under a billionth is rounding.

        Returns
        -------
        bool
            Whether it passes.

        Examples
        --------
        >>> from kcngeo import standards
        >>> rate = next(one for one in standards.criteria("new") if one.measure == "fill_rate")
        >>> rate.at_least, [rate.passes(value) for value in (0.59, 0.6)]
        (0.6, [False, True])
        """
        if self.at_least is not None:
            return value >= self.at_least - _ROUNDING
        return self.below is not None and value < self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class Province(Standard):
    """A province and the VN-2000 TM-3 zone its cadastre is kept in.

    Attributes
    ----------
    central_meridian
        In degrees east.
    epsg
        EPSG code of VN-2000 / TM-3 on that meridian.
    """

    central_meridian: float
    epsg: int
