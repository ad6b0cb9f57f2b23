"""Ask kcngeo and named peers the same of the same files, and compare answers, time and memory.

``python benchmarks/run.py`` makes estates of ten thousand, a hundred thousand and a million lots
and puts every question of :mod:`questions` to every way, each in a process of its own, so that its
memory is its own too; files, answers and the reading of them are not timed. Seconds are those of
the processors, all threads together, the least of the rounds; what counts is the ratio to kcngeo,
and how time grows with size: the exponent between the two largest estates, 1 where it is linear. It
writes ``results.json`` and the page ``results.md``, and ends with 1 where answers differ. A way
that would take too long at a size, by how it grew so far, is left out there, and it is said.

``--sizes 10000`` is a quick look, ``--against OLD.json`` sets another run beside this one, of
another commit for example. Needs the extra ``bench``; what is not installed is left out and named.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from questions import QUESTIONS, make
from rasters import peak_mb

HOME = Path(__file__).resolve().parent
SIZES = (10_000, 100_000, 1_000_000)
LIBRARIES = (
    *("kcngeo", "numpy", "pandas", "geopandas", "shapely", "pyarrow", "duckdb", "sedonadb"),
    *("exactextract", "rasterstats"),
)
OURS = "kcngeo"


def main() -> int:
    """Run all comparisons, write the results, and tell whether all answers agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="lots of the estates")
    parser.add_argument("--only", nargs="+", default=list(QUESTIONS), choices=list(QUESTIONS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--longest", type=float, default=90, help="seconds a way may take a round")
    parser.add_argument("--out", type=Path, default=HOME, help="folder of the results")
    parser.add_argument("--against", type=Path, help="results.json of another run")
    parser.add_argument("--one", nargs=4, metavar=("QUESTION", "WAY", "FOLDER", "OUT"))
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(*args.one, rounds=args.rounds)))
        return 0
    begun = time.perf_counter()
    runs: list[dict[str, Any]] = []
    told: dict[str, Any] = {"machine": machine(), "versions": versions(), "commit": commit()}
    for size in sorted(args.sizes):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{size:,} lots: {make(Path(folder), size)}", flush=True)
            for question in args.only:
                runs += compared(question, Path(folder), size, runs, args)
    told |= {"minutes": round((time.perf_counter() - begun) / 60, 1), "runs": runs}
    args.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (args.out / "results.json").write_text(text, encoding="utf-8")
    (args.out / "results.md").write_text(page(told), encoding="utf-8")
    if args.against:
        print(beside(runs, json.loads(args.against.read_text("utf-8"))))
    return int(any(one.get("agrees") is False for one in runs))


def one(question: str, way: str, folder: str, out: str, *, rounds: int) -> dict[str, float]:
    """Answer one way, in this process; keep the answer and tell what it took."""
    work, laid_out = QUESTIONS[question].ways[way](Path(folder))
    read_mb, work_s, clock_s = peak_mb(), math.inf, math.inf
    for _ in range(rounds):
        clock, busy = time.perf_counter(), time.process_time()
        result = work()
        work_s = min(work_s, time.process_time() - busy)
        clock_s = min(clock_s, time.perf_counter() - clock)
    took = {"work_s": work_s, "clock_s": clock_s, "read_mb": read_mb, "peak_mb": peak_mb()}
    np.save(out, laid_out(result))
    return took


