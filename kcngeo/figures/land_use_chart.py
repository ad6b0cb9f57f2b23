"""The land-use balance of a zone against the standard, in bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.dates import Day, day
from kcngeo.figures.bar_rows import ROW_IN, Row, draw_rows
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import SIZES, SOFT, Heading, Sheet, short
from kcngeo.figures.typography import own_settings
from kcngeo.theme import hectares, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENOUGH, _LACKS = theme.STATUS_COLORS["leased"], theme.STATUS_COLORS["repurposed"]
_OTHER = theme.REST
_HEAD_IN, _BETWEEN_IN = 0.3, 0.28
# Less than a square metre in no lot is rounding.
_NOTHING_HA = 1e-4


def land_use(
    balance: pd.DataFrame,
    *,
    zone_id: str,
    on: Day,
    language: str,
    synthetic: bool = False,
    name: str | None = None,
) -> Figure:
    """Draw the shares of a zone by land use against what the standard requires.

    The uses the standard names stand above, on a scale of their own, each with a mark at its least
    share; the others below, as shares of the whole zone. Bars of the two scales must not be
    compared, and the figure says so. How well each figure of the standard is verified stands
    beside it.

    Parameters
    ----------
    balance
        Result of :func:`kcngeo.analysis.balance.land_use_balance`.
    zone_id
        The zone.
    on
        The day of the balance.
    language
        "vi" or "en".
    synthetic
        Whether shapes are invented, which the figure then says.
    name
        Name of the zone; None for its id.

    Returns
    -------
    Figure
        The chart; where the balance has no such zone, that in words.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> shares = kcn.balance.land_use_balance(project, standard="qcvn01-2008", on="2018-03-31")
    >>> figure = land_use(shares, zone_id="A", on="2018-03-31", language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("10.00 %" in text for text in words)  # 1 of 10 ha is green
    True
    """
    kind = text("figures.land_use", language=language)
    title, shown = short(name or zone_id), theme.date(day(on), language=language)
    with own_settings():
        if zone_id not in balance.index.get_level_values("zone_id"):
            head = Heading(kind=kind, title=title, language=language, synthetic=synthetic)
            sheet = Sheet(head, body_in=0.8)
            sheet.message(text("figures.no_stages", language=language, on=shown))
            return sheet.figure
        mine: Any = balance.xs(zone_id, level="zone_id")
        judged = mine[mine["required_share"].notna()]
        rest = mine[mine["required_share"].isna() & (mine["actual_ha"].abs() >= _NOTHING_HA)]
        head = Heading(
            kind=kind,
            title=f"{title}: {_title(judged, language=language)}",
            lines=[f"{shown} · {_standard(judged, language=language)}"],
            keys=[
                Key(color=color, words=text(f"figures.{word}", language=language))
                for color, word in ((_ENOUGH, "share_enough"), (_LACKS, "share_lacks"))
            ],
            notes=[text("figures.two_scales", language=language)],
            language=language,
            synthetic=synthetic,
        )
        upper = _HEAD_IN + len(judged) * ROW_IN
        below = upper + _BETWEEN_IN + _HEAD_IN
        sheet = Sheet(head, body_in=below + len(rest) * ROW_IN)
        # Shares of green are small beside those of industry: the upper bars have a scale of their
        # own.
        top = max(judged[["actual_share", "required_share"]].max().max(), 1e-9)
        words = text("figures.shares_judged", language=language)
        sheet.text(0, 0.12, words, size=SIZES["small"], color=SOFT)
        rows = [_row(str(item), row, language=language) for item, row in judged.iterrows()]
        draw_rows(sheet, rows, top=_HEAD_IN, longest=top * 1.05)
        words = text("figures.shares_other", language=language)
        sheet.text(0, upper + _BETWEEN_IN + 0.12, words, size=SIZES["small"], color=SOFT)
        rows = [_row(str(item), row, language=language) for item, row in rest.iterrows()]
        draw_rows(sheet, rows, top=below, longest=1.0)
        return sheet.figure


def _title(judged: pd.DataFrame, *, language: str) -> str:
    lacking = judged[~judged["passes"].fillna(True).astype(bool)]
    if lacking.empty:
        return text("figures.nothing_lacks", language=language)
    parts = [
        f"{text(f'land_use.{item}', language=language)} "
        f"{hectares(row['deficit_ha'], language=language, sign=False)}"
        for item, row in lacking.iterrows()
    ]
    return text("figures.lacks", language=language, what=", ".join(parts))


def _standard(judged: pd.DataFrame, *, language: str) -> str:
    rules = judged["rule"].dropna().tolist()
    return text("figures.by_standard", language=language, rules=", ".join(rules) or "–")


def _row(item: str, row: Any, *, language: str) -> Row:
    share = theme.percent(row["actual_share"], language=language)
    area = hectares(row["actual_ha"], language=language, sign=False)
    required = row["required_share"]
    color, remark, loud = _OTHER, "", None
    if pd.notna(required):
        passes = bool(row["passes"])
        color = _ENOUGH if passes else _LACKS
        verified = text(f"verified.{row['verified']}", language=language)
        least = theme.percent(required, language=language)
        remark = text("figures.required", language=language, share=least, verified=verified)
        loud = None if passes else _LACKS
    elif pd.notna(row["approved_ha"]):
        approved = hectares(row["approved_ha"], language=language, sign=False)
        remark = text("figures.approved", language=language, area=approved)
    group = "component" if item == "unassigned" else "land_use"
    return Row(
        name=item,
        words=text(f"{group}.{item}", language=language).capitalize(),
        parts=[(max(float(row["actual_share"]), 0.0), color)],
        figure=f"{share} · {area}",
        remark=remark,
        mark=None if pd.isna(required) else float(required),
        loud=loud,
    )
