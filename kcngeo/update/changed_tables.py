"""Land as a scenario would have it: zones extended, lots cleared and let, from the day on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.dates import is_in_force
from kcngeo.core.geometry import invalid_rows
from kcngeo.core.model import LEASABLE, TENURES, Finding, Status
from kcngeo.core.units import M2_PER_HA, hectares, whole_mm2
from kcngeo.core.validation import validate
from kcngeo.fill import zones_on
from kcngeo.ledger import Project, Snapshot, entry_names, state_of
from kcngeo.standards.schema import problem
from kcngeo.update.apply import stacked
from kcngeo.update.matching import on_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

# A shape in the coordinates of another grid lies hundreds of kilometres away, one across a road or
# a river some tens of metres.
_FAR_M = 1000.0
_SLIVER_M2 = 1.0
_WAYS = (("parcels",), ("zone", "block"))
_BASES = ("grid", "certificate")
_PARTS = ("leased", "reserved", "recovering", "repurposed", "uncleared", "uncleared_held")


class ChangedTables:
    """The tables of a project while a scenario changes them, and what cannot be done.

    Parameters
    ----------
    project
        The tables; never changed.
    snapshot
        The same as known.
    on
        First day on which the changes hold.
    area
        Basis of areas.
    name
        Name of the scenario.
    """

    def __init__(
        self, project: Project, snapshot: Snapshot, *, on: pd.Timestamp, area: str, name: str
    ) -> None:
        self.snapshot, self.on, self.name = snapshot, on, name
        self.tables: dict[str, Any] = {
            table: validate(frame, table, errors="collect")[0].reset_index(drop=True)
            for table, frame in project.tables()
            if table in ("zones", "parcels", "ledger", "clearance")
        }
        self.lots = _lots(snapshot, on=on, area=area)
        self.made: list[dict[str, Any]] = []
        self.problems: list[Finding] = []

    def change(self, kind: str, where: str, fields: Mapping[str, Any]) -> None:
        """Make one change, or note why it cannot be made."""
        before = len(self.problems)
        doing = {"extend": self._extend, "clear": self._clear, "let": self._let}[kind]
        made = doing(where, fields)
        if len(self.problems) == before:
            self.made += [{"entry": where, "change": kind, **row} for row in made]

    def _refuse(self, rule: str, where: str, **fields: object) -> None:
        told = {"on": self.on.date(), **fields}
        self.problems.append(problem(rule, where, self.name, **told))

    def _extend(self, where: str, fields: Mapping[str, Any]) -> list[dict[Any, Any]]:
        """Add land to a zone, and make a lot of it if a use is given."""
        zones = self.tables["zones"]
        rows = on_record(zones)
        now, told = rows[is_in_force(zones.iloc[rows], self.on)], len(self.problems)
        named = now[(zones["zone_id"].iloc[now] == fields["zone"]).to_numpy()]
        if not len(named) or zones.geometry.iloc[named[0]] is None:
            choices = sorted(set(zones["zone_id"].iloc[now]))
            self._refuse("scenario_no_zone", where, zone=fields["zone"], names=choices)
            return []
        row, others = named[0], np.setdiff1d(now, named)
        fence = zones.geometry.iloc[row]
        shape = self._shape(where, fields["wkt"], fence, zones.iloc[others])
        lot = fields.get("parcel_id")
        if lot is not None and (self.tables["parcels"]["parcel_id"] == lot).any():
            self._refuse("scenario_lot_taken", where, names=[lot])
        if (lot is None) != (fields.get("land_use") is None):
            self._refuse("scenario_together", where, keys="parcel_id, land_use")
        if shape is None or len(self.problems) > told:
            return []
        self._fence(row, shapely.union(fence, shape), shape.area / M2_PER_HA)
        if lot is not None:
            self._add_lot(lot, fields, shape)
        ids = "" if lot is None else lot
        return [{"zone_id": fields["zone"], "parcel_ids": ids, "area_ha": shape.area / M2_PER_HA}]

    def _shape(
        self, where: str, wkt: str, fence: Any, others: gpd.GeoDataFrame
    ) -> shapely.Geometry | None:
        """Read the land that comes to a zone, without what is its own already."""
        crs = str(self.tables["zones"].crs)
        # Coordinates that are no numbers make no valid polygon.
        with np.errstate(invalid="ignore"):
            shape = shapely.from_wkt(wkt, on_invalid="ignore")
        alone = gpd.GeoDataFrame(geometry=[shape], crs=self.tables["zones"].crs)
        polygon = shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
        if not polygon or len(invalid_rows(alone)[0]):
            self._refuse("scenario_shape", where)
            return None
        if shapely.distance(shape, fence) > _FAR_M:
            self._refuse("scenario_far", where, crs=crs)
            return None
        shape = shapely.difference(shape, fence)
        hit = shapely.area(shapely.intersection(others.geometry.to_numpy(), shape)) > _SLIVER_M2
        if hit.any():
            self._refuse("scenario_other_zone", where, names=list(others["zone_id"][hit]))
        if shape.area <= _SLIVER_M2:
            self._refuse("scenario_inside", where)
        return shape

    def _fence(self, row: int, fence: Any, added_ha: float) -> None:
        """Give a zone another fence from the day on; before it, the old one holds."""
        zones = self.tables["zones"]
        at = zones.columns.get_loc(zones.active_geometry_name)
        fresh = zones.iloc[[row]].copy()
        fresh.iloc[0, at] = fence
        if "approved_area_ha" in zones:
            fresh["approved_area_ha"] += added_ha
        zones, fresh = _with_days(zones), _with_days(fresh)
        if zones["valid_from"].iloc[row] == self.on:
            zones = zones.drop(index=zones.index[row])
        else:
            zones.iloc[row, zones.columns.get_loc("valid_to")] = self.on
        fresh["valid_from"] = self.on
        self.tables["zones"] = stacked([zones, fresh], zones)

    def _add_lot(self, lot: str, fields: Mapping[str, Any], shape: Any) -> None:
        """Make a lot of land that came to a zone; it is to be cleared unless it is said to be."""
        parcels, use = self.tables["parcels"], fields["land_use"]
        name = str(parcels.active_geometry_name)
        row = {"parcel_id": lot, "zone_id": fields["zone"], "land_use": use, name: shape}
        fresh = gpd.GeoDataFrame([row], geometry=name, crs=parcels.crs).assign(valid_from=self.on)
        fresh = validate(fresh, "parcels")
        self.tables["parcels"] = stacked([parcels, fresh], parcels)
        if use not in LEASABLE:
            return
        item = "available" if fields.get("cleared", False) else "uncleared"
        mm2 = float(whole_mm2(shape.area))
        land = {**dict.fromkeys((*_PARTS, "available"), 0.0), "whole": mm2, item: mm2}
        told = {"zone_id": fields["zone"], "lot_code": "", **land}
        self.lots = pd.concat([self.lots, pd.DataFrame([told], index=[lot])])
        if item == "uncleared":
            self._enter(lot, Status.UNCLEARED)

    def _clear(self, where: str, fields: Mapping[str, Any]) -> list[dict[Any, Any]]:
        """End what the ledger calls uncleared, and hand the pieces of the lots over."""
        lots = self._named(where, fields, (*_WAYS, ("pieces",)))
        waiting = lots["uncleared"] + lots["uncleared_held"]
        if (waiting <= 0).any() and ("block" not in fields or (waiting <= 0).all()):
            self._refuse("scenario_cleared", where, names=list(lots.index[waiting <= 0]))
            return []
        lots, waiting = lots[waiting > 0], waiting[waiting > 0]
        self._end(self._entries(lots.index, (Status.UNCLEARED,)))
        self.lots.loc[lots.index, "available"] += lots["uncleared"]
        self.lots.loc[lots.index, ["uncleared", "uncleared_held"]] = 0.0
        told = self._hand_over(lots.index).assign(area_ha=hectares(waiting))
        return _by_zone(told, lots["zone_id"])

    def _hand_over(self, ids: pd.Index) -> pd.DataFrame:
        """Hand the pieces of lots over on the day; of each lot, households and what is unpaid."""
        names = ["households", "planned_vnd", "paid_vnd"]
        table = self.tables.get("clearance")
        if table is None:
            nothing = pd.DataFrame(index=ids, columns=["households_count", "clearing_vnd"])
            return nothing.astype("float64")
        table = table.copy()
        if "handed_over_on" not in table:
            table["handed_over_on"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
        rows = on_record(table)
        pieces = table.reindex(columns=["parcel_id", *names, "handed_over_on"]).iloc[rows]
        is_open = pieces["parcel_id"].isin(ids) & ~(pieces["handed_over_on"] <= self.on)
        table.loc[is_open.index[is_open], "handed_over_on"] = self.on
        self.tables["clearance"] = table
        sums = pieces[is_open].astype(dict.fromkeys(names, "Float64")).groupby("parcel_id")[names]
        # A lot whose piece lacks a figure, or without a piece, has no sum.
        found = sums.sum(skipna=False).reindex(ids).astype("float64")
        unpaid = found["planned_vnd"] - found["paid_vnd"]
        return pd.DataFrame({"households_count": found["households"], "clearing_vnd": unpaid})

    def _let(self, where: str, fields: Mapping[str, Any]) -> list[dict[Any, Any]]:
        """Let what is free of lots, or so much of one."""
        lots = self._named(where, fields, _WAYS)
        free = lots["available"].copy()
        ends = fields.get("ends_reservation", False)
        if ends:
            free += (lots["reserved"] - lots["uncleared_held"]).clip(lower=0)
        if (free <= 0).any() and ("block" not in fields or (free <= 0).all()):
            self._refuse_let(where, lots[free <= 0])
            return []
        lots, free = lots[free > 0], free[free > 0]
        wanted = free
        if "area_ha" in fields:
            wanted = pd.Series(whole_mm2(fields["area_ha"] * M2_PER_HA), index=lots.index)
            most = float(hectares(free).max(initial=0.0))
            if len(lots) != 1:
                self._refuse("scenario_one_lot", where, names=list(lots.index))
            elif float(wanted.iloc[0]) > float(free.iloc[0]):
                self._refuse(
                    "scenario_too_much", where, names=list(lots.index), free_ha=f"{most:.4f}"
                )
            if len(lots) != 1 or most < fields["area_ha"]:
                return []
        if ends:
            self._end(self._entries(lots.index, (Status.RESERVED,)))
            self.lots.loc[lots.index, "available"] = free
            self.lots.loc[lots.index, "reserved"] = 0.0
        for lot, mm2, whole in zip(lots.index, wanted, lots["whole"], strict=True):
            is_whole = mm2 == whole
            self._enter(lot, Status.LEASED, None if is_whole else float(hectares(mm2)))
        self.lots.loc[lots.index, "available"] -= wanted
        self.lots.loc[lots.index, "leased"] += wanted
        price = fields.get("price_vnd_m2", np.nan)
        told = pd.DataFrame({"area_ha": hectares(wanted)}, index=lots.index)
        return _by_zone(
            told.assign(letting_vnd=told["area_ha"] * M2_PER_HA * price), lots["zone_id"]
        )

    def _refuse_let(self, where: str, lots: pd.DataFrame) -> None:
        """Say why lots cannot be let: they are to be cleared first, or somebody holds them."""
        uncleared = lots["uncleared"] > 0
        if uncleared.any():
            self._refuse("scenario_not_cleared", where, names=list(lots.index[uncleared]))
        held = list(lots.index[~uncleared])
        if held:
            rows = self._entries(held, TENURES)
            holders = entry_names(self.tables["ledger"], rows)
            self._refuse("scenario_not_free", where, names=held, entries=holders)

    def _named(
        self, where: str, fields: Mapping[str, Any], ways: tuple[tuple[str, ...], ...]
    ) -> pd.DataFrame:
        """Give the lots a change names; none if it names any that are not there."""
        given = [way for way in ways if set(way) & set(fields)]
        none = self.lots.iloc[:0]
        if len(given) != 1 or not set(given[0]) <= set(fields):
            choices = " | ".join(" + ".join(way) for way in ways)
            self._refuse("scenario_one_of", where, choices=choices)
            return none
        if "block" in fields:
            mine = self.lots[self.lots["zone_id"] == fields["zone"]]
            blocks = sorted(set(mine["lot_code"].dropna()))
            if mine.empty:
                zones = sorted(set(self.lots["zone_id"]))
                self._refuse("scenario_no_zone", where, zone=fields["zone"], names=zones)
            elif fields["block"] not in blocks:
                names = blocks or ["–"]
                told = {"zone": fields["zone"], "block": fields["block"], "names": names}
                self._refuse("scenario_no_block", where, **told)
            return mine[mine["lot_code"] == fields["block"]]
        ids = fields["parcels"] if "parcels" in fields else self._of_pieces(where, fields["pieces"])
        ids = list(dict.fromkeys(ids))
        strange = [one for one in ids if one not in self.lots.index]
        there = set(self.snapshot.owners["parcel_id"])
        for rule, bad in (
            ("scenario_no_lot", [one for one in strange if one not in there]),
            ("scenario_not_leasable", [one for one in strange if one in there]),
        ):
            if bad:
                self._refuse(rule, where, names=bad)
        return none if strange else self.lots.loc[ids]

    def _of_pieces(self, where: str, pieces: list[str]) -> list[str]:
        """Give the lots of pieces of the table of clearance."""
        table = self.tables.get("clearance", pd.DataFrame()).reindex(
            columns=["clearance_id", "parcel_id"]
        )
        known = table.dropna().set_index("clearance_id")["parcel_id"]
        strange = [one for one in pieces if one not in known.index]
        if strange:
            self._refuse("scenario_no_piece", where, names=strange)
        return [] if strange else list(known[known.index.isin(pieces)])

    def _entries(self, ids: Any, statuses: tuple[Status, ...]) -> Rows:
        """Find the entries of lots that hold on the day."""
        ledger = self.tables["ledger"]
        rows = on_record(ledger)
        part = ledger.iloc[rows]
        mine = part["parcel_id"].isin(ids) & part["status"].isin([str(one) for one in statuses])
        return rows[mine.to_numpy() & is_in_force(part, self.on)]

    def _end(self, rows: Rows) -> None:
        """End entries on the day; one that would begin on it never was."""
        ledger = _with_days(self.tables["ledger"])
        begins = (ledger["valid_from"].iloc[rows] == self.on).to_numpy()
        ledger.iloc[rows[~begins], ledger.columns.get_loc("valid_to")] = self.on
        self.tables["ledger"] = ledger.drop(index=ledger.index[rows[begins]]).reset_index(drop=True)

    def _enter(self, lot: Any, status: Status, part_area_ha: float | None = None) -> None:
        """Enter a lot from the day on, until the ledger says something else of it or it ends."""
        ledger, parcels = self.tables["ledger"], self.tables["parcels"]
        rest = ledger.iloc[on_record(ledger)]
        later = rest[(rest["parcel_id"] == lot) & (rest["valid_from"] > self.on)]
        own = [str(status)] if status is Status.UNCLEARED else [str(one) for one in TENURES]
        ends = list(later["valid_from"][later["status"].isin(own)])
        lives = parcels.iloc[on_record(parcels)]
        until = _with_days(lives[lives["parcel_id"] == lot])["valid_to"]
        ends += [] if until.isna().any() else [until.max()]
        told = {
            "parcel_id": lot,
            "status": str(status),
            "valid_from": self.on,
            "valid_to": min(ends, default=None),
            "part_area_ha": part_area_ha,
        }
        fresh = pd.DataFrame([told])
        if "entry_id" in ledger:
            fresh["entry_id"] = f"{self.name}: {lot} {status}"
        fresh = validate(fresh.astype({"part_area_ha": "float64"}), "ledger")
        self.tables["ledger"] = stacked([ledger, fresh], ledger)


def _lots(snapshot: Snapshot, *, on: pd.Timestamp, area: str) -> pd.DataFrame:
    """Give the leasable lots of zones that count, with what is held and free of each in mm²."""
    now = pd.DataFrame(state_of(snapshot, on=on, area=area))
    whole = snapshot.areas_mm2(area)[snapshot.in_force(on)]
    lots = now.reindex(columns=["parcel_id", "zone_id", "lot_code"]).assign(whole=whole)
    for part in _PARTS:
        lots[part] = np.rint(whole * now[f"{part}_share"])
    lots["available"] = whole - lots[[*_PARTS[:5]]].sum(axis=1)
    # A contract is held against the larger of the certificate and the drawing, on every basis.
    held = lots[[*_PARTS[:4]]].sum(axis=1)
    room = np.fmax(*(snapshot.own_areas_mm2(one)[snapshot.in_force(on)] for one in _BASES)) - held
    part = (room - lots["uncleared"]).clip(lower=0)
    lots["available"] = lots["available"].where(held <= 0, np.fmin(lots["available"], part))
    counting = snapshot.zone_ids[zones_on(snapshot, on=on)]
    kept = now["land_use"].isin(LEASABLE) & now["zone_id"].isin(counting)
    return lots[kept & np.isfinite(whole)].set_index("parcel_id")


def _by_zone(told: pd.DataFrame, zones: pd.Series) -> list[dict[Any, Any]]:
    """Add up what a change makes of lots, a row a zone; a sum that lacks a figure is missing."""
    sums = told.groupby(zones).sum(skipna=False)
    ids = pd.Series(told.index, index=told.index).groupby(zones).agg("|".join)
    return sums.assign(parcel_ids=ids).rename_axis("zone_id").reset_index().to_dict("records")


def _with_days(frame: Any) -> Any:
    """Give a copy that has columns for the days between which its rows are valid."""
    absent = [name for name in ("valid_from", "valid_to") if name not in frame]
    empty = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    return frame.assign(**dict.fromkeys(absent, empty))
