"""What the files of the registry may hold, and how an entry is made of what they hold.

A file that breaks its schema is refused with every breach at once: unknown keys, missing sources
or titles, dates that cross, bands that overlap or leave gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kcngeo.core.model import LEASABLE, Finding, LandUse, Severity, Verified
from kcngeo.standards.distances import (
    EMITTERS,
    FACILITIES,
    MEASURED_FROM,
    PLACES,
    RECEPTORS,
    Band,
    BufferRule,
    band_faults,
)
from kcngeo.standards.entries import (
    DAYS,
    ITEMS,
    ZONE,
    Criterion,
    FillDefinition,
    Province,
    Standard,
)
from kcngeo.standards.letting_priors import WORLDS, LettingPrior
from kcngeo.standards.limits import EVENTS, LIMITED, UNITS, BalanceItem, Clock, Limit
from kcngeo.standards.map_accuracy import MapAccuracy, Place
from kcngeo.standards.palettes import Palette
from kcngeo.standards.pollution import LEVELS, PollutionActivity
from kcngeo.standards.readiness_levels import TESTS, ReadinessRule
from kcngeo.standards.sectors import Sector
from kcngeo.standards.unread_texts import UnreadText
from kcngeo.standards.value_kinds import KINDS, NO_LAW, UNREAD, is_day

MEASURES = ("fill_rate", "wastewater_running", "remaining_ha")
"""What a condition for a zone may measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What may stand under one key of an entry.

    Attributes
    ----------
    kind
        A name of :data:`KINDS`.
    required
        Whether the key must be there.
    choices
        The closed list of its values; empty if any goes.
    """

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of entries: the class they become, and their keys.

    Attributes
    ----------
    entry
        The class.
    keys
        What may stand in an entry, by key.
    """

    entry: type[Standard]
    keys: Mapping[str, Key]


_COMMON = {
    "title": Key(kind="titles", required=True),
    "source": Key(kind="text", required=True),
    "verified": Key(kind="text", required=True, choices=tuple(Verified)),
    "edition": Key(kind="text", required=True),
    "in_force_from": Key(kind="since", required=True),
    "in_force_to": Key(kind="until"),
    "checked_on": Key(kind="day", required=True),
    "note": Key(kind="text"),
    "source_vi": Key(kind="text"),
    "note_vi": Key(kind="text"),
}
_BAND = {
    "distance_m": Key(kind="positive", required=True),
    "hazard_class": Key(kind="text"),
    "pollution_level": Key(kind="text", choices=LEVELS),
    "capacity_from_m3_day": Key(kind="number"),
    "capacity_above_m3_day": Key(kind="number"),
    "capacity_below_m3_day": Key(kind="positive"),
    "capacity_up_to_m3_day": Key(kind="positive"),
}


def _group(entry: type[Standard], **keys: Key) -> Group:
    return Group(entry=entry, keys={**_COMMON, **keys})


