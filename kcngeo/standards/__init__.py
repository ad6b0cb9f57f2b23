"""The registry of figures with a source: dated, cited, and honest about how well they are verified.

Figures live in the TOML files beside this module, never in code. An entry says what it is, from
when to when it is in force, where it was read, and whether that was an official text
(``official``), a weak one (``secondary``) or memory alone (``unverified``). The functions here ask
the entries that come with the library; :func:`registry` adds a user's own file to them.
"""

from __future__ import annotations

from typing import Any

from kcngeo.core.dates import Day
from kcngeo.standards.checked import unchecked
from kcngeo.standards.distances import Band, BufferRule
from kcngeo.standards.entries import (
    SHIPPED,
    ZONE,
    Criterion,
    FillDefinition,
    Province,
    Standard,
    StandardError,
)
from kcngeo.standards.letting_priors import LettingPrior
from kcngeo.standards.limits import BalanceItem, Clock, Limit
from kcngeo.standards.map_accuracy import MapAccuracy, Place
from kcngeo.standards.palettes import Palette
from kcngeo.standards.pollution import PollutionActivity
from kcngeo.standards.readiness_levels import ReadinessRule
from kcngeo.standards.registry import Registry, registry
from kcngeo.standards.return_forms import Form, FormColumn, ReturnForms, return_forms
from kcngeo.standards.sectors import Sector
from kcngeo.standards.unread_texts import UnreadText

__all__ = [
    "SHIPPED",
    "ZONE",
    "BalanceItem",
    "Band",
    "BufferRule",
    "Clock",
    "Criterion",
    "FillDefinition",
    "Form",
    "FormColumn",
    "LettingPrior",
    "Limit",
    "MapAccuracy",
    "Palette",
    "Place",
    "PollutionActivity",
    "Province",
    "ReadinessRule",
    "Registry",
    "ReturnForms",
    "Sector",
    "Standard",
    "StandardError",
    "UnreadText",
    "balance",
    "buffer_rules",
    "clocks",
    "criteria",
    "fill_definition",
    "fill_definitions",
    "limits_on",
    "load",
    "names",
    "registry",
    "return_forms",
    "sector_of",
    "unchecked",
]


def names() -> tuple[str, ...]:
    """List the names of all entries.

    Returns
    -------
    tuple[str, ...]
        Names, in the order of the files.

    Examples
    --------
    >>> {"nd35-2022", "lam-dong"} <= set(names())
    True
    """
    return registry().names()


def load(name: str) -> Any:
    """Give the entry of a name.

    Parameters
    ----------
    name
        For example "nd35-2022" or "lam-dong".

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
    >>> load("lam-dong").central_meridian
    107.75
    """
    return registry().load(name)


def fill_definitions(*, also: str | None = None) -> tuple[FillDefinition, ...]:
    """List the definitions of the fill rate, in the order they are shown.

    Parameters
    ----------
    also
        Id of one that is listed too, though it is but a reading of another.

    Returns
    -------
    tuple[FillDefinition, ...]
        The definitions that stand for themselves.

    Examples
    --------
    >>> [one.name for one in fill_definitions() if one.on_whole_zone]
    ['gross']
    """
    return registry().fill_definitions(also=also)


def fill_definition(name: str | None, *, on: Day) -> FillDefinition:
    """Give the definition to use on a day; see :meth:`Registry.fill_definition`.

    Parameters
    ----------
    name
        Id of the definition, or None for the law in force on the day.
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
    >>> fill_definition(None, on="2018-03-31").name  # the law in force on the day
    'nd164-2013'
    >>> fill_definition("gross", on="2018-03-31").name
    'gross'
    """
    return registry().fill_definition(name, on=on)


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

    Examples
    --------
    >>> [one.at_least for one in criteria("new") if one.measure == "fill_rate"]
    [0.6, None, 0.6]
    """
    return registry().criteria(kind)


def buffer_rules() -> tuple[BufferRule, ...]:
    """List the rules of distances that come with the library.

    Returns
    -------
    tuple[BufferRule, ...]
        The rules, in order, those without figures too.

    Examples
    --------
    >>> rules = buffer_rules()
    >>> len(rules) == len({rule.name for rule in rules}), max(rule.longest_m for rule in rules)
    (True, 1000.0)
    """
    return registry().buffer_rules()


def balance(edition: str) -> tuple[BalanceItem, ...]:
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
    >>> {str(one.item): one.required_share for one in balance("qcvn01-2008")}
    {'green': 0.1, 'transport': 0.08, 'technical': 0.01}
    """
    return registry().balance(edition)


def limits_on(subject: str) -> tuple[Limit, ...]:
    """List the limits on lots, belts or land.

    Parameters
    ----------
    subject
        "lot", "perimeter_belt", "sanitary_belt" or "land".

    Returns
    -------
    tuple[Limit, ...]
        The limits, in order; empty if there are none.

    Examples
    --------
    >>> [one.at_least for one in limits_on("lot") if one.measure == "green"]
    [0.2]
    """
    return tuple(limit for limit in registry().of(Limit) if limit.subject == subject)


def clocks() -> tuple[Clock, ...]:
    """List how long let land may lie idle, by law.

    Returns
    -------
    tuple[Clock, ...]
        The clocks, in order; one whose law was not read has no months.

    Examples
    --------
    >>> [(one.event, one.months) for one in clocks() if one.in_force_to is None]
    [('unused', 12), ('behind_schedule', 24), ('extension', 24)]
    """
    return registry().of(Clock)


def sector_of(text: object, *, on: Day) -> str | None:
    """Tell which sector a text names, those of the plan first.

    Parameters
    ----------
    text
        What stands under "Ngành nghề" of a project.
    on
        The day; an entry that does not apply yet, or no longer, names nothing.

    Returns
    -------
    str | None
        Short name of the first sector of the registry the text names, for example "coffee", or
        "other" for one that is not of the plan; None where it names none, or is missing.

    Examples
    --------
    >>> texts = ("Cà phê rang xay", "dệt may", "bao bì, in ấn", "Chế biến xyz", None)
    >>> [sector_of(text, on="2018-03-31") for text in texts]
    ['coffee', 'textile', 'other', None, None]
    """
    if not isinstance(text, str):
        return None
    known = (one for one in registry().of(Sector) if one.applies_on(on))
    return next((one.key for one in known if one.is_named_in(text)), None)
