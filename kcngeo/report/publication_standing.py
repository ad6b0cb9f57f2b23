"""How a month stands to what was published of it and of the month before, and why it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo.analysis.change import explain
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.ledger import Project
from kcngeo.report.month import MonthlyReport
from kcngeo.report.publications import (
    DECIMALS,
    FIRST,
    Publication,
    digest_of,
    latest_of,
    made,
    month_figures,
    publications_of,
)
from kcngeo.report.total_change import TOTAL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """How a month stands to what was published.

    Attributes
    ----------
    own
        The month as it would be, or is, published.
    handed_out
        Whether it is laid out as published, under the number of its revision.
    latest
        The latest publication of the month on record.
    before
        What was published of the month before this, which it is compared with.
    month_before
        What was last published of the month before.
    differences
        Figures that differ from those published, columns of the table ``published``.
    causes
        What lies behind those of the month, columns of the table ``published_causes``.
    """

    own: Publication
    handed_out: bool
    latest: Publication | None
    before: Publication | None
    month_before: Publication | None
    differences: pd.DataFrame
    causes: pd.DataFrame

    @property
    def is_on_record(self) -> bool:
        """Tell whether the latest publication of the month says these figures.

        Returns
        -------
        bool
            Whether nothing new would be published.
        """
        latest = self.latest
        return latest is not None and latest.digest == self.own.digest

    @property
    def is_revision(self) -> bool:
        """Tell whether other figures were published of the month before.

        Returns
        -------
        bool
            Whether there was a publication that says something else.
        """
        return self.before is not None and self.own.revision > self.before.revision

    @property
    def compared(self) -> tuple[str, ...]:
        """Name by their digests the publications the month was compared with.

        Returns
        -------
        tuple[str, ...]
            Of the month itself, of the month before.
        """
        return tuple(one.digest for one in (self.before, self.month_before) if one is not None)


def standing(
    report: MonthlyReport,
    project: Project,
    *,
    edition: str = "full",
    handed_out: bool = False,
    published: Sequence[str] | None = None,
) -> Standing:
    """Compare a month with what was published of it and of the month before.

    Parameters
    ----------
    report
        The month.
    project
        The tables as stored, with ``publications``.
    edition
        "full" or "public".
    handed_out
        Whether the month is laid out as published.
    published
        Digests of the publications to compare with; None for the latest. Figures that are on
        record as the latest are compared with what was published before them.

    Returns
    -------
    Standing
        The month as a publication, what differs, and why.

    Raises
    ------
    KcngeoError
        If a publication to compare with is not on record.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> report = kcn.report.monthly(project, month="2018-03")
    >>> standing(report, project, handed_out=True).own.revision
    1
    """
    month, last = f"{report.on:%Y-%m}", f"{report.on - pd.offsets.MonthEnd(1):%Y-%m}"
    figures = month_figures(report)
    all_ = publications_of(project.publications, edition=edition)
    latest = latest_of(all_, month)
    there, own = all_, None
    if published is not None:
        there = [one for one in all_ if one.digest in published]
        if lost := set(published) - {one.digest for one in there}:
            raise KcngeoError("publication_gone", digests=sorted(lost))
    elif handed_out and latest is not None and latest.says(figures, report):
        # It is this very publication: what stood before it is what it is compared with.
        there = [one for one in all_ if made(one) < made(latest)]
        own = latest
    before, month_before = (latest_of(there, name) for name in (month, last))
    if month_before is not None and not _is_in_series(report, month_before):
        month_before = None
    if before is not None and before.says(figures, report):
        own = before
    if own is None:
        own = _own(report, figures, edition, before, month_before)
        number = own.revision
        said = [one for one in all_ if (one.month, one.revision) == (month, number)]
        # On record it is known by what was known when it was handed out.
        own = next((one for one in said if handed_out and one.says(figures, report)), own)
    return Standing(
        own=own,
        handed_out=handed_out,
        latest=latest,
        before=before,
        month_before=month_before,
        differences=_differences(report, figures, before, month_before),
        causes=_causes(report, project, before),
    )


def _own(
    report: MonthlyReport,
    figures: pd.Series,
    edition: str,
    before: Publication | None,
    month_before: Publication | None,
) -> Publication:
    """Give a month as a publication, under the number that comes after the one before it."""
    told: dict[str, Any] = {
        "month": f"{report.on:%Y-%m}",
        "edition": edition,
        "revision": 1 if before is None else before.revision + 1,
        "known_at": report.known_at,
        "definition": report.definition.name,
        "area": report.area,
    }
    digest = digest_of(told, figures, (before, month_before))
    return Publication(**told, made_on=None, figures=figures, digest=digest)


def _is_in_series(report: MonthlyReport, one: Publication) -> bool:
    """Tell whether the report knows the day and the definition of a publication."""
    return (one.definition, _day_of(one)) in report.total.index


def _day_of(one: Publication) -> pd.Timestamp:
    return pd.Timestamp(one.month) + pd.offsets.MonthEnd(0)


def _differences(
    report: MonthlyReport,
    figures: pd.Series,
    before: Publication | None,
    month_before: Publication | None,
) -> pd.DataFrame:
    """List figures that differ from those published: all of the month, rates of the one before."""
    pairs: list[tuple[Publication, pd.Series, pd.Series | None]] = []
    if before is not None:
        pairs.append((before, figures, None))
    if month_before is not None:
        day = _day_of(month_before)
        rates = report.series.xs(month_before.definition)["fill_rate"]
        now = {zone_id: rates[zone_id, day] for zone_id in rates.index.unique("zone_id")}
        now[TOTAL] = report.total["fill_rate"][month_before.definition, day]
        index = pd.MultiIndex.from_product([now, ["fill_rate"]], names=["zone_id", "measure"])
        shown = pd.Series([round(float(one), DECIMALS) for one in now.values()], index=index)
        pairs.append((month_before, shown, figures))
    parts = [_compared(*pair) for pair in pairs]
    parts = [part for part in parts if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else empty(COMPUTED["published"])
    return table.reindex(columns=COMPUTED["published"].names)


def _compared(one: Publication, now: pd.Series, month: pd.Series | None) -> pd.DataFrame:
    """Set beside what was published what is known now; of another month the change since, too."""
    both = pd.DataFrame({"published": one.figures, "now": now})
    if month is not None:
        both = both.loc[now.index.union(one.figures.index)]
        both = both[both.index.get_level_values("measure") == "fill_rate"]
    is_same = (both["published"] == both["now"]) | both.isna().all(axis=1)
    rows = both[~is_same].rename_axis(["zone_id", "measure"])
    told = rows.assign(month=one.month, revision=one.revision, definition=one.definition)
    if month is not None:
        told["month_change"] = month.reindex(rows.index) - rows["published"]
    told = told.reset_index().assign(
        whole=lambda rows: rows["zone_id"] == TOTAL,
        other=lambda rows: rows["measure"] != "fill_rate",
    )
    order = ["whole", "zone_id", "other", "measure"]
    return told.sort_values(order, ignore_index=True).drop(columns=["whole", "other"])


def _causes(report: MonthlyReport, project: Project, before: Publication | None) -> pd.DataFrame:
    """List what was recorded since a publication of the month that moved its rates."""
    nothing = empty(COMPUTED["published_causes"])
    told = (report.definition.name, report.area)
    if before is None or (before.definition, before.area) != told:
        return nothing
    moments = [FIRST if one is None else one for one in (before.known_at, report.known_at)]
    if moments[0] == moments[1]:
        return nothing
    try:
        with already_told():
            change = explain(
                project,
                start=report.on,
                end=report.on,
                definition=report.definition.name,
                known_at_start=moments[0],
                known_at_end=moments[1],
                area=report.area,
            )
    except KcngeoError:
        # What was known then cannot be computed any more: the figures are told without a cause.
        return nothing
    rows = change.entries.assign(total_effect=_total_effects(report, change.entries))
    rows = rows.assign(size=rows["effect"].abs())
    rows = rows.sort_values(["zone_id", "size", "parcel_ids"], ascending=[True, False, True])
    return rows.reset_index(drop=True).reindex(columns=nothing.columns)


def _total_effects(report: MonthlyReport, entries: pd.DataFrame) -> pd.Series:
    """Say what every cause did to the rate of all zones: ΔL/B1 − L2·ΔB/(B1·B2)."""
    now = report.total.xs(report.definition.name).loc[report.on]
    leased, base = entries["leased_change_ha"], entries["base_change_ha"]
    base_before = now["base_ha"] - base.sum()
    return leased / base_before - now["leased_ha"] * base / (base_before * now["base_ha"])
