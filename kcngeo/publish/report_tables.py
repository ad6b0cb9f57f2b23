"""The tables beside the account and the series: changes, causes, targets, forecast, findings, law.

Every one is flat and sorted; a code stays a code here and gets its words where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from kcngeo.analysis.change import Change
from kcngeo.core.model import Finding
from kcngeo.core.schema import COMPUTED, empty, in_contract
from kcngeo.core.texts import table as words
from kcngeo.publish.besides import CONFLICT, beside_tables
from kcngeo.publish.tables import accounts_table, series_table
from kcngeo.report import TOTAL, MonthlyReport, SpatialSections, spatial_sections, whole_change
from kcngeo.standards import fill_definitions

# What only a check knows of a finding: where it is and how large.
_PLACED = ["area_m2", "width_m", "valid_from", "valid_to", "x", "y"]
# Below this a change is the rounding of areas to whole square millimetres.
_NOTHING = 1e-9


def all_tables(
    report: MonthlyReport, *, language: str, around: SpatialSections | None = None
) -> dict[str, pd.DataFrame]:
    """Lay out every table of a month.

    Parameters
    ----------
    report
        The month.
    language
        Language of names, reasons and messages, "vi" or "en".
    around
        What stands beside its accounts; asked for anew if left out.

    Returns
    -------
    dict[str, pd.DataFrame]
        By name, in the order of the report; a table that could not be answered is empty.
    """
    around = around or spatial_sections(report)
    more = beside_tables(around, language=language)
    rules = more.pop("rules")
    tables = {
        "accounts": accounts_table(report, language=language),
        "changes": changes_table(report),
        "causes": causes_table(report),
        "targets": targets_table(report),
        "forecast": forecast_table(report),
        "steps": steps_table(report),
        "late": late_table(report),
        **more,
        "findings": findings_table([*report.findings, *around.findings], language=language),
        "definitions": definitions_table(language=language),
        "rules": rules,
        "series": series_table(report, language=language),
    }
    tables = {"overview": overview_table(tables, report.definition.name, around), **tables}
    return {name: in_contract(COMPUTED[name], frame) for name, frame in tables.items()}


def overview_table(
    tables: Mapping[str, pd.DataFrame], definition: str, around: SpatialSections
) -> pd.DataFrame:
    """Lay out what a board asks first, a row a zone and one for all.

    Parameters
    ----------
    tables
        The other tables.
    definition
        Id of the month's definition.
    around
        What stands beside the accounts.

    Returns
    -------
    pd.DataFrame
        ``zone_id``, ``name``, ``definition``, ``fill_rate``, ``leased_ha``, ``base_ha``,
        ``month_change`` and ``year_change`` (shares), the ``verdict`` on the first target of the
        fill rate and what is ``to_target_ha``; ``conflict_count`` and ``late_count`` (missing where
        nothing is on record to count them by), ``error_count``, and ``not_computable``.
    """
    rows = tables["accounts"][["zone_id", "name", "definition", "fill_rate", "leased_ha"]].copy()
    rows["base_ha"] = tables["accounts"]["base_ha"]
    changes, targets = tables["changes"], tables["targets"]
    for period in ("month", "year"):
        moved = changes[changes["period"] == period].set_index("zone_id")["change"]
        rows[f"{period}_change"] = rows["zone_id"].map(moved).astype("float64")
    mine = (targets["definition"] == definition) & (targets["measure"] == "fill_rate")
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
    for name, (asked, is_known) in told.items():
        counts = asked["zone_id"].fillna("").str.split("|").explode().value_counts()
        numbers = [counts.get(zone_id, 0) for zone_id in rows["zone_id"]]
        numbers = [*numbers[:-1], len(asked)]
        rows[name] = pd.array(numbers if is_known else [pd.NA] * len(rows), dtype="Int64")
    rows["not_computable"] = tables["accounts"]["not_computable"]
    return rows


def changes_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out why the rates moved, a row a zone and period, a column a cause.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        ``zone_id`` ("total" for all of them together, last), ``period`` ("month" or "year"),
        ``start``, ``end``, ``definition``, the rates and effects of
        :attr:`kcngeo.analysis.change.Change.effects`; shares.
    """
    parts = []
    for period, start, change in _changes(report):
        effects = pd.concat(
            [change.effects, whole_change(report, change, start=start).effects.astype("float64")]
        ).rename_axis("zone_id")
        part = effects.reset_index()
        part.insert(1, "period", period)
        part.insert(2, "start", start)
        part.insert(3, "end", report.on)
        part.insert(4, "definition", report.definition.name)
        parts.append(part)
    if not parts:
        return empty(COMPUTED["changes"])
    table = pd.concat(parts).assign(whole=lambda rows: rows["zone_id"] == TOTAL)
    table = table.sort_values(["whole", "zone_id", "period"], ignore_index=True)
    return table.drop(columns="whole")


