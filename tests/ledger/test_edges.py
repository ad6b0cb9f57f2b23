"""The edges of the ledger: what a small change of the code would move, by hand on squares."""

from __future__ import annotations

from typing import Any

import pytest

from kcngeo.core.errors import ContractError
from tests import squares


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        # Two tenures at once on land that is not cleared either: the clearance is not at fault.
        ([("a", "leased"), ("b", "reserved"), ("c", "uncleared")], ("a", "b")),
        # Said twice not to be cleared, each time by another document: the lease is not at fault.
        ([("a", "leased"), ("b", "uncleared"), ("c", "uncleared")], ("b", "c")),
    ],
)
def test_only_what_is_too_much_of_a_lot_is_named(entries: Any, named: tuple[str, ...]) -> None:
    rows = squares.ledger(
        *(("P", status, "2015-01-01") for _, status in entries),
        entry_id=[name for name, _ in entries],
        document=[name for name, _ in entries],
    )
    now = squares.known(squares.zones("A"), squares.parcels("P"), rows, faulty="set_apart")
    ((zone_id, finding),) = now.always_faulty
    assert (zone_id, finding.rule, tuple(sorted(finding.ids))) == ("A", "tenures_overlap", named)
    with pytest.raises(ContractError, match="twice over"):
        squares.known(squares.zones("A"), squares.parcels("P"), rows)


def test_an_entry_that_breaks_its_contract_is_the_fault_of_its_lots_zone() -> None:
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    rows = squares.ledger(("P", "sold", "2015-01-01"), ("Q", "leased", "2015-01-01"))
    now = squares.known(squares.zones("A", "B"), lots, rows, faulty="set_apart")
    assert [zone_id for zone_id, _ in now.always_faulty] == ["A"]
    assert now.ledger["parcel_id"].tolist() == ["Q"]