def compared(
    question: str, folder: Path, size: int, before: list[dict[str, Any]], args: argparse.Namespace
) -> list[dict[str, Any]]:
    """Put a question to every way at one size."""
    asked = QUESTIONS[question]
    runs: list[dict[str, Any]] = []
    answer = None
    for way in asked.ways:
        run: dict[str, Any] = {"question": question, "way": way, "lots": size}
        foreseen_s = foreseen(before, question, way, size)
        if way != OURS and foreseen_s > args.longest:
            run["left_out"] = f"would take some {foreseen_s:.0f} s"
        else:
            out = folder / "answer.npy"
            command = [sys.executable, __file__, "--one", question, way, str(folder), str(out)]
            # What takes long is asked once: a round more or less hardly moves its ratio.
            rounds = args.rounds if foreseen_s < args.longest / 4 else 1
            command += ["--rounds", str(rounds)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                run["left_out"] = done.stderr.strip().splitlines()[-1]
            else:
                run |= json.loads(done.stdout)
                mine = np.load(out)
                answer = mine if answer is None else answer
                run["agrees"] = mine.shape == answer.shape and np.allclose(
                    mine, answer, rtol=asked.rtol, atol=asked.atol, equal_nan=True
                )
        print(f"  {question:7} {way:24} {line(run)}", flush=True)
        runs.append(run)
    return runs


def line(run: dict[str, Any]) -> str:
    """Say in a line what became of a way."""
    if "left_out" in run:
        return f"left out: {run['left_out']}"
    differs = "" if run["agrees"] else "  ANSWERS DIFFER"
    return f"{run['work_s']:8.3g} s {run['peak_mb']:7.0f} MB{differs}"


def timed(runs: list[dict[str, Any]], question: str, way: str) -> dict[int, dict[str, Any]]:
    """Give the runs of a way that were timed, by size."""
    return {
        run["lots"]: run
        for run in runs
        if (run["question"], run["way"]) == (question, way) and "work_s" in run
    }


def exponent(runs: list[dict[str, Any]], question: str, way: str) -> float:
    """Tell how time grows between the two largest estates; missing where there is but one."""
    known = timed(runs, question, way)
    if len(known) < 2:
        return math.nan
    small, large = sorted(known)[-2:]
    return math.log(known[large]["work_s"] / known[small]["work_s"]) / math.log(large / small)


def foreseen(runs: list[dict[str, Any]], question: str, way: str, size: int) -> float:
    """Foresee the seconds of a way at a size, by the largest estate so far; 0 before any."""
    known = timed(runs, question, way)
    if not known:
        return 0.0
    last = max(known)
    grown = exponent(runs, question, way)
    return known[last]["work_s"] * (size / last) ** max(1.0, 0.0 if math.isnan(grown) else grown)


def machine() -> dict[str, Any]:
    """Tell what ran, and how busy it was."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "day": time.strftime("%Y-%m-%d"),
    }


def versions() -> dict[str, str | None]:
    """Tell the versions of all libraries; None where one is not installed."""
    found: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def commit() -> str:
    """Name the commit that runs."""
    words = ["git", "-C", str(HOME), "describe", "--always", "--dirty"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def page(told: dict[str, Any]) -> str:
    """Write the results as a page."""
    runs, ran = told["runs"], told["machine"]
    sizes = sorted({run["lots"] for run in runs})
    known = {name: one for name, one in told["versions"].items() if one}
    lines = [
        "# Results",
        "",
        f"`python benchmarks/run.py` on {ran['day']}, {ran['system']}, Python {ran['python']}, "
        f"{ran['cores']} cores, load {ran['load']} when it began, {told['minutes']} minutes in "
        f"all, commit {told['commit']}; {', '.join(f'{a} {b}' for a, b in known.items())}.",
        "",
        "Processor seconds of all threads, how many times the seconds of kcngeo, and the most "
        "memory of the process, with what it had read. Every answer was compared with that of "
        "kcngeo. The exponent is that of time over lots between the two largest estates.",
        "",
        "| question | way | " + " | ".join(f"{size:,} lots" for size in sizes) + " | exponent |",
        "|" + "---|" * (len(sizes) + 3),
    ]
    for question, way in dict.fromkeys((run["question"], run["way"]) for run in runs):
        cells = [cell(runs, question, way, size) for size in sizes]
        grown = exponent(runs, question, way)
        title = QUESTIONS[question].title if way == OURS else ""
        ended = "" if math.isnan(grown) else f"{grown:.2f}"
        lines.append("| " + " | ".join([title, way, *cells, ended]) + " |")
    return "\n".join(lines) + "\n"


def cell(runs: list[dict[str, Any]], question: str, way: str, size: int) -> str:
    """Write what a way took at a size."""
    mine, ours = (timed(runs, question, one).get(size) for one in (way, OURS))
    if mine is None:
        said = [
            run["left_out"]
            for run in runs
            if (run["question"], run["way"], run["lots"]) == (question, way, size)
        ]
        return said[0].replace("|", " ") if said else ""
    ratio = "" if ours is None or way == OURS else f"{mine['work_s'] / ours['work_s']:.2f} × · "
    differs = "" if mine["agrees"] else " · **differs**"
    return f"{mine['work_s']:.3g} s · {ratio}{mine['peak_mb']:.0f} MB{differs}"


def beside(runs: list[dict[str, Any]], other: dict[str, Any]) -> str:
    """Set the seconds of kcngeo beside those of another run."""
    lines = [f"beside {other['commit']}, processor seconds then and now:"]
    for run in runs:
        then = timed(other["runs"], run["question"], run["way"]).get(run["lots"])
        if run["way"] == OURS and "work_s" in run and then is not None:
            ratio = run["work_s"] / then["work_s"]
            said = f"{then['work_s']:.2f} → {run['work_s']:.2f} s, {ratio:.2f} times"
            lines.append(f"  {run['question']:7} {run['lots']:9,} lots: {said}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
