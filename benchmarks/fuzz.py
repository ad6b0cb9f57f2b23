"""Spoil files of every format for some minutes and read each; what is no clear error is a find.

    python benchmarks/fuzz.py --minutes 10 [--kinds shp,dxf] [--seed 0] [--keep FOLDER]

The minutes are shared among the formats: of layers, and of lease lists (xlsx, ods, list).
Each format is read in a process of its own, so that a crash or a hang (20 s) is a find too, and the
file that caused it is kept. What was run and found is printed as a table.
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

from tests.io import bad_input  # noqa: E402
from tests.io.mutations import spoilt  # noqa: E402
from tests.io.sheets import bad_lists  # noqa: E402

HANG_S = 20


def read_until(kind: str, seconds: float, seed: int, folder: Path) -> int:
    """Read spoilt files until the time is up; give how many were read."""
    warnings.simplefilter("error")
    is_list = kind in bad_lists.KINDS
    whole = bad_lists.make(folder, kind) if is_list else bad_input.make(folder, kind, rows=4)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        chance = random.Random(seed + count)
        shutil.rmtree(folder / "now", ignore_errors=True)
        copy = bad_input.copied(whole, folder / "now")
        if is_list:
            bad_lists.spoil(copy, chance)
        else:
            part = chance.choice(bad_input.parts(copy))
            part.write_bytes(spoilt(part.read_bytes(), chance))
        (folder / "count").write_text(str(count), encoding="utf-8")
        if hasattr(signal, "alarm"):
            signal.alarm(HANG_S)
        (bad_lists if is_list else bad_input).outcome(copy)
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        count += 1
    (folder / "count").write_text(str(count), encoding="utf-8")
    return 0


def fuzz(kind: str, seconds: float, seed: int, keep: Path) -> tuple[int, list[str]]:
    """Run one format, again after each find, until its time is up."""
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
                finds.append(f"{last} (exit {done.returncode})")
                if (Path(folder) / "now").exists():
                    shutil.copytree(Path(folder) / "now", keep / f"{kind}-{len(finds)}")
                if not state.exists():
                    break
    return total, finds


def main() -> int:
    """Share the time among the formats and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kinds", default=",".join((*bad_input.KINDS, *bad_lists.KINDS)))
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
    kinds = asked.kinds.split(",")
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    failed = 0
    print(f"{'format':10} {'minutes':>8} {'files':>8}  finds (kept in {keep})")
    for kind in kinds:
        seconds = asked.minutes * 60 / len(kinds)
        total, finds = fuzz(kind, seconds, asked.seed, keep)
        failed += len(finds)
        print(f"{kind:10} {seconds / 60:8.1f} {total:8}  {'; '.join(finds) or 'none'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
