"""What a copy of a project was when it left: the rows on record, each as one number.

Every file holds this list beside its tables, and keeps it while it is edited. So what somebody
changed in a copy is told apart from what others have recorded in the project since, and a row that
was never in the copy is not taken for one that was removed in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kcngeo.core.row_digests import row_digests
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import as_known

Taken = Mapping[str, bytes]
"""By table, the numbers of its rows, eight bytes each."""


def taken_of(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """List the rows on record of tables as they are."""
    return {
        name: row_digests(as_known(frame)).astype("<u8").tobytes()
        for name, frame in frames.items()
        if TABLES[name].entered
    }
