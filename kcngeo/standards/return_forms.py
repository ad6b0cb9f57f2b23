"""Forms of the official return: data, so that a new circular is a new file."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Verified

SHIPPED_FORMS = "h-qlkkt-2026"
"""The forms that are filled unless a caller gives others."""

LINES = ("origins", "zones", "events", "plan")
"""What a form has a line for: investors from abroad and at home; every zone that counts; everything
that became of a zone in the quarter; every zone in the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """A column of a form.

    Attributes
    ----------
    item
        What stands in it: a figure that is computed, or TABLE.COLUMN, printed as it was entered.
    title
        Its heading, by language.
    currency
        Of an amount of capital, the currency that is added up.
    per
        What one unit of the printed figure is, in the unit of the item: 1e9 for billions.
    decimals
        Decimals printed.
    total
        Whether the line of the total has it.
    """

    item: str
    title: Mapping[str, str]
    currency: str = ""
    per: float = 1.0
    decimals: int = 0
    total: bool = True

    @property
    def key(self) -> str:
        """Name the column within its form.

        Returns
        -------
        str
            The item, with the currency where it has one.

        Examples
        --------
        >>> FormColumn(item="new_capital", title={}, currency="VND").key
        'new_capital_vnd'
        """
        return f"{self.item}_{self.currency.lower()}" if self.currency else self.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of the return.

    Attributes
    ----------
    code
        Its number.
    title
        Its title, by language.
    lines
        What it has a line for, one of :data:`LINES`.
    columns
        Its columns, in order, after the name of the line.
    """

    code: str
    title: Mapping[str, str]
    lines: str
    columns: tuple[FormColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForms:
    """The forms of one circular.

    Attributes
    ----------
    name, title
        Id, and title by language.
    source, note
        Where they were read and what to know of that, by language.
    verified
        How well they are verified; everything made by forms that were not read in an official
        source says that it is a draft.
    checked_on
        The day somebody last looked.
    definition
        The fill-rate definition they go by.
    currencies
        Currencies they have columns for.
    thousands, decimal
        Signs of the numbers they print.
    forms
        The forms, in order.
    """

    name: str
    title: Mapping[str, str]
    source: Mapping[str, str]
    note: Mapping[str, str]
    verified: Verified
    checked_on: dt.date
    definition: str
    currencies: tuple[str, ...]
    thousands: str
    decimal: str
    forms: tuple[Form, ...]

    @property
    def is_draft(self) -> bool:
        """Tell whether what is made by these forms is a draft.

        Returns
        -------
        bool
            Whether nobody read them in an official source.

        Examples
        --------
        >>> return_forms().is_draft
        True
        """
        return self.verified is not Verified.OFFICIAL

    def number(self, value: float, *, decimals: int) -> str:
        """Write a number as the forms ask for it, whatever the language.

        Parameters
        ----------
        value
            The number, in the unit of its column.
        decimals
            Digits after the decimal sign.

        Returns
        -------
        str
            The text; a nothing without a sign.

        Examples
        --------
        >>> return_forms().number(-1234.5, decimals=2), return_forms().number(-0.001, decimals=2)
        ('-1,234.50', '0.00')
        """
        plain = f"{round(value, decimals) + 0.0:,.{decimals}f}"
        return plain.translate({ord(","): self.thousands, ord("."): self.decimal})


def return_forms(path: str | os.PathLike[str] | None = None) -> ReturnForms:
    """Read forms of the official return.

    Parameters
    ----------
    path
        A file of your own, laid out as those that come with the library; None for theirs.

    Returns
    -------
    ReturnForms
        The forms.

    Raises
    ------
    DataSourceError
        If the file cannot be read or is not laid out so.

    Examples
    --------
    >>> [form.code for form in return_forms().forms]
    ['2101', '2102', '2103', '2104', '2106', '2107']
    """
    shipped = resources.files("kcngeo") / "standards" / "returns" / f"{SHIPPED_FORMS}.toml"
    try:
        raw = tomllib.loads((shipped if path is None else Path(path)).read_text("utf-8"))
        return _forms(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        detail = f"{type(error).__name__} {error}"
        raise DataSourceError("unreadable", path=path or SHIPPED_FORMS, detail=detail) from error


def _forms(raw: dict[str, Any]) -> ReturnForms:
    """Make the forms of a file; whatever is not as it should be raises."""
    forms = tuple(_form(one) for one in raw.pop("form"))
    if len({one.code for one in forms}) < len(forms):
        raise ValueError("a code stands twice")
    for name in ("source", "note"):
        raw[name] = {"en": raw[name], "vi": raw.pop(f"{name}_vi")}
    raw["verified"] = Verified(raw["verified"])
    raw["currencies"] = tuple(raw["currencies"])
    return ReturnForms(forms=forms, **raw)


def _form(raw: dict[str, Any]) -> Form:
    if raw["lines"] not in LINES:
        raise ValueError(f"lines = {raw['lines']!r}, not one of {', '.join(LINES)}")
    columns = tuple(FormColumn(**one) for one in raw.pop("column"))
    if len({one.key for one in columns}) < len(columns):
        raise ValueError(f"form {raw['code']}: a column stands twice")
    return Form(columns=columns, **raw)
