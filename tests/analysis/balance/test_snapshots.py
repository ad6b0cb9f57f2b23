"""Land-use balance as known at a moment, and with one zone spoilt."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.errors import ContractError, GeometryError, KcngeoError
from tests.analysis import steps

WHOLE = {"land_use_balance", "green_belt"}


@pytest.mark.parametrize("name", steps.BALANCE)
def test_what_was_corrected_later_was_known_as_it_was(name: str) -> None:
    project, question = steps.sound(), steps.BALANCE[name]
    better = pd.DataFrame({"entry_id": ["E1"], "valid_from": ["2018-06-01"]})
    after = kcn.ledger.correct(project, better, recorded_at="2019-01-01")
    steps.same(question(after.as_known("2018-12-31")), question(project))


@pytest.mark.parametrize("name", steps.BALANCE)
@pytest.mark.parametrize(
    ("spoil", "concerned"),
    [
        (steps.let_twice, {*steps.BALANCE} - {"social_works"}),
        (steps.green_bow_tie, WHOLE),
        (steps.late_works, {"social_works"}),
        (steps.strange_plan, {"land_use_balance"}),
        (steps.hall_on_nothing, {"parcel_balance"}),
    ],
)
def test_a_spoilt_zone_leaves_the_other_as_it_is(
    name: str, spoil: Callable[[kcn.Project], kcn.Project], concerned: set[str]
) -> None:
    question, project = steps.BALANCE[name], steps.sound()
    answer, told = steps.asked(question, spoil(project))
    assert len(told) == (name in concerned)
    if name in concerned:
        assert "left out: A." in told[0]
        steps.same(answer, question(project.only(["B"])), without="A")
    elif spoil is not steps.hall_on_nothing:  # that one has a road less
        steps.same(answer, question(project))


def test_what_is_at_fault_is_refused_where_zones_are_not_set_apart() -> None:
    project = steps.sound()
    with pytest.raises(GeometryError, match="parcels"):
        kcn.balance.green_belt(steps.green_bow_tie(project).as_known(), on=steps.ON)
    with pytest.raises(ContractError, match="A parks"):
        steps.BALANCE["land_use_balance"](steps.strange_plan(project).as_known())
    with pytest.raises(ContractError, match="H1"):
        steps.BALANCE["parcel_balance"](steps.hall_on_nothing(project).as_known())


def test_written_areas_of_all_uses_are_asked_for_zone_by_zone() -> None:
    project = steps.sound()
    area_m2 = project.parcels["certificate_area_m2"].mask(project.parcels["parcel_id"] == "A-6")
    parcels = project.parcels.assign(certificate_area_m2=area_m2)
    spoilt = kcn.Project(**(dict(project.tables()) | {"parcels": parcels}))

    def shares(tables: kcn.Project) -> pd.DataFrame:
        return kcn.balance.land_use_balance(
            tables, standard="qcvn01-2008", on=steps.ON, area="certificate"
        )

    answer, told = steps.asked(shares, spoilt)
    steps.same(answer, shares(project.only(["B"])), without="A")
    assert len(told) == 1
    measured, silent = steps.asked(steps.BALANCE["land_use_balance"], spoilt)
    steps.same(measured, steps.BALANCE["land_use_balance"](project))
    assert silent == []


@pytest.mark.parametrize(
    ("name", "table"), [("parcel_balance", "buildings"), ("social_works", "works")]
)
def test_a_question_that_is_nothing_without_a_table_says_so(name: str, table: str) -> None:
    tables = dict(kcn.examples.squares().tables()) | {table: None}
    with pytest.raises(KcngeoError, match=f"needs the table {table}"):
        steps.BALANCE[name](kcn.Project(**tables))
