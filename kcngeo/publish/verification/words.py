"""What verification tells a person: the verdict first, then why, then what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kcngeo.core.texts import text
from kcngeo.publish.verification.verdict import PROJECT, Difference, Verdict
from kcngeo.theme import number

MOST_LINES = 20
"""Lines of a group that are printed; of more the number is told."""

_OF_MANIFEST = ("missing", "changed", "unknown")
_OF_PROJECT = ("content", "bytes", "not_made", "not_remade")


def verdict_lines(verdict: Verdict, *, path: Path, language: str) -> Iterator[str]:
    """Say a verdict, line by line."""

    def say(key: str, **fields: object) -> str:
        return text(f"verify.{key}", language=language, **fields)

    files = len(verdict.files)
    if verdict.is_refuted:
        yield say("refuted", path=path)
        groups = _grouped(verdict.differences)
        for group, found in groups.items():
            if found:
                yield say(f"group_{group}")
                yield from _listed(found, language)
        yield say("what_to_do")
        if verdict.is_no_recipe or (verdict.proved is None and groups["itself"]):
            key = "the_manifest_no_recipe" if verdict.is_no_recipe else "ask_the_project"
            yield say(key, path=path)
    elif verdict.proved is None:
        twice = sum(len(held) > 1 for held in verdict.compared.values())
        cells = number(verdict.cells, language=language, decimals=0)
        yield say("agrees", path=path, files=files, tables=twice, cells=cells)
    elif len(verdict.proved) == files:
        yield say("proven", path=path, files=files)
    else:
        proved, same = len(verdict.proved), len(verdict.same)
        yield say("content_agrees", path=path, proved=proved, same=same)
    for key, fields in verdict.notes:
        yield say(key, **fields)
    if verdict.unproved:
        yield say("unproved", names=", ".join(verdict.unproved))
    if verdict.proved is None and verdict.once and not verdict.is_refuted:
        yield say("once", names="; ".join(verdict.once))
        yield say("prove_once", path=path)


def _grouped(differences: Sequence[Difference]) -> dict[str, list[Difference]]:
    groups: dict[str, list[Difference]] = {
        "signature": [],
        "manifest": [],
        "project": [],
        "itself": [],
    }
    for one in differences:
        said = {name for name, _ in one.says}
        if one.kind.startswith("signature"):
            groups["signature"].append(one)
        elif one.kind in _OF_MANIFEST:
            groups["manifest"].append(one)
        else:
            is_projects = one.kind in _OF_PROJECT or PROJECT in said
            groups["project" if is_projects else "itself"].append(one)
    return groups


def _listed(found: Sequence[Difference], language: str) -> Iterator[str]:
    for one in found[:MOST_LINES]:
        yield f"  {one.message(language)}"
    if len(found) > MOST_LINES:
        yield "  " + text("verify.more", language=language, count=len(found) - MOST_LINES)
