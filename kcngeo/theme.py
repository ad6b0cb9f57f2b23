"""One palette and one table of texts for maps, figures, layers, reports and workbooks.

Lease-status colours stay apart for readers with any of the common colour-vision deficiencies, which
``tests/test_theme.py`` simulates; a calm blue stands for what is let, the loudest colour for land
lost to another purpose. Land-use colours of land that is not let are pale, so that status reads
first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kcngeo.core.model import LandUse, Severity
from kcngeo.core.number_forms import (
    date,
    exact_number,
    hectares,
    is_nothing,
    month,
    number,
    percent,
    points,
    signed,
)
from kcngeo.core.schema import Column, Kind, contract, heading, value_words
from kcngeo.core.texts import LANGUAGES, table, text

__all__ = [
    "ACCENT",
    "CHANGE_COLORS",
    "CHIP_EDGE",
    "CHIP_INK",
    "CHIP_PAPER",
    "CLASS_COLORS",
    "INK",
    "KIND_COLORS",
    "LANGUAGES",
    "LAYER_COLORS",
    "LEVEL_COLORS",
    "LINE",
    "LOUD",
    "OUTLINE",
    "PAPER",
    "REST",
    "SECTOR_COLORS",
    "SEVERITY_COLORS",
    "SHEET_COLORS",
    "SOFT",
    "STATUS_COLORS",
    "STEP_COLORS",
    "USE_COLORS",
    "choice",
    "column",
    "date",
    "exact_number",
    "hectares",
    "is_nothing",
    "month",
    "number",
    "page_colors",
    "percent",
    "points",
    "signed",
    "site_reason",
    "table",
    "table_title",
    "text",
    "texts",
]

STATUS_COLORS: Mapping[str, str] = {
    "leased": "#3A7FB5",
    "reserved": "#F9C52B",
    "recovering": "#603277",
    "repurposed": "#CC5A1E",
    "uncleared": "#8D9094",
    "available": "#97C891",
}
"""Colours of the parts of the land account, in the order they are shown."""

USE_COLORS: Mapping[str, str] = {
    LandUse.INDUSTRIAL: "#EFE6DC",
    LandUse.SERVICE: "#F3DCDC",
    LandUse.GREEN: "#DCEBD3",
    LandUse.TRANSPORT: "#ECECEC",
    LandUse.TECHNICAL: "#E3DDEE",
    LandUse.HOUSING: "#FBEFD0",
    LandUse.WATER: "#D6E8F5",
    LandUse.OTHER: "#F4F4F0",
}
"""Pale colours of land that is not let under a definition."""

SEVERITY_COLORS: Mapping[str, str] = {
    Severity.ERROR: "#C0272D",
    Severity.WARNING: "#E8A12C",
    Severity.NOTE: "#5E8FB8",
}
"""Colours of findings by how much they weigh."""

CLASS_COLORS: Mapping[str, str] = {
    "I": "#1C3A78",
    "II": "#2C7FB8",
    "III": "#41B6C4",
    "IV": "#A1DAB4",
    "V": "#F7F3B5",
}
"""Colours of the worst hazard class a lot may take: the darker, the more may come."""

KIND_COLORS: Mapping[str, Mapping[str, str]] = {
    "receptors": {
        "resettlement": "#E7A6C8",
        "housing": "#F2D2A2",
        "school": "#B9A5DA",
        "hospital": "#F0A7A0",
        "green": "#A9D39E",
        "water": "#8FC7E8",
    },
    "emitters": {
        "point": "#3B3B3B",
        "building": "#7A5A43",
        "parcel": "#A9825F",
        "wastewater_works": "#2E6F74",
        "waste_works": "#6E5A86",
    },
    "works": {
        "road": "#6B6B6B",
        "power": "#C2452D",
        "water": "#2C7FB8",
        "wastewater": "#2E6F74",
        "drainage": "#6FB3D2",
        "green": "#5B9A4A",
        "telecom": "#9A6BB0",
        "solid_waste": "#6E5A86",
        "worker_housing": "#D79A3C",
        "public_utility": "#B56A8A",
    },
    "encumbrances": {
        "power_corridor": "#D9853B",
        "river_corridor": "#5AA6CF",
        "stream_corridor": "#8CC7DD",
        "flood_prone": "#5577B0",
        "steep_slope": "#A58A5A",
        "graves": "#8A8A8A",
    },
    "context": {"road": "#B9A98A", "river": "#8FC7E8", "boundary": "#9A8FA6"},
    "basemap": {
        "commune": "#F4F2EC",
        "ward": "#E7E1D3",
        "province": "#8C8578",
        "edge": "#D3CCBC",
    },
}
"""Colours of the kinds of things drawn around the lots, by table."""

INK, SOFT, LINE, PAPER = "#1B2A32", "#52626B", "#DCDFDB", "#FFFFFF"
"""Letters and fences, quieter letters, ruled lines, and what all stands on."""
ACCENT, LOUD, OUTLINE = "#175A70", "#C0272D", "#000000"
"""Links and headings, what must not be missed, and the edge of marks on a map."""
CHIP_INK, CHIP_PAPER, CHIP_EDGE = "#6B4300", "#FFF6E2", "#D8A24A"
"""A notice that stands beside a title: not computable, made up, a law that is not in force."""
REST = "#B9C1C4"
"""What is counted in a chart without being named."""
SHEET_COLORS: Mapping[str, str] = {
    "heading": "#2F5D7C",
    "required": "#A3471B",
    "name_ink": "#6B6B6B",
    "name": "#EEF2F5",
    "example_ink": "#8A8A8A",
    "example": "#FBF7E8",
    "tab": "#9AA5AD",
}
"""Cells of a workbook to fill in; what must be filled in has a warm heading."""

LAYER_COLORS: Mapping[str, str] = {
    "zone": "#1B1B1B",
    "lot": "#5C5C5C",
    "conflict": "#C0272D",
    "developable": "#7CC06C",
    "site": "#0B6E4F",
    "encumbered": "#8A6D3B",
    "building": "#B7AFA5",
    "clearance": "#8D9094",
    "not_computable": "#FFFFFF",
    "not_counted": "#FFFFFF",
    "other": "#C9C9C9",
    "encumbered_edge": "#8A6D3B",
    "no_belt": "#7A4FB0",
    "not_recorded": "#C4C9C6",
    "other_sector": "#8B8F94",
}
"""Colours of what is drawn alike, and of values that have no colour of their own."""


LEVEL_COLORS = ("#8D9094", "#F3EBD3", "#DCD596", "#A5C283", "#5B9E8F", "#1F5F7A")
"""Colours of the levels of readiness, 0 to 5: grey is not cleared, then darker is readier."""

STEP_COLORS = ("#FDE9B0", "#EE9B45", "#B33E2E", "#591436")
"""Colours of steps of time: the darker, the longer vacant or the sooner at an end."""

CHANGE_COLORS: Mapping[str, str] = {
    "let": "#1B5E9E",
    "given_up": "#E8743B",
    "came": "#A7D3E8",
    "other": "#EBDDA0",
}
"""Colours of what moved between two days: land let, land given up, lots that came, the rest."""

SECTOR_COLORS = (
    *("#332288", "#88CCEE", "#44AA99", "#117733"),
    *("#999933", "#DDCC77", "#CC6677", "#882255"),
)
"""Colours of sectors, those with most land first: Paul Tol's muted set."""


