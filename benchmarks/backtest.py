"""How often the forecast's ranges hold, on made-up lettings whose future is known.

``python benchmarks/backtest.py --seeds A B`` makes 400 zones of each kind (see ``histories.py``)
from each first seed, forecasts the let hectares 12, 36 and 60 months after an origin, compares with
what then came, and prints a table, which ``--out`` writes as CSV. It ends with 1 where a mark of a
scored kind is missed, and says which.

covered
    Share of outcomes between p10 and p90. An outcome that many futures share (nothing let, all let)
    is given a place among them at random, so that a range that is right covers 80 % of them too.
    To be 70 to 90 %, of the zones that are told and of all that can be drawn.
not known
    Share of zones for which no range is told: too few lettings, too short a history, or a pace
    that is too open. At most 15 % of a kind the method is made for, 40 % of slow and falling ones.
below, above
    Shares of outcomes below p10 and above p90 (the ends of the PIT, ten bins of it in the CSV).
CRPS
    Continuous ranked probability score, in points of the zone's base so that each zone counts as
    much, and in hectares in the CSV; beside it that of the first method, a constant pace
    (``constant_pace.py``), on the same zones. To be no more than it, where that method was made for
    the kind; ``±`` is two standard errors of the difference.
told ≤ 10 %
    Of the events told to have a chance of at most 10 %, the share that came true, and how many
    there were: that 10, 25, 50, 75 or 100 % of the vacant land is let at the horizon ("more"), and
    that it is not ("less"). To be at most 20 %, where there are 50 events or more.

The kinds that are only shown break what the forecast supposes. Two lines a planner draws by hand
(``baselines``) are shown by their mean pinball loss over p10, p50 and p90.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import constant_pace
import numpy as np
import pandas as pd
from histories import CONSTANT, HORIZONS, KINDS, ORIGIN, SCORED, History, history

import kcngeo as kcn

LEVELS = np.array([0.1, 0.5, 0.9])
SHARES = np.array([0.1, 0.25, 0.5, 0.75, 1.0])
OTHERS = ("slow", "falling")
FEWEST_EVENTS = 50
MONTH_DAYS = 365.25 / 12
SLACK_HA = 1e-6


def main() -> int:
    """Run the back-test, print its table and say what was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=400, help="zones of each kind and seed")
    parser.add_argument("--futures", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the first zones")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--public", type=int, default=20, help="of these, asked by leased_at too")
    parser.add_argument("--out", type=Path, help="CSV of the table")
    args = parser.parse_args()
    lines, missed = [], []
    for kind in args.kinds:
        for seed in args.seeds:
            zones = scored(kind, args.histories, seed, args.futures)
            for months, rows in zones.groupby("months"):
                line = summary(kind, seed, int(months), rows)
                missed += [] if kind not in SCORED else marks(line)
                lines.append(line)
                say(line, first=len(lines) == 1)
            if args.public:
                compare_public(kind, seed, args.public)
    if args.out:
        pd.DataFrame(lines).round(4).to_csv(args.out, index=False, lineterminator="\n")
    print("missed:\n  " + "\n  ".join(missed) if missed else "held on every scored kind")
    return 1 if missed else 0


def scored(kind: str, count: int, first_seed: int, futures: int) -> pd.DataFrame:
    """Forecast zones of a kind: a row a zone and horizon."""
    rows = []
    for seed in range(first_seed, first_seed + count):
        case = history(kind, seed)
        past = as_steps(case)
        if past.shortfall():
            rows += [
                {"months": months, "is_known": False, "is_drawn": False} for months in HORIZONS
            ]
            continue
        ahead = case.horizon_days() - case.origin
        name = [case.seed, KINDS.index(kind)]
        drawn = kcn.forecast.simulate(
            past,
            until_days=ahead[-1],
            horizon_days=ahead,
            random=np.random.default_rng(name),
            futures=futures,
        )
        before = constant_pace.leased_ha(past, ahead, np.random.default_rng(name), futures)
        came, chance = case.leased_ha(case.horizon_days()), np.random.default_rng([*name, 1])
        lines = by_hand(case)
        for place, months in enumerate(HORIZONS):
            found, low = drawn.leased_ha[place], past.leased_ha[-1]
            told = {"is_known": not drawn.is_unknown, "is_drawn": True}
            told |= {"months": months, "pace_changed": drawn.pace_changed}
            told |= score(found, came[place], chance.random(), case.base_ha)
            told["crps_before"] = crps(before[place], came[place]) / case.base_ha
            told["crps_before_ha"] = crps(before[place], came[place])
            told |= {way: pinball(ha[place], came[place]) for way, ha in lines.items()}
            level = low + SHARES * (case.base_ha - low) - SLACK_HA
            told["told"] = (found[:, None] >= level).mean(axis=0)
            told["true"] = came[place] >= level
            rows.append(told)
    return pd.DataFrame(rows)


