"""The tables for exchange: a data package, or zones and lots in the words of another standard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from kcngeo import theme
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError, left_out_zones
from kcngeo.core.schema import EDITIONS
from kcngeo.ledger import asked
from kcngeo.ledger.screening import latest_moment
from kcngeo.products.common import asked_for, together
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.data_package import package_files
from kcngeo.publish.economic_sites import economic_sites, site_files
from kcngeo.report import private_texts, public
from kcngeo.standards import registry

if TYPE_CHECKING:
    from kcngeo.core.model import Finding
    from kcngeo.ledger import Project

FORMS = ("tables", "cnig")
"""All tables as they stand, or zones and lots of a day like the French geostandard."""


def exchange(
    project: Project, *, edition: str = "full", form: str = "tables", on: Day | None = None
) -> Bundle:
    """Give a project to other programs: its tables, or its zones and lots as economic sites.

    As "tables", ``datapackage.json`` describes every table and column by the schema, as the Data
    Package standard asks: type, title, closed list, what is required, whose rows ids name; each
    table is a CSV beside it (UTF-8, every digit, ISO days, shapes as WKT). Whoever has a program of
    that standard can validate the tables without this library. Rows that were superseded are there
    with their moments; a text that a spreadsheet would take for a formula has an apostrophe in
    front.

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
        "tables" or "cnig".
    on
        The day of "cnig"; tables hold all days.

    Returns
    -------
    Bundle
        The package as part ``package``; no computed tables.

    Raises
    ------
    KcngeoError
        If the edition or the form is unknown, or "cnig" has no day, or tables have one.

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
    if (form == "cnig") != (on is not None):
        raise KcngeoError("form_day" if on is None else "form_no_day", form=form)
    files, say, apart = _tables(shown) if on is None else _economic_sites(shown, on)
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
