"""How files of the registry are read: every breach of every entry is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding
from kcngeo.standards.entries import FillDefinition, Standard
from kcngeo.standards.schema import GROUPS, entry_of, problem, problems_of
from kcngeo.standards.unread_texts import UnreadText

FILES = (
    "fill_rates.toml",
    "eligibility.toml",
    "provinces.toml",
    "buffers.toml",
    "land.toml",
    "idle.toml",
    "readiness.toml",
    "survey.toml",
    "lettings.toml",
    "pollution.toml",
    "sectors.toml",
    "palettes.toml",
    "unread.toml",
)
"""The files that come with the library, in the order their entries are shown."""

_SHARED = "provinces"
_OF_ALL = (
    *("source", "source_vi", "verified", "note", "note_vi"),
    *("edition", "in_force_from", "in_force_to", "checked_on"),
)


def entries_of(
    files: Mapping[str, Mapping[str, Any]], *, origin: str, base: Mapping[str, Standard]
) -> dict[str, Standard]:
    """Make the entries of files, or refuse them with everything that is wrong."""
    made: dict[str, Standard] = {}
    problems: list[Finding] = []
    # All that is wrong is said at once, in one error.
    for file, raw in files.items():
        for group, named in _spread(raw).items():
            if group not in GROUPS or not isinstance(named, dict):
                problems.append(problem("standard_group", group, file, groups=" | ".join(GROUPS)))
                continue
            for name, fields in named.items():
                where = f"{group}.{name}"
                if not isinstance(fields, dict):
                    problems.append(problem("standard_group", where, file, groups=f"[{where}]"))
                    continue
                found = problems_of(group, name, fields, file=file)
                if name in made:
                    found.append(problem("standard_twice", where, file))
                # A name stands for one kind: whoever asks for a definition must not get a distance.
                if name in base and not isinstance(base[name], GROUPS[group].entry):
                    found.append(problem("standard_other_kind", where, file, name=name))
                problems += found
                if not found:
                    made[name] = entry_of(group, name, fields, origin=origin)
    known = {**base, **made}
    problems += [*_reading_problems(files, known), *_affected_problems(files, known)]
    if problems:
        raise ContractError(problems)
    return made


def _affected_problems(
    files: Mapping[str, Mapping[str, Any]], known: Mapping[str, Standard]
) -> list[Finding]:
    """Refuse an unread text that names an entry there is not."""
    return [
        problem("standard_affects", f"unread.{name}", file, name=other)
        for file, raw in files.items()
        for name in raw.get("unread", {})
        if isinstance(one := known.get(name), UnreadText)
        for other in one.affects
        if other not in known
    ]


def _reading_problems(
    files: Mapping[str, Mapping[str, Any]], known: Mapping[str, Standard]
) -> list[Finding]:
    """Refuse a reading of what is no definition that stands for itself."""
    plain = [
        name
        for name, one in known.items()
        if isinstance(one, FillDefinition) and not one.reading_of
    ]
    told: dict[str, Any] = {"column": "reading_of", "choices": " | ".join(plain)}
    return [
        problem("standard_choice", f"fill_rate.{name}", file, value=one.reading_of, **told)
        for file, raw in files.items()
        for name in raw.get("fill_rate", {})
        if isinstance(one := known.get(name), FillDefinition)
        and one.reading_of
        and one.reading_of not in plain
    ]


def _spread(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give every province what the table ``provinces`` says of all of them."""
    groups = {name: value for name, value in raw.items() if name != _SHARED}
    shared = raw.get(_SHARED)
    if shared is not None and isinstance(groups.get("province"), dict):
        groups["province"] = {
            name: {
                "title": {"vi": fields["name"], "en": fields["name"]},
                **{key: shared[key] for key in _OF_ALL},
                "central_meridian": fields["central_meridian"],
                "epsg": shared["epsg"][f"{fields['central_meridian']:.2f}"],
            }
            for name, fields in groups["province"].items()
        }
    return groups
