"""Legal figures as a scenario would have them; whoever uses them sees that they are no law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kcngeo.core.model import Finding, Verified
from kcngeo.standards import BalanceItem, Band, BufferRule, Limit, Registry, Standard
from kcngeo.standards.schema import problem

Made = tuple[Standard, dict[str, Any]]

# The one limit that takes land off.
_BELT = ("perimeter_belt", "width")
# What picks one figure of a rule.
_PICKS = ("hazard_class", "pollution_level", "capacity_m3_day")


def changed_rules(
    entries: list[tuple[str, str, dict[str, Any]]], registry: Registry, *, name: str
) -> tuple[Registry, list[dict[str, Any]], list[Finding]]:
    """Change figures of the registry: it, what each was and is, and what cannot be done."""
    known, made, problems = dict(registry.entries), [], []
    for kind, where, fields in entries:
        if kind not in _RULES:
            continue
        allowed = {key: one for key, one in known.items() if _can(kind, one)}
        if fields["rule"] not in allowed:
            told = {"figure": fields["rule"], "choices": " | ".join(allowed)}
            problems.append(problem("scenario_no_rule", where, name, **told))
            continue
        entry = allowed[fields["rule"]]
        try:
            after, said = _RULES[kind](entry, fields)
        except LookupError:
            told = {"figure": entry.name, "choices": "; ".join(_named(entry))}
            problems.append(problem("scenario_no_band", where, name, **told))
            continue
        marks: dict[str, Any] = {"origin": name, "overrides": True, "source": name}
        known[entry.name] = replace(after, verified=Verified.UNVERIFIED, source_vi="", **marks)
        made.append({"entry": where, "change": kind, "rule": entry.name, **said})
    return (registry if not made else Registry(known)), made, problems


def _can(kind: str, entry: Standard) -> bool:
    """Tell whether a figure of this kind stands in an entry."""
    if isinstance(entry, Limit):
        return kind == "distance" and (entry.subject, entry.measure) == _BELT
    if isinstance(entry, BufferRule):
        # Of a rule without figures it is only known that there is one.
        return kind == "distance" and bool(entry.distances)
    return kind == "share" and isinstance(entry, BalanceItem)


def _distance(entry: Any, fields: Mapping[str, Any]) -> Made:
    """Change a distance: of a limit its one figure, of a rule the band that is named."""
    after_m = float(fields["distance_m"])
    if isinstance(entry, Limit):
        told = {"before_m": entry.at_least, "after_m": after_m}
        return replace(entry, at_least=after_m), told
    (place,) = _places(entry, fields)
    bands = list(entry.distances)
    told = {"before_m": bands[place].distance_m, "after_m": after_m}
    bands[place] = replace(bands[place], distance_m=after_m)
    return replace(entry, distances=tuple(bands)), told


def _places(rule: BufferRule, fields: Mapping[str, Any]) -> list[int]:
    """Find the one band that is meant."""
    strange = set(_PICKS) & set(fields) - {rule.by}
    if rule.by == "capacity_m3_day":
        capacity = np.array([fields.get(rule.by, np.nan)], dtype="float64")
        mine = [bool(band.holds(capacity)[0]) for band in rule.distances]
    else:
        mine = [
            not rule.by or getattr(band, rule.by) == fields.get(rule.by) for band in rule.distances
        ]
    found = [place for place, is_meant in enumerate(mine) if is_meant]
    if strange or len(found) != 1:
        raise LookupError(rule.name)
    return found


def _share(entry: Any, fields: Mapping[str, Any]) -> Made:
    """Change the least share an entry asks."""
    after = float(fields["required_share"])
    told = {"before_share": entry.required_share, "after_share": after}
    return replace(entry, required_share=after), told


def _named(entry: Standard) -> list[str]:
    """Name the bands of a rule by the keys that pick them."""
    bands: tuple[Band, ...] = getattr(entry, "distances", ())
    by = getattr(entry, "by", "")
    if by == "capacity_m3_day":
        return [f"{by} = {one.low_m3_day:g}–{one.high_m3_day:g}" for one in bands]
    return [f'{by} = "{getattr(one, by)}"' for one in bands] if by else ["rule, distance_m"]


_RULES: Mapping[str, Callable[[Any, Mapping[str, Any]], Made]] = {
    "distance": _distance,
    "share": _share,
}
