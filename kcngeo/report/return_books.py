"""What the official return of a quarter is filled from: tables as known, cut to the quarter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import DateError, day, is_in_force
from kcngeo.core.errors import KcngeoError
from kcngeo.core.units import M2_PER_HA, hectares
from kcngeo.fill import fill_rate, leases_on, parcels_on
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zones import zone_names
from kcngeo.report.return_rows import wanting

if TYPE_CHECKING:
    from kcngeo.ledger import Snapshot
    from kcngeo.standards import ReturnForms

_ABOUT = (*CORE, "projects", "project_periods", "project_changes", "documents", "clearance")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_PROJECT = {
    **dict.fromkeys(("project_id", "origin", "currency"), "str"),
    **dict.fromkeys(("registered_capital", "implemented_capital", "workers"), "float64"),
    **dict.fromkeys(("licensed_on", "operating_on"), "datetime64[s]"),
}
_CHANGE = {
    **dict.fromkeys(("project_id", "kind", "currency"), "str"),
    "on": "datetime64[s]",
    "capital": "float64",
}
_PERIOD = {
    **dict.fromkeys(("project_id", "period", "currency"), "str"),
    **dict.fromkeys(("turnover", "export", "import", "budget", "workers"), "float64"),
    **dict.fromkeys(("foreign_workers", "implemented_capital"), "float64"),
}

_ZONE = {
    "zone_id": "str",
    "stage": "str",
    **dict.fromkeys(("approved_area_ha", "planned_area_ha"), "float64"),
    **dict.fromkeys(("established_on", "removed_on", "valid_from", "valid_to"), "datetime64[s]"),
}


def quarter_days(quarter: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and the last day of a quarter.

    Examples
    --------
    >>> [str(one.date()) for one in quarter_days("2026Q3")]
    ['2026-07-01', '2026-09-30']
    """
    found = _QUARTER.fullmatch(quarter) if isinstance(quarter, str) else None
    if found is None:
        raise DateError("quarter", value=repr(quarter))
    start = day(f"{found[1]}-{3 * int(found[2]) - 2:02}-01")
    return start, start + pd.offsets.MonthEnd(3)


