"""Spoil files of every kind for some minutes a reader; what is no clear error is a find.

    python benchmarks/fuzz.py --minutes 10 [--readers drawings,text] [--seed 0] [--keep FOLDER]

A reader is what a user calls: ``read_layer`` (by families of formats: tables, text, drawings with
``lots_from_cad``), ``read_ledger`` (lists), ``read_table``, ``read_workbook`` and ``read_mapping``
(tables), ``read_project`` (stores), and the repair of text. Its minutes are shared among its kinds
of files. Each kind is read in a process of its own, so that a crash or a hang (20 s) is a find too,
and the file that caused it is kept. What was run and found is printed as a table.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.io.subjects import READERS, SUBJECTS, tried  # noqa: E402

HANG_S = 20


def read_until(kind: str, seconds: float, seed: int, folder: Path) -> int:
    """Read spoilt files until the time is up; give how many were read."""
    warnings.simplefilter("error")
    # What is not spoilt stands apart, so that nothing but the spoilt copy is looked at.
    (folder / "whole").mkdir()
    whole = SUBJECTS[kind].make(folder / "whole")
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        shutil.rmtree(folder / "now", ignore_errors=True)
        (folder / "count").write_text(str(count), encoding="utf-8")
        if hasattr(signal, "alarm"):
            signal.alarm(HANG_S)
        tried(kind, whole, folder / "now", random.Random(seed + count))
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        count += 1
    (folder / "count").write_text(str(count), encoding="utf-8")
    return 0


def fuzz(kind: str, seconds: float, seed: int, keep: Path) -> tuple[int, list[str]]:
    """Run one kind, again after each find, until its time is up."""
    end, total = time.monotonic() + seconds, 0
    finds: list[str] = []
    while (left := end - time.monotonic()) > 1:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--child", kind, str(left), str(seed), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            state = Path(folder) / "count"
            count = int(state.read_text(encoding="utf-8")) if state.exists() else 0
            total, seed = total + count, seed + count + 1
            if done.returncode != 0:
                last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
                finds.append(f"{last} (exit {done.returncode}, seed {seed - 1})")
                if (Path(folder) / "now").exists():
                    kept = keep / f"{kind}-{len(finds)}"
                    shutil.copytree(Path(folder) / "now", kept, dirs_exist_ok=True)
                    (kept / "trace.txt").write_text(done.stderr, encoding="utf-8")
                if not state.exists():
                    break
    return total, finds


def main() -> int:
    """Share the time among the kinds of each reader and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="minutes a reader")
    parser.add_argument("--readers", default=",".join(READERS))
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", nargs=4)
    asked = parser.parse_args()
    if asked.child:
        kind, seconds, seed, folder = asked.child
        try:
            return read_until(kind, float(seconds), int(seed), Path(folder))
        except BaseException:
            traceback.print_exc()
            return 1
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    failed = 0
    print(f"{'reader':14} {'kind':16} {'minutes':>8} {'files':>8}  finds (kept in {keep})")
    for reader in asked.readers.split(","):
        kinds = list(READERS[reader])
        minutes = asked.minutes / len(kinds)
        for kind in kinds:
            total, finds = fuzz(kind, minutes * 60, asked.seed, keep)
            failed += len(finds)
            said = "; ".join(find[:200] for find in finds) or "none"
            print(f"{reader:14} {kind:16} {minutes:8.1f} {total:8}  {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
