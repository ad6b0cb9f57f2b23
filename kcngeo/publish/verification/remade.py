"""Compare a folder with what the project gives again, file by file and fact by fact."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kcngeo.publish.content import pieces_of
from kcngeo.publish.manifest import NAME, manifest_of, versions
from kcngeo.publish.verification.contents import contents, is_data
from kcngeo.publish.verification.verdict import PROJECT, Difference

if TYPE_CHECKING:
    from kcngeo.publish.bundle import Bundle

MOST = 12
"""Cells of one file that are named; of more the number is told."""

# Copies of layers that somebody edited, of earlier runs: no project gives them again.
_KEPT = re.compile(r"[^/]+\.backup-\d+/[^/]+|[^/]+\.qgz~")
# What a manifest says of the run itself; its options may name the moment or leave it out.
_OF_THE_RUN = ("digest", "outputs", "inputs", "versions", "options", "tables")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """What comparing with the product made again gave; see :class:`.verdict.Verdict`."""

    differences: tuple[Difference, ...]
    proved: tuple[str, ...]
    same: tuple[str, ...]
    unproved: tuple[str, ...]
    notes: tuple[tuple[str, Mapping[str, str]], ...]
    is_exact: bool


def compare_remade(
    bundle: Bundle,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> Remade:
    """Make every file again and compare: bytes where the versions are equal, content otherwise."""
    language = manifest["language"]
    offered = (*bundle.parts, *bundle.on_request)
    parts = [part for part in offered if part in manifest["parts"]]
    made = {
        name: b"".join(pieces_of(make()))
        for part in parts
        for name, make in bundle.files(part, language=language).items()
    }
    again = json.loads(
        manifest_of(bundle, language=language, outputs={}, inputs=inputs, parts=parts)
    )
    other = _other_versions(manifest)
    notes: list[tuple[str, Mapping[str, str]]] = []
    if other:
        notes.append(("other_versions", {"versions": ", ".join(other)}))
    if again["inputs"] and again["inputs"] != manifest.get("inputs"):
        notes.append(("project_moved", {}))
    told: dict[str, list[str]] = {"proved": [], "same": [], "unproved": []}
    differences = [*_of_manifest(manifest, again, exact=not other)]
    for name, data in made.items():
        if name not in files:
            if name not in manifest["outputs"]:
                differences.append(Difference(kind="not_made", name=name))
        elif files[name] == data:
            told["proved"].append(name)
        elif other and not is_data(name):
            told["unproved"].append(name)
        else:
            found, more = _of_file(name, files[name], data, exact=not other)
            differences += found
            if more:
                notes.append(("more_cells", {"name": name, "count": str(more)}))
            if not found:
                told["same"].append(name)
    for name in sorted(set(manifest["outputs"]) - set(made)):
        if _KEPT.fullmatch(name):
            notes.append(("kept_copy", {"name": name}))
        else:
            differences.append(Difference(kind="not_remade", name=name))
    return Remade(
        differences=tuple(differences),
        **{name: tuple(names) for name, names in told.items()},
        notes=tuple(notes),
        is_exact=not other,
    )


def _other_versions(manifest: Mapping[str, Any]) -> list[str]:
    """Name what made the folder in another version than is installed."""
    said = manifest.get("versions")
    if not isinstance(said, dict):
        return ["?"]
    mine = versions()
    return [
        f"{name} {said.get(name, '–')} → {mine.get(name, '–')}"
        for name in dict.fromkeys([*said, *mine])
        if said.get(name) != mine.get(name)
    ]


def _of_manifest(
    manifest: Mapping[str, Any], again: Mapping[str, Any], *, exact: bool
) -> Iterator[Difference]:
    """Compare what the manifest says with what one made now would say."""
    for name in dict.fromkeys([*manifest["tables"], *again["tables"]]):
        if manifest["tables"].get(name) != again["tables"].get(name):
            yield Difference(kind="content", table=name, name=name)
    said, now = (
        {"options": {k: v for k, v in one["options"].items() if k != "known_at"}}
        | {name: value for name, value in one.items() if name not in _OF_THE_RUN}
        for one in (manifest, again)
    )
    mine, theirs = (dict(_flat(one, "", exact=exact)) for one in (said, now))
    for place in dict.fromkeys([*mine, *theirs]):
        # By another version of PROJ an operation may be called otherwise.
        if mine.get(place) != theirs.get(place) and (exact or not place.startswith("crs")):
            says = ((NAME, mine.get(place, "")), (PROJECT, theirs.get(place, "")))
            yield Difference(kind="fact", name=place, says=says)


def _flat(value: Any, place: str, *, exact: bool) -> Iterator[tuple[str, str]]:
    """Give every leaf of a manifest by its place."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(one, f"{place}.{name}" if place else str(name), exact=exact)
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _flat(one, f"{place}[{at}]", exact=exact)
    elif isinstance(value, float) and not exact:
        yield place, f"{value:.12g}"
    else:
        yield place, json.dumps(value, ensure_ascii=False)


def _of_file(name: str, mine: bytes, theirs: bytes, *, exact: bool) -> tuple[list[Difference], int]:
    """Say where a file differs from the one made again, and how many cells are not named."""
    said, now = contents(name, mine, exact=exact), contents(name, theirs, exact=exact)
    if said is None or now is None:
        return [Difference(kind="bytes", name=name)], 0
    places = [place for place in dict.fromkeys([*now, *said]) if said.get(place) != now.get(place)]
    if not places:
        return ([Difference(kind="bytes", name=name)] if exact else []), 0
    found = [
        Difference(
            kind="cell",
            name=name,
            table=table,
            row=row,
            column=column,
            says=(
                (name, said.get((table, row, column), "")),
                (PROJECT, now.get((table, row, column), "")),
            ),
        )
        for table, row, column in places[:MOST]
    ]
    return found, len(places) - len(found)
