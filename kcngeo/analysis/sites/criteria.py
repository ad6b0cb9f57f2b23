"""What is known of single lots: readiness, services, classes, sectors; and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.validation import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping


def require_columns(frame: pd.DataFrame, columns: Sequence[str], *, table: str) -> None:
    """Refuse a frame that lacks columns.

    Parameters
    ----------
    frame
        The frame.
    columns
        Columns it must have.
    table
        What to call it.

    Raises
    ------
    ContractError
        If columns are missing; all are named.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        finding = Finding(
            rule="missing_columns",
            severity=Severity.ERROR,
            table=table,
            fields={"columns": missing},
        )
        raise ContractError([finding])


def require_sizes(sizes: Mapping[str, float | None]) -> None:
    """Refuse sizes that are not above zero.

    Parameters
    ----------
    sizes
        By name of the argument; None was not asked for.

    Raises
    ------
    KcngeoError
        If any is not above zero or not finite; all are named.
    """
    bad = tuple(
        f"{name}={value}"
        for name, value in sizes.items()
        if value is not None and not 0 < value < float("inf")
    )
    if bad:
        raise KcngeoError("site_sizes", ids=bad)


def refused(
    lots: pd.Series,
    *,
    needs: Sequence[str],
    readiness: pd.DataFrame | None,
    min_level: int | None,
    sector: str | None,
    unsuitable: pd.DataFrame | None,
) -> pd.Series:
    """Give for every lot the reasons why it cannot be part of a site.

    Parameters
    ----------
    lots
        Ids of the lots, each once.
    needs
        Columns of ``readiness`` that must be true.
    readiness
        By parcel_id: the columns of ``needs``, and ``level``.
    min_level
        Least level of readiness.
    sector
        Sector of the investor.
    unsuitable
        ``parcel_id`` and ``sector``: lots a sector may not take.

    Returns
    -------
    pd.Series
        By lot, tuples of reasons, empty where it can.

    Raises
    ------
    ContractError
        If a frame lacks a column.
    KcngeoError
        If something is asked that no frame was given for.
    """
    reasons: dict[str, list[str]] = {name: [] for name in lots}
    if (needs or min_level is not None) and readiness is None:
        raise KcngeoError("site_needs_frame", argument="readiness")
    if readiness is not None:
        asked = [*needs, *(["level"] if min_level is not None else [])]
        require_columns(readiness, asked, table="readiness")
        known = readiness.reindex(lots)
        for need in needs:
            served = known[need].astype("boolean")
            _note(reasons, lots, served.isna().to_numpy(), f"unknown_{need}")
            _note(reasons, lots, (~served.fillna(True)).to_numpy(dtype=bool), f"without_{need}")
        if min_level is not None:
            level = known["level"].astype("Int64")
            _note(reasons, lots, level.isna().to_numpy(), "unknown_level")
            low = (level < min_level).fillna(False)
            _note(reasons, lots, low.to_numpy(dtype=bool), "level")
    if sector is not None:
        if unsuitable is None:
            raise KcngeoError("site_needs_frame", argument="unsuitable")
        require_columns(unsuitable, ["parcel_id", "sector"], table="unsuitable")
        named = unsuitable["parcel_id"][unsuitable["sector"] == sector]
        _note(reasons, lots, lots.isin(named).to_numpy(), "sector")
    return pd.Series({name: tuple(found) for name, found in reasons.items()}, dtype="object")


def level_of(readiness: pd.DataFrame | None, lots: Sequence[str]) -> Any:
    """Give the level of readiness of a site: the lowest of its lots; missing if one is unknown.

    Parameters
    ----------
    readiness
        By parcel_id: ``level``.
    lots
        Lots of the site.

    Returns
    -------
    int | pd.NA
        The level.
    """
    if readiness is None or "level" not in readiness.columns:
        return pd.NA
    levels = readiness["level"].reindex(list(lots))
    return pd.NA if levels.isna().any() else int(levels.min())


def admissible_of(admissible: pd.DataFrame | None, lots: Sequence[str]) -> str | None:
    """Say the worst hazard class that each rule allows on all lots of a site.

    Parameters
    ----------
    admissible
        Result of :func:`kcngeo.conflicts.admissible_class`.
    lots
        Lots of the site.

    Returns
    -------
    str | None
        "RULE: CLASS" of every rule, joined by "|"; "–" for no class. None if nothing is known.
    """
    if admissible is None:
        return None
    mine = admissible[admissible["parcel_id"].isin(lots)]
    said = []
    for rule, rows in mine.groupby("rule_id"):
        # The mildest class has the shortest distance; no class at all is milder still.
        mildest = rows.assign(required_m=rows["required_m"].fillna(-1.0)).nsmallest(1, "required_m")
        name = mildest["admissible_class"].iloc[0]
        said.append(f"{rule}: {name if isinstance(name, str) else '–'}")
    return "|".join(said) or None


def _note(reasons: dict[str, list[str]], lots: pd.Series, bad: Any, reason: str) -> None:
    for name in distinct(lots[bad]):
        reasons[name].append(reason)
