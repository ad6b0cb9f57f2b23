"""Parcels and ledger joined, and what entries are called in messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, shown
from kcngeo.core.validation import as_known, distinct, validate

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


LANDLESS = ("workshop", "office")
"""Premises of projects that hold no land."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Parcels and ledger, each entry joined to its parcel.

    Attributes
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    parcel
        Of each version, the number of its parcel.
    entry_parcel
        Of each entry, the number of its parcel; parcels that do not exist have higher numbers.
    start
        First day of each version, as a day number.
    end
        First day no longer of each version.
    holds_land
        Of each entry, whether it holds land: one of a project that rents a workshop or an office
        does not.
    elsewhere
        By parcel id, ``start`` and ``end`` (day numbers) of its life in zones that are left out;
        empty where none is.
    """

    parcels: gpd.GeoDataFrame
    ledger: pd.DataFrame
    parcel: Ints
    entry_parcel: Ints
    start: Ints
    end: Ints
    holds_land: NDArray[np.bool_]
    elsewhere: pd.DataFrame


def join(
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    left_out: pd.DataFrame | None = None,
) -> Joined:
    """Join parcels and ledger, both checked.

    Parameters
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    projects
        Projects, which say by ``premises`` whether they hold land; None where nobody says.
    left_out
        Parcel versions of zones that are left out; None where no zone is.

    Returns
    -------
    Joined
        The joined tables.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> tables = join(now.parcels, now.ledger)
    >>> len(tables.parcel), tables.entry_parcel.tolist()  # E6 is about B-1, the eighth parcel
    (10, [0, 1, 2, 3, 4, 7])
    """
    both = pd.concat([parcels["parcel_id"], ledger["parcel_id"]])
    codes = pd.factorize(both)[0].astype("int64")  # (versions + entries,)
    size = len(parcels)
    return Joined(
        parcels=parcels,
        ledger=ledger,
        parcel=codes[:size],
        entry_parcel=codes[size:],
        start=day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size),
        end=day_numbers(parcels.get("valid_to"), missing=OPEN, length=size),
        holds_land=_holds_land(ledger, projects),
        elsewhere=lives(parcels.iloc[:0] if left_out is None else left_out),
    )


def lives(parcels: pd.DataFrame) -> pd.DataFrame:
    """Give the first day of every parcel and the first no longer, by parcel id.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> lives(kcn.examples.squares().parcels).loc["A-1"].tolist() == [ALWAYS, OPEN]
    True
    """
    size = len(parcels)
    days = pd.DataFrame(
        {
            "parcel_id": parcels["parcel_id"].to_numpy(),
            "start": day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size),
            "end": day_numbers(parcels.get("valid_to"), missing=OPEN, length=size),
        }
    )
    return days.groupby("parcel_id").agg({"start": "min", "end": "max"})


def known_projects(projects: pd.DataFrame | None) -> pd.DataFrame | None:
    """Give the projects on record, as far as they can be read."""
    if projects is None:
        return None
    return as_known(validate(projects, "projects", errors="collect")[0])


def _holds_land(ledger: pd.DataFrame, projects: pd.DataFrame | None) -> NDArray[np.bool_]:
    """Tell which entries are of projects that hold land, as far as the projects say."""
    if projects is None or "premises" not in projects or "project_id" not in ledger:
        return np.ones(len(ledger), dtype=bool)
    landless = projects.loc[projects["premises"].isin(LANDLESS), "project_id"]
    return ~ledger["project_id"].isin(landless).to_numpy()


def entry_names(ledger: pd.DataFrame, rows: Any) -> tuple[str, ...]:
    """Name ledger entries for a message.

    Parameters
    ----------
    ledger
        The ledger.
    rows
        Positions of the entries.

    Returns
    -------
    tuple[str, ...]
        ``entry_id`` where there is one, else "parcel status from–to".

    Examples
    --------
    >>> ledger = pd.DataFrame(
    ...     {
    ...         "entry_id": ["E1", None],
    ...         "parcel_id": ["A-1", "A-2"],
    ...         "status": ["leased", "reserved"],
    ...         "valid_from": pd.to_datetime(["2018-01-01", "2018-02-01"]),
    ...     }
    ... )
    >>> entry_names(ledger, [0, 1])
    ('E1', 'A-2 reserved 2018-02-01–…')
    """
    return tuple(entry_labels(ledger, rows))


_TOLD = ["entry_id", "parcel_id", "status", "valid_from", "valid_to"]


def entry_labels(ledger: pd.DataFrame, rows: Any) -> pd.Series:
    """Name ledger entries, as a column; for many entries this is much the quicker.

    Parameters
    ----------
    ledger
        The ledger.
    rows
        Positions of the entries.

    Returns
    -------
    pd.Series
        As :func:`entry_names`, index 0, 1, ….

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> entry_labels(now.ledger, [5, 0]).tolist()
    ['E6', 'E1']
    """
    told = ledger.columns.intersection(_TOLD, sort=False)
    part = ledger[told].iloc[np.asarray(rows, dtype="int64")].reset_index(drop=True)
    # Only entries without an id are described: days as text are dear.
    named = part.get("entry_id", pd.Series(None, index=part.index)).astype("str")
    some = part[named.isna()]
    if some.empty:
        return named
    start = _days_shown(some["valid_from"], " {}–", missing=ALWAYS, length=len(some))
    end = _days_shown(some.get("valid_to"), "{}", missing=OPEN, length=len(some))
    label = some["parcel_id"].astype("str") + " " + some["status"].astype("str") + start + end
    return label if len(some) == len(part) else named.fillna(label)


def _days_shown(days: pd.Series | None, form: str, *, missing: int, length: int) -> Any:
    """Write days as text; each different day once."""
    place, numbers = pd.factorize(day_numbers(days, missing=missing, length=length))
    return pd.array([form.format(shown(one)) for one in numbers.tolist()], dtype="str").take(place)


def children(parcels: gpd.GeoDataFrame, parcel_id: str) -> tuple[str, ...]:
    """Find the parcels that name a parcel as their parent.

    Parameters
    ----------
    parcels
        Parcel versions.
    parcel_id
        The parent.

    Returns
    -------
    tuple[str, ...]
        Ids of its children, sorted.

    Examples
    --------
    >>> parcels = pd.DataFrame(
    ...     {"parcel_id": ["A", "A-1", "A-2", "B"], "parents": [None, "A", "A", "A|C"]}
    ... )
    >>> children(parcels, "A")
    ('A-1', 'A-2', 'B')
    """
    if "parents" not in parcels.columns:
        return ()
    named = parcels["parents"].fillna("").str.split("|")
    return distinct(parcels["parcel_id"][[parcel_id in parents for parents in named]])
