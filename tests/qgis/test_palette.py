"""Lots by legal code have the colours of the map's time."""

from __future__ import annotations

import pandas as pd
import pytest

from kcngeo.qgis.looks import code_look

CODES = ["SKK", "TMD", "DGT", "CSK", "XYZ"]


@pytest.mark.parametrize(
    ("on", "trade", "own"),
    [
        # Until the end of 2024 the palette of 2018, in which CSK is an unknown code, and grey.
        ("2018-03-31", "#FAAAA0", False),
        ("2024-12-31", "#FAAAA0", False),
        ("2025-01-01", "#FFBEC8", True),
    ],
)
def test_the_colours_of_codes_by_the_day(on: str, trade: str, *, own: bool) -> None:
    look = code_look(pd.DataFrame({"land_use_code": CODES}), on=on, language="vi")
    colors = {one.value: one.color for one in look.categories}
    # SKK is in the older palette alone, and keeps its colour; transport is the same in both.
    assert (colors["SKK"], colors["DGT"], colors["TMD"]) == ("#FAAAA0", "#FFAA32", trade)
    assert (colors["CSK"] == "#FFB4C8") is own
    assert (colors["CSK"] == colors["XYZ"]) is not own
