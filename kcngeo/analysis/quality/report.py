"""What a check gives back: a layer of findings that a person can read and work through."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis.quality.finding import COLUMNS, Noticed, layer
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED, Column, cell, heading
from kcngeo.core.texts import text
from kcngeo.standards import registry

if TYPE_CHECKING:
    import geopandas as gpd

_SHOWN = 20
_PAGE = [
    column
    for name in COLUMNS
    if name not in ("valid_from", "valid_to", "width_m")
    and (column := COMPUTED["findings"].column(name)) is not None
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class QualityReport:
    """Findings about the tables of a project.

    Attributes
    ----------
    noticed
        The findings with their places.
    crs
        CRS of the places.
    language
        Language of ``findings``.
    skipped
        What could not be checked, as keys of the group ``quality_part`` in the table of texts.
    effects_on
        The day whose figures the effects are of; None where no figure can be computed.
    definition
        Id of the definition they are counted by; empty where none are.
    """

    noticed: tuple[Noticed, ...]
    crs: Any
    language: str
    skipped: tuple[str, ...] = ()
    effects_on: pd.Timestamp | None = None
    definition: str = ""

    @property
    def findings(self) -> gpd.GeoDataFrame:
        """Give the findings as a layer, errors first.

        Returns
        -------
        gpd.GeoDataFrame
            A row a finding: ``rule``, ``severity``, ``table``, ``ids`` (a tuple), ``zone_id``
            (several joined by "|"), ``area_m2``, ``width_m``, ``valid_from``, ``valid_to``,
            ``message``, how far it can move figures of :attr:`effects_on` (``effect_leased_ha``,
            ``effect_base_ha``, ``effect``, a share of the rate), ``no_effect`` (why that is
            missing, where its rule can), ``advice`` and ``geometry``.
        """
        return self.told(self.language)

    @property
    def ok(self) -> bool:
        """Tell whether no finding is an error.

        Returns
        -------
        bool
            Whether every zone can be computed.
        """
        return not self.counts()[Severity.ERROR]

    def told(self, language: str) -> gpd.GeoDataFrame:
        """Give the findings in a language.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        gpd.GeoDataFrame
            See :attr:`findings`.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.quality.check(kcn.examples.squares())
        >>> report.told("vi").columns.tolist() == report.findings.columns.tolist()
        True
        """
        return layer(self.noticed, crs=self.crs, language=language)

    def counts(self) -> dict[Severity, int]:
        """Count the findings by severity.

        Returns
        -------
        dict[Severity, int]
            Errors, warnings, notes.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.quality.check(kcn.examples.squares())
        >>> report.counts()[Severity.ERROR]  # every zone can be computed
        0
        """
        weights = [one.finding.severity for one in self.noticed]
        return {severity: weights.count(severity) for severity in Severity}

    def summary(self) -> pd.DataFrame:
        """Count the findings by rule, errors first.

        Returns
        -------
        pd.DataFrame
            By (``severity``, ``rule``): ``count`` and ``area_m2``.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.quality.check(kcn.examples.squares())
        >>> int(report.summary()["count"].sum()) == len(report.findings)
        True
        """
        rows = pd.DataFrame(
            {
                "severity": [str(one.finding.severity) for one in self.noticed],
                "rule": [one.finding.rule for one in self.noticed],
                "area_m2": [one.area_m2 for one in self.noticed],
            },
            columns=["severity", "rule", "area_m2"],
        )
        table = rows.groupby(["severity", "rule"]).agg(
            count=("area_m2", "size"), area_m2=("area_m2", partial(pd.Series.sum, min_count=1))
        )
        order = {str(severity): place for place, severity in enumerate(Severity)}
        return table.sort_index(key=lambda level: level.map(lambda name: order.get(name, name)))

    def headline(self, language: str) -> str:
        """Say in one line how many findings there are, and what was not checked.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The line.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.quality.check(kcn.examples.squares())
        >>> report.headline("en").split(",")[0]
        '0 errors'
        """
        counts = self.counts()
        line = text(
            "quality.counts",
            language=language,
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.NOTE],
        )
        key = "quality.no_effects" if self.effects_on is None else "quality.effects"
        on = "" if self.effects_on is None else self.effects_on
        if any(one.finding.effect or one.no_effect for one in self.noticed):
            by = registry().load(self.definition).title[language] if self.definition else ""
            told = text(key, language=language, on=on, definition=by)
            line = f"{line} {told}"
        if not self.skipped:
            return line
        names = [text(f"quality_part.{name}", language=language) for name in self.skipped]
        return f"{line} {text('quality.skipped', language=language, parts=names)}"

    def __repr__(self) -> str:
        head = self.headline(self.language)
        if not self.noticed:
            return head
        return f"{head}\n{self.summary().to_string(float_format='{:.1f}'.format, na_rep='–')}"

    def _repr_html_(self) -> str:
        rows = self.findings.head(_SHOWN)
        head = _row([heading(column, language=self.language) for column in _PAGE], "th")
        body = "".join(
            _row([_cell(row[column.name], column, self.language) for column in _PAGE], "td")
            for _, row in rows.iterrows()
        )
        more = len(self.noticed) - len(rows)
        rest = f"<p>+ {more}</p>" if more > 0 else ""
        table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>" if len(rows) else ""
        return f"<p>{html.escape(self.headline(self.language))}</p>{table}{rest}"


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _cell(value: Any, column: Column, language: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(value[:5]) + (" …" if len(value) > 5 else "")
    told = cell(column, value, language=language)
    # "Industrial zones: all versions" is told in full elsewhere.
    return (told.split(":")[0] if column.name == "table" else told) or "–"
