"""What the rules about zones as wholes say in words, with as many decimals as decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kcngeo.core.model import Verified
from kcngeo.standards import Limit, UnreadText, registry
from kcngeo.theme import number, percent, text

_GROUPS = {"workers_housing": "housing", "phase_area": "phase"}
_MOST_DECIMALS = 9


def told_zone_rules(
    table: pd.DataFrame,
    *,
    limits: Sequence[Limit] | None = None,
    names: Mapping[str, str] | None = None,
    language: str,
) -> pd.DataFrame:
    """Put what was found of rules about zones into words.

    Parameters
    ----------
    table
        Result of :func:`zone_rules`.
    limits
        The limits it was made with; None for those of the registry.
    names
        Names of zones by id, for the words; None to call them by their ids.
    language
        "vi" or "en".

    Returns
    -------
    pd.DataFrame
        The table with ``explanation`` and ``source`` in the language.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> found = kcn.targets.zone_rules(kcn.examples.squares(), on="2022-12-31")
    >>> told = told_zone_rules(found, language="en")
    >>> told["explanation"].iloc[1].split(": ")[1]
    '10.00 ha, nothing is asked (from a secondary source).'
    """
    known = {one.name: one for one in (registry().of(Limit) if limits is None else limits)}
    rows = table.to_dict("records")
    called = {} if names is None else names
    said = [_sentence(row, known[row["rule_id"]], called, language) for row in rows]
    cited = [known[row["rule_id"]].cited(language) for row in rows]
    return table.assign(
        explanation=pd.array(said, dtype="str"), source=pd.array(cited, dtype="str")
    )


def _sentence(row: Mapping[Any, Any], limit: Limit, names: Mapping[str, str], language: str) -> str:
    group = _GROUPS.get(limit.measure, "special")
    hectares = {
        name: f"{number(row[name], language=language, decimals=_decimals(row, limit))} ha"
        for name in ("area_ha", "of_ha")
    }
    bound = row["limit_share"] if limit.unit == "share" else row["limit_ha"]
    shares = {
        name: percent(row[name], language=language, decimals=_decimals(row, limit))
        for name in ("share_low", "share_high")
    }
    threshold = (
        percent(bound, language=language)
        if limit.unit == "share"
        else f"{number(bound, language=language)} ha"
    )
    about = "" if pd.isna(row["about"]) else str(row["about"])
    words = text(
        f"zone_rules.{group}_{row['reason']}",
        language=language,
        title=limit.title[language],
        threshold=threshold,
        about=", ".join(names.get(one, one) for one in about.split("|")),
        **hectares,
        **shares,
    )
    remark = ""
    if limit.verified is not Verified.OFFICIAL:
        remark = f" ({text(f'definition.{limit.verified}', language=language)})"
    sentences = [f"{words.rstrip('.')}{remark}."]
    if isinstance(row["depends_on"], str):
        texts = {one.name: one.title[language] for one in registry().of(UnreadText)}
        unread = "; ".join(texts.get(name, name) for name in row["depends_on"].split("|"))
        sentences.append(text("targets.depends_on", language=language, unread=unread))
    return " ".join(sentences)


def _decimals(row: Mapping[Any, Any], limit: Limit) -> int:
    """Give the least decimals, two or more, by which figures and limit show the verdict."""
    if limit.unit == "share":
        bound, values, scale = row["limit_share"], [row["share_low"], row["share_high"]], 100
    else:
        bound, values, scale = row["limit_ha"], [row["area_ha"], row["of_ha"]], 1
    known = [value for value in values if pd.notna(value)]
    if pd.isna(bound):
        return 2
    for decimals in range(2, _MOST_DECIMALS):
        shown = [round(value * scale, decimals) for value in known]
        if all(
            (one < bound * scale) == (value < bound - 1e-9)
            and (one > bound * scale) == (value > bound + 1e-9)
            for one, value in zip(shown, known, strict=True)
        ):
            return decimals
    return _MOST_DECIMALS