GROUPS = {
    "fill_rate": _group(
        FillDefinition,
        uses=Key(kind="texts", required=True, choices=LEASABLE),
        numerator=Key(kind="weights"),
        base=Key(kind="weights", required=True),
        reading_of=Key(kind="text"),
    ),
    "eligibility": _group(
        Criterion,
        kind=Key(kind="text", required=True, choices=("new", "extension")),
        measure=Key(
            kind="text",
            required=True,
            choices=MEASURES,
        ),
        at_least=Key(kind="number"),
        below=Key(kind="number"),
        alternative_to=Key(kind="text", choices=MEASURES),
    ),
    "province": _group(
        Province,
        central_meridian=Key(kind="positive", required=True),
        epsg=Key(kind="count", required=True),
    ),
    "buffer": _group(
        BufferRule,
        emitters=Key(kind="texts", required=True, choices=EMITTERS),
        receptors=Key(kind="texts", required=True, choices=RECEPTORS),
        facilities=Key(kind="texts", choices=FACILITIES),
        enclosed=Key(kind="flag"),
        place=Key(kind="text", choices=PLACES),
        measured_from=Key(kind="text", choices=MEASURED_FROM),
        distances=Key(kind="bands"),
    ),
    "balance": _group(
        BalanceItem,
        item=Key(kind="text", required=True, choices=tuple(LandUse)),
        required_share=Key(kind="share", required=True),
    ),
    "limit": _group(
        Limit,
        subject=Key(kind="text", required=True, choices=tuple(LIMITED)),
        measure=Key(
            kind="text",
            required=True,
            choices=tuple(measure for some in LIMITED.values() for measure in some),
        ),
        unit=Key(kind="text", required=True, choices=UNITS),
        at_least=Key(kind="number"),
        at_most=Key(kind="number"),
        storeys_from=Key(kind="count"),
        storeys_to=Key(kind="count"),
    ),
    "clock": _group(
        Clock,
        event=Key(kind="text", required=True, choices=EVENTS),
        months=Key(kind="count"),
    ),
    "readiness": _group(
        ReadinessRule,
        **{
            f"level_{number}": Key(kind="texts", required=True, choices=TESTS)
            for number in range(1, 6)
        },
        serviced_from=Key(kind="count", required=True),
        reach_m=Key(kind="positive", required=True),
        fire_road_m=Key(kind="positive", required=True),
    ),
    "pollution": _group(
        PollutionActivity,
        item=Key(kind="count", required=True),
        unit=Key(kind="text"),
        large_from=Key(kind="positive"),
        medium_from=Key(kind="positive"),
    ),
    "sector": _group(Sector, words=Key(kind="texts", required=True), plan=Key(kind="flag")),
    "unread": _group(
        UnreadText, where=Key(kind="titles", required=True), affects=Key(kind="texts")
    ),
    "palette": _group(
        Palette,
        year=Key(kind="count", required=True),
        colors=Key(kind="colors", required=True),
    ),
    "place": _group(
        Place,
        west=Key(kind="number", required=True),
        south=Key(kind="number", required=True),
        east=Key(kind="number", required=True),
        north=Key(kind="number", required=True),
        zone_ids=Key(kind="texts"),
        province=Key(kind="text"),
    ),
    "map_accuracy": _group(
        MapAccuracy,
        scale=Key(kind="count", required=True),
        boundary_error_m=Key(kind="positive", required=True),
    ),
    "lettings": _group(
        LettingPrior,
        **{name: Key(kind="numbers", required=True) for name in WORLDS},
        drift_kept=Key(kind="share", required=True),
        season_chance=Key(kind="share", required=True),
        season_strength=Key(kind="positive", required=True),
        tail_share=Key(kind="share", required=True),
        tail_index=Key(kind="positive", required=True),
        tail_events=Key(kind="positive", required=True),
        ended_tenancies=Key(kind="positive", required=True),
        tenant_years=Key(kind="positive", required=True),
        changed_factor=Key(kind="positive", required=True),
        changed_from=Key(kind="share", required=True),
        unknown_from=Key(kind="positive", required=True),
    ),
}
"""The groups a file may hold, by their name in it."""


def problems_of(group: str, name: str, fields: Mapping[str, Any], *, file: str) -> list[Finding]:
    """List what is wrong with one entry of a file."""
    where = f"{group}.{name}"
    problems = key_problems(fields, GROUPS[group].keys, where, file)
    if problems:
        return problems
    since, until = fields["in_force_from"], fields.get("in_force_to")
    # Only what is no law has no end; of a law it is a day, or said to be open or unread.
    if since == NO_LAW and until is not None:
        problems.append(problem("standard_no_law", where, file, until=until))
    elif since != NO_LAW and until is None:
        problems.append(problem("standard_missing_key", where, file, column="in_force_to"))
    elif is_day(since) and is_day(until) and until <= since:
        problems.append(problem("standard_dates", where, file, since=since, until=until))
    if group == "fill_rate":
        problems += _weight_problems(fields, where, file)
    if group == "buffer":
        problems += _band_problems(fields.get("distances", []), where, file)
    if group == "lettings":
        problems += _world_problems(fields, where, file)
    if group in ("eligibility", "limit"):
        problems += _bound_problems(group, fields, where, file)
    return problems


def entry_of(group: str, name: str, fields: Mapping[str, Any], *, origin: str) -> Standard:
    """Make an entry of what stands in a file; its problems must have been asked for before."""
    made: dict[str, Any] = {**fields, "verified": Verified(fields["verified"])}
    made["is_law"] = made["in_force_from"] != NO_LAW
    made["unread"] = tuple(key for key in DAYS if made.get(key) == UNREAD)
    made.update({key: None for key in DAYS if not is_day(made.get(key))})
    if group == "fill_rate":
        made["uses"] = tuple(LandUse(use) for use in made["uses"])
        for line in ("numerator", "base"):
            made[line] = _weights(made.get(line, {"leased": 1}), made["uses"])
    if group == "balance":
        made["item"] = LandUse(made["item"])
    if group == "place":
        made["zone_ids"] = tuple(made.get("zone_ids", ()))
    if group == "unread":
        made["affects"] = tuple(made.get("affects", ()))
    if group == "buffer":
        made["distances"] = tuple(_band(one) for one in made.get("distances", []))
        for key in ("emitters", "receptors", "facilities"):
            made[key] = tuple(made.get(key, ()))
    if group == "sector":
        made["words"] = tuple(made["words"])
    if group == "lettings":
        made.update({key: tuple(made[key]) for key in WORLDS})
    if group == "readiness":
        made.update({key: tuple(value) for key, value in made.items() if key.startswith("level_")})
    return GROUPS[group].entry(name=name, origin=origin, **made)


