"""How each layer of a package looks: colours and words from the theme, values from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from kcngeo import theme
from kcngeo.qgis.style import Category, Label, Look

NOT_COMPUTABLE = "not_computable"
"""What lots of a zone are shown as that has no account."""

_LOT_LABELS_CLOSER_THAN = 20_000
_FENCE_MM = 0.7
_RESULT_COLORS = {
    "findings": "other",
    "conflicts": "conflict",
    "sites": "site",
    "developable_land": "developable",
}
_RESULT_COLUMNS = {"findings": "severity", "conflicts": "verified", "readiness": "level"}
_RESULT_PALETTES: Mapping[str, Mapping[str, str]] = {
    "severity": {str(name): color for name, color in theme.SEVERITY_COLORS.items()},
    "verified": {str(name): color for name, color in theme.VERIFIED_COLORS.items()},
    "level": {str(level): color for level, color in enumerate(theme.LEVEL_COLORS)},
}


def zone_looks(*, language: str) -> tuple[Look, Look]:
    """Draw fences: with the rate written on them, and bare.

    Parameters
    ----------
    language
        "vi" or "en".

    Returns
    -------
    tuple[Look, Look]
        The two styles.
    """
    words = theme.table_title("zones", language=language)
    bare = Look(
        name=theme.text("qgis.style_outline", language=language),
        shape="polygon",
        categories=(Category(value=None, label=words, color=theme.LAYER_COLORS["zone"]),),
        width_mm=_FENCE_MM,
        is_filled=False,
    )
    label = Label(column="label", size_pt=10.0, bold=True)
    title = theme.table_title("zones_on_day", language=language)
    return replace(bare, name=title, label=label), bare


def status_look(lots: pd.DataFrame, *, language: str) -> Look:
    """Colour lots by what they are shown as; uses that are not there stay out of the legend.

    Parameters
    ----------
    lots
        Rows of :func:`kcngeo.cartography.periods.periods`.
    language
        "vi" or "en".

    Returns
    -------
    Look
        The lease-status theme.
    """
    present = set(lots["shown_as"])
    categories = [
        _category(status, theme.STATUS_COLORS[status], "status", language)
        for status in theme.STATUS_COLORS
    ]
    categories += [
        _category(use, color, "land_use", language)
        for use, color in theme.USE_COLORS.items()
        if use in present
    ]
    if NOT_COMPUTABLE in present:
        words = theme.text("qgis.not_computable", language=language)
        color = theme.LAYER_COLORS[NOT_COMPUTABLE]
        categories.append(Category(value=NOT_COMPUTABLE, label=words, color=color))
    return Look(
        name=theme.text("qgis.style_status", language=language),
        shape="polygon",
        column="shown_as",
        categories=(*categories, *_others(lots, "shown_as", categories, language)),
        stripes="second_as",
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.15,
        label=_lot_label(lots),
    )


def code_look(lots: pd.DataFrame, *, language: str) -> Look:
    """Colour lots by legal code, in the national palette; other codes grey under their own name.

    Parameters
    ----------
    lots
        Lots with ``land_use_code``.
    language
        "vi" or "en".

    Returns
    -------
    Look
        The legal theme.
    """
    present: set[str] = set()
    if "land_use_code" in lots.columns:
        present = set(lots["land_use_code"].dropna().astype(str))
    known = [code for code in theme.LAND_CODE_COLORS if code in present]
    categories = []
    for code in (*known, *sorted(present - set(known))):
        name = theme.table().get(f"land_code.{code}")
        words = code if name is None else f"{code} – {name[language]}"
        color = theme.LAND_CODE_COLORS.get(code, theme.LAYER_COLORS["other"])
        categories.append(Category(value=code, label=words, color=color))
    return Look(
        name=theme.text("qgis.style_code", language=language),
        shape="polygon",
        column="land_use_code" if "land_use_code" in lots.columns else "",
        categories=(*categories, *_others(lots, "land_use_code", categories, language)),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.15,
        label=_lot_label(lots),
    )


def use_look(*, language: str) -> Look:
    """Colour lots by their function in the approved plan.

    Parameters
    ----------
    language
        "vi" or "en".

    Returns
    -------
    Look
        The theme of land use.
    """
    categories = tuple(
        _category(use, color, "land_use", language) for use, color in theme.USE_COLORS.items()
    )
    return Look(
        name=theme.text("qgis.style_use", language=language),
        shape="polygon",
        column="land_use",
        categories=categories,
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.15,
    )


def table_look(name: str, frame: pd.DataFrame, shape: str, language: str) -> Look:
    """Draw a table of the project: by kind where it has one, lots by use, the rest alike.

    Parameters
    ----------
    name
        Name of the table.
    frame
        Its rows.
    shape
        Which of its kinds of geometry: "point", "line" or "polygon".
    language
        "vi" or "en".

    Returns
    -------
    Look
        The style.
    """
    if name == "parcels":
        return use_look(language=language)
    width = {"line": 0.5, "polygon": 0.2, "point": 0.2}[shape]
    if name in theme.KIND_COLORS:
        return _kind_look(name, frame, shape, width, language)
    colors = {"zones": "zone", "buildings": "building", "clearance": "clearance"}
    color = theme.LAYER_COLORS[colors.get(name, "other")]
    return Look(
        name=theme.text("qgis.style_plain", language=language),
        shape=shape,
        categories=(
            Category(value=None, label=theme.table_title(name, language=language), color=color),
        ),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=_FENCE_MM if name == "zones" else width,
        is_filled=name not in ("zones", "clearance"),
    )


def result_look(
    name: str,
    frame: pd.DataFrame,
    shape: str,
    *,
    language: str,
    levels: Mapping[str, str] | None = None,
) -> Look:
    """Draw what an analysis found: findings by severity, conflicts by how well the rule is read.

    Lots are drawn by their level of readiness.

    Parameters
    ----------
    name
        "findings", "conflicts", "sites", "developable_land" or "readiness".
    frame
        Its rows.
    shape
        Which of its kinds of geometry: "point", "line" or "polygon".
    language
        "vi" or "en".
    levels
        Words of the levels of readiness, where they are not the library's.

    Returns
    -------
    Look
        The style.
    """
    column = _RESULT_COLUMNS.get(name, "")
    plain = theme.LAYER_COLORS[_RESULT_COLORS.get(name, "other")]
    words = theme.table_title(name, language=language)
    look = Look(
        name=theme.text("qgis.style_plain", language=language),
        shape=shape,
        categories=(Category(value=None, label=words, color=plain),),
        outline=theme.INK,
        width_mm=0.6 if shape == "line" else 0.2,
        opacity_share=0.8,
    )
    if column in frame.columns:
        words_of = result_words(column, language=language, levels=levels)
        categories = [
            Category(value=value, label=said, color=_RESULT_PALETTES[column][value])
            for value, said in words_of.items()
        ]
        if column == "level":
            return replace(
                look,
                name=theme.text("qgis.style_level", language=language),
                column=column,
                categories=tuple(categories),
                outline=theme.LAYER_COLORS["lot"],
                opacity_share=1.0,
            )
        return replace(
            look,
            name=theme.text(f"qgis.style_{column}", language=language),
            column=column,
            categories=(*categories, *_others(frame, column, categories, language)),
            opacity_share=0.6,
        )
    if name != "sites":
        return look
    column = next((one for one in ("label", "site_id") if one in frame.columns), "")
    label = Label(column=column, bold=True) if column else None
    return replace(look, is_filled=False, width_mm=_FENCE_MM, opacity_share=1.0, label=label)


def result_words(
    column: str, *, language: str, levels: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give the words of a column of results that has a closed list.

    Parameters
    ----------
    column
        "severity", "verified" or "level"; any other has none.
    language
        "vi" or "en".
    levels
        Words of the levels of readiness, where they are not the library's.

    Returns
    -------
    dict[str, str]
        By value, its words.
    """
    if column == "severity":
        keys = {str(value): f"severity.{value}" for value in theme.SEVERITY_COLORS}
    elif column == "verified":
        keys = {str(value): f"qgis.verified_{value}" for value in theme.VERIFIED_COLORS}
    elif column == "level" and levels:
        return dict(levels)
    elif column == "level":
        keys = {str(level): f"step_map.level_{level}" for level in range(len(theme.LEVEL_COLORS))}
    else:
        keys = {}
    return {value: theme.text(key, language=language) for value, key in keys.items()}


