"""The tables of a month: accounts, series, and what stands beside them.

Every one is flat and sorted; a code stays a code here and gets its words where it is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import COMPUTED, Names, Table, empty, in_contract
from kcngeo.publish.change_tables import causes_table, changes_table
from kcngeo.publish.findings_table import findings_table
from kcngeo.publish.legal_tables import definitions_table, rules_table
from kcngeo.publish.plan_table import breach_counts, plan_table
from kcngeo.publish.spatial_tables import CONFLICT, spatial_tables
from kcngeo.report import (
    TOTAL,
    MonthlyReport,
    SpatialSections,
    Standing,
    account_rows,
    investor_rows,
    names_of,
    spatial_sections,
    zone_rule_rows,
)
from kcngeo.report.declared_section import Beside, beside_of
from kcngeo.standards import fill_definitions, load

_OF_ALL = ("declared_ha", "known_count", "zone_count")
LIMITS = ("rate_low", "rate_high")
"""Columns with the bounds of a rate that is missing."""
NAMES = "names"
"""The table that says what ids are called."""


def all_tables(
    report: MonthlyReport,
    *,
    language: str,
    around: SpatialSections | None = None,
    standing: Standing | None = None,
    beside: Beside | None = None,
    names: Names | None = None,
    named: Names | None = None,
) -> dict[str, pd.DataFrame]:
    """Lay out every table of a month, in which ``names`` are told, and ``named`` listed."""
    around = around or spatial_sections(report)
    beside = beside or beside_of(report)
    asked_of_zones = _of_law(report, language=language)
    asked = dict.fromkeys(one for table in asked_of_zones.values() for one in table["rule_id"])
    names = names or names_of(report, around, language=language)
    tables = {
        "accounts": accounts_table(report, language=language, names=names),
        "bases": bases_table(report),
        **_of_investors(report),
        "plan": plan_table(report, around, names=names, language=language),
        "changes": changes_table(report),
        "causes": causes_table(report),
        "targets": targets_table(report),
        "forecast": forecast_table(report),
        **asked_of_zones,
        "steps": steps_table(report),
        "late": late_table(report),
        **spatial_tables(around),
        "findings": findings_table(
            [*report.findings, *around.findings], language=language, names=names
        ),
        "definitions": definitions_table(also=report.chosen, language=language),
        "rules": rules_table([*around.rules, *map(load, asked)], language=language),
        "series": series_table(report, language=language),
    }
    overview = overview_table(tables, report, around)
    told = {} if standing is None else published_tables(standing)
    overview = _with_claims(overview, beside)
    more = {"declared": beside.declared, "newer_claims": beside.newer_claims}
    told |= {name: frame for name, frame in more.items() if len(frame)}
    tables = {"overview": overview, **told, **tables}
    tables[NAMES] = names_table(tables, names if named is None else named)
    return {name: in_contract(COMPUTED[name], frame) for name, frame in tables.items()}


def _of_law(report: MonthlyReport, *, language: str) -> dict[str, pd.DataFrame]:
    """Lay out what the law of the day asks of zones, where it asks anything."""
    rows = zone_rule_rows(report, language=language)
    return {"zone_rules": rows} if len(rows) else {}


def _of_investors(report: MonthlyReport) -> dict[str, pd.DataFrame]:
    """Lay out lots by count, and investors by zone, sector, origin, where either is on record."""
    made = {}
    if report.vacancy is not None and len(report.vacancy):
        made["vacancy"] = report.vacancy.reset_index()
    rows = investor_rows(report)
    return made | ({"investor_figures": rows} if len(rows) else {})


def _with_claims(overview: pd.DataFrame, beside: Beside) -> pd.DataFrame:
    """Set beside the rates what was claimed since, and until when the ledgers go."""
    claims = beside.newer_claims
    rates = claims[claims["measure"] == "fill_rate"].drop_duplicates("zone_id")
    rates = rates.set_index("zone_id")
    last = pd.Series(beside.last_entries if len(rates) else {}, dtype="datetime64[s]")
    zone_ids = overview["zone_id"]
    return overview.assign(
        claimed=rates["value"].astype("float64").reindex(zone_ids).to_numpy(),
        claimed_on=rates["claimed_on"].reindex(zone_ids).to_numpy(),
        last_entry_on=last.reindex(zone_ids).to_numpy(),
    )


def published_tables(standing: Standing) -> dict[str, pd.DataFrame]:
    """Lay out how the month differs from what was published, where it does."""
    tables = {"published": standing.differences, "published_causes": standing.causes}
    return {name: frame for name, frame in tables.items() if len(frame)}


def overview_table(
    tables: Mapping[str, pd.DataFrame], report: MonthlyReport, around: SpatialSections
) -> pd.DataFrame:
    """Lay out what a board asks first, a row a zone and one for all."""
    rows = rates_of(tables["accounts"], tables["series"])
    doubt = report.doubt.rename(index={"": TOTAL}).reindex(rows["zone_id"])
    # What cannot be computed is in doubt altogether.
    known = rows["fill_rate"].notna().to_numpy()
    for name in doubt.columns:
        rows[name] = doubt[name].where(known).to_numpy()
    rows["because"] = rows["because"].astype("str")
    changes, targets = tables["changes"], tables["targets"]
    for period in ("month", "year"):
        moved = changes[changes["period"] == period].set_index("zone_id")["change"]
        rows[f"{period}_change"] = rows["zone_id"].map(moved).astype("float64")
    mine = (targets["definition"] == report.definition.name) & (targets["measure"] == "fill_rate")
    owner = targets["zone_id"].where(targets["zone_id"].notna(), TOTAL)
    first = targets[mine].assign(zone_id=owner[mine]).drop_duplicates("zone_id")
    first = first.set_index("zone_id")
    rows["verdict"] = rows["zone_id"].map(first["verdict"]).astype("str")
    rows["to_target_ha"] = rows["zone_id"].map(first["to_target_ha"]).astype("float64")
    near, late, findings = (tables[name] for name in ("conflicts", "late", "findings"))
    nothing = pd.Series(dtype="int64")
    told = {
        "conflict_count": (near[near["state"] == CONFLICT], around.conflicts is not None),
        "late_count": (late, bool(tables["steps"].get("components_count", nothing).sum() > 0)),
        "error_count": (findings[findings["severity"] == "error"], True),
    }
    counts = {
        name: (asked["zone_id"].fillna("").str.split("|").explode().value_counts(), len(asked))
        for name, (asked, is_known) in told.items()
        if is_known
    }
    plan = tables["plan"]
    if len(plan):
        broken = breach_counts(plan)
        counts["breach_count"] = (broken, broken[TOTAL])
    # Of a zone nobody drew that none was found says nothing.
    is_drawn = (rows["source"] == "measured").to_numpy()
    for name in (*told, "breach_count"):
        of_zones, of_all = counts.get(name, (nothing, pd.NA))
        found = of_zones.reindex(rows["zone_id"]).astype("Int64").array
        if name in counts:
            found[found.isna() & is_drawn] = 0
        found[-1] = of_all
        rows[name] = found
    rows["not_computable"] = tables["accounts"]["not_computable"]
    return rows


def rates_of(accounts: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Set beside the rates of the month what they divide."""
    told = [*_OF_ALL, "source", "reason"]
    rows = accounts[["zone_id", "name", "on", "definition", "fill_rate", *LIMITS, *told]]
    divided = series[["zone_id", "on", "leased_ha", "base_ha"]]
    return rows.merge(divided, on=["zone_id", "on"], how="left").drop(columns="on")


