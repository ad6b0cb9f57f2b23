"""What certificate, contracts and survey say of the area of each parcel, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.certificate_rules import (
    MAP_SCALE,
    certificate_gaps,
    tolerances_m2,
)
from kcngeo.core.dates import Day
from kcngeo.core.geometry import OVERLAP_M2, areas_m2, invalid_rows
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2, whole_mm2
from kcngeo.fill import contracts_on
from kcngeo.ledger import asked

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

POWER_SHARE = 0.05
"""How near a power of ten the ratio of certificate to survey must be to look like a slip of the
decimal point, as a share; no legal figure."""


def area_sources(
    project: Project | Snapshot, *, on: Day, map_scale: int = MAP_SCALE
) -> pd.DataFrame:
    """Lay the measured, certificate and contract areas of each parcel in force side by side.

    Nothing is decided: the account goes by the basis it was asked for. Contracts are the leases in
    force on the day that hold land, with the hectares they say. One that says none lets the whole
    parcel, and counts as its measured area. Beside the land within 1 m² of it a contract is that of
    the whole: less is the rounding of papers and coordinates, as in the account.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    map_scale
        Denominator of the scale of the cadastral map, whose accuracy in the registry (not verified)
        says how far a certificate may differ from what is drawn.

    Returns
    -------
    pd.DataFrame
        By ``parcel_id``, sorted, of every land use: ``zone_id``; ``measured_m2`` (grid of the CRS),
        ``ellipsoid_m2``, ``certificate_area_m2`` and ``contract_m2``, missing where there is none;
        ``contracts_count``; ``ellipsoid_difference_m2``, ``certificate_difference_m2`` and
        ``contract_difference_m2``, each less the measured area; ``tolerance_m2``, what the map
        allows; ``reason``, which explains the differences, joined by "|". First what holds of the
        certificate: ``not_measured`` (the shape has no area), ``no_certificate``,
        ``certificate_alike`` (within the tolerance), ``certificate_power_of_ten`` (within 5 % of
        10, 100, 0.1 … times the measured area), ``certificate_as_ellipsoid`` (the scale of the grid
        explains the difference), ``certificate_differs``. Then of the contracts: ``no_contract``,
        ``whole_lot``, ``contract_alike``, ``contract_larger`` or ``contract_part`` of the land;
        where one of the last two, also ``contract_as_certificate`` or ``contract_as_ellipsoid`` if
        it is that area; and ``several_contracts``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other.
    ValueError
        If the registry has no accuracy for the map's scale.

    Examples
    --------
    Half a hectare of the square A-2 is let; A-1 is let whole:

    >>> import kcngeo as kcn
    >>> found = area_sources(kcn.examples.squares(), on="2018-03-31")
    >>> found.loc[["A-1", "A-2"], ["measured_m2", "contract_m2"]].values.tolist()
    [[10000.0, 10000.0], [10000.0, 5000.0]]
    >>> found.loc[["A-1", "A-2"], "reason"].tolist()
    ['certificate_alike|whole_lot', 'certificate_alike|contract_part']
    """
    snapshot = asked(project, start=on)
    lots = snapshot.parcels[snapshot.in_force(on)]
    certificate = areas_m2(lots, basis="certificate", certificate="certificate_area_m2")
    measured, ellipsoid = _measured(lots)
    contract, count, is_whole = _contracted(lots, snapshot, measured, on=on)
    allowed = tolerances_m2(lots, map_scale=map_scale)
    _, beyond = certificate_gaps(lots, map_scale=map_scale)
    certificate_reason = _certificate_reasons(certificate, measured, ellipsoid, allowed, beyond)
    contract_reason = _contract_reasons(contract, count, is_whole, certificate, measured, ellipsoid)
    result = pd.DataFrame(
        {
            "parcel_id": lots["parcel_id"].to_numpy(),
            "zone_id": lots["zone_id"].to_numpy(),
            "measured_m2": measured,
            "ellipsoid_m2": ellipsoid,
            "certificate_area_m2": certificate,
            "contract_m2": contract,
            "contracts_count": count,
            "ellipsoid_difference_m2": ellipsoid - measured,
            "certificate_difference_m2": certificate - measured,
            "contract_difference_m2": contract - measured,
            "tolerance_m2": np.where(np.isnan(measured), np.nan, allowed),
            "reason": certificate_reason + contract_reason,
        }
    )
    return result.set_index("parcel_id").sort_index()


def _measured(lots: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Measure parcels on the grid and on the ellipsoid; missing where a shape has no area."""
    both = np.full((2, len(lots)), np.nan)
    sound = np.ones(len(lots), dtype=bool)
    sound[invalid_rows(lots)[0]] = False
    for place, basis in enumerate(("grid", "ellipsoid")):
        both[place, sound] = areas_m2(lots[sound], basis=basis, certificate="")
    return both[0], both[1]


