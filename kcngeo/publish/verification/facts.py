"""Compare what the manifest itself says with the tables of its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from kcngeo.core.schema import Column, Kind
from kcngeo.publish.verification.comparison import Comparison, Known, is_rounded

_NUMBERS = ("fill_rate", "leased_ha", "base_ha")
_PLAIN = Column(name="value_ha", kind=Kind.NUMBER)
MANIFEST = "manifest.json"


def compare_facts(
    manifest: Mapping[str, Any], known: Mapping[str, Known], seen: Comparison
) -> None:
    """Compare the figures, zones left out and findings of a manifest with the tables."""
    for name, table, mine, told in _figures(manifest, known, seen):
        seen.cells += 1
        if mine != told:
            says = ((seen.first(table), _said(mine)), (MANIFEST, _said(told)))
            seen.add("fact", name=name, says=says)
    _left_out(manifest, known, seen)
    # A workbook has the words of a rule, not its name.
    if "findings" in known and not known["findings"].copy.file.endswith(".xlsx"):
        _findings(manifest, known["findings"], seen)


def _figures(
    manifest: Mapping[str, Any], known: Mapping[str, Known], seen: Comparison
) -> Iterator[tuple[str, str, Any, Any]]:
    """Give each figure of the manifest with what a table says of it."""
    facts = manifest["facts"]
    for name, column in (("on", "on"), ("definition", "definition")):
        if name in facts and "accounts" in known:
            said = {str(row.get(column)) for row in known["accounts"].copy.rows}
            yield f"facts.{name}", "accounts", ", ".join(sorted(said)), str(facts[name])
    if "on" in facts and "month" in facts:
        yield "facts.month", "accounts", str(facts["on"])[:7], str(facts["month"])
    if "series_start" in facts and "series" in known:
        days = [str(row.get("on")) for row in known["series"].copy.rows]
        yield "facts.series_start", "series", min(days, default=""), str(facts["series_start"])
    if not isinstance(facts.get("rates"), dict) or "overview" not in known:
        return
    table = known["overview"]
    rows = {str(row.get("zone_id")): row for row in table.copy.rows}
    yield "facts.rates", "overview", sorted(rows), sorted(facts["rates"])
    for zone_id, rate in facts["rates"].items():
        row = rows.get(zone_id)
        if row is None or not isinstance(rate, dict):
            continue
        yield f"facts.rates.{zone_id}.name", "overview", row.get("name"), rate.get("name")
        for name in _NUMBERS:
            mine, told = row.get(name), rate.get(name)
            if _agree(mine, told, fine=table.fine):
                told = mine
            yield f"facts.rates.{zone_id}.{name}", "overview", mine, told


def _agree(mine: Any, told: Any, *, fine: bool) -> bool:
    """Tell whether a figure of the manifest, with all its digits, is that of a table."""
    if not isinstance(mine, float) or not isinstance(told, float | int):
        return False
    return abs(mine - told) <= 1e-14 * abs(told) if fine else is_rounded(_PLAIN, mine, told)


def _left_out(manifest: Mapping[str, Any], known: Mapping[str, Known], seen: Comparison) -> None:
    """Compare which zones are not computable, and in English why."""
    if "accounts" not in known or "on" not in manifest["facts"]:
        return
    rows = [row for row in known["accounts"].copy.rows if row.get("zone_id") != "total"]
    mine = {str(row["zone_id"]): row.get("not_computable") for row in rows}
    there = {zone_id: why for zone_id, why in mine.items() if why is not None}
    told = {zone: why for zone, why in manifest["not_computable"].items() if zone in mine}
    if manifest["language"] != "en":
        there, told = dict.fromkeys(there), dict.fromkeys(told)
    if there != told:
        says = ((seen.first("accounts"), str(there)), (MANIFEST, str(told)))
        seen.add("fact", name="not_computable", says=says)


def _findings(manifest: Mapping[str, Any], table: Known, seen: Comparison) -> None:
    """Look for every finding of the manifest in the table of findings."""
    is_english = manifest["language"] == "en"

    def named(row: Mapping[str, Any]) -> tuple[str, ...]:
        parts = ("rule", "severity", *(["message"] if is_english else []))
        return tuple(" ".join(str(row.get(part)).split()) for part in parts)

    told = Counter(map(named, manifest.get("findings", ())))
    lacking = told - Counter(map(named, table.copy.rows))
    for one in lacking:
        says = ((seen.first("findings"), ""), (MANIFEST, ": ".join(one)))
        seen.add("fact", name="findings", says=says)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