def names_table(tables: Mapping[str, pd.DataFrame], names: Names) -> pd.DataFrame:
    """Lay out what the ids of the other tables are called, a row an id.

    Of a table that ``names`` does not hold nothing is told.
    """
    rows = [
        (table, names[table][one], one)
        for table, one in sorted(ids_in(tables, of=names))
        if one in names[table]
    ]
    return pd.DataFrame(rows, columns=COMPUTED[NAMES].names, dtype="str")


def ids_in(
    tables: Mapping[str, pd.DataFrame], *, of: Collection[str] | None = None
) -> set[tuple[str, str]]:
    """Give the ids that tables hold, each with the table whose row it names, of some or of all."""
    return {
        told
        for name, frame in tables.items()
        for column in map(str, frame.columns)
        for told in ids_of(COMPUTED[name], column, frame, of=of)
    }


def ids_of(
    home: Table, name: str, frame: pd.DataFrame, *, of: Collection[str] | None = None
) -> set[tuple[str, str]]:
    """Give the ids a column holds, or is of, each with its table, of some tables or of all."""
    column = home.column(name)
    if column is None or (of is not None and column.named and column.named not in of):
        return set()
    if column.name.endswith("*"):
        return {(column.named, name.removeprefix(column.name[:-1]))}
    if not column.named and not column.named_in:
        return set()
    if of is not None and column.named_in:
        frame = frame[frame[column.named_in].isin([*of])]
    kept = frame[[name, *filter(None, [column.named_in])]].dropna().drop_duplicates()
    tables = kept[column.named_in] if column.named_in else [column.named] * len(kept)
    return {
        (str(table), one.partition(": ")[0])
        for table, ids in zip(tables, kept[name], strict=True)
        for one in str(ids).split("|")
    }


def names_in(tables: Mapping[str, pd.DataFrame]) -> Names:
    """Read what ids are called off the tables of a month.

    Examples
    --------
    >>> rows = [("zones", "Zone A", "A")]
    >>> names_in({"names": pd.DataFrame(rows, columns=COMPUTED["names"].names)})
    {'zones': {'A': 'Zone A'}}
    """
    frame = tables[NAMES]
    return {
        str(table): dict(zip(some["id"], some["called"], strict=True))
        for table, some in frame.groupby("table")
    }


