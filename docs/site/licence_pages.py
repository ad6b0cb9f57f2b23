"""The page of licences: what an installation holds, and what of others lies in the package."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from importlib.resources import files
from pathlib import Path

from reference_pages import heading, table_lines, word

LOCK = Path(__file__).resolve().parents[2] / "locks" / "main.txt"
_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)", flags=re.MULTILINE)


def libraries() -> dict[str, list[str]]:
    """The libraries of the main part, each with the versions of its systems and Pythons."""
    found: dict[str, list[str]] = {}
    for pin in _PIN.finditer(LOCK.read_text(encoding="utf-8")):
        found.setdefault(pin["name"], []).append(pin["version"])
    return found


def licences_page(language: str) -> str:
    """Every library with its versions and licence, as it states it itself."""
    heads = [word(f"licences.{name}", language) for name in ("what", "version", "licence")]
    rows = [
        (f"`{name}`", ", ".join(versions), licence_of(name) or word("licences.absent", language))
        for name, versions in libraries().items()
    ]
    vendored = tomllib.loads((files("kcngeo.maps") / "assets/VENDORED.toml").read_text("utf-8"))
    inside = [(one["package"], one["version"], one["licence"]) for one in vendored.values()]
    ground = (word("licences.ground", language), "2025", "MIT")
    return "\n".join(
        [
            *heading("licences", language),
            *table_lines(heads, rows),
            f"## {word('licences.inside', language)}",
            "",
            *table_lines(heads, [*inside, ground]),
        ]
    )


def licence_of(name: str) -> str | None:
    """What a library says of its licence; None if it is not installed on this system."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return None
    return told.get("License-Expression") or _classified(told) or _first_line(told)


def _classified(told: PackageMetadata) -> str:
    kinds = [one.split(" :: ") for one in told.get_all("Classifier") or ()]
    return ", ".join(kind[-1] for kind in kinds if kind[0] == "License" and len(kind) > 2)


def _first_line(told: PackageMetadata) -> str:
    lines = [line.strip() for line in (told.get("License") or "").splitlines() if line.strip()]
    return lines[0] if lines else "?"
