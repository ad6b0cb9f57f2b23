"""The tables of a month: what only they can get wrong."""

from __future__ import annotations

import pytest

import kcngeo as kcn
from kcngeo.core.errors import KcngeoError
from kcngeo.publish.month_tables import accounts_table
from tests import squares


def test_no_zone_may_be_taken_for_the_row_of_all() -> None:
    project = kcn.Project(
        zones=squares.zones("total"),
        parcels=squares.parcels("P", zone="total"),
        ledger=squares.ledger(("P", "leased", "2018-01-01")),
    )
    report = kcn.report.monthly(project, month="2018-03")
    with pytest.raises(KcngeoError, match='a zone has the id "total"'):
        accounts_table(report, language="en")