def _contracted(
    lots: gpd.GeoDataFrame, snapshot: Snapshot, measured: Floats, *, on: Day
) -> tuple[Floats, NDArray[np.int64], Bools]:
    """Add up the contracts of each parcel in m², count them, tell which are of the whole."""
    held = contracts_on(snapshot, on=on)
    # Added as whole mm²: the sum does not depend on the order of the rows.
    part = whole_mm2(held["part_area_ha"].to_numpy(dtype="float64") * M2_PER_HA)
    rows = pd.DataFrame({"mm2": np.nan_to_num(part), "whole": np.isnan(part), "one": 1})
    sums = rows.groupby(held["parcel_id"].to_numpy(dtype=object)).sum()
    mine = sums.reindex(lots["parcel_id"].to_numpy(dtype=object), fill_value=0)
    count, is_whole = mine["one"].to_numpy(dtype="int64"), mine["whole"].to_numpy() > 0
    written = np.where(count > 0, mine["mm2"].to_numpy() / MM2_PER_M2, np.nan)
    return np.where(is_whole, measured, written), count, is_whole


def _certificate_reasons(
    certificate: Floats, measured: Floats, ellipsoid: Floats, allowed: Floats, beyond: Bools
) -> Any:
    """Say of each parcel how its certificate and its measured area differ."""
    ratio = certificate / measured
    power = np.rint(np.log10(ratio, where=ratio > 0, out=np.zeros(len(ratio))))
    is_slip = (power != 0) & (np.abs(ratio / 10.0**power - 1) <= POWER_SHARE)
    # The scale explains a difference it makes the most of, not one it only softens.
    left, gap = np.abs(certificate - ellipsoid), np.abs(certificate - measured)
    choices = {
        "not_measured": np.isnan(measured),
        "no_certificate": np.isnan(certificate),
        "certificate_alike": ~beyond,
        "certificate_power_of_ten": is_slip,
        "certificate_as_ellipsoid": (left <= allowed) & (left <= gap / 2),
    }
    return np.select([*choices.values()], [*choices], "certificate_differs").astype(object)


def _contract_reasons(
    contract: Floats,
    count: NDArray[np.int64],
    is_whole: Bools,
    certificate: Floats,
    measured: Floats,
    ellipsoid: Floats,
) -> Any:
    """Say of each parcel how its contracts and its measured area differ."""
    more = contract - measured
    kinds = {
        "|no_contract": count == 0,
        "|whole_lot": is_whole,
        # Where nothing was measured there is nothing to compare the contract with.
        "": np.isnan(measured),
        "|contract_larger": more > OVERLAP_M2,
        "|contract_part": more < -OVERLAP_M2,
    }
    kind = np.select([*kinds.values()], [*kinds], "|contract_alike").astype(object)
    differs = np.isin(kind, ("|contract_larger", "|contract_part"))
    alike = {
        "|contract_as_certificate": np.abs(contract - certificate) <= OVERLAP_M2,
        "|contract_as_ellipsoid": np.abs(contract - ellipsoid) <= OVERLAP_M2,
    }
    for words, is_so in alike.items():
        kind += np.where(differs & is_so, words, "").astype(object)
    return kind + np.where(count > 1, "|several_contracts", "").astype(object)
