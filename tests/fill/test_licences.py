"""The strict reading of the law of 2022: only what licensed investors hold counts as let."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo import change, fill, forecast, io, report, standards
from kcngeo.core.errors import ContractError, KcngeoWarning
from tests import squares

STRICT = "nd35-2022-strict"
ENTRIES = (
    ("P1", "leased", "2022-01-01", "2024-01-01"),
    ("P2", "leased", "2022-01-01", None, 0.25),
    ("P2", "leased", "2022-01-01", None, 0.5),
    ("P3", "leased", "2022-01-01"),
    ("P4", "reserved", "2022-01-01"),
)


def estate(licensed_on: str | None = "2023-05-10", **tables: Any) -> kcn.Snapshot:
    """Four lots of 1 ha: D1 holds P1 and a quarter of P2, D2 half of P2, nobody is named for P3."""
    projects = pd.DataFrame(
        {"project_id": ["D1", "D2"], "licensed_on": [licensed_on, "2021-12-31"]}
    ).astype({"licensed_on": "datetime64[s]"})
    ledger = squares.ledger(*ENTRIES, project_id=["D1", "D1", "D2", None, "D2"])
    parcels = squares.parcels("P1", "P2", "P3", "P4")
    return squares.known(squares.zones("A"), parcels, ledger, **{"projects": projects, **tables})


@pytest.mark.parametrize(
    ("on", "let_ha", "strict_ha"),
    [
        ("2021-12-31", 0.0, 0.0),
        # From 1 January 2022 let are P1, three quarters of P2, and P3; D2 alone has a licence.
        ("2022-01-01", 2.75, 0.5),
        ("2023-05-09", 2.75, 0.5),
        # D1 is licensed on 10 May 2023, and that day counts.
        ("2023-05-10", 2.75, 1.75),
        ("2023-12-31", 2.75, 1.75),
        # The lease of P1 ends: 1 January 2024 no longer counts.
        ("2024-01-01", 1.75, 0.75),
    ],
)
def test_a_lease_counts_from_the_day_of_the_licence(
    on: str, let_ha: float, strict_ha: float
) -> None:
    reported, strict = (
        fill.fill_rate(estate(), on=on, definition=name).loc["A"] for name in ("nd35-2022", STRICT)
    )
    assert (reported["leased_ha"], reported["base_ha"]) == (let_ha, 4.0)
    assert (strict["leased_ha"], strict["base_ha"]) == (strict_ha, 4.0)
    assert strict["fill_rate"] == strict_ha / 4


def test_a_project_without_a_day_of_licence_does_not_count() -> None:
    found = fill.fill_rate(estate(licensed_on=None), on="2024-12-31", definition=STRICT)
    assert found.loc["A", "leased_ha"] == 0.5


def test_a_series_has_the_rate_of_each_date() -> None:
    series = fill.fill_series(estate(), start="2023-04-30", end="2024-01-31", definition=STRICT)
    assert series["leased_ha"].tolist() == [0.5, *[1.75] * 8, 0.75]


def test_shares_a_little_over_the_whole_are_scaled_alike_in_both_readings() -> None:
    # 0.7 and 0.3012 ha of a lot of 1 ha are scaled to the whole; D2, with a licence, holds 0.7.
    held = [("P1", "leased", "2022-01-01", None, part) for part in (0.7, 0.3012)]
    ledger = squares.ledger(*held, project_id=["D2", None])
    projects = estate().projects
    with pytest.warns(KcngeoWarning, match="scaled"):
        known = squares.known(squares.zones("A"), squares.parcels("P1"), ledger, projects=projects)
    found = fill.fill_rate(known, on="2023-01-01", definition=STRICT).loc["A"]
    assert found["leased_ha"] == pytest.approx(0.7 / 1.0012, abs=1e-6)


@pytest.mark.parametrize(
    "projects", [None, pd.DataFrame({"project_id": ["D1"], "investor": ["An"]})]
)
def test_where_nothing_is_said_of_licences_the_strict_rate_is_not_known(
    projects: pd.DataFrame | None,
) -> None:
    known = estate(projects=projects)
    found = fill.fill_rate(known, on="2023-12-31", definition=STRICT).loc["A"]
    assert found[["leased_ha", "fill_rate"]].isna().all()
    assert fill.fill_rate(known, on="2023-12-31").loc["A", "fill_rate"] == 2.75 / 4


def test_it_is_a_reading_and_never_the_law_of_the_day() -> None:
    assert standards.fill_definition(None, on="2022-07-15").name == "nd35-2022"
    assert standards.fill_definition(STRICT, on="2022-07-15").is_in_force("2022-07-15")
    assert STRICT not in [one.name for one in standards.fill_definitions()]
    assert STRICT in [one.name for one in standards.fill_definitions(also=STRICT)]
    # Other tables go on without it.
    assert set(fill.fill_rate(estate(), on="2023-12-31")["definition"]) == {"nd35-2022"}


def test_what_a_licence_moves_is_no_entry_so_nothing_is_explained_or_forecast() -> None:
    period = {"start": "2023-01-31", "end": "2023-12-31", "definition": STRICT}
    why = change.explain(estate(), **period)
    assert why.effects.loc["A"].isna().all()
    assert why.entries.empty
    found = forecast.fill_date(estate(), on="2023-12-31", target=0.9, definition=STRICT)
    assert found["reason"].tolist() == ["definition"]


def test_a_month_may_be_asked_by_it() -> None:
    made = report.monthly(estate(), month="2023-12", definition=STRICT)
    assert made.series.loc[(STRICT, "A"), "leased_ha"].iloc[-1] == 1.75
    assert made.total.loc[STRICT, "leased_ha"].iloc[-1] == 1.75
    usual = report.monthly(estate(), month="2023-12")
    assert STRICT not in usual.series.index.unique("definition")
    assert usual.series.loc[("nd35-2022", "A"), "leased_ha"].iloc[-1] == 2.75


def test_loc_son_by_hand() -> None:
    # At the end of 2023 the ledger of Loc Son has 83.995 ha let of 122.3021 ha of industrial and
    # service land: 68.68 %. Eight leases name no project: LS-CN03-03 0.600, LS-CN08-07 1.045,
    # LS-DV01-01 0.642, LS-DV01-02 0.856, LS-DV01-05 0.584, LS-CN11-07 1.038, LS-DV01-03 0.500 and
    # LS-DV01-06 0.778 ha; every project named has a licence. Together 6.043 ha; what is left,
    # 77.952 ha, is 63.74 %.
    now = io.read_project("data/parcels/two_zones.gpkg").as_known()
    reported, strict = (
        fill.fill_rate(now, on="2023-12-31", definition=name).loc["loc-son"]
        for name in ("nd35-2022", STRICT)
    )
    without = [0.600, 1.045, 0.642, 0.856, 0.584, 1.038, 0.500, 0.778]
    assert reported["leased_ha"] == pytest.approx(83.995, abs=5e-4)
    assert strict["leased_ha"] == pytest.approx(83.995 - sum(without), abs=5e-4)
    assert round(reported["fill_rate"] * 100, 2) == 68.68
    assert round(strict["fill_rate"] * 100, 2) == 63.74


def test_a_reading_of_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """
[fill_rate.own]
title = { vi = "Riêng", en = "Own" }
reading_of = "nd35-2022-strict"
uses = ["industrial"]
base = { leasable = 1 }
source = "Decision of the board"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
""",
        encoding="utf-8",
    )
    with pytest.raises(ContractError, match="reading_of holds nd35-2022-strict, allowed are nd164"):
        standards.registry(file)