def as_steps(case: History) -> kcn.forecast.LeaseHistory:
    """What the forecast may see: the days up to the origin."""
    days = np.unique(np.concatenate([[0], case.start, case.end]))
    days = days[days <= case.origin]
    leased = case.leased_ha(days)
    return kcn.forecast.LeaseHistory(
        day=days, leased_ha=leased, lettable_ha=case.base_ha - leased, end=case.origin
    )


def score(found: np.ndarray, came: float, chance: float, base_ha: float) -> dict[str, float]:
    """Place of the outcome among the futures, and what they lost."""
    below = (found < came - SLACK_HA).mean()
    level = (np.abs(found - came) <= SLACK_HA).mean()
    low, _, high = np.quantile(found, LEVELS, method="inverted_cdf")
    return {
        "pit": float(below + chance * level),
        "in_closed": float(low - SLACK_HA <= came <= high + SLACK_HA),
        "width": float(high - low) / base_ha,
        "crps": crps(found, came) / base_ha,
        "crps_ha": crps(found, came),
        "forecast": pinball(np.quantile(found, LEVELS, method="inverted_cdf"), came),
    }


def crps(found: np.ndarray, came: float) -> float:
    """Mean distance to the outcome less half the mean distance among the futures."""
    ordered, count = np.sort(found), len(found)
    weight = 2 * np.arange(1, count + 1) - count - 1
    return float(np.abs(ordered - came).mean() - (weight * ordered).sum() / count**2)


def pinball(found: np.ndarray, came: float) -> float:
    """Mean pinball loss of p10, p50 and p90, in hectares."""
    return float(np.maximum(LEVELS * (came - found), (LEVELS - 1) * (came - found)).mean())


def by_hand(case: History) -> dict[str, np.ndarray]:
    """What a planner draws: the straight line of the history, and the pace of the last year."""
    months = np.arange(int(case.origin / MONTH_DAYS), -1, -1)
    series = case.leased_ha(case.origin - np.rint(months * MONTH_DAYS).astype("int64"))
    year = min(12, len(series) - 1)
    paces = {
        "line": np.polyfit(np.arange(len(series)), series, 1)[0],
        "12 months": (series[-1] - series[-1 - year]) / year,
    }
    ahead = np.array(HORIZONS)[:, None] + 0 * LEVELS
    return {way: np.clip(series[-1] + pace * ahead, 0, case.base_ha) for way, pace in paces.items()}


