"""What the columns of a list are, by their headings; which of several areas is the contract's."""

from __future__ import annotations

from collections.abc import Mapping

from kcngeo.core.schema import TABLES
from kcngeo.io.spreadsheet.vocabulary import meaning, plain, vocabulary

OTHER = "other"
"""Role of headings that sound like a role and are none."""

LOT_NAMES = ("lot", "parcel_id", "cadastral")
"""Roles that name a lot, the surest first."""

# A contract's area goes before one of which nothing is said, that before a measured one.
_BASES = {"contract": 1000.0, None: 0.0, OTHER: -1000.0}


def roles_of(
    headings: Mapping[int, str], phrases: Mapping[str, tuple[str, ...]]
) -> tuple[dict[int, str], tuple[int, ...]]:
    """Give each role to the one column whose heading says it best; name the other areas."""
    claims: dict[str, tuple[float, int]] = {}
    areas = []
    for column, heading in headings.items():
        # "Thời hạn / Từ": the lowest heading speaks first, the whole only where it says nothing.
        lowest = heading.rsplit(" / ", 1)[-1]
        # "Diện tích / Theo hợp đồng" is an area and no contract.
        bare, basis = _without_basis(lowest)
        found = (
            meaning(bare, phrases)
            or (meaning(_without_basis(heading)[0], phrases) if basis else meaning(lowest, phrases))
            or meaning(heading, phrases)
        )
        if found is None or found[0] == OTHER:
            continue
        role, length = found
        rating = length + length / (len(plain(lowest)) + 1)
        if role == "area":
            areas.append(column)
            rating += _BASES[basis]
        if role not in claims or rating > claims[role][0]:
            claims[role] = rating, column
    names = {column: role for role, (_, column) in claims.items()}
    return names, tuple(column for column in areas if column not in names)


def _without_basis(heading: str) -> tuple[str, str | None]:
    """Take from a heading the words that say by what an area is stated."""
    said, found = f" {plain(heading)} ", None
    known = [(phrase, basis) for basis, some in vocabulary("area_basis").items() for phrase in some]
    for phrase, basis in sorted(known, key=lambda one: -len(one[0])):
        if f" {phrase} " in said:
            said, found = said.replace(f" {phrase} ", " "), found or basis
    return (said.strip(), found) if found is not None else (heading, None)


def kept_columns(
    headings: Mapping[int, str], names: Mapping[int, str], *, exact: bool
) -> dict[int, str]:
    """Name the columns that are kept as they are: of no role, or whose role another one fills."""
    lots = [name for name in LOT_NAMES if name in names.values() and not exact]
    idle = {*lots[1:], *({"map_sheet_no", "cadastral_no"} if lots else ())}
    if "start" in names.values() and not exact:
        idle.add("signed_on")
    kept: dict[int, str] = {}
    for column, heading in headings.items():
        if column not in names or names[column] in idle:
            name = heading
            # Two columns of one heading are two, and none passes for a column of the ledger.
            while name in kept.values() or TABLES["ledger"].column(name) is not None:
                name += "_"
            kept[column] = name
    return kept
