"""What a product gives: tables, layers, maps and figures before they are files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.schema import COMPUTED, Names, in_contract
from kcngeo.publish.bundle_html import bundle_html, first_lines
from kcngeo.publish.content import Content, LongTable
from kcngeo.publish.csv import csv_file, csv_text
from kcngeo.publish.findings_table import findings_table
from kcngeo.publish.month_tables import NAMES, names_table
from kcngeo.publish.registry_names import registry_name
from kcngeo.publish.writer import write_bundle
from kcngeo.publish.xlsx import tables_workbook
from kcngeo.report import said

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure

    from kcngeo.cartography import MapSpec
    from kcngeo.core.private_texts import PrivateTexts
    from kcngeo.ledger.tables import Tables
    from kcngeo.publish.manifest import InputFacts
    from kcngeo.report import Standing
    from kcngeo.standards import Registry, Standard

Files = Mapping[str, Callable[[], Content]]
"""Files by their path in the folder, each with what makes its content."""

FINDINGS = "findings"
TABLES, WORKBOOK, MAP, FIGURES, LAYERS = "tables", "workbook", "map", "figures", "layers"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provenance:
    """What a product was made from, so that it can be made again.

    Attributes
    ----------
    options
        What was asked, by the names of the product's arguments; numbers, texts, lists.
    tables
        The tables it was made from.
    registry
        The registry of legal figures it follows.
    moment
        The latest moment on record; None where no row says when it was recorded.
    rules
        The legal figures it used.
    given
        Frames, and paths of rasters, that were given beside the project, by argument.
    facts
        What is known of tables that do not stand in memory as a whole; None where ``tables`` do.
    """

    options: Mapping[str, Any]
    tables: Tables
    registry: Registry
    moment: pd.Timestamp | None = None
    rules: tuple[Standard, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    facts: InputFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Bundle:
    """A product before it is files; a notebook shows it, :meth:`write` makes its folder.

    Attributes
    ----------
    product
        Name of the product, a function of :mod:`kcngeo.products`.
    provenance
        What it was made from.
    make_tables
        Gives its tables in a language, by name; see :meth:`tables_in`.
    long_tables
        Gives in a language the tables that do not stand in memory as a whole, by name; they are
        written in the place of what ``make_tables`` gives of them.
    findings
        What to know, what was left out among it.
    left_out
        By zone that is not computable, why.
    layers
        Its layers for GIS, by name.
    maps
        What makes its maps, see :mod:`kcngeo.cartography`, by name of the file without ending.
    figures
        What draws its figures in a language, by path of the file without ending.
    documents
        What makes its other files in a language, by part; one of the name of a common part stands
        in its place.
    letters
        What makes those of its documents that are Word documents, by part; takes ``letterhead``,
        the bytes of a template, too, see :meth:`on_letterhead`.
    screens
        What makes those of its documents that show a map on a screen, by part; takes ``imagery``,
        the path of an image, too, see :meth:`on_imagery`.
    on_request
        What makes further files, by part, which are written only where the part is named.
    say
        Gives in a language the lines a person reads first.
    facts
        Gives in a language what an index tells of it without opening another file.
    headline
        Gives in a language what sums the findings up; empty where there is nothing to sum up.
    incomplete
        Whether something that was asked for is missing, or does not pass, beside zones left out.
    carry
        Gives files of a folder that must outlive it, by path, and refuses where some may not go;
        None if everything an earlier run made may be replaced.
    replaces
        Paths of files that ``carry`` looked after, so that they may be replaced whoever made them.
    standing
        Of a month, how it stands to what was published; None where it is not told.
    private
        Of a public edition, what must stand in none of its files: :meth:`write` refuses those that
        hold it. None where everything may be told.
    names
        Gives in a language what ids are called; None where people are told the ids themselves.
    """

    product: str
    provenance: Provenance
    make_tables: Callable[[str], Mapping[str, pd.DataFrame]]
    long_tables: Callable[[str], Mapping[str, LongTable]] = lambda _: {}
    findings: tuple[Finding, ...] = ()
    left_out: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    maps: Mapping[str, Callable[[], MapSpec]] = field(default_factory=dict)
    figures: Mapping[str, Callable[[str], Figure]] = field(default_factory=dict)
    documents: Mapping[str, Callable[[str], Files]] = field(default_factory=dict)
    letters: Mapping[str, Callable[..., Files]] = field(default_factory=dict)
    screens: Mapping[str, Callable[..., Files]] = field(default_factory=dict)
    on_request: Mapping[str, Callable[[str], Files]] = field(default_factory=dict)
    say: Callable[[str], Iterable[str]] = lambda _: ()
    facts: Callable[[str], Mapping[str, Any]] = lambda _: {}
    headline: Callable[[str], str] = lambda _: ""
    incomplete: bool = False
    carry: Callable[[Path], Mapping[str, bytes]] | None = None
    replaces: tuple[str, ...] = ()
    standing: Standing | None = None
    private: PrivateTexts | None = None
    names: Callable[[str], Names | None] = lambda _: None
    _laid_out: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables; words from the table of texts are Vietnamese.

        Returns
        -------
        dict[str, pd.DataFrame]
            See :meth:`tables_in`.
        """
        return self.tables_in(theme.LANGUAGES[0])

    def tables_in(self, language: str) -> dict[str, pd.DataFrame]:
        """Give the tables, each with the columns of its contract and no others.

        Parameters
        ----------
        language
            "vi" or "en": of messages and names of our own; names of columns and codes are the same.

        Returns
        -------
        dict[str, pd.DataFrame]
            By name; the same name has the same columns in every product.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> made.tables_in("en")["series"]["leased_ha"].tolist()
        [1.5, 1.0, 2.5]
        """
        if language not in self._laid_out:
            made = dict(self.make_tables(language))
            names = self.names(language)
            if FINDINGS not in made:
                made[FINDINGS] = findings_table(self.findings, language=language, names=names)
            self._laid_out[language] = {
                name: self._in_contract(name, frame) for name, frame in made.items()
            }
            if names is not None and NAMES not in made:
                laid_out = self._laid_out[language]
                laid_out[NAMES] = names_table(laid_out, names)
        return self._laid_out[language]

    def _in_contract(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Lay a table out as its contract says, with the registry where it follows one."""
        home = COMPUTED[name]
        if home.column("registry") is not None and "registry" not in frame.columns:
            frame = frame.assign(registry=registry_name(self.provenance.registry))
        return in_contract(home, frame)

    @property
    def parts(self) -> tuple[str, ...]:
        """Name what :meth:`write` writes unless it is told otherwise, beside the manifest.

        Returns
        -------
        tuple[str, ...]
            The parts.
        """
        own = {MAP: self.maps, FIGURES: self.figures}
        there = [TABLES, WORKBOOK, *(name for name, made in own.items() if made)]
        return tuple(dict.fromkeys([*there, *self.documents]))

    def files(self, part: str, *, language: str) -> Files:
        """List the files of a part, and what makes them.

        Parameters
        ----------
        part
            One of :attr:`parts`, or of those on request.
        language
            "vi" or "en".

        Returns
        -------
        Mapping[str, Callable[[], bytes]]
            By path in the folder.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> sorted(made.files("tables", language="en"))
        ['findings.csv', 'names.csv', 'series.csv']
        """
        own = {**self.documents, **self.on_request}
        if part in own:
            return own[part](language)
        if part == TABLES:
            tables = self.tables_in(language)
            made: dict[str, Callable[[], Content]] = {
                f"{name}.csv": _csv(name, frame) for name, frame in tables.items()
            }
            long = self.long_tables(language)
            return made | {f"{name}.csv": partial(_file, one) for name, one in long.items()}
        if part == WORKBOOK:
            return {"tables.xlsx": lambda: self._workbook(language)}
        if part == MAP:
            return {f"{name}.html": _page(make, language) for name, make in self.maps.items()}
        return {f"{name}.png": _picture(draw, language) for name, draw in self.figures.items()}

    def _workbook(self, language: str) -> bytes:
        title = theme.text(f"product.{self.product}", language=language)
        said = first_lines(self, language=language)
        lines = [title, *said, *(self.words(one, language) for one in self.findings)]
        tables, names = self.tables_in(language), self.names(language)
        return tables_workbook(tables, lines=lines, language=language, names=names)

    def csv(self, table: str, *, language: str) -> str:
        """Give a table as text for programs.

        Parameters
        ----------
        table
            Its name.
        language
            "vi" or "en", of messages.

        Returns
        -------
        str
            CSV with plain line ends and no mark in front, as a terminal takes it.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> made.csv("series", language="en").splitlines()[0].split(",")[:2]
        ['zone_id', 'name']
        """
        return csv_text(self.tables_in(language)[table], name=table)

    def words(self, finding: Finding, language: str) -> str:
        """Say a finding, with names in the place of ids where the product tells them.

        Parameters
        ----------
        finding
            One of its findings.
        language
            "vi" or "en".

        Returns
        -------
        str
            Its words.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> from kcngeo.core.model import finding
        >>> made = kcn.products.sites(kcn.examples.squares(), on="2018-03-31", min_area_ha=1)
        >>> made.words(finding("emitter_no_rule", "emitters", ids=["S1"]), "en")
        'no rule is about these emitters: point source in Zone A.'
        """
        return said(finding, self.names(language), language=language)

    def reasons(self, language: str) -> dict[str, str]:
        """Say why zones are not computable.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        dict[str, str]
            By zone.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> made.reasons("en")  # both zones can be computed
        {}
        """
        return {
            zone_id: " ".join(self.words(one, language) for one in found)
            for zone_id, found in self.left_out.items()
        }

    def has_warnings(self) -> bool:
        """Tell whether a finding is an error or a warning.

        Returns
        -------
        bool
            Whether one is.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> made.has_warnings()
        True
        """
        return any(one.severity is not Severity.NOTE for one in self.findings)

    def asked(self, **options: Any) -> Bundle:
        """Add to what was asked what the product itself was not told, such as the moment.

        Parameters
        ----------
        **options
            The options; None adds nothing.

        Returns
        -------
        Bundle
            The same, with the options in its provenance.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> made.asked(known_at="2018-04-01").provenance.options["known_at"]
        '2018-04-01'
        """
        more = {name: value for name, value in options.items() if value is not None}
        provenance = replace(self.provenance, options={**self.provenance.options, **more})
        return replace(self, provenance=provenance)

    def on_letterhead(self, template: str | os.PathLike[str] | None) -> Bundle:
        """Write its Word documents on a template: its styles, margins, headers and footers.

        What stands in the template comes before the report. What must be said on every page, and
        the number of the page, is added to its footers.

        Parameters
        ----------
        template
            The board's own letterhead, a .docx or .dotx; None for the form of the State's letters
            that comes with the library.

        Returns
        -------
        Bundle
            The same, with the template in its provenance.

        Raises
        ------
        DataSourceError
            If the template cannot be read.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.month(kcn.examples.squares(), month="2018-03")
        >>> made.on_letterhead("no such.docx")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        kcngeo.core.errors.DataSourceError: no such.docx cannot be read
        """
        if template is None:
            return self
        from kcngeo.publish.letterhead import read_letterhead

        data = read_letterhead(template)
        on_it = {part: partial(make, letterhead=data) for part, make in self.letters.items()}
        return self._given("letterhead", template, on_it)

    def on_imagery(self, image: str | os.PathLike[str] | None) -> Bundle:
        """Lay an image under the lots of its pages: what lies round the zones, at most 8 MB a page.

        The reader sets how much of the plan covers it, or has both side by side. The many pages of
        more than 100 000 lots have none.

        Parameters
        ----------
        image
            A raster with a CRS, for example a GeoTIFF; its first three bands are red, green and
            blue, one alone is grey. None for no image.

        Returns
        -------
        Bundle
            The same, with the image in its provenance. It is read when the pages are written.

        Raises
        ------
        DataSourceError
            When pages are written, if the image cannot be read or lies on a network.
        CRSError
            Then, if it has no CRS.
        KcngeoError
            Then, if it shows no place near a zone.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> made = kcn.products.month(kcn.examples.squares(), month="2018-03")
        >>> made.on_imagery("ortho.tif").provenance.given["imagery"].name
        'ortho.tif'
        """
        if image is None:
            return self
        over = {part: partial(make, imagery=Path(image)) for part, make in self.screens.items()}
        return self._given("imagery", image, over)

    def _given(
        self, name: str, path: str | os.PathLike[str], made: Mapping[str, Callable[..., Files]]
    ) -> Bundle:
        """Make documents with a file that was given beside the project."""
        given = {**self.provenance.given, name: Path(path)}
        return replace(
            self,
            documents={**self.documents, **made},
            provenance=replace(self.provenance, given=given),
        )

    def write(
        self,
        folder: str | os.PathLike[str],
        *,
        language: str = "vi",
        parts: Collection[str] | None = None,
        inputs: Iterable[str | os.PathLike[str]] = (),
        progress: Callable[[str], None] | None = None,
        before_placing: Callable[[], None] | None = None,
    ) -> Path:
        """Write the folder of the product: its files and a manifest, whole or not at all.

        A folder that an earlier run made is replaced; one that holds anything else is refused. The
        same input gives the same bytes.

        Parameters
        ----------
        folder
            The folder to make.
        language
            Language of everything a person reads, "vi" or "en".
        parts
            What to write, of :attr:`parts` and those on request; :attr:`parts` if left out. The
            manifest is always written.
        inputs
            Where the project was read from, files or URLs; their hashes go into the manifest.
        progress
            Called with the name of each file before it is made.
        before_placing
            Called when all files are on the disk, before the folder takes its place: if it raises,
            the folder does not.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        DataSourceError
            If the folder holds files that are not an earlier run's, or cannot be written; what was
            there before is then still there.
        KcngeoError
            If a part or the language is unknown.

        Examples
        --------
        >>> import tempfile
        >>> import kcngeo as kcn
        >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
        >>> with tempfile.TemporaryDirectory() as above:
        ...     folder = made.write(f"{above}/series", language="en", parts=["tables"])
        ...     "manifest.json" in [path.name for path in folder.iterdir()]
        True
        """
        if language not in theme.LANGUAGES:
            choices = " | ".join(theme.LANGUAGES)
            raise KcngeoError("unknown_language", name=language, choices=choices)
        return write_bundle(
            self,
            folder,
            language=language,
            parts=self.parts if parts is None else parts,
            inputs=inputs,
            progress=progress,
            before_placing=before_placing,
        )

    def __repr__(self) -> str:
        tables = ", ".join(f"{name}: {len(frame)}" for name, frame in self.tables.items())
        head = f"Bundle {self.product} ({tables})"
        return "\n".join([head, *self.say(theme.LANGUAGES[0])])

    def _repr_html_(self) -> str:
        return bundle_html(self, language=theme.LANGUAGES[0])


def _file(table: LongTable) -> Content:
    return table.file


def _csv(name: str, frame: pd.DataFrame) -> Callable[[], Content]:
    return lambda: csv_file(frame, name=name)


def _page(make: Callable[[], MapSpec], language: str) -> Callable[[], bytes]:
    from kcngeo.maps import draw_map

    return lambda: draw_map(make(), language=language).get_root().render().encode()


def _picture(draw: Callable[[str], Figure], language: str) -> Callable[[], bytes]:
    from kcngeo.figures.export import drawn

    return lambda: drawn(draw(language), "png")
