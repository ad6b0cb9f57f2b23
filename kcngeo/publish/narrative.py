"""The month in sentences, every figure of which is a cell of a table.

A sentence keeps the cells it was made from, so that each figure in it can be followed to its table
and tested against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.lot_names import within_zone
from kcngeo.core.schema import Names
from kcngeo.publish.month_tables import names_in
from kcngeo.publish.plan_table import MOST_BREACHES, grouped_breaches
from kcngeo.report import TOTAL, MonthlyReport
from kcngeo.theme import points

MOST_CAUSES = 2
"""How many causes of a change the summary names; the table of causes has them all."""


Tables = Mapping[str, pd.DataFrame]
# The rows of one zone, by table.
Rows = Mapping[str, list[int]]

NARROW = 0.0005
"""Width of the bounds of a rate, as a share, up to which a person is told them."""


def is_narrow(low: float, high: float) -> bool:
    """Tell whether bounds are near enough to be of use.

    Examples
    --------
    >>> is_narrow(0.5603, 0.5608), is_narrow(0.56, 0.57)
    (True, False)
    """
    # The last bits of a difference decide nothing.
    return bool(high - low <= NARROW + 1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of one of the month's tables.

    Attributes
    ----------
    table
        Name of the table.
    row
        Place of the row, from 0.
    column
        Name of the column.
    kind
        How it is shown: "share", "points", "ha", "signed_ha", "metres", "count", "date",
        "month", "number", "word", "words" (of codes joined by "|"), "name" (of ids joined by "|")
        or "text".
    group
        For a word, the group of the table of texts; for a name, the table whose ids they are.
    """

    table: str
    row: int
    column: str
    kind: str
    group: str = ""

    def value(self, tables: Mapping[str, pd.DataFrame]) -> Any:
        """Read the cell."""
        return tables[self.table][self.column].iloc[self.row]

    def shown(self, tables: Mapping[str, pd.DataFrame], *, language: str, names: Names) -> str:
        """Write the cell for a person."""
        value = self.value(tables)
        if self.kind == "name":
            called = names.get(self.group, {})
            between = ", " if self.group == "parcels" else "; "
            return between.join(called.get(one, one) for one in str(value).split("|"))
        if self.kind == "share":
            return theme.percent(value, language=language)
        if self.kind == "points":
            return points(abs(value), language=language).lstrip("+")
        if self.kind == "ha":
            return f"{theme.number(value, language=language)} ha"
        if self.kind == "signed_ha":
            return f"{theme.signed(value, language=language)} ha"
        if self.kind == "number":
            return theme.number(value, language=language)
        if self.kind == "metres":
            return f"{theme.number(value, language=language, decimals=1)} m"
        if self.kind == "count":
            return str(value)
        if self.kind == "month":
            return theme.month(pd.Timestamp(value))
        if self.kind == "date":
            return theme.date(value, language=language)
        if self.kind == "word":
            return theme.text(f"{self.group}.{value}".replace(" ", "_"), language=language)
        if self.kind == "words":
            codes = str(value).split("|")
            return "; ".join(theme.text(f"{self.group}.{one}", language=language) for one in codes)
        return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the summary.

    Attributes
    ----------
    key
        Its words, under "summary" in the table of texts.
    cells
        The cells its places are filled from.
    zone_id
        The zone it is about; "total" for all of them.
    weight
        "lead" for what a reader must see first, "bad" for what asks to be acted on, or "".
    is_first
        Whether it stands on the first page, which has room for the rate, the change of the month
        and what asks to be acted on.
    """

    key: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    zone_id: str = ""
    weight: str = ""
    is_first: bool = False

    def shown(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        language: str,
        names: Names | None = None,
    ) -> str:
        """Write the sentence."""
        called = names_in(tables) if names is None else names
        filled = {
            name: cell.shown(tables, language=language, names=called)
            for name, cell in self.cells.items()
        }
        words = theme.text(f"summary.{self.key}", language=language, **filled)
        return within_zone(words, zone=called.get("zones", {}).get(self.zone_id, ""))


def summary(report: MonthlyReport, tables: Mapping[str, pd.DataFrame]) -> list[Sentence]:
    """Put the month into sentences: all zones first, then each of them."""
    accounts = tables["accounts"]
    places = [*range(len(accounts) - 1, len(accounts)), *range(len(accounts) - 1)]
    by_zone = {name: _rows_by_zone(table) for name, table in tables.items() if "zone_id" in table}
    said: list[Sentence] = []
    for place in places:
        zone_id = str(accounts["zone_id"].iloc[place])
        rows = {name: found.get(zone_id, []) for name, found in by_zone.items()}
        said += _rate(tables, rows, place, zone_id)
        said += _doubt(tables["overview"], place, zone_id)
        said += _claimed(tables, rows, zone_id)
        said += _published(tables, rows, zone_id, f"{report.on:%Y-%m}")
        said += _changes(tables, rows, zone_id, "month")
        said += _targets(tables["targets"], rows["targets"], zone_id, report.definition.name)
        said += _acted(tables, rows, place, zone_id)
        if zone_id == TOTAL:
            said += _broken(tables, place)
        said += _changes(tables, rows, zone_id, "year")
        said += _forecast(tables["forecast"], rows["forecast"], zone_id)
        said += _land(tables, rows, zone_id)
    return said


def _rows_by_zone(table: pd.DataFrame) -> dict[str, list[int]]:
    """Find the rows of every zone once; a search a zone would grow with the square of the zones."""
    # What names no zone, as a target may, is for all of them.
    zone_ids = table["zone_id"].astype("object").where(table["zone_id"].notna(), TOTAL).to_numpy()
    found = pd.Series(range(len(table))).groupby(zone_ids).indices
    return {str(zone_id): [*map(int, rows)] for zone_id, rows in found.items()}


def _cell(table: str, row: int, column: str, kind: str, group: str = "") -> Cell:
    return Cell(table=table, row=row, column=column, kind=kind, group=group)


def _rate(tables: Tables, rows: Rows, row: int, zone_id: str) -> Iterator[Sentence]:
    accounts = tables["accounts"]
    about: dict[str, Any] = {"zone_id": zone_id, "weight": "lead", "is_first": True}
    cells = {"name": _cell("accounts", row, "name", "text")}
    definition = {"definition": _cell("accounts", row, "definition", "name", "definitions")}
    if isinstance(accounts["not_computable"].iloc[row], str):
        cells["reason"] = _cell("accounts", row, "not_computable", "text")
        key = "not_computable"
        if is_narrow(accounts["rate_low"].iloc[row], accounts["rate_high"].iloc[row]):
            key = "rate_between"
            cells |= definition
            cells["rate_low"] = _cell("accounts", row, "rate_low", "share")
            cells["rate_high"] = _cell("accounts", row, "rate_high", "share")
        yield Sentence(key=key, cells=cells, zone_id=zone_id, weight="bad", is_first=True)
        return
    cells |= definition
    if isinstance(accounts["reason"].iloc[row], str):
        cells["reason"] = _cell("accounts", row, "reason", "word", "no_rate")
        yield Sentence(key="not_published", cells=cells, **about)
        return
    if pd.isna(accounts["fill_rate"].iloc[row]):
        yield Sentence(key="no_base", cells=cells, **about)
    else:
        for name, kind in (("fill_rate", "share"), ("leased_ha", "ha"), ("base_ha", "ha")):
            cells[name] = _cell("overview", row, name, kind)
        cells |= _declared(tables, rows)
        key = "rate_declared" if "declared_on" in cells else "rate"
        yield Sentence(key=key, cells=cells, **about)
    if pd.notna(accounts["zone_count"].iloc[row]):
        kinds = {"known_count": "count", "zone_count": "count", "declared_ha": "ha"}
        cells = {name: _cell("accounts", row, name, kind) for name, kind in kinds.items()}
        yield Sentence(key="of_zones", cells=cells, zone_id=zone_id, is_first=True)


def _declared(tables: Tables, rows: Rows) -> dict[str, Cell]:
    """Say when what a zone lives on was declared, how old it is, and where."""
    table = tables.get("declared")
    if table is None:
        return {}
    kinds = {"declared_on": "date", "age_months": "count", "cited": "text"}
    for row in rows["declared"]:
        if table["source"].iloc[row] == "declared":
            return {name: _cell("declared", row, name, kind) for name, kind in kinds.items()}
    return {}


def _claimed(tables: Tables, rows: Rows, zone_id: str) -> Iterator[Sentence]:
    """Name what was claimed and is not among the figures: never computed, never added."""
    table = tables.get("newer_claims")
    if table is None:
        return
    for row in rows["newer_claims"]:
        is_share = table["measure"].iloc[row] == "fill_rate"
        cells = {
            "claimed_on": _cell("newer_claims", row, "claimed_on", "date"),
            "measure": _cell("newer_claims", row, "measure", "word", "figures"),
            "value": _cell("newer_claims", row, "value", "share" if is_share else "ha"),
            "cited": _cell("newer_claims", row, "cited", "text"),
        }
        key = "claimed"
        if pd.notna(table["last_entry_on"].iloc[row]):
            cells["last_entry_on"] = _cell("newer_claims", row, "last_entry_on", "date")
            key = "claimed_since"
        yield Sentence(key=key, cells=cells, zone_id=zone_id, is_first=True)


def _doubt(overview: pd.DataFrame, row: int, zone_id: str) -> Iterator[Sentence]:
    """Say how far the figures may be wrong, and why, where it would show in print."""
    names = ["doubt_leased_ha", "doubt_base_ha", "doubt"]
    values = overview.iloc[[row]][names].iloc[0].astype("float64")
    if values.isna().any() or not (values * [1, 1, 100]).round(2).any():
        return
    let, base, _ = values.round(2)
    key = "doubt" if let and base else "doubt_base" if base else "doubt_let"
    told = {"doubt_leased_ha": "ha", "doubt_base_ha": "ha", "doubt": "points"}
    absent = {"doubt_let": "doubt_base_ha", "doubt_base": "doubt_leased_ha"}.get(key)
    cells = {
        name: _cell("overview", row, name, kind) for name, kind in told.items() if name != absent
    }
    cells["because"] = _cell("overview", row, "because", "words", "because")
    yield Sentence(key=key, cells=cells, zone_id=zone_id, is_first=True)


def _published(tables: Tables, rows: Rows, zone_id: str, month: str) -> Iterator[Sentence]:
    """Say what was published of the month and of the one before, what is known now, and why."""
    if "published" not in tables:
        return
    table = tables["published"]
    mine = rows["published"]
    own = [at for at in mine if table["month"].iloc[at] == month]
    about: dict[str, Any] = {"zone_id": zone_id, "is_first": True}
    # The rate stands first; other figures are told where it is the same.
    rated = [at for at in own if table["measure"].iloc[at] == "fill_rate"]
    for row in rated or own[:MOST_CAUSES]:
        kind = "share" if rated else "number"
        cells = {
            "revision": _cell("published", row, "revision", "count"),
            "published": _cell("published", row, "published", kind),
            "now": _cell("published", row, "now", kind),
        }
        if not rated:
            cells["measure"] = _cell("published", row, "measure", "word", "column")
        key = "published_rate" if rated else "published_figure"
        yield Sentence(key=key, cells=cells, weight="bad", **about)
    if own:
        yield from _published_causes(tables, rows, zone_id, about)
    for row in [at for at in mine if at not in own]:
        cells = {
            "month": _cell("published", row, "month", "month"),
            "revision": _cell("published", row, "revision", "count"),
            "published": _cell("published", row, "published", "share"),
            "now": _cell("published", row, "now", "share"),
        }
        change = table["month_change"].iloc[row]
        if pd.notna(change) and round(change * 100, 2) != 0:
            cells["points"] = _cell("published", row, "month_change", "points")
        way = "same" if "points" not in cells else "up" if change > 0 else "down"
        way = "unknown" if pd.isna(change) else way
        yield Sentence(key=f"published_before_{way}", cells=cells, weight="bad", **about)


def _published_causes(
    tables: Tables, rows: Rows, zone_id: str, about: Mapping[str, Any]
) -> Iterator[Sentence]:
    """Name what was recorded since that moved the rate, or say that nothing on record did."""
    causes = tables.get("published_causes")
    effect = "total_effect" if zone_id == TOTAL else "effect"
    if causes is not None:
        mine = causes if zone_id == TOTAL else causes.iloc[rows["published_causes"]]
        size = mine[effect].abs().sort_values(ascending=False, kind="stable", na_position="last")
    if causes is None or not len(size):
        yield Sentence(key="published_unexplained", **about)
        return
    for row in map(int, size.index[:MOST_CAUSES]):
        area = "leased_change_ha" if causes["leased_change_ha"].iloc[row] else "base_change_ha"
        cells = {
            "cause": _cell("published_causes", row, "cause", "word", "figures"),
            "area": _cell("published_causes", row, area, "signed_ha"),
        }
        key = "published_cause"
        if causes["parcel_ids"].iloc[row]:
            cells["lots"] = _cell("published_causes", row, "parcel_ids", "name", "parcels")
            key += "_lots"
        if isinstance(causes["entries"].iloc[row], str) and causes["entries"].iloc[row]:
            cells["entries"] = _cell("published_causes", row, "entries", "name", "ledger")
            key += "_entries"
        yield Sentence(key=key, cells=cells, **about)
    if len(size) > MOST_CAUSES:
        yield Sentence(key="published_more", **about)


def _changes(tables: Tables, rows: Rows, zone_id: str, period: str) -> Iterator[Sentence]:
    changes, causes = tables["changes"], tables["causes"]
    about: dict[str, Any] = {"zone_id": zone_id, "is_first": period == "month"}
    for row in rows["changes"]:
        if changes["period"].iloc[row] != period:
            continue
        change = changes["change"].iloc[row]
        if pd.isna(change):
            continue
        # What a reader would see as 0.00 is no rise and no fall.
        way = "same" if round(change * 100, 2) == 0 else "rose" if change > 0 else "fell"
        cells = {"start": _cell("changes", row, "start", "date")}
        if way != "same":
            cells |= {
                "points": _cell("changes", row, "change", "points"),
                "rate_start": _cell("changes", row, "rate_start", "share"),
                "rate_end": _cell("changes", row, "rate_end", "share"),
            }
        yield Sentence(key=f"{period}_{way}", cells=cells, **about)
        effect = "total_effect" if zone_id == TOTAL else "effect"
        mine = causes if zone_id == TOTAL else causes.iloc[rows["causes"]]
        mine = mine[mine["period"] == period]
        largest = _largest(mine[effect].dropna(), change)
        for place in largest[:MOST_CAUSES]:
            yield _cause(causes, place, effect, **about)
        if len(largest) > MOST_CAUSES:
            yield Sentence(key="more_causes", **about)


def _largest(effects: pd.Series, change: float) -> list[int]:
    """Put the largest effects first; of equal ones those that went the way of the change."""
    # Equal lots differ in the last digit of their share of the base.
    size, against = effects.abs().round(9), effects * change < 0
    return [int(row) for row in effects.index[np.lexsort([against, -size])]]


def _cause(causes: pd.DataFrame, row: int, effect: str, **about: Any) -> Sentence:
    """Name a cause by its lots, the hectares it moved, and what that did to the rate."""
    area = "leased_change_ha" if causes["leased_change_ha"].iloc[row] else "base_change_ha"
    way = "up" if causes[effect].iloc[row] > 0 else "down"
    cells = {
        "cause": _cell("causes", row, "cause", "word", "figures"),
        "area": _cell("causes", row, area, "signed_ha"),
        "on": _cell("causes", row, "on", "date"),
        "points": _cell("causes", row, effect, "points"),
    }
    if causes["parcel_ids"].iloc[row]:
        cells["lots"] = _cell("causes", row, "parcel_ids", "name", "parcels")
        return Sentence(key=f"cause_{way}", cells=cells, **about)
    return Sentence(key=f"cause_zone_{way}", cells=cells, **about)


def _targets(
    targets: pd.DataFrame, rows: list[int], zone_id: str, definition: str
) -> Iterator[Sentence]:
    for row in rows:
        if targets["definition"].iloc[row] != definition:
            continue
        if targets["measure"].iloc[row] != "fill_rate":
            continue
        verdict = targets["verdict"].iloc[row]
        cells = {
            "value": _cell("targets", row, "target_value", "share"),
            "by": _cell("targets", row, "target_on", "date"),
            "verdict": _cell("targets", row, "verdict", "word", "targets"),
        }
        if verdict == "not computable":
            yield Sentence(key="target_unknown", cells=cells, zone_id=zone_id, is_first=True)
            continue
        cells["missing"] = _cell("targets", row, "to_target_ha", "ha")
        bad = verdict in ("behind", "missed")
        if verdict == "met late":
            cells["reached"] = _cell("targets", row, "reached_on", "date")
            yield Sentence(key="target_late", cells=cells, zone_id=zone_id, is_first=True)
            continue
        key = "target" if targets["to_target_ha"].iloc[row] > 0 else "target_met"
        weight = "bad" if bad else ""
        yield Sentence(key=key, cells=cells, zone_id=zone_id, weight=weight, is_first=True)


def _forecast(forecast: pd.DataFrame, rows: list[int], zone_id: str) -> Iterator[Sentence]:
    for row in rows:
        cells = {"target": _cell("forecast", row, "target", "share")}
        if forecast["needed_ha"].iloc[row] <= 0:
            continue  # It is reached, and said so above.
        if all(pd.notna(forecast[name].iloc[row]) for name in ("p10", "p50", "p90")):
            cells |= {name: _cell("forecast", row, name, "date") for name in ("p10", "p50", "p90")}
            yield Sentence(key="forecast", cells=cells, zone_id=zone_id)
            changed = forecast["pace_changed"].iloc[row]
            if pd.notna(changed) and changed:
                yield Sentence(key="forecast_changed", zone_id=zone_id)
        elif isinstance(forecast["reason"].iloc[row], str):
            if forecast["reason"].iloc[row] == "not_counted":
                continue
            cells["reason"] = _cell("forecast", row, "reason", "word", "forecast")
            yield Sentence(key="no_forecast", cells=cells, zone_id=zone_id)


def _acted(tables: Tables, rows: Rows, row: int, zone_id: str) -> Iterator[Sentence]:
    """Say what is late and what stands too near, where it is known and there is any."""
    overview, near = tables["overview"], tables["conflicts"]
    late, conflicts = (overview[name].iloc[row] for name in ("late_count", "conflict_count"))
    about: dict[str, Any] = {"zone_id": zone_id, "is_first": True}
    if pd.notna(late) and late > 0:
        cells = {"count": _cell("overview", row, "late_count", "count")}
        yield Sentence(key="late", cells=cells, **about)
    if pd.isna(conflicts):
        return
    cells = {"count": _cell("overview", row, "conflict_count", "count")}
    if conflicts == 0:
        yield Sentence(key="no_conflict", cells=cells, **about)
        return
    # The worst of a zone stands first among its own.
    mine = rows["conflicts"] if zone_id != TOTAL else np.flatnonzero(near["state"].notna())
    worst = int(mine[0])
    cells |= {
        "emitter": _cell("conflicts", worst, "emitter_id", "name", "emitters"),
        "receptor": _cell("conflicts", worst, "receptor_id", "name", "receptors"),
        "distance": _cell("conflicts", worst, "distance_m", "metres"),
        "required": _cell("conflicts", worst, "required_m", "metres"),
    }
    yield Sentence(key="conflict", cells=cells, weight="bad", **about)


def _broken(tables: Tables, place: int) -> Iterator[Sentence]:
    """Name the rules of the plan that are broken, topic by topic, by the land concerned."""
    groups = list(grouped_breaches(tables["plan"]))
    about: dict[str, Any] = {"zone_id": TOTAL, "weight": "bad", "is_first": True}
    for places in groups[:MOST_BREACHES]:
        # Of three zones and more, all of them and the one with most.
        key = "breach_all" if len(places) > 2 else f"breach_{len(places)}"
        cells = {"topic": _cell("plan", places[0], "topic", "word", "plan_breach")}
        for number, row in enumerate(places[:2], start=1):
            cells[f"brief_{number}"] = _cell("plan", row, "brief", "text")
            if key != "breach_all" or number == 2:
                cells[f"name_{number}"] = _cell("plan", row, "name", "text")
        yield Sentence(key=key, cells=cells, **about)
    if len(groups) > MOST_BREACHES:
        cells = {"breach_count": _cell("overview", place, "breach_count", "count")}
        yield Sentence(key="breach_more", cells=cells, **about)


def _land(tables: Tables, rows: Rows, zone_id: str) -> Iterator[Sentence]:
    """Say what of the vacant land can be built on, and how far the land has come."""
    land, stages, served = tables["land"], tables["steps"], tables["bases"]
    for row in rows["land"]:
        if not land["vacant_ha"].iloc[row] > 0:
            continue
        names = ["vacant_ha", "developable_ha", "largest_ha"]
        cells = {name: _cell("land", row, name, "ha") for name in names}
        if pd.isna(land["largest_ha"].iloc[row]):
            del cells["largest_ha"]
        key = "land" if "largest_ha" in cells else "no_land"
        yield Sentence(key=key, cells=cells, zone_id=zone_id)
    for row in rows["bases"]:
        names = ["lettable_now_ha", "lettable_now_most_ha", "available_ha"]
        least, most, free = served.iloc[[row]][names].iloc[0].astype("float64")
        # What nobody can let is told in the table.
        if pd.isna(least) or not most > 0:
            continue
        is_exact = round(most - least, 4) == 0 and pd.notna(free)
        told = ["lettable_now_ha", "available_ha"] if is_exact else names[:2]
        cells = {name: _cell("bases", row, name, "ha") for name in told}
        key = "lettable_now" if is_exact else "lettable_now_between"
        yield Sentence(key=key, cells=cells, zone_id=zone_id)
    for row in rows["steps"]:
        names = ["planned_ha", "cleared_ha", "leased_ha", "operating_ha"]
        if set(names) <= set(stages) and stages.iloc[row][names].notna().all():
            cells = {name: _cell("steps", row, name, "ha") for name in names}
            yield Sentence(key="stages", cells=cells, zone_id=zone_id)