@dataclass(frozen=True, kw_only=True, eq=False)
class Books:
    """The tables of a quarter.

    Attributes
    ----------
    snapshot
        The tables as known, without the zones at fault in the quarter.
    quarter
        The quarter, "2026Q3".
    start, end
        Its first and its last day.
    forms
        The forms to be filled.
    names
        Names of the zones at the end, of those at fault too.
    """

    snapshot: Snapshot
    quarter: str
    start: pd.Timestamp
    end: pd.Timestamp
    forms: ReturnForms
    names: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot, *, quarter: str, forms: ReturnForms) -> Books:
        """Open the books of a quarter."""
        start, end = quarter_days(quarter)
        sound = asked(
            snapshot,
            start=start - pd.Timedelta(days=1),
            end=end,
            definition=forms.definition,
            about=_ABOUT,
        )
        names = zone_names(snapshot.zones, on=end)
        days = {"start": start, "end": end}
        return cls(snapshot=sound, quarter=quarter, **days, forms=forms, names=names)

    @property
    def before(self) -> pd.Timestamp:
        """The day before the quarter."""
        return self.start - pd.Timedelta(days=1)

    def has(self, table: str) -> bool:
        """Tell whether the project has a table."""
        return self.snapshot.table(table) is not None

    def within(self, days: pd.Series) -> pd.Series:
        """Tell which days lie in the quarter."""
        return (days >= self.start) & (days <= self.end)

    def _table(self, name: str, kinds: dict[str, str]) -> pd.DataFrame:
        """Give the columns of a table that are read here, empty where it is not there."""
        frame = self.snapshot.table(name)
        given = pd.DataFrame(columns=list(kinds)) if frame is None else pd.DataFrame(frame)
        rows = given.reindex(columns=list(kinds)).reset_index(drop=True)
        return rows.astype(kinds)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Give what became of licences, in the currency of the project where none is said."""
        rows = self._table("project_changes", _CHANGE)
        projects = self._table("projects", _PROJECT).drop_duplicates("project_id")
        known = projects.set_index("project_id")[["currency", "origin"]]
        own = known["currency"].reindex(rows["project_id"]).to_numpy(dtype=object)
        return rows.assign(
            currency=rows["currency"].where(rows["currency"].notna(), own),
            origin=known["origin"].reindex(rows["project_id"]).to_numpy(dtype=object),
            own_currency=own,
            is_doubled=rows.duplicated(["project_id", "on", "kind"], keep=False),
        )

    @cached_property
    def projects(self) -> pd.DataFrame:
        """Give the projects, with the day their licence was revoked, each once."""
        rows = self._table("projects", _PROJECT)
        # Which of two rows of one project holds, nobody knows.
        doubled = rows["project_id"].duplicated(keep=False)
        rows = rows.assign(is_doubled=doubled).drop_duplicates("project_id", ignore_index=True)
        gone = self.changes[self.changes["kind"] == "revoked"].groupby("project_id")["on"].min()
        revoked_on = pd.Series(
            gone.reindex(rows["project_id"]).to_numpy(), dtype="datetime64[s]", index=rows.index
        )
        return rows.assign(revoked_on=revoked_on)

    @cached_property
    def in_force(self) -> pd.DataFrame:
        """Give the projects in force at the end; of one without a day of licence nobody knows."""
        rows = self.projects
        gone = rows["revoked_on"] <= self.end
        return rows[((rows["licensed_on"] <= self.end) | rows["licensed_on"].isna()) & ~gone]

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Give what projects report of the quarter; of one that does so twice, nothing."""
        rows = self._table("project_periods", _PERIOD)
        rows = rows[rows["period"] == self.quarter]
        return rows.drop_duplicates("project_id", keep=False).set_index("project_id")

    def registered(self, rows: pd.DataFrame, after: Any) -> tuple[pd.Series, pd.Series]:
        """Give the capital registered on a day, and what is missing to know it.

        ``projects.registered_capital`` is what stands registered now: what was raised after the
        day is taken off again, what was cut is put back.
        """
        value = rows["registered_capital"]
        lacks = wanting(value.isna(), "projects.registered_capital")
        moves = self.changes[self.changes["kind"] != "revoked"]
        sign = np.where(moves["kind"] == "raised", 1.0, -1.0)
        moves = moves.assign(moved=sign * moves["capital"])
        days = rows[["project_id"]].assign(row=rows.index, after=after)
        later = days.merge(moves, on="project_id")
        later = later[later["on"] > later["after"]]
        moved = later.groupby("row")["moved"].agg(lambda one: one.sum(skipna=False))
        value = value - moved.reindex(value.index, fill_value=0.0)
        for column, strange in (
            ("capital", later["moved"].isna()),
            ("currency", later["currency"] != later["own_currency"]),
            ("on", later["is_doubled"]),
        ):
            bad = rows.index.isin(later.loc[strange, "row"])
            lacks = lacks.mask(bad, f"project_changes.{column}")
        return value, lacks

    # ---- zones --------------------------------------------------------------------------------
    @cached_property
    def zones(self) -> pd.DataFrame:
        """Give the versions of the zones that are not at fault, each zone's in order of time."""
        given = self.snapshot.zones
        rows = pd.DataFrame(given).drop(columns=given.active_geometry_name)
        rows = rows.reindex(columns=list(dict.fromkeys([*rows.columns, *_ZONE]))).astype(_ZONE)
        return rows.sort_values(["zone_id", "valid_from"], na_position="first").reset_index(
            drop=True
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """List what became of zones in the quarter: established, adjusted in area, removed."""
        zones = self.zones.copy()
        same = zones["zone_id"].eq(zones["zone_id"].shift())
        zones["area_before_ha"] = zones["approved_area_ha"].shift().where(same)
        stood = zones["established_on"] < zones["valid_from"]
        # Where no day is on record the stage says whether the zone was established.
        stood |= zones["established_on"].isna() & (
            zones["stage"].fillna("established") == "established"
        )
        moved = zones["area_before_ha"] != zones["approved_area_ha"]
        founded = zones[self.within(zones["established_on"])].groupby("zone_id").head(1)
        adjusted = zones[same & moved & stood & self.within(zones["valid_from"])]
        removed = zones[self.within(zones["removed_on"])].groupby("zone_id").tail(1)
        found = pd.concat(
            [
                founded.assign(event="established", event_on=founded["established_on"]),
                adjusted.assign(event="adjusted", event_on=adjusted["valid_from"]),
                removed.assign(event="removed", event_on=removed["removed_on"]),
            ]
        )
        begun, gone = found["event"] == "established", found["event"] == "removed"
        found["area_before_ha"] = (
            found["area_before_ha"].mask(begun, 0.0).mask(gone, found["approved_area_ha"])
        )
        found["area_after_ha"] = found["approved_area_ha"].mask(gone, 0.0)
        days = found["event_on"].dt.strftime("%Y-%m-%d")
        found["line"] = found["zone_id"] + " " + days + " " + found["event"]
        return found.sort_values(["event_on", "line"], kind="stable").reset_index(drop=True)

    @cached_property
    def planned(self) -> pd.DataFrame:
        """Give the zones in the plan at the end of the quarter, established or not."""
        zones = self.zones.copy()
        zones = zones[is_in_force(zones, self.end) & ~(zones["removed_on"] <= self.end)]
        stage = zones["stage"].fillna("established")
        dated = zones["established_on"].notna()
        is_there = (zones["established_on"] <= self.end) | (~dated & (stage == "established"))
        rows = zones.assign(is_there=is_there, line=zones["zone_id"])
        return rows[is_there | dated | (stage == "planned")].reset_index(drop=True)

    # ---- land -----------------------------------------------------------------------------------
    @cached_property
    def rates(self) -> pd.DataFrame:
        """Give the rates at the end, zones at fault with missing figures."""
        return self._rates(self.end)

    def _rates(self, on: pd.Timestamp) -> pd.DataFrame:
        return fill_rate(self.snapshot, on=on, definition=self.forms.definition)

    def leases(self, on: pd.Timestamp) -> pd.DataFrame:
        """Give the leases of a day."""
        return leases_on(self.snapshot, on=on, definition=self.forms.definition)

    @cached_property
    def land(self) -> dict[str, pd.DataFrame]:
        """Give what base and let land are made of at the end, zone by zone."""
        parcels = parcels_on(self.snapshot, on=self.end, definition=self.forms.definition)
        leases = self.leases(self.end)
        rows = {
            "base_ha": pd.DataFrame(
                {
                    "origin": parcels["zone_id"],
                    "table": "parcels",
                    "id": parcels["parcel_id"],
                    "value": hectares(parcels["whole_mm2"]),
                }
            ),
            "leased_ha": pd.DataFrame(
                {
                    "origin": leases["zone_id"],
                    "table": "ledger",
                    "id": leases["entry"],
                    "value": leases["leased_ha"],
                }
            ),
        }
        for name, frame in rows.items():
            self._require_plain(name, frame)
        return rows

    def _require_plain(self, name: str, frame: pd.DataFrame) -> None:
        """Refuse a definition that weighs land otherwise: its figures are no sums of these rows."""
        measured = self.rates[(self.rates["source"] == "measured") & self.rates[name].notna()]
        sums = frame.groupby("origin")["value"].sum().reindex(measured.index, fill_value=0.0)
        if ((sums - measured[name]).abs() > 1 / M2_PER_HA).any():
            raise KcngeoError("return_definition", name=self.forms.definition)

    @cached_property
    def let_moves(self) -> pd.DataFrame:
        """Give by zone and project what was let more at the end than before the quarter."""
        then, now = self.leases(self.before), self.leases(self.end)
        both = pd.concat([then.assign(leased_ha=-then["leased_ha"]), now], ignore_index=True)
        both["holder"] = both["project_id"].where(both["project_id"].notna(), both["entry"])
        # An entry of both days with the same hectares did not move.
        by_entry = both.groupby(["zone_id", "holder", "entry"], as_index=False, dropna=False).agg(
            project_id=("project_id", "first"), value=("leased_ha", "sum")
        )
        by_entry = by_entry[by_entry["value"].abs() * M2_PER_HA > 1]
        moved = by_entry.groupby(["zone_id", "holder"], as_index=False, dropna=False).agg(
            project_id=("project_id", "first"),
            id=("entry", lambda ids: "|".join(sorted(map(str, ids)))),
            value=("value", "sum"),
        )
        return pd.concat([moved.assign(table="ledger"), self._declared_moves()], ignore_index=True)

    def _declared_moves(self) -> pd.DataFrame:
        """Give the change of zones that live on what is declared of them."""
        now, then = self.rates, self._rates(self.before)
        stated = now[(now["source"] == "declared") | now["reason"].notna()]
        value = stated["leased_ha"] - then["leased_ha"].reindex(stated.index)
        moved = pd.DataFrame(
            {"zone_id": stated.index, "id": stated.index, "value": value.to_numpy()}
        )
        moved = moved[moved["value"] != 0]
        return moved.assign(table="declared_accounts", project_id=None)
