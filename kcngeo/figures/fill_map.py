"""The fill map on paper: parcels by lease status on the last day of a month, with the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kcngeo.cartography import fill
from kcngeo.core.dates import Day
from kcngeo.figures.render import draw_map
from kcngeo.ledger.project import Project
from kcngeo.report import monthly

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def fill_map(
    project: Project,
    *,
    month: str | Day,
    language: str,
    definition: str | None = None,
    area: str = "grid",
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw the lease status of every parcel on the last day of a month, for print.

    The twin of :func:`kcngeo.maps.fill_map`, drawn from the same specification. Every colour has
    its hatch, so that it can be read in black and white. A parcel let in part is striped, the
    widths as the shares, because nobody drew where in it the part lies. The legend gives the
    hectares shown, by the land account. For more zones than a sheet has panels every zone is a
    circle, its area as the base, cut by the shares of its account.

    Parameters
    ----------
    project
        The tables.
    month
        "2018-03", or any day of the month.
    language
        "vi" or "en".
    definition
        Id of a fill-rate definition; None for the law in force on the day.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".
    zone_id
        The zone to draw; None for all: a panel each, or a circle each for more than twelve.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    KcngeoError
        If the zone does not count on the day.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> figure = fill_map(kcn.examples.squares(), month="2018-03", language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("37.50 %" in text for text in words)
    True
    """
    options: dict[str, Any] = {"definition": definition, "area": area}
    report = monthly(project, month=month, **options)
    return draw_map(fill(report), language=language, zone_id=zone_id, credit=credit)
