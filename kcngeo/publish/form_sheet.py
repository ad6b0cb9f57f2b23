"""A form of a return as it is laid out, in a workbook and on paper alike."""

from __future__ import annotations

from dataclasses import dataclass

from kcngeo.publish.format_table import Shown
from kcngeo.standards import ReturnForms


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSheet:
    """A form in one language.

    Attributes
    ----------
    code
        Its number.
    name
        What its sheet is called.
    above
        Its title, and what stands beneath that.
    headings
        Headings of the columns, the name of the line first.
    decimals
        Decimals of the numbers of each column.
    rows
        The cells: numbers in the unit of their column, texts, or nothing.
    below
        What its missing cells lack, and other notes.
    empty
        What is said where it has no line.
    forms
        The forms it is one of, which say how numbers are written.
    """

    code: str
    name: str
    above: tuple[str, ...]
    headings: tuple[str, ...]
    decimals: tuple[int, ...]
    rows: tuple[tuple[float | str | None, ...], ...]
    below: tuple[str, ...]
    empty: str
    forms: ReturnForms

    @property
    def shown(self) -> Shown:
        """Give it with its numbers as texts.

        Returns
        -------
        Shown
            The table.
        """
        rows = tuple(
            tuple(
                self.forms.number(cell, decimals=decimals)
                if isinstance(cell, float)
                else cell or ""
                for cell, decimals in zip(row, self.decimals, strict=True)
            )
            for row in self.rows
        )
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.headings)
        is_number = tuple(any(isinstance(cell, float) for cell in column) for column in columns)
        return Shown(name=self.code, headings=self.headings, is_number=is_number, rows=rows)
