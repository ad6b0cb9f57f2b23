"""Keep the figures of the first house. Belongs to one commit and is never run on newer code.

The figures stand for what the code of commit 9d06823 says of the sample project. Running this on
later code would keep its mistakes as the truth, so it refuses unless the folder `kcngeo` of the
checked-out commit is that of 9d06823 and nothing in it was changed since.

    python -m tests.first_house.record                    every table
    python -m tests.first_house.record calls/rates        one table
    python -m tests.first_house.record commands/monthly   the tables of one command
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kcngeo import io
from tests.first_house import runs, tables

COMMIT = "9d06823"


def refuse_other_code() -> None:
    """Stop unless the code is that of the commit."""

    def git(*words: str) -> str:
        line = ["git", *words]
        done = subprocess.run(line, cwd=runs.ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    if git("rev-parse", "HEAD:kcngeo") != git("rev-parse", f"{COMMIT}:kcngeo"):
        raise SystemExit(f"The figures are those of {COMMIT}; this is other code.")
    if git("status", "--porcelain", "--", "kcngeo", runs.RUNS["project"]):
        raise SystemExit("kcngeo or the sample project was changed; nothing was kept.")


def main(wanted: list[str]) -> None:
    """Compute and keep the tables asked for."""
    refuse_other_code()
    project = io.read_project(str(runs.PROJECT))
    with tempfile.TemporaryDirectory() as made:
        files = runs.files_for(project, Path(made))
        for call in runs.RUNS["calls"]:
            topic = call["topic"]
            if not wanted or f"calls/{topic}" in wanted:
                since = time.monotonic()
                table = runs.answer(project, topic, runs.asked(call), files)
                tables.write(table, runs.kept("calls", topic))
                print(f"{topic}: {len(table)} rows, {time.monotonic() - since:.1f} s")
        for name, some in runs.commands().items():
            if not wanted or f"commands/{name}" in wanted:
                since = time.monotonic()
                made_tables = runs.gathered(some, files, Path(made))
                for table_name, table in made_tables.items():
                    tables.write(table, runs.kept("commands", table_name))
                print(f"{name}: {len(made_tables)} tables, {time.monotonic() - since:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