def summary(kind: str, seed: int, months: int, rows: pd.DataFrame) -> dict[str, object]:
    """Score all zones of a kind at a horizon."""
    drawn = rows[rows["is_drawn"]]
    known = drawn[drawn["is_known"].astype(bool)]
    inside = drawn["pit"].between(0.1, 0.9)
    worse = known["crps"] - known["crps_before"]
    told, true = (np.concatenate(known[name].to_list()) for name in ("told", "true"))
    bins = np.histogram(known["pit"], bins=np.linspace(0, 1, 11))[0]
    return {
        "kind": kind,
        "months": months,
        "seed": seed,
        "zones": len(rows),
        "not_known": 1 - len(known) / len(rows),
        "covered": known["pit"].between(0.1, 0.9).mean(),
        "covered_all": inside.mean(),
        "covered_closed": known["in_closed"].mean(),
        "below": (known["pit"] < 0.1).mean(),
        "above": (known["pit"] > 0.9).mean(),
        "width": known["width"].mean(),
        "crps": known["crps"].mean(),
        "crps_before": known["crps_before"].mean(),
        "crps_error": 2 * worse.sem(),
        "crps_ha": known["crps_ha"].mean(),
        "crps_before_ha": known["crps_before_ha"].mean(),
        "more_true": true[told <= 0.1].mean() if (told <= 0.1).any() else np.nan,
        "more_events": int((told <= 0.1).sum()),
        "less_true": (~true[told >= 0.9]).mean() if (told >= 0.9).any() else np.nan,
        "less_events": int((told >= 0.9).sum()),
        "pace_changed": known["pace_changed"].mean(),
        **{name: known[name].mean() for name in ("forecast", "line", "12 months")},
        **{f"pit_{place}": share for place, share in enumerate(bins / len(known))},
    }


def marks(line: dict[str, object]) -> list[str]:
    """Say which marks a line of the table misses."""
    found = []
    shares = {name: line[name] for name in ("covered", "covered_all")}
    found += [f"{name} {share:.1%}" for name, share in shares.items() if not 0.7 <= share <= 0.9]
    if line["kind"] in CONSTANT and line["crps"] > line["crps_before"]:
        more = line["crps"] / line["crps_before"] - 1
        clear = line["crps"] - line["crps_before"] > line["crps_error"]
        found.append(f"CRPS {more:+.1%} {'' if clear else '(within two standard errors)'}")
    if line["not_known"] > (0.4 if line["kind"] in OTHERS else 0.15):
        found.append(f"not known {line['not_known']:.1%}")
    found += [
        f"told at most 10 % ({name}): {line[f'{name}_true']:.1%} came true"
        for name in ("more", "less")
        if line[f"{name}_events"] >= FEWEST_EVENTS and line[f"{name}_true"] > 0.2
    ]
    return [f"{line['kind']}, {line['months']} months, seed {line['seed']}: {one}" for one in found]


def compare_public(kind: str, seed: int, count: int) -> None:
    """Say how often the public call, from frames, covers the outcome of the first zones."""
    inside = []
    for number in range(seed, seed + count):
        case = history(kind, number)
        asked = kcn.forecast.leased_at(case.project(), on=ORIGIN, horizons=HORIZONS)
        came = case.leased_ha(case.horizon_days())
        low, high = asked["p10"].to_numpy() - SLACK_HA, asked["p90"].to_numpy() + SLACK_HA
        inside += ((low <= came) & (came <= high))[asked["p50"].notna()].tolist()
    print(f"  by kcn.forecast.leased_at, first {count}: {np.mean(inside):.0%} in the closed range")


def say(line: dict[str, object], *, first: bool) -> None:
    """Print a row of the table."""
    if first:
        print(
            f"{'kind':14}{'months':>7}{'seed':>9}{'not known':>10}{'covered':>8}{'of all':>8}"
            f"{'closed':>8}{'below':>7}{'above':>7}{'CRPS':>7}{'before':>7}{'±':>6}"
            f"{'more':>12}{'less':>12}{'changed':>8}"
        )
    points = [100 * float(line[name]) for name in ("crps", "crps_before", "crps_error")]
    events = [f"{line[f'{name}_true']:.1%}/{line[f'{name}_events']}" for name in ("more", "less")]
    shares = [line[name] for name in ("covered", "covered_all", "covered_closed")]
    print(
        f"{line['kind']:14}{line['months']:>7}{line['seed']:>9}{line['not_known']:>10.1%}"
        + "".join(f"{share:>8.1%}" for share in shares)
        + f"{line['below']:>7.1%}{line['above']:>7.1%}"
        + f"{points[0]:>7.2f}{points[1]:>7.2f}{points[2]:>6.2f}"
        + "".join(f"{one:>12}" for one in events)
        + f"{line['pace_changed']:>8.1%}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
