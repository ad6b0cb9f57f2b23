"""What a definition of the fill rate counts, in words made from its weights."""

from __future__ import annotations

from collections.abc import Mapping

from kcngeo import theme
from kcngeo.standards import FillDefinition
from kcngeo.standards.entries import Weights

# Shapes that have a sentence of their own: what counts above and below the line.
_SHAPES: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]] = {
    "leasable": ({"leased": 1}, {"leasable": 1}),
    "cleared": (
        {"leased": 1, "leased_uncleared": -1},
        {"leasable": 1, "uncleared": -1, "uncleared_held": -1},
    ),
    "zone": ({"leased": 1}, {"zone": 1}),
}


def definition_words(one: FillDefinition, *, group: str, joined: str, language: str) -> str:
    """Say what a definition divides by what.

    Examples
    --------
    >>> from kcngeo import standards
    >>> one = standards.fill_definition("gross", on="2018-03-31")
    >>> definition_words(one, group="standards_page", joined=" + ", language="en")
    'let land (industrial + service) ÷ area of the whole zone'
    """
    uses = joined.join(
        theme.choice(str(use), name="land_use", language=language) for use in one.uses
    )
    for shape, (above, below) in _SHAPES.items():
        if _is(one.numerator, above, one) and _is(one.base, below, one):
            return theme.text(f"{group}.{shape}", language=language, uses=uses)
    above_words, below_words = (
        _sum(weights, joined=joined, language=language) for weights in (one.numerator, one.base)
    )
    return theme.text(
        f"{group}.weights", language=language, numerator=above_words, base=below_words
    )


def _is(weights: Weights, items: Mapping[str, float], one: FillDefinition) -> bool:
    """Tell whether every land use of a definition weighs items alike, and in this way."""
    uses = [str(use) for use in one.uses]
    expected = {
        (use, item): weight
        for item, weight in items.items()
        for use in (uses if item != "zone" else [""])
    }
    return {(str(use), item): weight for (use, item), weight in weights.items()} == expected


def _sum(weights: Weights, *, joined: str, language: str) -> str:
    """Write weights as a sum: "leasable land (industrial) − 0,5 × reserved land (industrial)"."""
    uses: dict[tuple[str, float], list[str]] = {}
    for (use, item), weight in weights.items():
        uses.setdefault((item, weight), []).append(str(use))
    words = ""
    for (item, weight), some in uses.items():
        sign = "−" if weight < 0 else "+" if words else ""
        factor = "" if abs(weight) == 1 else f"{theme.number(abs(weight), language=language)} × "
        name = theme.text(f"account_item.{item}", language=language)
        named = [theme.choice(use, name="land_use", language=language) for use in some if use]
        part = f"{factor}{name}" + (f" ({joined.join(named)})" if named else "")
        words += f" {sign} {part}" if words else f"{sign}{part}"
    return words
