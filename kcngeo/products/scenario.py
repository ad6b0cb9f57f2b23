"""What if: what changes would make of the figures of a day, beside those of today."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.checked_once import each_once
from kcngeo.core.dates import Day, Moment, day
from kcngeo.core.errors import ContractError, KcngeoError, left_out_zones
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import COMPUTED, Names, empty
from kcngeo.ledger import known
from kcngeo.ledger.zones import zone_names
from kcngeo.products.common import asked_for, naming, sound_zones, together
from kcngeo.products.progress import STANDARD
from kcngeo.products.scenario_maps import drawn_scenarios
from kcngeo.products.styled_layers import layer_files, shown_layers
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.file_names import escaped
from kcngeo.publish.kept_packages import keeping
from kcngeo.publish.scenario_page import Sheet, scenario_page, scenario_sheet
from kcngeo.report import TOTAL, is_synthetic
from kcngeo.report.scenario import TODAY, Asked, at_a_glance, figures_of, side_by_side
from kcngeo.standards import (
    BalanceItem,
    BufferRule,
    Limit,
    Registry,
    fill_definition,
    fill_definitions,
    registry,
    unchecked,
)
from kcngeo.update import Changed, Changes, apply_changes, read_changes

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

# Letters of the name of a file, of which each may take four bytes.
_LONGEST = 50

Source = str | os.PathLike[str] | pd.DataFrame | Mapping[str, str] | Changes


@each_once()
def scenario(
    project: Project,
    *,
    changes: Source | Sequence[Source],
    on: Day | None = None,
    definition: str | None = None,
    standard: str = STANDARD,
    known_at: Moment | None = None,
    area: str = "grid",
    rules: Registry | None = None,
) -> Bundle:
    """Set what scenarios would make of a day beside today: rates, dates, land, conflicts, balance.

    A scenario lets lots, clears them, extends zones, and has other distances or least shares, from
    the day on. Nothing of it is recorded: the project stays as it is, and so does its file. The
    forecast goes on at the pace of the real ledger, from the land a scenario leaves.

    Parameters
    ----------
    project
        The tables as stored; not changed. Zones whose rows are at fault are left out.
    changes
        One scenario or several, each a TOML file, a frame, or what was read of one; see
        :func:`kcngeo.update.read_changes` and :func:`kcngeo.update.apply_changes`.
    on
        The day; None for that of the last entry of the ledger, which the manifest names.
    definition
        Id of the fill-rate definition of accounts and forecasts; None for the law in force on the
        day. Rates are given by every definition.
    standard
        Edition of the planning code for the land-use balance.
    known_at
        As known at this moment; None for all that is not superseded.
    area
        "grid", "ellipsoid" or "certificate".
    rules
        The registry whose figures scenarios change; None for the one that comes with the library.

    Returns
    -------
    Bundle
        Tables ``scenarios`` (a row a zone and scenario), ``scenario_files``, ``scenario_changes``,
        ``scenario_rates``, ``scenario_accounts``, ``scenario_dates``, ``scenario_land``,
        ``scenario_conflicts`` (won and lost), ``scenario_balance`` and ``findings``; a page and a
        PDF that show them side by side, with a picture each; of each a map and layers of what it
        changes and where; and the files of the scenarios.

    Raises
    ------
    ContractError
        If scenarios share a name, or a change makes no sense or cannot be made: all problems of all
        scenarios are named. Or if a defect of the tables belongs to no zone.
    DataSourceError
        If a file cannot be read or is no TOML.
    KcngeoError
        If no day is given and the ledger has no entry.
    StandardError
        If there is no such edition or definition.

    Examples
    --------
    Half a hectare of A-2 is free; let, it makes 2 of 4 ha of zone A, 3 of 6 of all.

    >>> import kcngeo as kcn
    >>> rows = pd.DataFrame({"change": ["let"], "parcels": ["A-2"]})
    >>> wish = kcn.update.read_changes(rows, name="A-2 is let")
    >>> made = scenario(kcn.examples.squares(), changes=wish, on="2018-03-31")
    >>> seen = made.tables["scenarios"]
    >>> seen.loc[seen["zone_id"] == "A", ["scenario", "leased_ha", "fill_rate"]].values.tolist()
    [['today', 1.5, 0.375], ['A-2 is let', 2.0, 0.5]]
    """
    followed = rules or registry()
    followed.balance(standard)
    stored = project if known_at is None else project.stored_at(known_at)
    # A path, a text and a frame have a length too.
    several: Sequence[Any] = changes if isinstance(changes, list | tuple) else [changes]
    said = [read_changes(one) for one in several]
    first = known(stored)
    date = _last_entry_on(first) if on is None else day(on)
    used = fill_definition(definition, on=date).name
    sound = sound_zones(stored, first)
    asked = Asked(on=date, definition=used, area=area, standard=standard)
    with left_out_zones() as apart:
        snapshot = known(sound)
        faults = [problem for _, problem in first.always_faulty]
        made = _made(sound, said, faults, on=date, area=area, rules=followed)
        states, found = _asked_alike(snapshot, made, asked, sound=sound, rules=followed)
    found += _of_other_editions(made, followed, standard)
    tables = side_by_side(states, {one.changes.name: one.made for one in made})
    drawn = drawn_scenarios(
        snapshot, made, tables.get("scenario_conflicts"), on=date, rules=followed
    )
    tables = {"scenarios": at_a_glance(tables, states, asked), **tables}
    files = {
        f"changes/{number}-{_file_name(one.name)}.toml": one for number, one in enumerate(said, 1)
    }
    tables["scenario_files"] = _files(files)
    zones = zone_names(snapshot.zones, on=date)
    legal = (
        *fill_definitions(also=definition),
        *(one for kind in (BufferRule, Limit, BalanceItem) for one in followed.of(kind)),
    )

    def sheet(language: str) -> Sheet:
        invented = theme.text("map.synthetic", language=language)
        return scenario_sheet(
            made_of.tables_in(language),
            on=date,
            definition=fill_definition(definition, on=date),
            definitions=fill_definitions(also=used),
            rules=followed,
            warnings=(invented,) if is_synthetic(snapshot) else (),
            maps={one.key: (one.name, one.picture(language)) for one in drawn},
            names=names(language),
            language=language,
        )

    left_out = {zone_id: (problem,) for zone_id, problem in first.always_faulty} | apart
    findings = together(followed.findings(), found, unchecked(legal, on=date), left_out)
    make_tables = partial(_with_names, tables, zones)
    names = naming(snapshot, make_tables, findings, on=date, rules=followed)
    made_of = Bundle(
        product="scenario",
        provenance=Provenance(
            options=asked_for(
                changes=[{"name": one.name, "text": one.text} for one in said],
                on=date.date(),
                definition=definition,
                standard=standard,
                known_at=None if known_at is None else str(known_at),
                area=area,
            ),
            tables=first,
            registry=followed,
            moment=first.moment,
            rules=legal,
        ),
        make_tables=make_tables,
        names=names,
        findings=findings,
        left_out=left_out,
        layers=shown_layers({f"scenario_{one.number}": one.places for one in drawn}, followed),
        maps={one.key: one.spec for one in drawn},
        **keeping("scenario"),
        documents={
            **(layer_files("scenario", *(one.spec for one in drawn)) if drawn else {}),
            "page": lambda language: {"scenario.html": lambda: scenario_page(sheet(language))},
            "pdf": lambda language: {"scenario.pdf": lambda: _pdf(sheet(language))},
            "changes": partial(_kept, files),
        },
        say=lambda language: _lines(tables["scenarios"], names(language), language),
    )
    return made_of


def _asked_alike(
    snapshot: Snapshot, made: Sequence[Changed], asked: Asked, *, sound: Project, rules: Registry
) -> tuple[dict[str, dict[str, pd.DataFrame]], list[Finding]]:
    """Ask today and every scenario the same; where nothing differs, nothing is asked again."""
    now, found = figures_of(snapshot, rules, asked, learn_from=snapshot)
    states = {TODAY: now}
    for one in made:
        if one.project is sound and one.rules is rules:
            states[one.changes.name] = now
            continue
        state = snapshot if one.project is sound else known(one.project)
        figures, missing = figures_of(state, one.rules, asked, learn_from=snapshot)
        states[one.changes.name] = figures
        found += [*missing, *(one.rules.findings() if one.rules is not rules else [])]
    return states, found


def _last_entry_on(snapshot: Snapshot) -> pd.Timestamp:
    """Find the day from which the last entry holds."""
    last = snapshot.ledger["valid_from"].max()
    if pd.isna(last):
        raise KcngeoError("scenario_no_day")
    return pd.Timestamp(last)


def _made(
    project: Project, said: Sequence[Changes], faults: Sequence[Finding], **asked: Any
) -> list[Changed]:
    """Make what each scenario would have; what is wrong in any of them is told at once."""
    names = [one.name for one in said]
    problems: list[Finding] = []
    for rule, bad in (
        ("scenario_twice", sorted({one for one in names if names.count(one) > 1})),
        ("scenario_today", sorted({*names} & {TODAY, TOTAL})),
    ):
        if bad:
            problems.append(finding(rule, "scenarios", Severity.ERROR, ids=bad, names=bad))
    made = []
    for one in said:
        try:
            made.append(apply_changes(project, one, **asked))
        except ContractError as error:
            problems += error.problems
    if problems:
        # A lot may only be missing because its zone is at fault.
        raise ContractError([*problems, *faults])
    return made


def _of_other_editions(made: Sequence[Changed], rules: Registry, standard: str) -> list[Finding]:
    """Warn of shares that are changed in an edition nobody asks."""
    changed = [rule for one in made for rule in one.made["rule"][one.made["change"] == "share"]]
    others = {one: rules.load(one).edition for one in changed}
    others = {name: edition for name, edition in others.items() if edition != standard}
    if not others:
        return []
    told = {"names": [*others], "standard": standard, "editions": sorted({*others.values()})}
    rule = "scenario_edition"
    return [finding(rule, "standards", Severity.WARNING, ids=others, **told)]


def _file_name(name: str) -> str:
    """Make a file name of what a scenario is called; the number before it tells them apart."""
    return escaped("_".join(name.split()))[:_LONGEST]


def _files(files: Mapping[str, Changes]) -> pd.DataFrame:
    """List the scenarios with their files."""
    rows = [
        {
            "scenario": one.name,
            "file": path,
            "note": one.note,
            "digest": one.digest,
            "changes_count": len(one.entries()),
        }
        for path, one in files.items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "file", "note", "digest", "changes_count"])


def _pdf(sheet: Sheet) -> bytes:
    from kcngeo.publish.pdf import pdf_sheet

    return pdf_sheet(sheet)


def _kept(files: Mapping[str, Changes], _: str) -> Files:
    """Keep the scenarios beside what became of them."""
    return {path: one.text.encode for path, one in files.items()}


def _with_names(
    tables: Mapping[str, pd.DataFrame], zones: Mapping[str, str], language: str
) -> dict[str, pd.DataFrame]:
    """Keep what the tables tell, and name the zones, and all of them together."""
    told = {**zones, TOTAL: theme.text("report.all_zones", language=language)}
    made = {}
    for name, frame in tables.items():
        blank = empty(COMPUTED[name])
        # What could not be answered is missing.
        gaps: dict[str, Any] = {
            str(one): pd.Series(index=frame.index, dtype=blank[one].dtype)
            for one in blank
            if one not in frame
        }
        if COMPUTED[name].column("name") is not None:
            gaps["name"] = frame["zone_id"].map(told)
        made[name] = frame.assign(**gaps)[list(blank)]
    return made


def _lines(glance: pd.DataFrame, names: Names, language: str) -> Iterator[str]:
    """Say of every zone that changes, and of all, what it is today and with each scenario."""
    moved = glance.drop(columns="scenario").groupby("zone_id").nunique(dropna=False).gt(1)
    changed = {*moved.index[moved.any(axis=1)], TOTAL}
    glance = glance[glance["zone_id"].isin(changed)]
    shown: dict[str, Any] = {"language": language, "decimals": 4}
    today, nothing = theme.text("scenario.today", language=language), float("nan")
    for row in glance.to_dict("records"):
        is_today = row["scenario"] == TODAY
        change = row.get("developable_change_ha", nothing)
        yield theme.text(
            "what_if.line_today" if is_today else "what_if.line",
            language=language,
            scenario=today if is_today else row["scenario"],
            zone=names["zones"][row["zone_id"]],
            definition=names["definitions"][row["definition"]],
            rate=theme.percent(row["fill_rate"], language=language),
            change=theme.signed(row["rate_change"] * 100, language=language),
            leased=theme.number(row["leased_ha"], **shown),
            leased_change=theme.signed(row["leased_change_ha"], **shown),
            base=theme.number(row["base_ha"], **shown),
            developable=theme.number(row.get("developable_ha", nothing), **shown),
            developable_change=theme.signed(change, **shown),
            won=row.get("won_count", "–"),
            lost=row.get("lost_count", "–"),
        )
