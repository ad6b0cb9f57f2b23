"""Units: metres inside, hectares for people, whole square millimetres in sums.

Areas are added as whole square millimetres held in float64. Up to 2**53 mm² (about 9 000 km²)
such sums are exact, so a total does not depend on the order of the rows, parts close on their
base to the last digit, and "nothing" is exactly zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

M2_PER_HA = 10_000.0
MM2_PER_M2 = 1_000_000.0
MM2_PER_HA = M2_PER_HA * MM2_PER_M2


def whole_mm2(area_m2: Any) -> NDArray[np.float64]:
    """Round areas in m² to whole mm², as float64 (exact up to 2**53).

    Examples
    --------
    >>> whole_mm2([0.0000004, 1.5]).tolist()
    [0.0, 1500000.0]
    """
    return np.rint(np.asarray(area_m2, dtype="float64") * MM2_PER_M2)


def hectares(area_mm2: Any) -> NDArray[np.float64]:
    """Turn areas in mm² into hectares."""
    return np.asarray(area_mm2, dtype="float64") / MM2_PER_HA
