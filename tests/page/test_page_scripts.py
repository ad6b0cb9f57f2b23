"""The scripts of the pages: types, lint, and what can be wrong with them without a browser."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests import programs

ROOT = programs.TOOLS.parent
OWN = ("kcngeo/maps/assets", "kcngeo/publish", "tests/page")


def test_scripts_are_typed_and_linted_and_pass_their_own_tests() -> None:
    own = ROOT / "tests" / "page"
    tools = programs.TOOLS / "node_modules" / ".bin"
    if not (tools / "tsc").exists():
        reason = "no typescript (with CI=true, run.py test fetches it by npm)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    lint = [tools / "oxlint", "-c", own / ".oxlintrc.json", "--ignore-pattern", "**/leaflet.js"]
    asked: list[list[object]] = [
        [tools / "tsc", "-p", own],
        [*lint, *OWN],
        ["node", "--test", *sorted(own.glob("*.test.mjs"))],
    ]
    running = [
        subprocess.Popen(
            [str(word) for word in one],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for one in asked
    ]
    said = [one.communicate()[0] for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], "\n".join(said)
