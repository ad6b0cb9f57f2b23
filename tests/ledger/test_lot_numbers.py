"""What lots are called: by their code, and of one code by the end of their ids."""

from __future__ import annotations

import pandas as pd
import pytest

from kcngeo.ledger import lot_numbers
from tests import squares

ROWS = [
    ("A", "LS-CN01-01", "CN1", "CN1-1"),
    ("A", "LS-CN01-11", "CN1", "CN1-11"),
    ("A", "LS-CN02-01", "CN2", "CN2"),  # alone under its code
    ("A", "LS-X", None, "LS-X"),
    ("A", "LS-07", "DV-1", "DV-1-LS-07"),  # else like the first of DV
    ("A", "DV01-01", "DV", "DV-DV01-01"),
    ("A", "DV01-02", "DV", "DV-2"),
    ("B", "B-01-01", "CN1", "CN1-1-01"),  # the last parts of the two are alike
    ("B", "B-02-01", "CN1", "CN1-2-01"),
    ("B", "007_1", "DV", "DV-7-1"),  # all parts are needed, and the zeros before them are not
    ("B", "008_1", "DV", "DV-8-1"),
    ("B", "B-3", "GT", "GT-3"),
    ("B", "b", "GT", "GT-b"),
]


def lots() -> pd.DataFrame:
    names = ["zone_id", "parcel_id", "lot_code", "expected"]
    return pd.DataFrame(ROWS, columns=names, index=range(5, 5 + len(ROWS)))


def test_a_number_is_the_code_and_the_shortest_end_that_tells_apart() -> None:
    rows = lots()
    assert lot_numbers(rows).to_dict() == rows["expected"].to_dict()
    shuffled = rows.sample(frac=1, random_state=3)
    assert lot_numbers(shuffled).to_dict() == rows["expected"].to_dict()


def test_a_lot_keeps_its_number_whatever_else_is_there() -> None:
    rows = lots()
    some = rows.iloc[[2, 0, 0]]
    assert lot_numbers(some, among=rows).tolist() == ["CN2", "CN1-1", "CN1-1"]
    # Alone, the first is the only one of its code.
    assert lot_numbers(some).tolist() == ["CN2", "CN1", "CN1"]


@pytest.mark.parametrize("given", [squares.parcels("P1", "P2"), squares.parcels("P1", "P2")[:0]])
def test_lots_without_codes_are_called_by_their_ids(given: pd.DataFrame) -> None:
    assert lot_numbers(given).tolist() == given["parcel_id"].tolist()
