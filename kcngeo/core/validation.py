"""Check a table against its contract: every breach in one error, with the ids of the rows.

Written here rather than with a schema library because the words must exist in two languages, a
breach must name the zones it belongs to (one zone's bad rows must not stop the others), and a CRS
or geometry must never be stamped onto data on the way.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload
from weakref import WeakValueDictionary

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.checked_once import once
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, moment
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.schema import RECORDED, TABLES, Column, Kind, Table
from kcngeo.core.texts import row_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What breaks the contract, and the rows at fault; None if it is the table as a whole.
_Breach = tuple[Finding, "NDArray[np.bool_] | None"]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DTYPES = {
    Kind.TEXT: "str",
    Kind.DATE: "datetime64[s]",
    Kind.MOMENT: "datetime64[us, UTC]",
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}


Rows = TypeVar("Rows", bound=pd.DataFrame)


@overload
def validate(frame: Rows, table: str, *, errors: Literal["raise"] = "raise") -> Rows: ...
@overload
def validate(
    frame: Rows, table: str, *, errors: Literal["collect"]
) -> tuple[Rows, list[Finding]]: ...
@overload
def validate(
    frame: Rows, table: str, *, errors: Literal["drop"]
) -> tuple[Rows | None, list[Finding]]: ...
def validate(
    frame: Rows, table: str, *, errors: Literal["raise", "collect", "drop"] = "raise"
) -> Rows | tuple[Rows | None, list[Finding]]:
    """Check a table and give it back with the dtypes of its contract.

    Columns of the user's own are left as they are; an absent optional column stays absent.

    Parameters
    ----------
    frame
        The table; not changed.
    table
        Its name, for example "parcels".
    errors
        What becomes of breaches: "raise" them all at once; "collect" them, the columns that break
        the contract left as they came; or "drop" the rows at fault.

    Returns
    -------
    pd.DataFrame | tuple[pd.DataFrame | None, list[Finding]]
        The cast frame, of the same type, in its order and with its index; unless they are raised,
        and the breaches. With "drop" only the sound rows are left, and the frame is None if a
        required column or the geometry is missing, so that no row can be used.

    Raises
    ------
    ContractError
        If anything breaks the contract and breaches are to be raised; all are listed.

    Examples
    --------
    >>> ledger = pd.DataFrame(
    ...     {
    ...         "parcel_id": ["P1", "P2"],
    ...         "status": ["leased", "sold"],
    ...         "valid_from": ["2018-01-01", "2018-02-01"],
    ...     }
    ... )
    >>> rows, breaches = validate(ledger, "ledger", errors="drop")
    >>> rows["parcel_id"].tolist(), [one.rule for one in breaches]
    (['P1'], ['not_in_list'])
    """
    if errors == "drop":
        return _sound_rows(frame, table)
    cast, breaches = once(frame, table, _cast_and_check)
    found = [finding for finding, _ in breaches]
    if errors == "collect":
        return cast, found
    if found:
        raise ContractError(found)
    return cast


def _sound_rows(frame: Rows, table: str) -> tuple[Rows | None, list[Finding]]:
    """Leave out the rows at fault until none is."""
    found: list[Finding] = []
    while True:
        # What is wrong with intervals shows once dates are dates.
        cast, breaches = once(frame, table, _cast_and_check)
        found += [finding for finding, _ in breaches]
        if not breaches:
            return cast, found
        at_fault = [rows for _, rows in breaches if rows is not None]
        # A breach of the whole table, such as a missing column: no row can be used.
        if len(at_fault) < len(breaches):
            return None, found
        frame = frame.loc[~np.any(at_fault, axis=0)]


def _cast_and_check(frame: Rows, table: str) -> tuple[Rows, list[_Breach]]:
    """Cast a table and list its breaches, each with the rows at fault."""
    contract = TABLES[table]
    missing = [
        column.name
        for column in contract.columns
        if column.required and column.name not in frame.columns
    ]
    problems = _geometry_problems(frame, contract)
    if missing:
        finding = _problem("missing_columns", contract, fields={"columns": missing})
        problems.append((finding, None))
    # Columns are replaced, never written into: the caller keeps his own.
    cast = frame.copy(deep=False)
    for column in (*contract.columns, *RECORDED):
        if column.name in cast.columns:
            given = cast[column.name]
            values, found = _column(cast, given, column, contract)
            problems += found
            if not found and values is not given:
                cast[column.name] = values
    # What is no date has no first day either.
    if not problems:
        problems += _interval_problems(cast, contract)
    return cast, problems


def as_known(frame: Any, known_at: Any = None) -> Any:
    """Keep the rows that were on record at a time.

    A row is on record while ``recorded_at <= known_at < superseded_at``; without ``recorded_at``
    it always was, without ``superseded_at`` it still is.

    Parameters
    ----------
    frame
        Any table of a project.
    known_at
        A moment with time zone; a plain date means the end of that day in Viet Nam; None means
        the rows that are not superseded.

    Returns
    -------
    pd.DataFrame
        The rows on record, in their order, index kept.

    Examples
    --------
    >>> ledger = pd.DataFrame(
    ...     {
    ...         "entry_id": ["old", "new"],
    ...         "recorded_at": ["2018-01-01T00:00Z", "2018-05-01T00:00Z"],
    ...         "superseded_at": ["2018-05-01T00:00Z", None],
    ...     }
    ... )
    >>> [as_known(ledger, t)["entry_id"].tolist() for t in ("2018-04-30", "2018-05-01", None)]
    [['old'], ['new'], ['new']]
    """
    keep = np.ones(len(frame), dtype=bool)
    # What cannot be read as a moment keeps its row, so that the contract can say so.
    if "superseded_at" in frame.columns:
        superseded = _moments(frame["superseded_at"])
        gone = superseded.notna() if known_at is None else superseded <= moment(known_at)
        keep &= ~gone.to_numpy()
    if "recorded_at" in frame.columns and known_at is not None:
        keep &= ~(_moments(frame["recorded_at"]) > moment(known_at)).to_numpy()
    return frame if keep.all() else frame.loc[keep]


# By identity, as long as somebody holds the frame: a copy somebody changed is another frame.
_SOUND: WeakValueDictionary[tuple[int, str], pd.DataFrame] = WeakValueDictionary()


def require_known(frame: Any, table: str) -> Any:
    """Check a table of a snapshot; one that still says who knew what when is refused.

    A function over plain frames cannot tell which rows are meant to be known, so it must not guess.

    Parameters
    ----------
    frame
        The table; not changed.
    table
        Its name.

    Returns
    -------
    pd.DataFrame
        The frame, contract columns cast.

    Raises
    ------
    ContractError
        If anything breaks the contract; all breaches are listed.
    KcngeoError
        If the frame has ``recorded_at`` or ``superseded_at``.

    Examples
    --------
    >>> milestones = pd.DataFrame(
    ...     {"zone_id": ["A"], "kind": ["approved"], "due_on": ["2018-03-31"]}
    ... )
    >>> require_known(milestones, "milestones")["due_on"].dt.year.tolist()
    [2018]
    """
    if _SOUND.get((id(frame), table)) is frame:
        return frame
    refuse_moments(frame, table)
    return validate(frame, table)


def note_sound(frame: pd.DataFrame, table: str) -> None:
    """Remember that a frame keeps its contract, so that who is given it need not check it again.

    Parameters
    ----------
    frame
        A frame as :func:`validate` gave it, or some of its rows; nobody changes it any more.
    table
        The table it is.
    """
    _SOUND[id(frame), table] = frame


def refuse_moments(frame: pd.DataFrame, name: str) -> None:
    """Refuse a frame that still says who knew what when; for frames that are no table of a project.

    Parameters
    ----------
    frame
        Any frame.
    name
        What to call it.

    Raises
    ------
    KcngeoError
        If the frame has ``recorded_at`` or ``superseded_at``.

    Examples
    --------
    >>> refuse_moments(pd.DataFrame({"zone_id": ["A"]}), "claims")
    """
    columns = [column.name for column in RECORDED if column.name in frame.columns]
    if columns:
        raise KcngeoError("not_as_known", table=name, columns=", ".join(columns))


def row_names(frame: pd.DataFrame, rows: NDArray[Any], *columns: str) -> tuple[str, ...]:
    """Name rows for a message: the first of the columns that is there and filled, else the index.

    Parameters
    ----------
    frame
        The table.
    rows
        Positions of the rows.
    *columns
        Columns to name a row by, the best first.

    Returns
    -------
    tuple[str, ...]
        A name a row.

    Examples
    --------
    >>> entries = pd.DataFrame({"entry_id": ["E1", None], "parcel_id": ["P1", "P2"]})
    >>> row_names(entries, np.array([0, 1]), "entry_id", "parcel_id")
    ('E1', 'P2')
    """
    part = frame.iloc[rows]
    names = np.array([row_name(label) for label in part.index], dtype=object)
    for column in reversed(columns):
        if column in part.columns:
            values = part[column]
            filled = values.notna().to_numpy()
            names[filled] = values.to_numpy(dtype=object)[filled]
    return tuple(str(name) for name in names)


def distinct(values: Iterable[Any]) -> tuple[str, ...]:
    """List the different values as text, sorted, without the missing ones.

    Parameters
    ----------
    values
        Any values.

    Returns
    -------
    tuple[str, ...]
        The sorted texts.

    Examples
    --------
    >>> distinct(["B", None, "A", "B"])
    ('A', 'B')
    """
    return tuple(sorted({str(value) for value in values if not pd.isna(value)}))


def _problem(
    rule: str,
    contract: Table,
    *,
    ids: Sequence[str] = (),
    zone_ids: Sequence[str] = (),
    fields: dict[str, object] | None = None,
) -> Finding:
    """Make a breach; it is always an error."""
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        table=contract.name,
        ids=tuple(ids),
        zone_ids=tuple(zone_ids),
        fields=fields or {},
    )


def _at_rows(
    rule: str, frame: pd.DataFrame, bad: NDArray[Any], contract: Table, **fields: object
) -> list[_Breach]:
    """Make a breach of the bad rows; it belongs to their zones only if each names one."""
    rows = np.flatnonzero(bad)
    if not len(rows):
        return []
    zones: tuple[str, ...] = ()
    if "zone_id" in frame.columns:
        named = frame["zone_id"].iloc[rows]
        zones = distinct(named) if named.notna().all() else ()
    # A lot may have many entries: only the entry's own id tells which is at fault.
    names = row_names(frame, rows, "entry_id", *contract.key[:1])
    return [(_problem(rule, contract, ids=names, zone_ids=zones, fields=fields), bad)]


def _moments(values: pd.Series) -> pd.Series:
    """Read moments; the contract says UTC, so a moment without a zone is in UTC."""
    return pd.to_datetime(values, utc=True, errors="coerce", format=_iso(values))


def _geometry_problems(frame: pd.DataFrame, contract: Table) -> list[_Breach]:
    if not contract.geometry:
        return []
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return [(_problem("no_geometry_column", contract), None)]
    if contract.geometry == "any":
        return []
    geometry = frame.geometry.array
    kinds = shapely.get_type_id(geometry)
    # -1 is a missing geometry, 3 and 6 are polygons: where a polygon may be missing the rooms
    # decide.
    wrong = ~np.isin(kinds, (-1, 3, 6))
    return _at_rows("not_a_polygon", frame, wrong, contract)


def _column(
    frame: pd.DataFrame, values: pd.Series, column: Column, contract: Table
) -> tuple[pd.Series, list[_Breach]]:
    """Cast one column; a value that would change its meaning is a breach, not a cast."""
    bad = np.zeros(len(frame), dtype=bool)
    # Cast already, perhaps by an earlier check: the loops over values are dear.
    if values.dtype != _DTYPES[column.kind]:
        values, bad = _CASTS[column.kind](values)
    problems = _at_rows(f"not_{column.kind}", frame, bad, contract, column=column.name)
    if problems:
        return values, problems
    if column.required:
        gaps = values.isna().to_numpy()
        problems += _at_rows("missing_values", frame, gaps, contract, column=column.name)
    if column.choices:
        problems += _choice_problems(frame, values, column, contract)
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        problems += _range_problems(frame, values, column, contract)
    # A column that came as datetime64 was not cast, and may carry times of day.
    if column.kind is Kind.DATE:
        days = values.to_numpy(dtype="datetime64[s]")
        within_day = ~np.isnat(days) & (days != days.astype("datetime64[D]"))
        problems += _at_rows("not_date", frame, within_day, contract, column=column.name)
    return values, problems


def _choice_problems(
    frame: pd.DataFrame, values: pd.Series, column: Column, contract: Table
) -> list[_Breach]:
    # Few values, many rows: each value is looked up once.
    codes, uniques = pd.factorize(values)
    strange = [place for place, value in enumerate(uniques) if value not in column.choices]
    if not strange:
        return []
    return _at_rows(
        "not_in_list",
        frame,
        np.isin(codes, strange),
        contract,
        column=column.name,
        values=distinct(uniques[strange]),
        choices=" | ".join(column.choices),
    )


def _range_problems(
    frame: pd.DataFrame, values: pd.Series, column: Column, contract: Table
) -> list[_Breach]:
    numbers = values.to_numpy(dtype="float64", na_value=math.nan)
    # Infinity is named as such, not as a number out of range.
    infinite = np.isinf(numbers)
    low = numbers <= 0 if column.positive else numbers < 0
    rule = "not_positive" if column.positive else "negative"
    return [
        *_at_rows("not_finite", frame, infinite, contract, column=column.name),
        *_at_rows(rule, frame, low & ~infinite, contract, column=column.name),
    ]


def _interval_problems(frame: pd.DataFrame, contract: Table) -> list[_Breach]:
    size = len(frame)
    problems = []
    for start, end in (("valid_from", "valid_to"), ("recorded_at", "superseded_at")):
        if start not in frame.columns or end not in frame.columns:
            continue
        if start == "valid_from":
            first = day_numbers(frame[start], missing=ALWAYS, length=size)
            last = day_numbers(frame[end], missing=OPEN, length=size)
            bad = last <= first
        else:
            bad = (frame[end] <= frame[start]).to_numpy(dtype=bool)
        problems += _at_rows("interval_not_after", frame, bad, contract, start=start, end=end)
    return problems


_MOST_COUNTED = 2.0**53
_HALF = re.compile("[\ud800-\udfff]")


def _cast_text(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    filled = values.notna().to_numpy()
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    is_text = np.array([isinstance(value, str) for value in values], dtype=bool)
    if values.dtype == "object":
        # Half a character, which no file can hold; a column of the type for text cannot either.
        halves = [
            bool(text) and _HALF.search(str(value))
            for text, value in zip(is_text, values, strict=True)
        ]
        is_text &= ~np.array(halves, dtype=bool)
    bad = filled & ~is_text
    return (values if bad.any() else values.astype("str")), bad


def _cast_date(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    filled = values.notna().to_numpy()
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_numeric_dtype(values.dtype):
        return (values, filled) if filled.any() else (_empty_dates(values), filled)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        bad = filled & ~np.array([_is_day(value) for value in values], dtype=bool)
        if bad.any():
            return values, bad
    dates = pd.to_datetime(values, errors="coerce", format=_iso(values))
    moments = dates.to_numpy()
    return dates.astype("datetime64[s]"), filled & (moments != moments.astype("datetime64[D]"))


def _is_day(value: object) -> bool:
    """Tell whether a value names one day: "2018" and "2018-03" are no days."""
    if isinstance(value, str):
        return _DAY.fullmatch(value) is not None
    if isinstance(value, dt.datetime):
        return value.tzinfo is None
    return isinstance(value, (dt.date, np.datetime64))


def _empty_dates(values: pd.Series) -> pd.Series:
    return pd.Series(pd.NaT, index=values.index, dtype="datetime64[s]")


def _iso(values: pd.Series) -> str | None:
    """Name the format to read texts by: ISO and nothing that has to be guessed."""
    return None if pd.api.types.is_datetime64_any_dtype(values.dtype) else "ISO8601"


def _cast_moment(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    filled = values.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(values.dtype) and filled.any():
        return values, filled
    moments = pd.to_datetime(values, errors="coerce", utc=True, format=_iso(values))
    whole = moments.astype("datetime64[us, UTC]")
    return whole, filled & (moments.isna() | (whole != moments)).to_numpy()


def _cast_number(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    filled = values.notna().to_numpy()
    if not pd.api.types.is_numeric_dtype(values.dtype):
        # "0,5" and "1/2" mean something, but not to everybody the same.
        is_number = [isinstance(value, Number) and not isinstance(value, bool) for value in values]
        bad = filled & ~np.array(is_number, dtype=bool)
        if bad.any():
            return values, bad
        # What stands for nothing may be of any kind: None, NaN, NaT.
        values = values.astype("object").where(filled, math.nan)
    return pd.to_numeric(values).astype("Float64").astype("float64"), np.zeros(len(values), bool)


def _cast_count(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    numbers, bad = _cast_number(values)
    if bad.any():
        return values, bad
    as_float = numbers.to_numpy(dtype="float64", na_value=math.nan)
    # Beyond the limit a float no longer tells one whole number from the next.
    is_whole = (as_float == np.rint(as_float)) & (np.abs(as_float) < _MOST_COUNTED)
    # Without end is no count either.
    bad = ~np.isnan(as_float) & ~is_whole
    return (values if bad.any() else numbers.astype("Int64")), bad


def _cast_flag(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    filled = values.notna().to_numpy()
    is_flag = np.array(
        [value in (True, False) for value in values.where(filled, False)], dtype=bool
    )
    bad = filled & ~is_flag
    if bad.any():
        return values, bad
    # pandas takes True beside 1.0 for no flags, nor a column of texts that holds none.
    flags = [bool(value) if told else pd.NA for value, told in zip(values, filled, strict=True)]
    return pd.Series(flags, index=values.index, name=values.name, dtype="boolean"), bad


_CASTS = {
    Kind.TEXT: _cast_text,
    Kind.DATE: _cast_date,
    Kind.MOMENT: _cast_moment,
    Kind.NUMBER: _cast_number,
    Kind.COUNT: _cast_count,
    Kind.FLAG: _cast_flag,
}