def _lot_label(lots: pd.DataFrame) -> Label | None:
    if "lot_code" not in lots.columns:
        return None
    return Label(column="lot_code", size_pt=7.0, closer_than=_LOT_LABELS_CLOSER_THAN)


def _kind_look(name: str, frame: pd.DataFrame, shape: str, width: float, language: str) -> Look:
    colors = theme.KIND_COLORS[name]
    present = set(frame["kind"].dropna().astype(str))
    kinds = [*(kind for kind in colors if kind in present), *sorted(present - set(colors))]
    categories = [
        Category(
            value=kind,
            label=theme.choice(kind, name="kind", layer=name, language=language),
            color=colors.get(kind, theme.LAYER_COLORS["other"]),
        )
        for kind in kinds
    ]
    is_named = name == "context" and "name" in frame.columns
    return Look(
        name=theme.text("qgis.style_kind", language=language),
        shape=shape,
        column="kind",
        categories=(*categories, *_others(frame, "kind", categories, language)),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.8 if name == "context" else width,
        opacity_share=0.6 if shape == "polygon" else 1.0,
        label=Label(column="name", size_pt=7.0) if is_named else None,
    )


def _others(
    frame: pd.DataFrame, column: str, known: Iterable[Category], language: str
) -> tuple[Category, ...]:
    """Give a grey category for rows that would otherwise vanish from the map."""
    values = {one.value for one in known}
    if column in frame.columns and frame[column].isin(values).all() and values:
        return ()
    words = theme.text("qgis.other_values", language=language)
    return (Category(value=None, label=words, color=theme.LAYER_COLORS["other"]),)


def _category(value: str, color: str, name: str, language: str) -> Category:
    words = theme.choice(str(value), name=name, language=language)
    return Category(value=str(value), label=words, color=color)