def causes_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out the causes, a row a cause, day and parcel, the largest effect of a zone first.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        ``period`` and the columns of :attr:`kcngeo.analysis.change.Change.entries`, and
        ``total_effect``, the effect on the rate of all zones together; what is only the rounding of
        areas is left out.
    """
    parts = []
    for period, start, change in _changes(report):
        whole = whole_change(report, change, start=start).entries["effect"]
        rows = change.entries.assign(total_effect=whole)
        rows = rows[rows["effect"].isna() | (rows["effect"].abs() > _NOTHING)]
        part = rows.assign(size=rows["effect"].abs())
        part.insert(0, "period", period)
        parts.append(part)
    if not parts:
        return empty(COMPUTED["causes"])
    keys = ["period", "zone_id", "size", "on", "cause", "parcel_ids"]
    table = pd.concat(parts).sort_values(keys, ascending=[True, True, False, True, True, True])
    return table.drop(columns="size").reset_index(drop=True)


def targets_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out the targets, a row a target and definition.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        Columns of :func:`kcngeo.analysis.targets.trajectory` on the reporting date.
    """
    if report.targets is None:
        return empty(COMPUTED["targets"])
    now = report.targets["on"] == report.on
    return report.targets.loc[now, COMPUTED["targets"].names].reset_index(drop=True)


def forecast_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out when targets will be reached, a row a zone and target.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        Columns of :attr:`kcngeo.report.Forecast.dates`.
    """
    if report.forecast is None:
        return empty(COMPUTED["forecast"])
    return report.forecast.dates[COMPUTED["forecast"].names].sort_values(
        ["zone_id", "target"], ignore_index=True
    )


def steps_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out how far every zone has come, a row a zone, established or not.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        ``zone_id`` and the columns of :attr:`kcngeo.report.progress_section.Steps.zones`.
    """
    if report.steps is None:
        return empty(COMPUTED["steps"])
    return report.steps.zones.reset_index()


def late_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out what should have been done by the day, the latest first.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        Columns of :attr:`kcngeo.report.progress_section.Steps.late`.
    """
    if report.steps is None:
        return empty(COMPUTED["late"])
    return report.steps.late


def findings_table(findings: Iterable[Finding], *, language: str) -> pd.DataFrame:
    """Lay out findings, errors first.

    Parameters
    ----------
    findings
        The findings.
    language
        Language of the messages, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        ``severity``, ``rule``, ``table``, ``zone_id`` (joined by "|"), ``ids`` (joined by "|"),
        ``message``, ``advice``; where it is and how large is missing.
    """
    rows = [
        {
            "severity": str(one.severity),
            "rule": one.rule,
            "table": one.table or None,
            "zone_id": "|".join(one.zone_ids),
            "ids": "|".join(one.ids),
            "message": one.message(language),
            "advice": known_words(f"advice.{one.rule}", language=language),
        }
        for one in findings
    ]
    table = pd.DataFrame(rows, columns=COMPUTED["findings"].names)
    table = in_contract(COMPUTED["findings"], table.drop(columns=_PLACED))
    order = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def definitions_table(*, language: str) -> pd.DataFrame:
    """Lay out the definitions of the fill rate, and how well each is verified.

    Parameters
    ----------
    language
        Language of the titles, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        ``definition``, ``title``, ``in_force_from``, ``in_force_to`` (this day no more),
        ``verified``, ``source``.
    """
    rows = [
        {
            "definition": one.name,
            "title": one.title[language],
            "in_force_from": pd.Timestamp(one.in_force_from) if one.in_force_from else pd.NaT,
            "in_force_to": pd.Timestamp(one.in_force_to) if one.in_force_to else pd.NaT,
            "verified": str(one.verified),
            "source": one.cited(language),
        }
        for one in fill_definitions()
    ]
    return pd.DataFrame(rows).astype(
        {"in_force_from": "datetime64[s]", "in_force_to": "datetime64[s]"}
    )


def known_words(key: str, *, language: str) -> str | None:
    """Give the words of a code, if the table of texts has them.

    Parameters
    ----------
    key
        Key, "group.name".
    language
        "vi" or "en".

    Returns
    -------
    str | None
        The words.
    """
    entry = words().get(key)
    return None if entry is None else entry[language]


def _changes(report: MonthlyReport) -> Iterator[tuple[str, pd.Timestamp, Change]]:
    asked = (("month", 1, report.change), ("year", 12, report.year_change))
    for period, months, change in asked:
        if change is not None:
            yield period, report.on - pd.offsets.MonthEnd(months), change
