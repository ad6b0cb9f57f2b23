"""The registry of figures with a source: dated, cited, and honest about how well they are verified.

Figures live in the TOML files beside this module, never in code. An entry says what it is, from
when to when it is in force, where it was read, and whether that was an official text
(``official``), a weak one (``secondary``) or memory alone (``unverified``).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kcngeo.core.days import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import LandUse, Verified
from kcngeo.core.texts import text

_FILES = ("fill_rates.toml", "eligibility.toml", "provinces.toml")
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
        Where the figure stands.
    verified
        How well it is verified.
    in_force_from
        First day in force; None if it never was law.
    in_force_to
        First day no longer in force; None if still.
    note
        What a reader should know besides.
    """

    name: str
    title: Mapping[str, str]
    source: str
    verified: Verified
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    note: str = ""

    def is_in_force(self, on: Day) -> bool:
        """Tell whether it is law on a day; the last day in force is the day before the end.

        Parameters
        ----------
        on
            The day.

        Returns
        -------
        bool
            Whether ``in_force_from <= on < in_force_to``.
        """
        if self.in_force_from is None:
            return False
        date = day(on).date()
        return self.in_force_from <= date and (self.in_force_to is None or date < self.in_force_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillDefinition(Standard):
    """A definition of the fill rate: which land counts and what it is divided by.

    Attributes
    ----------
    uses
        Land uses whose let area is the numerator.
    base
        "leasable": all land of those uses; "cleared": that land less what is not yet cleared;
        "zone": the zone's polygon.
    """

    uses: tuple[LandUse, ...]
    base: str

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
        """
        remarks = []
        if not self.is_in_force(on):
            remarks.append("no_law" if self.in_force_from is None else "not_in_force")
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
    applied
        Whether it decides; a condition that is only recalled is shown and decides nothing.
    """

    kind: str
    measure: str
    at_least: float | None = None
    below: float | None = None
    applied: bool = True

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


def names() -> tuple[str, ...]:
    """List the names of all entries.

    Returns
    -------
    tuple[str, ...]
        Names, in the order of the files.
    """
    return tuple(_registry())


def load(name: str) -> Any:
    """Give the entry of a name.

    Parameters
    ----------
    name
        For example "nd35-2022" or "lam-dong".

    Returns
    -------
    FillDefinition | Criterion | Province
        The entry.

    Raises
    ------
    StandardError
        If there is none; the message lists the names there are.
    """
    try:
        return _registry()[name]
    except KeyError:
        raise StandardError("no_standard", name=name, names=" | ".join(names())) from None


def fill_definitions() -> tuple[FillDefinition, ...]:
    """List the definitions of the fill rate, in the order they are shown.

    Returns
    -------
    tuple[FillDefinition, ...]
        The definitions.
    """
    return tuple(entry for entry in _registry().values() if isinstance(entry, FillDefinition))


def criteria(kind: str) -> tuple[Criterion, ...]:
    """List the conditions for a new zone, or for the extension of one.

    Parameters
    ----------
    kind
        "new" or "extension".

    Returns
    -------
    tuple[Criterion, ...]
        The conditions, in the order they are shown, those that decide nothing too.

    Raises
    ------
    StandardError
        If there are none of this kind.
    """
    known = [entry for entry in _registry().values() if isinstance(entry, Criterion)]
    found = tuple(entry for entry in known if entry.kind == kind)
    if not found:
        kinds = " | ".join(dict.fromkeys(entry.kind for entry in known))
        raise StandardError("no_criteria", kind=kind, kinds=kinds)
    return found


def fill_definition(name: str | None, *, on: Day) -> FillDefinition:
    """Give the definition to use on a day.

    Parameters
    ----------
    name
        Id of the definition, or None for the law in force on the day. Before the first law the
        first one is taken; ``is_in_force`` then says no, and so does every output.
    on
        The day.

    Returns
    -------
    FillDefinition
        The definition.

    Raises
    ------
    StandardError
        If the name is no definition of the fill rate.
    """
    definitions = {entry.name: entry for entry in fill_definitions()}
    if name is not None:
        if name not in definitions:
            raise StandardError("no_definition", name=name, names=" | ".join(definitions))
        return definitions[name]
    laws = [entry for entry in definitions.values() if entry.in_force_from is not None]
    return next((law for law in laws if law.is_in_force(on)), laws[0])


@cache
def _registry() -> dict[str, FillDefinition | Criterion | Province]:
    entries: dict[str, FillDefinition | Criterion | Province] = {}
    for file in _FILES:
        raw = tomllib.loads((resources.files(__name__) / file).read_text("utf-8"))
        for name, fields in raw.get("fill_rate", {}).items():
            fields["uses"] = tuple(LandUse(use) for use in fields["uses"])
            fields["verified"] = Verified(fields["verified"])
            entries[name] = FillDefinition(name=name, **fields)
        for name, fields in raw.get("eligibility", {}).items():
            fields["verified"] = Verified(fields["verified"])
            entries[name] = Criterion(name=name, **fields)
        for name, fields in raw.get("province", {}).items():
            shared = raw["provinces"]
            entries[name] = Province(
                name=name,
                title={"vi": fields["name"], "en": fields["name"]},
                source=shared["source"],
                verified=Verified(shared["verified"]),
                note=shared["note"],
                central_meridian=fields["central_meridian"],
                epsg=shared["epsg"][f"{fields['central_meridian']:.2f}"],
            )
    return entries
