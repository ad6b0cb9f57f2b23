"""The lines of a list and the entries of the ledger side by side, and the ledger after them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kcngeo import io
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import COMPUTED, TABLES, in_contract
from kcngeo.core.validation import as_known, validate
from kcngeo.ledger import entry_names
from kcngeo.ledger.project import Project
from kcngeo.update.reconcile_edits import Edits, edited, shown, unrecorded, with_edits
from kcngeo.update.reconcile_matching import Held, is_same, matched
from kcngeo.update.reconcile_scope import Lots, entries_of, lines_of, missing_entries

_BOOKKEEPING = ["recorded_at", "superseded_at", "recorded_by"]
# Columns every list is read by, whatever it is like.
_READ = ("lot", "investor", "stated_ha", "zone_id", "source_cell")
# What a list says of its rows that is no part of the ledger.
OF_THE_LIST = ("zone_id", "source_cell")


class Comparison:
    """A list beside the ledger on a day.

    Parameters
    ----------
    project
        The tables.
    read
        The list.
    on
        The day.
    stops
        First day on which entries that no line names no longer hold; None if they do.
    """

    def __init__(
        self,
        project: Project,
        read: io.LedgerRead,
        on: pd.Timestamp,
        *,
        stops: pd.Timestamp | None = None,
    ) -> None:
        self.read, self.on, self.stops = read, on, stops
        self.findings: list[Finding] = []
        self.lots = Lots(project.parcels, on)
        known = as_known(project.ledger).drop(columns=_BOOKKEEPING, errors="ignore")
        self.ledger = validate(known, "ledger", errors="collect")[0].reset_index(drop=True)
        self.frame = self._in_types(read.frame)
        self.lines = lines_of(self.frame, read.lines)
        zones = self.frame["parcel_id"].map(self.lots.zone_of)
        self.zones = zones.where(zones.notna(), self.frame["zone_id"])
        scope = set(self.zones.dropna().astype("str"))
        self.entries = {
            one.place: one for one in entries_of(self.ledger, project, self.lots, scope)
        }
        found = matched(self.lines, list(self.entries.values()), on=on)
        self.entry_of = dict(found.entry_of)
        self.unclear = dict(found.unclear)
        self.left_out = self._left_out()
        self.gone = missing_entries(
            list(self.entries.values()),
            self.lines,
            self.entry_of,
            [place for places in self.unclear.values() for place in places],
            self.lots,
            on,
        )
        self._require_ends()

    def _in_types(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give columns of the user's own the types they have in the ledger, where they fit."""
        result = frame.copy(deep=False)
        for name in frame.columns.intersection(self.ledger.columns):
            kind = self.ledger[name].dtype
            is_own = TABLES["ledger"].column(str(name)) is None and name not in _READ
            is_text = kind.kind == "O" or self.ledger[name].isna().all()
            if not is_own or is_text or kind == frame[name].dtype:
                continue
            try:
                is_number = kind.kind in "iuf"
                given = pd.to_numeric(frame[name]) if is_number else frame[name].astype(kind)
                # A whole number beside a missing one.
                result[name] = given.astype("Int64") if kind.kind in "iu" else given
            except (ValueError, TypeError):
                cells = frame["source_cell"][frame[name].notna()]
                self.findings.append(
                    finding("list_column_kind", "ledger", Severity.WARNING, ids=cells, column=name)
                )
                result = result.drop(columns=name)
        return result

    @cached_property
    def settled(self) -> frozenset[str]:
        """Name the cells of first days and ends that a list does not say and the ledger knows."""
        kept = [place for place in self.entry_of if place not in self.left_out]
        about = self.read.lines.iloc[kept]
        cells = self.frame["source_cell"].iloc[kept][about["is_undated"].to_numpy()]
        ends = [cell for joined in about["wants_end"].dropna() for cell in joined.split("|")]
        return frozenset([*cells.astype("str"), *ends])

    def _left_out(self) -> set[int]:
        """Find the lines that cannot be recorded, and say why."""
        about = self.read.lines
        undated = about["is_undated"].to_numpy()
        ended = about["wants_end"].notna().to_numpy()
        at_fault = self.read.at_fault.to_numpy() & ~undated & ~ended
        result = set(np.flatnonzero(at_fault).tolist())
        result |= set(np.flatnonzero(undated | ended).tolist()) - set(self.entry_of)
        known = {place: self.entries[entry].end for place, entry in self.entry_of.items()}
        result |= {
            place for place, end in known.items() if ended[place] and (end is None or end > self.on)
        }
        for place, candidates in self.unclear.items():
            names = entry_names(self.ledger, list(candidates))
            self._error("list_unclear", place, entries=names)
        for place, entry_place in self.entry_of.items():
            line, entry = self.lines[place], self.entries[entry_place]
            is_over = entry.end is not None and entry.end <= self.on
            if is_over and line.holds_on(self.on) and not ended[place] and place not in result:
                self._error(
                    "list_reopened",
                    place,
                    entry=entry_names(self.ledger, [entry_place])[0],
                    end=shown(entry.end),
                )
                result.add(place)
        return result | set(self.unclear)

    def _error(self, rule: str, place: int, **fields: Any) -> None:
        cell = self.frame["source_cell"].iloc[place]
        self.findings.append(finding(rule, "ledger", ids=[cell], on=shown(self.on), **fields))

    def _require_ends(self) -> None:
        """Refuse to end entries before they begin."""
        if self.stops is None:
            return
        starts = {place: self.entries[place].start for place in self.gone}
        late = [place for place, start in starts.items() if start and start >= self.stops]
        if late:
            names = entry_names(self.ledger, late)
            self.findings.append(
                finding("list_ends_early", "ledger", ids=names, end=shown(self.stops))
            )

    @cached_property
    def edits(self) -> dict[int, Edits]:
        """List what lines say otherwise than their entries, by entry."""
        rows: list[Any] = self.frame.to_dict("records")
        paired = [self.entry_of[place] for place in self.entry_of]
        held = dict(zip(paired, self.ledger.iloc[paired].to_dict("records"), strict=True))
        about = list(self.read.lines.itertuples())
        result: dict[int, Edits] = {}
        silent: list[list[str]] = []
        for place, entry_place in self.entry_of.items():
            if place in self.left_out:
                continue
            row, was = rows[place], {str(name): one for name, one in held[entry_place].items()}
            line, entry = self.lines[place], self.entries[entry_place]
            result[entry_place] = edited(row, line, entry, was, about[place])
            silent.append(unrecorded(row, entry, was))
            own = was.get("investor")
            if (own is None or pd.isna(own)) and is_same(line.investor, entry.investor) is False:
                self._note_investor(line, entry)
        names = list(dict.fromkeys(name for some in silent for name in some))
        if names:
            count = sum(bool(some) for some in silent)
            self.findings.append(
                finding("list_columns_new", "ledger", Severity.NOTE, columns=names, count=count)
            )
        return result

    def _note_investor(self, line: Held, entry: Held) -> None:
        """Say that a tenant is called otherwise by the project of its entry."""
        cell = self.frame["source_cell"].iloc[line.place]
        said: dict[str, Any] = {"value": line.investor, "known": entry.investor}
        self.findings.append(
            finding("list_investor", "ledger", Severity.WARNING, ids=[cell], **said)
        )

    @cached_property
    def fresh(self) -> list[int]:
        """Name the lines that are new entries."""
        known = {*self.entry_of, *self.left_out}
        return [line.place for line in self.lines if line.place not in known]

    @cached_property
    def after(self) -> pd.DataFrame:
        """Give the ledger with the list in it."""
        rows = self.frame.iloc[self.fresh].drop(columns=list(OF_THE_LIST))
        stops = self.stops
        ends = {place: stops for place in self.gone if stops is not None and self._runs(place)}
        edits = {place: one for place, one in self.edits.items() if one}
        return with_edits(self.ledger, edits, rows.reset_index(drop=True), ends)

    def _runs(self, place: int) -> bool:
        """Tell whether a missing entry would hold beyond the day on which it is to end."""
        end = self.entries[place].end
        return self.stops is not None and (end is None or end > self.stops)

    def table(self, source: str) -> pd.DataFrame:
        """Lay lines and entries side by side."""
        rows = [self._line(line) for line in self.lines]
        rows += [self._entry(place, "missing") for place in self.gone]
        unclear = dict.fromkeys(place for some in self.unclear.values() for place in some)
        rows += [self._entry(place, "left_out") for place in unclear]
        frame = pd.DataFrame(rows, columns=["kind", *_FILLED])
        frame = frame.assign(list=source, on=self.on, difference_m2=0.0)
        for name in ("listed_ha", "ledger_ha"):
            frame[name] = frame[name].astype("float64")
        frame["difference_m2"] = (frame["listed_ha"] - frame["ledger_ha"]) * 1e4
        frame["on"] = frame["on"].astype("datetime64[s]")
        return in_contract(COMPUTED["reconciliation"], frame)

    def _line(self, line: Held) -> dict[str, Any]:
        place, entry_place = line.place, self.entry_of.get(line.place)
        row = self.frame.iloc[place]
        edits = self.edits.get(entry_place, {}) if entry_place is not None else {}
        kind = self._kind(line, edits)
        held_ha = self._held_ha(entry_place) if entry_place is not None else 0.0
        if kind == "new":
            held_ha = self._held_ha(len(self.ledger) + self.fresh.index(place))
        said = {
            "kind": kind,
            "cell": row["source_cell"],
            "zone_id": self.zones.iloc[place],
            "parcel_id": row["parcel_id"],
            "lot": row["lot"],
            "status": row["status"],
            "investor": row["investor"],
            "entry": None if entry_place is None else entry_names(self.ledger, [entry_place])[0],
            "listed_ha": self._listed_ha(line, held_ha),
            "ledger_ha": held_ha,
        }
        return said | self._told(edits, row, entry_place)

    def _told(self, edits: Edits, row: Any, entry_place: int | None) -> dict[str, str]:
        """Write the edits of a line; an area is given in hectares, of a whole lot too."""
        shown_as = {name: (shown(was), shown(now)) for name, (was, now) in edits.items()}
        if "part_area_ha" in edits and entry_place is not None:
            now = self.lots.area_ha(row["parcel_id"], row["part_area_ha"])
            shown_as["part_area_ha"] = shown(self.entries[entry_place].area_ha), shown(now)
        return {
            "columns": "|".join(shown(name) for name in shown_as),
            "before": "|".join(was for was, _ in shown_as.values()),
            "after": "|".join(now for _, now in shown_as.values()),
        }

    def _kind(self, line: Held, edits: Edits) -> str:
        if line.place in self.left_out:
            return "left_out"
        if line.place not in self.entry_of:
            return "new"
        if "valid_to" in edits:
            # An open end is later than any day.
            was, ends = (shown(one) or "9999" for one in edits["valid_to"])
            is_said = bool(self.read.lines["is_ended"].iloc[line.place])
            if ends < was and (is_said or ends <= shown(self.on)):
                return "ended"
        return "changed" if edits else "unchanged"

    def _held_ha(self, place: int) -> float:
        """Give what an entry holds on the day once the list is in."""
        row = self.after.iloc[place]
        start, end = row["valid_from"], row.get("valid_to")
        holds = (pd.isna(start) or start <= self.on) and (pd.isna(end) or self.on < end)
        return self.lots.area_ha(row["parcel_id"], row.get("part_area_ha")) if holds else 0.0

    def _listed_ha(self, line: Held, held_ha: float) -> float:
        """Give what a line says is held on the day; what it does not state is as the ledger has."""
        entry_place = self.entry_of.get(line.place)
        entry = None if entry_place is None else self.entries[entry_place]
        start = line.start or (None if entry is None else entry.start)
        silent = line.end is None and not self.read.lines["is_open"].iloc[line.place]
        end = entry.end if silent and entry is not None else line.end
        if (start is not None and start > self.on) or (end is not None and end <= self.on):
            return 0.0
        return held_ha if line.area_ha is None else line.area_ha

    def _entry(self, place: int, kind: str) -> dict[str, Any]:
        """Tell of an entry that no line names, or that several may."""
        entry = self.entries[place]
        edits: Edits = {}
        if kind == "missing" and self.stops is not None and self._runs(place):
            edits = {"valid_to": (entry.end, self.stops)}
        lot = self.ledger["lot"].iloc[place] if "lot" in self.ledger.columns else None
        return {
            "kind": kind,
            "cell": self.read.free.get(str(entry.parcel_id)) if kind == "missing" else None,
            "zone_id": self.lots.zone_of.get(str(entry.parcel_id)),
            "parcel_id": entry.parcel_id,
            "lot": lot,
            "status": entry.status,
            "investor": entry.investor,
            "entry": entry_names(self.ledger, [place])[0],
            "listed_ha": 0.0,
            "ledger_ha": self._held_ha(place),
            "columns": "|".join(edits),
            "before": "|".join(shown(was) for was, _ in edits.values()),
            "after": "|".join(shown(now) for _, now in edits.values()),
        }


_FILLED = (
    *("cell", "zone_id", "parcel_id", "lot", "status", "investor", "entry", "columns"),
    *("before", "after", "listed_ha", "ledger_ha"),
)
