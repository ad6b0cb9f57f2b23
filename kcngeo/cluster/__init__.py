"""The same products, zone by zone: on the cores of a machine, or on the machines of a cluster.

A month takes most of its time for a few kernels that are each of one zone or one shape. A part is
what a group of zones contributes to them, worked out by whoever can read the project; the join asks
the month of all zones and takes from the parts what they have worked out of exactly the same. So
no number depends on who worked it out, and a part that is lost costs time and nothing else.

What is bigger than memory is written by :func:`write_month`: groups say what they have to say of
the month one after the other, and only that is joined.
"""

from __future__ import annotations

from kcngeo.cluster.dask_workers import connected
from kcngeo.cluster.distributed_month import month
from kcngeo.cluster.grouped_month import write_month
from kcngeo.cluster.parts import MOST_LOTS, Part, Question, groups, joined, part

__all__ = [
    "MOST_LOTS",
    "Part",
    "Question",
    "connected",
    "groups",
    "joined",
    "month",
    "part",
    "write_month",
]