def page_colors() -> str:
    """Write the inks as variables of a page, for the start of its style sheet.

    Returns
    -------
    str
        CSS: ``--ink``, ``--soft``, ``--line``, ``--paper``, ``--accent``, ``--loud`` and those of
        a notice, ``--chip-ink``, ``--chip-paper``, ``--chip-edge``.

    Examples
    --------
    >>> page_colors().splitlines()[1]
    '  --ink: #1B2A32;'
    """
    inks = {
        "ink": INK,
        "soft": SOFT,
        "line": LINE,
        "paper": PAPER,
        "accent": ACCENT,
        "loud": LOUD,
        "chip-ink": CHIP_INK,
        "chip-paper": CHIP_PAPER,
        "chip-edge": CHIP_EDGE,
    }
    return "\n".join([":root {", *(f"  --{name}: {ink};" for name, ink in inks.items()), "}\n"])


def texts(*groups: str, language: str) -> dict[str, str]:
    """Collect the words of some groups in one language, for a page that needs them all.

    Parameters
    ----------
    *groups
        Groups of the table, for example "status".
    language
        "vi" or "en".

    Returns
    -------
    dict[str, str]
        By key ("group.name"), the words, placeholders as they stand.

    Examples
    --------
    >>> texts("status", language="en")["status.leased"]
    'leased'
    """
    return {key: entry[language] for key, entry in table().items() if key.split(".")[0] in groups}


def table_title(name: str, *, language: str) -> str:
    """Name a table or layer for a person.

    Parameters
    ----------
    name
        Name of the table.
    language
        "vi" or "en".

    Returns
    -------
    str
        Its title, or the name itself for a layer of the user's own.

    Examples
    --------
    >>> table_title("parcels", language="vi"), table_title("mine", language="vi")
    ('Lô đất: mọi phiên bản', 'mine')
    """
    entry = table().get(f"table.{name}")
    return name if entry is None else entry[language]


def column(name: str, *, language: str, layer: str = "") -> str:
    """Name a column for a person.

    Parameters
    ----------
    name
        Name of the column.
    language
        "vi" or "en".
    layer
        Its layer; where layers use one column for different things, it decides.

    Returns
    -------
    str
        Its words with the unit, or the name itself for a column of the user's own.

    Examples
    --------
    >>> column("leased_ha", language="en"), column("my_column", language="en")
    ('Leased (ha)', 'my_column')
    """
    return heading(_column(name, layer), name=name, language=language)


def choice(value: str, *, name: str, language: str, layer: str = "") -> str:
    """Name a value of a closed list for a person.

    Parameters
    ----------
    value
        The value, for example "leased".
    name
        Its column, for example "status".
    language
        "vi" or "en".
    layer
        Its table; where tables use one column for different lists ("kind"), it decides.

    Returns
    -------
    str
        The words, or the value itself where the table of texts has none.

    Examples
    --------
    >>> choice("leased", name="status", language="vi")
    'đã cho thuê'
    """
    known = _column(name, layer)
    if not (known.words or known.choices):
        # Asked for as a code, whatever the contract lets stand there.
        known = replace(known, words=(f"{layer}_{name}", name))
    return value_words(known, value, language=language, table=layer)


def _column(name: str, layer: str) -> Column:
    """Find the contract of a column; one of the user's own has words only by its name."""
    known = contract(layer)
    found = None if known is None else known.column(name)
    return found or Column(name=name, kind=Kind.TEXT)


def site_reason(reason: str, *, language: str) -> str:
    """Say why land falls out.

    Parameters
    ----------
    reason
        A reason of :data:`kcngeo.sites.REASONS`, "without_NEED" or "unknown_NEED".
    language
        "vi" or "en".

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> site_reason("unknown_power", language="en")
    'power: not on record'
    """
    if f"site_reason.{reason}" in table():
        return text(f"site_reason.{reason}", language=language)
    kind, need = reason.split("_", 1)
    name = choice(need, name="kind", language=language, layer="works")
    return text(f"site_reason.{kind}", language=language, need=name)
