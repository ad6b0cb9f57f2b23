"""What other programs are given: tables as a package, zones and lots as others expect them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from kcngeo import theme
from kcngeo.cartography import fill
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError, left_out_zones
from kcngeo.core.schema import EDITIONS
from kcngeo.ledger import asked
from kcngeo.ledger.screening import latest_moment
from kcngeo.products.common import asked_for, together
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.data_package import package_files
from kcngeo.publish.economic_sites import economic_sites, site_files
from kcngeo.publish.web_features import web_files
from kcngeo.qgis.layers import Layer, map_layers
from kcngeo.report import monthly, private_texts, public
from kcngeo.standards import registry

if TYPE_CHECKING:
    from kcngeo.core.model import Finding
    from kcngeo.ledger import Project

FORMS = ("tables", "cnig", "web")
"""All tables as they stand; zones and lots of a day as the French geostandard; or for the web."""


def exchange(
    project: Project, *, edition: str = "full", form: str = "tables", on: Day | None = None
) -> Bundle:
    """Give a project to other programs: its tables, or its zones and lots of a day.

    As "tables", ``datapackage.json`` describes every table and column by the schema, as the Data
    Package standard asks: type, title, closed list, what is required, whose rows ids name; each
    table is a CSV beside it (UTF-8, every digit, ISO days, shapes as WKT). Whoever has a program of
    that standard can validate the tables without this library. Rows that were superseded are there
    with their moments; a text that a spreadsheet would take for a formula has an apostrophe in
    front.

    As "web", GeoJSON of zones with their accounts and of lots by status, laid out like an OGC API
    for features (``index.json``, ``collections.json``, a folder a layer with its schema), so that
    a web server without a program behind it can hand them out, and ``dcat.jsonld`` for catalogues
    of data. Shapes are in WGS 84, by the operation the description names; hectares are those of the
    grid. Publisher and licence are left to who hands it out.

    As "cnig", a GeoPackage like the French geostandard of economic sites (CNIG Sites Économiques,
    edition 2024-10): layers ``site_eco`` (zones) and ``terrain_eco`` (lots) of a day, every shape a
    MultiPolygon, with the attributes and closed lists of that standard and some of our own
    (``kcn_…``). It is like it and does not conform: what nobody here knows, required or not, is
    empty, and ``datapackage.json`` counts in every attribute what is. It names no investor in
    either edition. A zone at fault on the day is left out.

    Parameters
    ----------
    project
        The tables as stored.
    edition
        "full", or "public", which leaves out names of investors and documents, see
        :func:`kcngeo.report.public`.
    form
        "tables", "cnig" or "web".
    on
        The day of "cnig" and "web"; tables hold all days.

    Returns
    -------
    Bundle
        The package as part ``package``; no computed tables.

    Raises
    ------
    KcngeoError
        If the edition or the form is unknown, or zones and lots have no day, or tables have one.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = exchange(kcn.examples.squares())
    >>> sorted(made.files("package", language="en"))[:3]
    ['data/claims.csv', 'data/clearance.csv', 'data/emitters.csv']
    """
    if edition not in EDITIONS:
        raise KcngeoError("unknown_edition", edition=edition, choices=" | ".join(EDITIONS))
    if form not in FORMS:
        raise KcngeoError("unknown_form", form=form, choices=" | ".join(FORMS))
    shown = public(project) if edition == "public" else project
    if (form == "tables") == (on is not None):
        raise KcngeoError("form_day" if on is None else "form_no_day", form=form)
    if on is None:
        files, say, apart = _tables(shown)
    else:
        files, say, apart = _web(shown, on) if form == "web" else _economic_sites(shown, on)
    return Bundle(
        product="exchange",
        provenance=Provenance(
            options=asked_for(edition=edition, form=None if on is None else form, on=on),
            tables=shown,
            registry=registry(),
            moment=latest_moment(project),
        ),
        make_tables=lambda _: {},
        findings=together(apart),
        left_out=apart,
        documents={"package": files, "workbook": lambda _: {}},
        private=private_texts(project) if edition == "public" else None,
        say=say,
    )


_Made = tuple[
    Callable[[str], Files],
    Callable[[str], Iterator[str]],
    "Mapping[str, tuple[Finding, ...]]",
]


def _tables(shown: Project) -> _Made:
    """Give the files of all tables, and what is said of them."""

    def files(language: str) -> Files:
        title = theme.text("product.exchange", language=language)
        crs = shown.zones.crs.to_string()
        return package_files(shown.tables(), title=title, crs=crs, language=language)

    def say(language: str) -> Iterator[str]:
        for name, frame in shown.tables():
            title = theme.table_title(name, language=language)
            yield theme.text("exchange.said", language=language, name=title, count=len(frame))

    return files, say, {}


def _economic_sites(shown: Project, on: Day) -> _Made:
    """Give the files of zones and lots of a day, what is said of them, and what was left out."""
    with left_out_zones() as apart:
        layers = economic_sites(asked(shown, start=on), on=on)

    def files(language: str) -> Files:
        return site_files(layers, on=on, language=language)

    def say(language: str) -> Iterator[str]:
        for name, frame in layers.items():
            title = theme.text(f"economic_sites.{name}", language=language)
            yield theme.text("exchange.said", language=language, name=title, count=len(frame))
        yield theme.text("economic_sites.description", language=language)

    return files, say, apart


def _web(shown: Project, on: Day) -> _Made:
    """Give the files of zones and lots as a map shows them, and what is said of them."""
    date = day(on)
    with left_out_zones() as apart:
        spec = fill(monthly(shown, month=date, on=date))

    def layers(language: str) -> list[Layer]:
        named = {one.name: one for one in map_layers([spec], language=language)}
        return [named[name] for name in ("zones_on_day", "parcels_on_day") if name in named]

    def files(language: str) -> Files:
        made = layers(language)
        return web_files(made, on=on, language=language, is_synthetic=spec.is_synthetic)

    def say(language: str) -> Iterator[str]:
        for one in layers(language):
            count = len(one.frame)
            yield theme.text("exchange.said", language=language, name=one.title, count=count)

    return files, say, apart
