"""What land can be built on, and who can take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from kcngeo import cartography, theme
from kcngeo.analysis.sites import OFFERED, UNKNOWN_OFFERS, SiteCriteria
from kcngeo.core.dates import Day
from kcngeo.core.errors import left_out_zones
from kcngeo.core.schema import Names, told_heading
from kcngeo.ledger import known
from kcngeo.products.common import asked_for, naming, together, told
from kcngeo.products.styled_layers import layer_files, shown_layers
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.format_table import declared
from kcngeo.publish.kept_packages import keeping
from kcngeo.publish.registry_names import with_registry
from kcngeo.publish.spatial_tables import land_table
from kcngeo.report import SiteReport, site_report
from kcngeo.standards import BufferRule, Limit, Registry, registry, unchecked

if TYPE_CHECKING:
    from kcngeo.cartography import MapSpec
    from kcngeo.ledger import Project, Snapshot


def sites(
    project: Project | Snapshot,
    *,
    on: Day,
    criteria: SiteCriteria | None = None,
    hazard_class: str | None = None,
    around_works: bool = False,
    sectors: pd.DataFrame | None = None,
    definition: str | None = None,
    rules: Registry | None = None,
    **wishes: Any,
) -> Bundle:
    """Tell what land can be built on, what takes the rest, and which sites meet the criteria.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    criteria
        What a site must have.
    hazard_class
        Hazard class of the project to be sited: land too near homes for it is taken off.
    around_works
        Whether to take off the distances of wastewater and waste works too.
    sectors
        The users' table of which sector must keep from which; with a sector among the criteria.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    rules
        The registry; None for the one that comes with the library.
    **wishes
        In the place of ``criteria``, its attributes: ``min_area_ha=2``.

    Returns
    -------
    Bundle
        Tables ``sites``, ``land``, ``encumbrance_account``, ``sensitivity`` and ``findings``;
        layers of sites, of land and of what takes it; a map.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    KcngeoError
        If something is asked without the table it needs, see :func:`kcngeo.report.site_report`.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = sites(kcn.examples.squares(), on="2018-03-31", min_area_ha=0.5)
    >>> made.tables["land"]["vacant_ha"].tolist()
    [0.5, 1.0]
    """
    followed = rules or registry()
    wanted = criteria or SiteCriteria(**wishes)
    snapshot = known(project)
    with left_out_zones() as apart:
        answer = site_report(
            snapshot,
            on=on,
            criteria=wanted,
            hazard_class=hazard_class,
            around_works=around_works,
            sectors=sectors,
            definition=definition,
            rules=followed,
        )
    # By which rule land was taken stands beside what was taken.
    taken = answer.encumbrances.join(answer.sources, on="kind")
    layers = shown_layers(_layers(answer, taken), followed)

    def shown() -> MapSpec:
        return cartography.sites(
            answer.snapshot,
            with_registry(answer.developable.land, followed),
            with_registry(answer.sites, followed),
            on=answer.on,
            encumbrances=with_registry(taken, followed),
            totals=answer.developable.totals,
            rules=followed,
        )

    used = (*followed.of(Limit), *followed.of(BufferRule))
    asked = asked_for(
        on=on,
        hazard_class=hazard_class,
        around_works=around_works,
        definition=definition,
        **_told(wanted),
    )
    tables = {
        "sites": answer.sites,
        "land": land_table(answer),
        "encumbrance_account": answer.developable.account.reset_index().join(
            answer.sources, on="kind"
        ),
        "sensitivity": answer.sensitivity,
    }
    findings = together(answer.findings, unchecked(used, on=on), apart)
    names = naming(snapshot, lambda _: tables, findings, on=on, rules=followed)
    return Bundle(
        product="sites",
        provenance=Provenance(
            options=asked,
            tables=snapshot,
            registry=followed,
            moment=snapshot.moment,
            rules=used,
            given={} if sectors is None else {"sectors": sectors},
        ),
        make_tables=lambda _: tables,
        names=names,
        findings=findings,
        left_out=apart,
        layers=layers,
        maps={"map": shown},
        documents=layer_files("sites", shown),
        **keeping("sites"),
        say=lambda language: _lines(answer, names(language), language),
    )


def _told(wanted: SiteCriteria) -> dict[str, Any]:
    """Give the criteria that differ from what goes without saying."""
    plain = asdict(SiteCriteria(min_area_ha=wanted.min_area_ha))
    told = {name: value for name, value in asdict(wanted).items() if value != plain[name]}
    told.pop("on", None)
    return {"min_area_ha": wanted.min_area_ha, **told}


def _layers(answer: SiteReport, taken: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    passes = answer.sites["fails"] == ""
    return {
        "encumbered": taken,
        "developable": answer.developable.land,
        "rejected": answer.sites[~passes],
        "sites": answer.sites[passes],
    }


def _lines(answer: SiteReport, names: Names, language: str) -> Iterator[str]:
    """Say the sites, the best first; if there are none, the largest others, and why they fail."""
    chosen = answer.sites[answer.sites["fails"] == ""]
    if chosen.empty:
        yield theme.text("sites.none", language=language)
    for row in (chosen if len(chosen) else answer.sites.head(3)).to_dict("records"):
        yield _said(row, names, language)
    # What would be a site, were the figure that is asked for on record.
    open_only = [{*one.split("|")} <= {*UNKNOWN_OFFERS} for one in answer.sites["fails"]]
    if any(open_only):
        yield theme.text("sites.apart", language=language)
    for row in answer.sites[open_only].to_dict("records"):
        yield _said(row, names, language)
    for zone_id, row in answer.developable.totals.iterrows():
        figures = {
            name: theme.number(row[f"{name}_ha"], language=language, decimals=4)
            for name in ("vacant", "developable", "encumbered", "unlocated")
        }
        yield theme.text(
            "sites.zone", language=language, zone=names["zones"][str(zone_id)], **figures
        )


def _said(row: Mapping[Any, Any], names: Names, language: str) -> str:
    """Say one piece of land, what is offered with it, and why it falls out."""
    shown: dict[str, Any] = {"names": names, "language": language}
    reasons = [
        theme.site_reason(reason, language=language) for reason in row["fails"].split("|") if reason
    ]
    line = theme.text(
        "sites.site",
        language=language,
        name=names["sites"][row["site_id"]],
        area=theme.number(row["area_ha"], language=language, decimals=4),
        width=theme.number(row["width_m"], language=language, decimals=1),
        lots=told("sites", "parcel_ids", row, **shown),
    )
    offers = [
        f"{told_heading(declared('sites', name), language=language)}: "
        f"{told('sites', name, row, **shown)}"
        for name in OFFERED
        if pd.notna(row[name])
    ]
    return "; ".join([line, *offers, *reasons])
