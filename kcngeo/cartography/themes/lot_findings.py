"""The findings of a month on the lots they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass
from kcngeo.cartography.themes.lots import lot_map
from kcngeo.cartography.words import hectares, joined, text
from kcngeo.core.dates import is_in_force
from kcngeo.core.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from kcngeo.cartography.spec import MapSpec
    from kcngeo.cartography.words import Words
    from kcngeo.core.model import Finding
    from kcngeo.report import MonthlyReport

_WEIGHTS = list(map(str, Severity))


def lot_findings(filled: MapSpec, report: MonthlyReport) -> MapSpec:
    """Show the lots that findings of the month are about, by the worst of them.

    A finding about an entry of the ledger is about its lot, one about a project about the lots the
    project holds on the day. Findings about zones, works or the tables as such have no lot: they
    stand in the report. The list says of each lot what is found and what to do, what weighs most
    first, then the larger lot.

    Parameters
    ----------
    filled
        The map of lease status of the day, from :func:`kcngeo.cartography.fill`.
    report
        The month.

    Returns
    -------
    MapSpec
        The map.

    Examples
    --------
    The ledger never mentions B-2; four lots are held by projects that ran too early or not at all.

    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> spec = lot_findings(kcn.cartography.fill(report), report)
    >>> [told.name["en"] for _, _, told in spec.numbered()]
    ['Lot A-1', 'Lot A-2', 'Lot A-5', 'Lot B-1', 'Lot B-2']
    """
    found = pd.DataFrame(
        [
            (parcel_id, str(one.severity), one.rule)
            for one in report.findings
            for parcel_id in _lots_of(one, report)
        ],
        columns=["parcel_id", "severity", "rule"],
    ).drop_duplicates()
    weight = found["severity"].map({one: at for at, one in enumerate(_WEIGHTS)})
    found = found.assign(weight=weight).sort_values("weight", kind="stable")
    lots = filled.layer("parcels_on_day").frame
    worst = found.drop_duplicates("parcel_id").set_index("parcel_id")
    lots = lots[lots["parcel_id"].isin(worst.index)]
    lots = lots.join(worst[["severity", "weight"]], on="parcel_id")
    lots = lots.assign(shown=lots["severity"], shown_ha=lots["area_ha"])
    lots = lots.sort_values(["weight", "shown_ha"], ascending=[True, False], kind="stable")
    rules = found.groupby("parcel_id")["rule"].agg(list)
    return lot_map(
        filled,
        lots,
        name="lot_findings",
        classes=[
            MapClass(value=str(one), label=text(f"severity.{one}"), color=color)
            for one, color in theme.SEVERITY_COLORS.items()
        ],
        entries=[
            _entry(rules[parcel_id], area)
            for parcel_id, area in zip(lots["parcel_id"], lots["shown_ha"], strict=True)
        ],
        headline=_headline,
        notes=(text("lot_findings_map.note"),),
    )


def _lots_of(finding: Finding, report: MonthlyReport) -> Iterator[str]:
    """Give the lots a finding is about."""
    ledger = report.snapshot.ledger
    if finding.table in ("parcels", "buildings"):
        yield from finding.ids
    elif finding.table == "ledger" and "entry_id" in ledger.columns:
        yield from ledger.loc[ledger["entry_id"].isin(finding.ids), "parcel_id"].astype("str")
    elif finding.table == "projects" and "project_id" in ledger.columns:
        is_held = is_in_force(ledger, report.on) & ledger["project_id"].isin(finding.ids)
        yield from ledger.loc[is_held, "parcel_id"].astype("str")


def _entry(rules: list[str], area_ha: float) -> Words:
    """Say what is found of a lot, and what to do."""
    said = [text(key) for rule in rules if (key := f"because.{rule}") in theme.table()]
    advice = [text(key) for rule in rules if (key := f"advice.{rule}") in theme.table()]
    return joined([joined([*said, hectares(area_ha)]), *advice[:1]], by=". ")


def _headline(lots: gpd.GeoDataFrame) -> Words:
    return text(
        "lot_findings_map.headline",
        count=len(lots),
        area=hectares(float(lots["shown_ha"].sum())),
    )
