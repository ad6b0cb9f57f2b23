"""The tables for exchange: a data package that other programs read and validate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import EDITIONS
from kcngeo.ledger.screening import latest_moment
from kcngeo.products.common import asked_for
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.data_package import package_files
from kcngeo.report import private_texts, public
from kcngeo.standards import registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project


def exchange(project: Project, *, edition: str = "full") -> Bundle:
    """Give the tables of a project as a data package.

    ``datapackage.json`` describes every table and column by the schema, as the Data Package
    standard asks: type, title, closed list, what is required, whose rows ids name; each table is a
    CSV beside it (UTF-8, every digit, ISO days, shapes as WKT). Whoever has a program of that
    standard can validate the tables without this library. Rows that were superseded are there with
    their moments; a text that a spreadsheet would take for a formula has an apostrophe in front.

    Parameters
    ----------
    project
        The tables as stored.
    edition
        "full", or "public", which leaves out names of investors and documents, see
        :func:`kcngeo.report.public`.

    Returns
    -------
    Bundle
        The package as part ``package``; no computed tables.

    Raises
    ------
    KcngeoError
        If the edition is unknown.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = exchange(kcn.examples.squares())
    >>> sorted(made.files("package", language="en"))[:3]
    ['data/claims.csv', 'data/clearance.csv', 'data/emitters.csv']
    """
    if edition not in EDITIONS:
        raise KcngeoError("unknown_edition", edition=edition, choices=" | ".join(EDITIONS))
    shown = public(project) if edition == "public" else project

    def files(language: str) -> Files:
        title = theme.text("product.exchange", language=language)
        crs = shown.zones.crs.to_string()
        return package_files(shown.tables(), title=title, crs=crs, language=language)

    def say(language: str) -> Iterator[str]:
        for name, frame in shown.tables():
            title = theme.table_title(name, language=language)
            yield theme.text("exchange.said", language=language, name=title, count=len(frame))

    return Bundle(
        product="exchange",
        provenance=Provenance(
            options=asked_for(edition=edition),
            tables=shown,
            registry=registry(),
            moment=latest_moment(project),
        ),
        make_tables=lambda _: {},
        documents={"package": files, "workbook": lambda _: {}},
        private=private_texts(project) if edition == "public" else None,
        say=say,
    )
