"""What became of the zones from one month to another, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import fill, theme
from kcngeo.analysis import absorption, change, claims, targets
from kcngeo.core.dates import DateError, Day, month_end
from kcngeo.core.errors import left_out_zones
from kcngeo.core.schema import COMPUTED, Names, empty
from kcngeo.ledger import known
from kcngeo.ledger.history import history as life_of
from kcngeo.ledger.history import timeline
from kcngeo.ledger.zones import zone_names
from kcngeo.products.common import asked_for, naming, sound_zones, together
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.change_tables import change_rows
from kcngeo.publish.file_names import escaped
from kcngeo.report import is_synthetic, lot_names, names_asked
from kcngeo.standards import Criterion, fill_definition, fill_definitions, registry, unchecked

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.ledger import Project, Snapshot

AHEAD_MONTHS = 12
"""Months to look ahead for leases that end, unless a caller says else."""

# Below this a cause is the rounding of areas to whole square millimetres.
_NOTHING = 1e-9


def history(
    project: Project,
    *,
    since: str | Day,
    month: str | Day,
    parcels: Sequence[str] = (),
    ahead: int = AHEAD_MONTHS,
    definition: str | None = None,
    known_at: Moment | None = None,
    known_at_since: Moment | None = None,
    area: str = "grid",
) -> Bundle:
    """Tell why rates moved, what was let to whom, what ends or is free, and how claims hold.

    Parameters
    ----------
    project
        The tables as stored; a zone at fault is left out where a question asks into its fault.
    since
        Month to compare with, "2018-03"; its last day.
    month
        The later month.
    parcels
        Parcels whose life is told too.
    ahead
        Months to look ahead for leases that end.
    definition
        Id of a fill-rate definition; None for the law in force at the end of the later month.
    known_at
        The later month as known at this moment; None for all that is not superseded.
    known_at_since
        The earlier month as known then; None for ``known_at``.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    Bundle
        Tables of changes and causes, absorption, sectors, leases that end, land not let, life
        cycle, eligibility and claims, as far as the project has the tables for them; charts.

    Raises
    ------
    DateError
        If the earlier month does not lie before the later one.
    ContractError
        If a defect of the tables belongs to no zone.
    KcngeoError
        If there is no such parcel.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = history(kcn.examples.squares(), since="2017-03", month="2018-03")
    >>> made.tables["changes"]["rate_end"].tolist()
    [0.375, 0.5]
    """
    start, on = month_end(since), month_end(month)
    if start >= on:
        raise DateError("months_order", since=since, month=month)
    used = fill_definition(definition, on=on).name
    asked: dict[str, Any] = {"definition": used, "area": area}
    span: dict[str, Any] = {"start": start, "end": on}
    then = known_at if known_at_since is None else known_at_since
    snapshot = known(project, known_at)
    sound = sound_zones(project, snapshot) if parcels else project
    zones = zone_names(snapshot.zones, on=on)
    lots = lot_names(snapshot, zones)
    lives = {
        name: life_of(sound, name, known_at=known_at).replace({"parcel_id": lots})
        for name in dict.fromkeys(parcels)
    }
    with left_out_zones() as apart:
        # Only the explanation compares two moments; everything else is as known at the later one.
        moments: dict[str, Any] = {"known_at_start": then, "known_at_end": known_at}
        why = change.explain(project, **span, **asked, **moments)
        answers = _Answers(snapshot=snapshot, why=why, span=span, asked=asked)
        tables = answers.tables(ahead)
        claimed = answers.claimed()
    rules = (*fill_definitions(), *registry().of(Criterion))
    options = asked_for(
        since=f"{start:%Y-%m}",
        month=f"{on:%Y-%m}",
        parcels=tuple(lives),
        ahead=ahead,
        definition=definition,
        known_at=None if known_at is None else str(known_at),
        known_at_since=None if known_at_since is None else str(known_at_since),
        area=area,
    )

    @cache
    def make_tables(language: str) -> dict[str, pd.DataFrame]:
        return tables | answers.told(claimed, language)

    findings = together(unchecked(rules, on=on), apart)
    names = naming(snapshot, make_tables, findings, on=on, rules=registry())
    return Bundle(
        product="history",
        provenance=Provenance(
            options=options,
            tables=snapshot,
            registry=registry(),
            moment=snapshot.moment,
            rules=rules,
        ),
        make_tables=make_tables,
        names=names,
        findings=findings,
        left_out=apart,
        figures=_figures(why, lives, zones, used, span, synthetic=is_synthetic(snapshot)),
        documents={"lives": partial(_lives, lives)} if lives else {},
        say=lambda language: _lines(why, names(language), used, language),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What is asked of a span of months."""

    snapshot: Snapshot
    why: change.Change
    span: dict[str, Any]
    asked: dict[str, Any]

    @property
    def on(self) -> pd.Timestamp:
        """The later date."""
        on: pd.Timestamp = self.span["end"]
        return on

    def tables(self, ahead: int) -> dict[str, pd.DataFrame]:
        """Ask every question whose answer is the same in every language."""
        snapshot, on, used = self.snapshot, self.on, self.asked["definition"]
        series = fill.fill_series(snapshot, **self.span, **self.asked)
        by_period = [
            absorption.absorption(series, freq=freq).reset_index().assign(step=freq)
            for freq in absorption.PERIODS
        ]
        tables = {
            "changes": change_rows(self.why.effects, period="span", definition=used, **self.span),
            "causes": self.why.entries.assign(period="span"),
            "months": change.by_month(snapshot, **self.span, **self.asked),
            "absorption": pd.concat(by_period, ignore_index=True),
            "ending": absorption.ending_leases(snapshot, on=on, months=ahead),
            "unlet": absorption.cleared_unlet(snapshot, on=on, **self.asked),
        }
        if snapshot.table("projects") is not None:
            sectors = absorption.by_sector(snapshot, on=on, by_zone=True, **self.asked)
            tables["sectors"] = sectors.assign(definition=used)
        if snapshot.table("milestones") is not None:
            accounts = fill.land_account(snapshot, on=on, **self.asked)
            tables["life"] = targets.life_cycle(snapshot, on=on, accounts=accounts)
        return tables

    def claimed(self) -> dict[str, Any]:
        """Work out what published figures are compared with, and what they imply."""
        asked = {"on": self.on, "area": self.asked["area"]}
        used = self.asked["definition"]
        reading = registry().strict_reading(used)
        rates = {
            "rates": fill.fill_rate(self.snapshot, definition=used, **asked),
            "strict": None
            if reading is None
            else fill.fill_rate(self.snapshot, definition=reading.name, **asked),
        }
        published = self.snapshot.table("claims")
        if published is None:
            return rates
        return {
            **rates,
            "computed": claims.figures(self.snapshot, area=self.asked["area"]),
            "implied": claims.implied(published),
        }

    def told(self, claimed: Mapping[str, Any], language: str) -> dict[str, pd.DataFrame]:
        """Lay out what is explained in words: eligibility, and claims."""
        tables = {"eligibility": self._eligibility(claimed, language)}
        if "computed" not in claimed:
            return tables
        reconciled = claims.reconcile(
            self.snapshot.table("claims"), claimed["computed"], language=language
        )
        return {
            **tables,
            # The others name claims by these numbers.
            "claims_reconciled": reconciled.rename_axis("claim").drop(columns="reason"),
            "implied": claimed["implied"].figures,
            "contradictions": claimed["implied"].contradictions,
        }

    def _eligibility(self, claimed: Mapping[str, Any], language: str) -> pd.DataFrame:
        """Try the tests of a new zone on all zones together, and of an extension on each."""
        zone_ids = list(claimed["rates"].index)
        if not zone_ids:
            return empty(COMPUTED["eligibility"])
        works = self.snapshot.table("works")
        named = names_asked(
            self.snapshot,
            {} if works is None else {"works": works["work_id"]},
            zones=zone_names(self.snapshot.zones, on=self.on),
            rules=(),
            parts={},
            language=language,
        )
        parts = [
            targets.eligibility(
                claimed["rates"],
                works,
                strict=claimed["strict"],
                kind=kind,
                zone_ids=zone_ids,
                on=self.on,
                names={**named["zones"], **named.get("works", {})},
                language=language,
            ).assign(test=kind)
            for kind in ("new", "extension")
        ]
        # The sentence beside it says the reason already.
        return pd.concat(parts, ignore_index=True).drop(columns="reason")