def _weights(table: Mapping[str, Any], uses: Sequence[LandUse]) -> dict[tuple[str, str], float]:
    """Spread weights over the land uses that count; a use of its own overrides them."""
    weights: dict[tuple[str, str], float] = {}
    for key, value in table.items():
        if key == ZONE:
            weights["", ZONE] = float(value)
        elif key in ITEMS:
            weights |= {(str(use), key): float(value) for use in uses}
    for use, own in table.items():
        if isinstance(own, Mapping):
            weights |= {(use, item): float(value) for item, value in own.items()}
    return weights


def problem(rule: str, where: str, file: str, **fields: object) -> Finding:
    """Make a finding about an entry of a file."""
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        table=file,
        ids=(where,),
        fields={"entry": where, **fields},
    )


def key_problems(
    fields: Mapping[str, Any], keys: Mapping[str, Key], where: str, file: str
) -> list[Finding]:
    """List the keys that are unknown or missing, and the values that are not of their kind."""
    unknown = [key for key in fields if key not in keys]
    missing = [key for key, rule in keys.items() if rule.required and key not in fields]
    problems = [
        *(problem("standard_unknown_key", where, file, column=key) for key in unknown),
        *(problem("standard_missing_key", where, file, column=key) for key in missing),
    ]
    for key, rule in keys.items():
        if key not in fields:
            continue
        value = fields[key]
        if not KINDS[rule.kind](value):
            wanted = f"standard_{rule.kind}"
            problems.append(problem(wanted, where, file, column=key, value=repr(value)))
        elif rule.choices:
            values = value if isinstance(value, list) else [value]
            strange = [one for one in values if one not in rule.choices]
            if strange:
                choices = " | ".join(rule.choices)
                given = ", ".join(strange)
                problems.append(
                    problem(
                        "standard_choice", where, file, column=key, value=given, choices=choices
                    )
                )
    return problems


def _weight_problems(fields: Mapping[str, Any], where: str, file: str) -> list[Finding]:
    """Refuse weights for a land use that does not count."""
    choices = " | ".join(fields["uses"])
    return [
        problem("standard_choice", where, file, column=line, value=use, choices=choices)
        for line in ("numerator", "base")
        for use, own in fields.get(line, {}).items()
        if isinstance(own, Mapping) and use not in fields["uses"]
    ]


def _band_problems(bands: list[dict[str, Any]], where: str, file: str) -> list[Finding]:
    problems = []
    for number, band in enumerate(bands, start=1):
        problems += key_problems(band, _BAND, f"{where}, distances {number}", file)
    if problems:
        return problems
    faults = band_faults(tuple(_band(band) for band in bands))
    return [problem("standard_bands", where, file, fault=fault) for fault in faults]


def _world_problems(fields: Mapping[str, Any], where: str, file: str) -> list[Finding]:
    """Refuse worlds of which one list tells more than another, or none is possible."""
    wrong = [key for key in WORLDS if len(fields[key]) != len(fields["pace_weight"])]
    if max(fields["pace_persistence"]) >= 1:
        wrong.append("pace_persistence")
    if not sum(fields["pace_weight"]) > 0:
        wrong.append("pace_weight")
    return [
        problem("standard_worlds", where, file, column=key, value=repr(fields[key]))
        for key in dict.fromkeys(wrong)
    ]


def _bound_problems(group: str, fields: Mapping[str, Any], where: str, file: str) -> list[Finding]:
    low, high = ("at_least", "below") if group == "eligibility" else ("at_least", "at_most")
    bounds = [fields[key] for key in (low, high) if key in fields]
    problems = []
    # Nobody may have read what it asks, then it says that it is not verified.
    unread = fields["verified"] == Verified.UNVERIFIED
    too_many = group == "eligibility" and len(bounds) > 1
    if not (bounds or unread) or too_many or bounds != sorted(bounds):
        problems.append(problem("standard_bounds", where, file, low=low, high=high))
    if group == "limit" and fields["measure"] not in LIMITED[fields["subject"]]:
        choices = " | ".join(LIMITED[fields["subject"]])
        told = {"column": "measure", "value": fields["measure"], "choices": choices}
        problems.append(problem("standard_choice", where, file, **told))
    return problems


def _band(fields: Mapping[str, Any]) -> Band:
    """Read one band; its ends are from or above, below or up to."""
    above, up_to = fields.get("capacity_above_m3_day"), fields.get("capacity_up_to_m3_day")
    low = above if above is not None else fields.get("capacity_from_m3_day", 0.0)
    high = up_to if up_to is not None else fields.get("capacity_below_m3_day", float("inf"))
    return Band(
        distance_m=float(fields["distance_m"]),
        hazard_class=fields.get("hazard_class"),
        pollution_level=fields.get("pollution_level"),
        low_m3_day=float(low),
        high_m3_day=float(high),
        low_included=above is None,
        high_included=up_to is not None,
    )
