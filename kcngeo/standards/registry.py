"""The registry itself: the files that come with the library, and a user's own on top of them."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.standards.distances import BufferRule
from kcngeo.standards.entries import (
    SHIPPED,
    Criterion,
    FillDefinition,
    Standard,
    StandardError,
)
from kcngeo.standards.files import FILES, entries_of
from kcngeo.standards.limits import BalanceItem
from kcngeo.standards.palettes import Palette

_Kind = TypeVar("_Kind", bound=Standard)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Registry:
    """Entries by name, in the order they are shown.

    Attributes
    ----------
    entries
        The entries.
    """

    entries: Mapping[str, Standard]

    def names(self) -> tuple[str, ...]:
        """List the names of all entries.

        Returns
        -------
        tuple[str, ...]
            Names, in order.

        Examples
        --------
        >>> "nd35-2022" in registry().names()
        True
        """
        return tuple(self.entries)

    def load(self, name: str) -> Any:
        """Give the entry of a name.

        Parameters
        ----------
        name
            For example "nd35-2022" or "tcvn4449-1987".

        Returns
        -------
        Standard
            The entry, of its own kind.

        Raises
        ------
        StandardError
            If there is none; the message lists the names there are.

        Examples
        --------
        >>> registry().load("nd35-2022").name
        'nd35-2022'
        """
        try:
            return self.entries[name]
        except KeyError:
            names = " | ".join(self.entries)
            raise StandardError("no_standard", name=name, names=names) from None

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """List the entries of one kind.

        Parameters
        ----------
        kind
            The class, for example :class:`kcngeo.standards.Clock`.

        Returns
        -------
        tuple[Standard, ...]
            The entries, in order.

        Examples
        --------
        >>> [one.name for one in registry().of(FillDefinition) if one.on_whole_zone]
        ['gross']
        """
        return tuple(entry for entry in self.entries.values() if isinstance(entry, kind))

    def fill_definitions(self, *, also: str | None = None) -> tuple[FillDefinition, ...]:
        """List the definitions of the fill rate that stand for themselves.

        Parameters
        ----------
        also
            Id of one that is listed too, though it is but a reading of another.

        Returns
        -------
        tuple[FillDefinition, ...]
            The definitions, in order.

        Examples
        --------
        >>> strict = "nd35-2022-strict"
        >>> [len(registry().fill_definitions(also=name)) for name in (None, strict)]
        [5, 6]
        """
        return tuple(
            one for one in self.of(FillDefinition) if not one.reading_of or one.name == also
        )

    def strict_reading(self, name: str) -> FillDefinition | None:
        """Give the stricter reading of a definition.

        Parameters
        ----------
        name
            Id of the definition.

        Returns
        -------
        FillDefinition | None
            The reading; None if there is none.

        Examples
        --------
        >>> registry().strict_reading("nd35-2022").name
        'nd35-2022-strict'
        """
        return next((one for one in self.of(FillDefinition) if one.reading_of == name), None)

    def fill_definition(self, name: str | None, *, on: Day) -> FillDefinition:
        """Give the definition of the fill rate to use on a day.

        Parameters
        ----------
        name
            Id of the definition, or None for the law in force on the day. Before the first law
            the first one is taken; ``is_in_force`` then says no, and so does every output.
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

        Examples
        --------
        >>> registry().fill_definition(None, on="2018-03-31").name
        'nd164-2013'
        """
        if name is not None:
            found = self.entries.get(name)
            if not isinstance(found, FillDefinition):
                names = " | ".join(one.name for one in self.of(FillDefinition))
                raise StandardError("no_definition", name=name, names=names)
            return found
        laws = [entry for entry in self.fill_definitions() if entry.in_force_from is not None]
        return next((law for law in laws if law.is_in_force(on)), laws[0])

    def criteria(self, kind: str) -> tuple[Criterion, ...]:
        """List the conditions for a new zone, or for the extension of one.

        Parameters
        ----------
        kind
            "new" or "extension".

        Returns
        -------
        tuple[Criterion, ...]
            The conditions, in order, those that decide nothing too.

        Raises
        ------
        StandardError
            If there are none of this kind.

        Examples
        --------
        >>> {one.kind for one in registry().criteria("extension")}
        {'extension'}
        """
        known = self.of(Criterion)
        found = tuple(entry for entry in known if entry.kind == kind)
        if not found:
            kinds = " | ".join(dict.fromkeys(entry.kind for entry in known))
            raise StandardError("no_criteria", kind=kind, kinds=kinds)
        return found

    def palettes(self, *, on: Day) -> tuple[Palette, ...]:
        """List the palettes of legal land-use codes for a map of a day, its own first.

        Parameters
        ----------
        on
            The day of the map.

        Returns
        -------
        tuple[Palette, ...]
            The palette of the day, then those before it, whose colours stand in for codes it does
            not have. Before all of them the first is taken.

        Examples
        --------
        >>> [registry().palettes(on=f"{year}-12-31")[0].year for year in (2010, 2024, 2025)]
        [2018, 2018, 2024]
        """
        known = sorted(self.of(Palette), key=lambda one: one.year)
        return tuple(reversed([one for one in known if one.year < day(on).year] or known[:1]))

    def buffer_rules(self) -> tuple[BufferRule, ...]:
        """List the rules of distances.

        Returns
        -------
        tuple[BufferRule, ...]
            The rules, in order, those without figures too.

        Examples
        --------
        >>> registry().buffer_rules() == registry().of(BufferRule)
        True
        """
        return self.of(BufferRule)

    def balance(self, edition: str) -> tuple[BalanceItem, ...]:
        """List the least shares of land uses by one edition of the planning code.

        Parameters
        ----------
        edition
            For example "qcvn01-2008".

        Returns
        -------
        tuple[BalanceItem, ...]
            The shares, in order; what the edition says of other uses is not known.

        Raises
        ------
        StandardError
            If no entry belongs to this edition; the message lists the editions there are.

        Examples
        --------
        >>> {one.edition for one in registry().balance("qcvn01-2008")}
        {'qcvn01-2008'}
        """
        known = self.of(BalanceItem)
        found = tuple(entry for entry in known if entry.edition == edition)
        if not found:
            editions = " | ".join(dict.fromkeys(entry.edition for entry in known))
            raise StandardError("no_edition", edition=edition, editions=editions)
        return found

    def findings(self) -> list[Finding]:
        """Name what a user's own file added or overrode.

        Returns
        -------
        list[Finding]
            A warning for the entries overridden and one for definitions of the fill rate, which no
            account asks of this file; a note for those added.

        Examples
        --------
        >>> registry().findings()  # nobody's own file
        []
        """
        own = [entry for entry in self.entries.values() if entry.origin != SHIPPED]
        found = []
        for rule, severity, told in (
            ("standards_overridden", Severity.WARNING, [one for one in own if one.overrides]),
            ("standards_added", Severity.NOTE, [one for one in own if not one.overrides]),
            # Accounts are by the library's own file: here a definition is listed and no more.
            (
                "standards_no_account",
                Severity.WARNING,
                [one for one in own if isinstance(one, FillDefinition)],
            ),
        ):
            names = tuple(entry.name for entry in told)
            if names:
                origin = next(entry.origin for entry in own)
                found.append(
                    Finding(
                        rule=rule,
                        severity=severity,
                        table="standards",
                        ids=names,
                        fields={"origin": origin},
                    )
                )
        return found


def registry(path: str | os.PathLike[str] | None = None) -> Registry:
    """Give the registry, with a user's own file added if there is one.

    An entry of the user's file stands whole in the place of one of the same name, and is marked
    ``overrides``; others are added. Nothing is kept between calls: the registry is an object to
    pass on.

    Parameters
    ----------
    path
        A TOML file in the form of those that come with the library; None for these alone.

    Returns
    -------
    Registry
        The entries.

    Raises
    ------
    DataSourceError
        If the file cannot be read or is no TOML.
    ContractError
        If it breaks its schema; every breach is listed.

    Examples
    --------
    >>> registry().load("idle-unused").months
    12
    """
    shipped = _shipped()
    if path is None:
        return shipped
    file = Path(path)
    try:
        raw = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=file, detail=error) from error
    own = entries_of({file.name: raw}, origin=file.name, base=shipped.entries)
    # An entry stands whole in the place of another: half of each would cite the wrong source.
    marked = {
        name: dataclasses.replace(entry, overrides=True) if name in shipped.entries else entry
        for name, entry in own.items()
    }
    return Registry({**shipped.entries, **marked})


@cache
def _shipped() -> Registry:
    """Read the files of the library once."""
    folder = resources.files(__package__)
    raw = {file: tomllib.loads((folder / file).read_text("utf-8")) for file in FILES}
    return Registry(entries_of(raw, origin=SHIPPED, base={}))
