"""What verification says of a folder: what differs, what was compared, what stands only once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kcngeo.core.schema import COMPUTED, heading
from kcngeo.core.texts import text
from kcngeo.theme import table_title


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that does not agree.

    Attributes
    ----------
    kind
        What: "missing", "changed", "unknown" (files against the manifest), "cell", "rows",
        "columns", "sentence", "drawing", "fact" (files against each other), "unreadable",
        "content", "bytes", "anew" (against the project), "signature".
    name
        File, or fact of the manifest, it is about.
    table
        Name of the table.
    row
        The row, by its key.
    column
        Name of the column.
    says
        By file (or "project", "manifest.json"), what it says.
    """

    kind: str
    name: str = ""
    table: str = ""
    row: str = ""
    column: str = ""
    says: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> str:
        """Give what and of what, for programs.

        Returns
        -------
        str
            The kind and the name of the file or table ("changed accounts.csv", "cell accounts").

        Examples
        --------
        >>> Difference(kind="changed", name="map.html").code
        'changed map.html'
        """
        return f"{self.kind} {self.name or self.table}"

    def message(self, language: str = "vi") -> str:
        """Say it to a person.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            A line: table, row, column, and what each file says.

        Examples
        --------
        >>> says = (("accounts.csv", "1.5000"), ("report.html", "1.60"))
        >>> told = Difference(kind="cell", table="accounts", row="A", column="leased_ha", says=says)
        >>> told.message("en")
        'Land accounts, A, Leased (ha): accounts.csv "1.5000" ≠ report.html "1.60"'
        """
        if self.kind in ("missing", "changed", "unknown"):
            return text(f"verify.{self.kind}", language=language, name=self.name)
        home = COMPUTED.get(self.table)
        told = [self.table and table_title(self.table, language=language), self.row]
        known = None if home is None else home.column(self.column)
        if known is not None:
            told.append(heading(known, name=self.column, language=language))
        else:
            told.append(self.column)
        who = text("verify.the_project", language=language)
        says = " ≠ ".join(
            f'{who if name == PROJECT else name} "{value}"' for name, value in self.says
        )
        at = ", ".join(one for one in told if one)
        return text(
            f"verify.{self.kind}", language=language, name=self.name, at=at, says=says
        ).strip()


PROJECT = "project"
"""Who says what the project gives today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification says of a folder.

    Attributes
    ----------
    files
        The files of the folder its manifest lists.
    differences
        What does not agree; none where nothing is refuted.
    compared
        By table, the files that hold it and agree or were compared.
    cells
        How many cells were compared.
    once
        Files, and "TABLE (FILE)", that nothing in the folder says a second time.
    proved
        Files that the project gives again byte for byte; None where it was not asked.
    same
        Files whose bytes differ, as other versions made them, and whose content is the same.
    unproved
        Files of which, made by other versions, nothing can be said.
    notes
        What else to know, keys of the texts under "verify" with their fields.
    """

    files: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    compared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: int = 0
    once: tuple[str, ...] = ()
    proved: tuple[str, ...] | None = None
    same: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()

    @property
    def is_refuted(self) -> bool:
        """Tell whether the folder is refuted.

        Returns
        -------
        bool
            Whether something does not agree.

        Examples
        --------
        >>> Verdict().is_refuted
        False
        """
        return bool(self.differences)

    @property
    def is_no_recipe(self) -> bool:
        """Tell whether the manifest was changed, so that nothing is made again from it.

        Returns
        -------
        bool
            Whether it was.

        Examples
        --------
        >>> Verdict().is_no_recipe
        False
        """
        return any(one.code == "changed manifest.json" for one in self.differences)