def accounts_table(
    report: MonthlyReport, *, language: str, names: Names | None = None
) -> pd.DataFrame:
    """Lay out the land accounts of the month, a row a zone and one for all."""
    name, on = report.definition.name, report.on
    table, total = account_rows(report), report.total.xs(name).loc[on]
    reasons = report.reasons(language=language, names=names)
    if isinstance(total["not_computable"], str):
        known = report.zone_names()
        reasons[TOTAL] = ", ".join(known[one] for one in total["not_computable"].split("|"))
    table.insert(0, "name", _names(report, language=language).reindex(table.index))
    table.insert(1, "on", on)
    table.insert(2, "definition", name)
    keys = [(name, zone_id, on) for zone_id in table.index]
    table["reason"] = report.series["reason"].reindex(keys).astype("str").array
    # Where every hectare is measured and every base known there is nothing to tell.
    is_told = total["declared_ha"] > 0 or total["known_count"] < total["zone_count"]
    for column in _OF_ALL:
        table[column] = pd.Series({TOTAL: total[column]} if is_told else {}, dtype="float64")
    table = table.astype({"known_count": "Int64", "zone_count": "Int64"})
    table["not_computable"] = pd.Series(reasons, dtype="str").reindex(table.index)
    return _only_unknown(table.reset_index())


def bases_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out the bases of every zone side by side, with what can be let now."""
    if report.bases is None:
        return empty(COMPUTED["bases"])
    return report.bases.rename_axis("zone_id").reset_index()


def _only_unknown(table: pd.DataFrame) -> pd.DataFrame:
    """Give the bounds of a rate only where the rate is not known."""
    unknown = table["fill_rate"].isna()
    # With the four decimals of the files, and so that nothing that is possible is left out. What
    # is whole but for its last bits stays whole.
    both = zip(LIMITS, (np.floor, np.ceil), strict=True)
    rounded = {name: way((table[name] * 10_000).round(6)) / 10_000 for name, way in both}
    return table.assign(**{name: one.where(unknown) for name, one in rounded.items()})


def series_table(report: MonthlyReport, *, language: str) -> pd.DataFrame:
    """Lay out all fill rates month by month, a row a zone and month, all zones together last."""
    told = ["leased_ha", "base_ha", "fill_rate", *LIMITS]
    words = ["source", "reason"]
    total = pd.concat({TOTAL: report.total[told]})
    total.index = total.index.set_names("zone_id", level=0)
    total = total.reorder_levels(["definition", "zone_id", "on"])
    figures = pd.concat([report.series, total])
    ids = [one.name for one in fill_definitions(also=report.chosen)]
    wide = figures["fill_rate"].unstack("definition")[ids].add_prefix("fill_rate_")
    dates = wide.index.get_level_values("on")
    used = {date: report.definition_on(date) for date in report.dates}
    wide.insert(0, "definition", [used[date].name for date in dates])
    wide.insert(1, "in_force", [used[date].is_in_force(date) for date in dates])
    keys = pd.MultiIndex.from_arrays(
        [wide["definition"], wide.index.get_level_values("zone_id"), dates]
    )
    own = figures.reindex(keys)
    for place, name in enumerate(told):
        wide.insert(2 + place, name, own[name].to_numpy())
    for name in words:
        wide[name] = own[name].astype("str").array
    table = _only_unknown(wide.reset_index())
    table.insert(1, "name", table["zone_id"].map(_names(report, language=language)))
    last = table["zone_id"] == TOTAL
    return pd.concat([table[~last], table[last]], ignore_index=True)


def targets_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out the targets, a row a target and definition."""
    if report.targets is None:
        return empty(COMPUTED["targets"])
    now = report.targets["on"] == report.on
    return report.targets.loc[now, COMPUTED["targets"].names].reset_index(drop=True)


def forecast_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out when targets will be reached, a row a zone and target."""
    if report.forecast is None:
        return empty(COMPUTED["forecast"])
    return report.forecast.dates[COMPUTED["forecast"].names].sort_values(
        ["zone_id", "target"], ignore_index=True
    )


def steps_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out how far every zone has come, a row a zone, established or not."""
    if report.steps is None:
        return empty(COMPUTED["steps"])
    return report.steps.zones.reset_index()


def late_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out what should have been done by the day, the latest first."""
    if report.steps is None:
        return empty(COMPUTED["late"])
    return report.steps.late


def _names(report: MonthlyReport, *, language: str) -> pd.Series:
    """Name every zone, and all of them together."""
    everything = theme.text("report.all_zones", language=language)
    names = report.zone_names()
    if TOTAL in names:
        raise KcngeoError("zone_named_total")
    return pd.Series({**names, TOTAL: everything}, dtype="str")
