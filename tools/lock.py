"""Write down every version that was tested, with the hashes of its files: `locks/*.txt`.

    python tools/lock.py [--upgrade]

A lock is what `run.py` installs from: a set of libraries and the tools that build the project, for
every system and Python it runs on. All sets hold the same versions, those of the tests; without
`--upgrade` they stay where the bounds of `pyproject.toml` allow it. Needs uv. Options go to it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "locks"
# Each set by the extra it adds; what the tests need holds all of them and comes first.
SETS = {"dev": "dev", "docs": "docs", "cluster": "cluster", "main": None}
# What judges a release; it has nothing to do with what the project needs.
RELEASE = ("cyclonedx-bom>=7", "twine>=6")
RESOLVE = (
    *("uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal"),
    *("--python-version", "3.11", "--no-header", "--no-annotate"),
)


def build_tools() -> list[str]:
    """What builds the project; hatchling asks for editables only while it runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [*project["build-system"]["requires"], "editables"]


def command(name: str, options: list[str]) -> list[str]:
    """Say how a set is resolved: the versions of the tests decide for the others."""
    extra = SETS[name]
    chosen = ["--extra", extra] if extra else []
    bound = options if name == "dev" else ["--constraints", "locks/dev.txt"]
    out = ["--output-file", f"locks/{name}.txt"]
    return [*RESOLVE, *chosen, *bound, *out, "pyproject.toml", "-"]


def main(options: list[str]) -> int:
    """Resolve one set after the other."""
    LOCKS.mkdir(exist_ok=True)
    tools = "\n".join(build_tools())
    asked = {name: (command(name, options), tools) for name in SETS}
    own = [*RESOLVE, *options, "--output-file", "locks/release.txt", "-"]
    asked["release"] = (own, "\n".join(RELEASE))
    for name, (resolve, wanted) in asked.items():
        done = subprocess.run(resolve, cwd=ROOT, input=wanted, text=True, check=False)
        if done.returncode != 0:
            return done.returncode
        pins = (LOCKS / f"{name}.txt").read_text(encoding="utf-8").count("==")
        print(f"locks/{name}.txt: {pins} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