def _figures(
    why: change.Change,
    lives: dict[str, pd.DataFrame],
    names: dict[str, str],
    definition: str,
    span: dict[str, Any],
    *,
    synthetic: bool,
) -> dict[str, Callable[[str], Any]]:
    """Give what draws why the rate of each zone moved, and the life of each parcel asked for."""
    made: dict[str, Callable[[str], Any]] = {}
    for zone_id in why.effects.index[why.effects["change"].notna()]:
        titled: dict[str, Any] = {
            "definition": definition,
            "name": names.get(zone_id),
            "synthetic": synthetic,
        }
        made[f"why_{escaped(zone_id)}"] = partial(_bridge, why, zone_id=zone_id, **titled, **span)
    for name, rows in lives.items():
        made[f"lot_{escaped(name)}"] = partial(_timeline, rows, on=span["end"], synthetic=synthetic)
    return made


def _bridge(why: change.Change, language: str, **options: Any) -> Any:
    from kcngeo import figures

    return figures.bridge(why, language=language, **options)


def _timeline(rows: pd.DataFrame, language: str, **options: Any) -> Any:
    from kcngeo import figures

    return figures.timeline(rows, language=language, **options)


def _lives(lives: dict[str, pd.DataFrame], language: str) -> Files:
    """Write the lives of parcels, a line an event."""

    def make() -> bytes:
        told = [timeline(rows, language=language) for rows in lives.values()]
        return ("\n\n".join(told) + "\n").encode("utf-8-sig")

    return {"lots.txt": make}


def _lines(why: change.Change, names: Names, definition: str, language: str) -> Iterator[str]:
    """Say of every zone what moved, and by what."""
    title = names["definitions"][definition]
    for row in why.effects.reset_index().to_dict("records"):
        name = names["zones"][row["zone_id"]]
        if pd.isna(row["change"]):
            yield f"{name}: {theme.text('figures.no_change', language=language)}"
            continue
        moved = {cause: row[cause] for cause in change.CAUSES if abs(row[cause]) > _NOTHING}
        parts = [
            f"{theme.text(f'figures.{cause}', language=language)} "
            f"{theme.signed(effect * 100, language=language)}"
            for cause, effect in sorted(moved.items(), key=lambda one: -abs(one[1]))
        ]
        first, last = (
            theme.percent(row[f"rate_{end}"], language=language) for end in ("start", "end")
        )
        yield f"{name} ({title}): {first} → {last}; {', '.join(parts) or '–'}"
