"""The fill map: parcels by lease status, month by month, with the zones' rates.

The page gets each shape once and, for each parcel version, the months at which its state changes;
see ``FillPayload`` in ``assets/types.d.ts``.
"""

from __future__ import annotations

from typing import Any

from kcngeo.cartography import fill
from kcngeo.core.dates import Day, month_ends
from kcngeo.ledger import Project, Snapshot
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import draw_map
from kcngeo.report import monthly


def fill_map(
    project: Project | Snapshot,
    *,
    start: Day,
    end: Day,
    definition: str | None = None,
    language: str = "vi",
    area: str = "grid",
    simplify_m: float | None = None,
) -> OfflineMap:
    """Draw the lease status of every lot, with a slider over the months of a period.

    Colours are in proportion: a lot let in part is striped, the widths as the shares, because
    nobody drew where in the lot the part lies. The legend gives the hectares of each colour in the
    month shown.

    Parameters
    ----------
    project
        The tables.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    definition
        Id of a fill-rate definition; None for the law in force in each month.
    language
        Language shown first, "vi" or "en"; the page has a switch.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".
    simplify_m
        Tolerance in metres with which boundaries between lots are drawn simplified, which the page
        then says; hectares stay. 0 draws every corner; None too, but for 0.5 m where there are more
        than 20 000 lots. See :func:`kcngeo.cartography.simplify.simplified`.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone; zones with defects of their own are drawn
        without figures, with the reason.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> drawn = fill_map(kcn.examples.squares(), start="2018-01-01", end="2018-03-31")
    >>> page = drawn.get_root().render()
    >>> "https://cdn" in page, "Zone A" in page
    (False, True)
    """
    dates = month_ends(start, end)
    options: dict[str, Any] = {"definition": definition, "area": area}
    report = monthly(project, month=dates[-1], start=dates[0], **options)
    return draw_map(fill(report), language=language, simplify_m=simplify_m)
