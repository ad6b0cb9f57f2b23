"""What was published: the figures of a month as they were handed out, sealed by a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import EDITIONS, TABLES
from kcngeo.core.validation import validate
from kcngeo.fill import ACCOUNT_COLUMNS
from kcngeo.report.month import MonthlyReport
from kcngeo.report.total_change import TOTAL

RATES = ("fill_rate", "rate_low", "rate_high")
"""Columns of a rate, and of its bounds where it is missing."""

DECIMALS = 4
"""As programs are handed them: what differs beyond is no other figure."""

FIRST = pd.Timestamp("1900-01-01", tz="UTC")
"""Before anybody recorded anything: what is on record without a moment was known then."""

_SEALED = ["month", "edition", "revision", "known_at", "definition", "area"]
_OF_ONE = [*_SEALED, "made_on", "digest"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Publication:
    """Figures of a month as they were handed out.

    Attributes
    ----------
    month
        "2018-03".
    edition
        "full" or "public".
    revision
        1 for the first publication of the month.
    made_on
        When it was handed out; None of one that is not on record yet.
    known_at
        The latest moment on record then, see :class:`MonthlyReport`.
    definition
        Id of the definition of the fill rate.
    area
        Basis of the hectares.
    digest
        SHA-256 of all this but the moment of making, and of the publications before it.
    figures
        By ``zone_id`` ("total" for all zones) and ``measure``, to four decimals; missing where the
        zone was not computable.
    """

    month: str
    edition: str
    revision: int
    made_on: pd.Timestamp | None
    known_at: pd.Timestamp | None
    definition: str
    area: str
    digest: str
    figures: pd.Series

    def says(self, figures: pd.Series, report: MonthlyReport) -> bool:
        """Tell whether these are the figures of a report.

        Parameters
        ----------
        figures
            The figures of the report, from :func:`month_figures`.
        report
            The report.

        Returns
        -------
        bool
            Whether figures, definition and basis of areas are the same.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> mine = kcn.report.standing(report, kcn.examples.squares(), handed_out=True).own
        >>> mine.says(month_figures(report), report)
        True
        """
        told = (self.definition, self.area) == (report.definition.name, report.area)
        return told and self.figures.sort_index().equals(figures.sort_index())

    def rows(self, *, made_on: pd.Timestamp) -> pd.DataFrame:
        """Lay it out as it is recorded.

        Parameters
        ----------
        made_on
            The moment of handing out.

        Returns
        -------
        pd.DataFrame
            Columns of the table ``publications``, a row a figure.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> mine = kcn.report.standing(report, kcn.examples.squares(), handed_out=True).own
        >>> rows = mine.rows(made_on=pd.Timestamp("2018-04-05", tz="UTC"))
        >>> rows.loc[rows["measure"] == "fill_rate", ["zone_id", "value"]].values.tolist()
        [['A', 0.375], ['B', 0.5], ['total', 0.4167]]
        """
        told = {name: getattr(self, name) for name in _OF_ONE} | {"made_on": made_on}
        rows = self.figures.rename("value").reset_index().assign(**told)
        return rows[TABLES["publications"].names]


def publications_of(frame: pd.DataFrame | None, *, edition: str) -> list[Publication]:
    """Read what was handed out.

    Parameters
    ----------
    frame
        The table ``publications`` of a project, or None.
    edition
        "full" or "public"; each has its own publications.

    Returns
    -------
    list[Publication]
        In the order in which they were handed out.

    Raises
    ------
    ContractError
        If the table breaks its contract.
    KcngeoError
        If the edition is unknown, or what was published has been changed.

    Examples
    --------
    >>> publications_of(None, edition="full")
    []
    """
    if edition not in EDITIONS:
        raise KcngeoError("unknown_edition", edition=edition, choices=" | ".join(EDITIONS))
    if frame is None or not len(frame):
        return []
    sound = validate(frame, "publications")
    mine = sound[sound["edition"] == edition].reset_index(drop=True)
    found = []
    for _, rows in mine.groupby(["month", "revision"], sort=False):
        first = rows.reindex(columns=_OF_ONE).iloc[0]
        told: dict[str, Any] = {
            name: None if pd.isna(first[name]) else first[name] for name in _OF_ONE
        }
        figures = rows.set_index(["zone_id", "measure"])["value"].astype("float64")
        found.append(Publication(**told | {"revision": int(first["revision"])}, figures=figures))
    there = sorted(found, key=lambda one: (made(one), one.month, one.revision))
    _require_sealed(there)
    return there


def made(one: Publication) -> pd.Timestamp:
    """Tell when a publication was handed out."""
    return FIRST if one.made_on is None else one.made_on


def month_figures(report: MonthlyReport) -> pd.Series:
    """Give the figures of a month that are published: its accounts and rates.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.Series
        By ``zone_id`` ("total" for all zones) and ``measure``, to four decimals.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> float(month_figures(report)["total", "leased_ha"])
    2.5
    """
    table = account_rows(report).drop(columns=[*RATES[1:], "source"])
    keys = pd.MultiIndex.from_product([table.index, table.columns], names=["zone_id", "measure"])
    # By Python, which rounds as digits are written; what rounds to nothing has no sign.
    rounded = [round(float(value), DECIMALS) + 0.0 for value in table.to_numpy().ravel()]
    return pd.Series(rounded, index=keys, name="value", dtype="float64")


def account_rows(report: MonthlyReport) -> pd.DataFrame:
    """Give the land accounts and rates of the month, a row a zone and one for all.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``; the last row is "total": missing where a zone is not computable, and without
        the zones whose base nobody publishes. Its source is "declared" where all of it is.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> account_rows(report)["leased_ha"].tolist()
    [1.5, 1.0, 2.5]
    """
    name, on = report.definition.name, report.on
    rows = [(name, zone_id, on) for zone_id in report.accounts.index]
    own = report.series.reindex(rows)
    rates = {column: own[column].to_numpy() for column in RATES}
    table = report.accounts.assign(**rates)
    total = report.total.xs(name).loc[on]
    unpublished = total["not_published"]
    apart = unpublished.split("|") if isinstance(unpublished, str) else []
    added = report.accounts.drop(index=apart, errors="ignore")
    hectares = list(ACCOUNT_COLUMNS)
    # A sum without a zone that is not computable would be a wrong hectare.
    sums = added[hectares].sum(skipna=False, min_count=1)
    rates_of_all = total[list(RATES)].astype("float64")
    source = added["source"].iloc[0] if added["source"].nunique(dropna=False) == 1 else None
    last = pd.DataFrame({**sums, "source": [source], **rates_of_all}, index=[TOTAL])
    return pd.concat([table, last.astype(table.dtypes)]).rename_axis("zone_id")


def digest_of(
    told: Mapping[str, Any], figures: pd.Series, earlier: Sequence[Publication | None]
) -> str:
    """Hash what is published, and what was published before it of the month and the one before."""
    own = figures.sort_index()
    rows = [
        [zone_id, measure, None if pd.isna(value) else value]
        for (zone_id, measure), value in zip(own.index, own, strict=True)
    ]
    known_at = None if told["known_at"] is None else told["known_at"].isoformat()
    said = {name: told[name] for name in _SEALED} | {"known_at": known_at}
    digests = [None if one is None else one.digest for one in earlier]
    sealed = json.dumps([said, digests, rows], sort_keys=True)
    return hashlib.sha256(sealed.encode()).hexdigest()


def _require_sealed(there: Sequence[Publication]) -> None:
    """Refuse publications that somebody has changed: their digests say what was handed out."""
    for place, one in enumerate(there):
        last = f"{pd.Timestamp(one.month) - pd.DateOffset(months=1):%Y-%m}"
        before, month_before = (latest_of(there[:place], month) for month in (one.month, last))
        told = {name: getattr(one, name) for name in _SEALED}
        # A month whose series begins later was not compared with the one before.
        seals = {digest_of(told, one.figures, (before, other)) for other in (month_before, None)}
        if one.digest not in seals:
            raise KcngeoError(
                "publication_changed", month=one.month, edition=one.edition, revision=one.revision
            )


def latest_of(there: Sequence[Publication], month: str) -> Publication | None:
    """Give the last publication of a month."""
    return next((one for one in reversed(there) if one.month == month), None)
