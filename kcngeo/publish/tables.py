"""The tables of a month as they are handed over: flat, sorted, one meaning a column."""

from __future__ import annotations

import hashlib
import re

import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import COMPUTED, Unit, in_contract
from kcngeo.report import TOTAL, MonthlyReport
from kcngeo.standards import fill_definitions

# The full-width signs too: some editions of spreadsheets take them for the plain ones.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def accounts_table(report: MonthlyReport, *, language: str) -> pd.DataFrame:
    """Lay out the land accounts of the month, a row a zone and one for all.

    Parameters
    ----------
    report
        The month.
    language
        Language of names and reasons, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        ``zone_id``, ``name``, ``on``, ``definition``, the account in hectares, ``fill_rate``, and
        ``not_computable``, the reason or the zones that lack; figures are missing there.

    Raises
    ------
    KcngeoError
        If a zone has the id of the row of all zones.
    """
    name, on = report.definition.name, report.on
    rows = [(name, zone_id, on) for zone_id in report.accounts.index]
    table = report.accounts.assign(fill_rate=report.series["fill_rate"].reindex(rows).to_numpy())
    total = report.total.xs(name).loc[on]
    # Missing where one zone is: a sum without it would be a wrong hectare.
    table.loc[TOTAL] = report.accounts.sum(skipna=False, min_count=1)
    table.loc[TOTAL, "fill_rate"] = total["fill_rate"]
    reasons = report.reasons(language=language)
    if isinstance(total["not_computable"], str):
        known = report.zone_names()
        reasons[TOTAL] = ", ".join(known[one] for one in total["not_computable"].split("|"))
    table.insert(0, "name", _names(report, language=language).reindex(table.index))
    table.insert(1, "on", on)
    table.insert(2, "definition", name)
    table["not_computable"] = pd.Series(reasons, dtype="str").reindex(table.index)
    return table.reset_index()


def series_table(report: MonthlyReport, *, language: str) -> pd.DataFrame:
    """Lay out all fill rates month by month, a row a zone and month, all zones together last.

    Parameters
    ----------
    report
        The month.
    language
        Language of names, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        ``zone_id``, ``name``, ``on``; ``definition`` (the report's on that date), ``in_force``
        (whether it was law then), its ``leased_ha``, ``base_ha`` and ``fill_rate``; then a column
        ``fill_rate_ID`` for each definition.

    Raises
    ------
    KcngeoError
        If a zone has the id of the row of all zones.
    """
    total = pd.concat({TOTAL: report.total[["leased_ha", "base_ha", "fill_rate"]]})
    total.index = total.index.set_names("zone_id", level=0)
    total = total.reorder_levels(["definition", "zone_id", "on"])
    figures = pd.concat([report.series, total])
    ids = [one.name for one in fill_definitions()]
    wide = figures["fill_rate"].unstack("definition")[ids].add_prefix("fill_rate_")
    dates = wide.index.get_level_values("on")
    used = {date: report.definition_on(date) for date in report.dates}
    wide.insert(0, "definition", [used[date].name for date in dates])
    wide.insert(1, "in_force", [used[date].is_in_force(date) for date in dates])
    keys = pd.MultiIndex.from_arrays(
        [wide["definition"], wide.index.get_level_values("zone_id"), dates]
    )
    own = figures.reindex(keys)
    for place, name in enumerate(("leased_ha", "base_ha", "fill_rate")):
        wide.insert(2 + place, name, own[name].to_numpy())
    table = wide.reset_index()
    table.insert(1, "name", table["zone_id"].map(_names(report, language=language)))
    last = table["zone_id"] == TOTAL
    return pd.concat([table[~last], table[last]], ignore_index=True)


def for_programs(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Give a computed table as programs read it: machine names, four decimals, codes as codes.

    Parameters
    ----------
    table
        The table; a geometry is left out.
    name
        Its name, which says its columns.

    Returns
    -------
    pd.DataFrame
        The columns of its contract, in order; money in whole units.

    Raises
    ------
    ValueError
        If it has other columns than its contract.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": "later", "zone_id": "A", "developable_ha": [1 / 3]})
    >>> for_programs(frame.assign(change_ha=0.0), name="sensitivity")["developable_ha"].tolist()
    [0.3333]
    """
    flat = in_contract(COMPUTED[name], table)
    for column in flat.columns[flat.dtypes == "float64"]:
        known = COMPUTED[name].column(column)
        if known is not None and known.unit is Unit.VND:
            flat[column] = flat[column].round().astype("Int64")
        else:
            # By Python, which rounds as digits are written; what rounds to nothing has no sign.
            flat[column] = [round(value, 4) + 0.0 for value in flat[column].tolist()]
    return flat


def csv_bytes(table: pd.DataFrame, *, name: str) -> bytes:
    """Write a computed table as CSV: UTF-8 with BOM, decimal point, four decimals, ISO dates.

    Text that a spreadsheet would take for a formula is given a leading apostrophe; numbers never.

    Parameters
    ----------
    table
        The table.
    name
        Its name, which says its columns.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    ValueError
        If the table has other columns than its contract.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": ["=1+1"], "zone_id": "A", "developable_ha": 1.5})
    >>> csv_bytes(frame.assign(change_ha=0.0), name="sensitivity").decode().splitlines()[1]
    "'=1+1,A,1.5000,0.0000,"
    """
    return plain_csv(for_programs(table, name=name))


def plain_csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV, whatever its columns; see :func:`csv_bytes`.

    Parameters
    ----------
    table
        The table.

    Returns
    -------
    bytes
        The file's content.

    Examples
    --------
    >>> plain_csv(pd.DataFrame({"ha": [-1.5]})).decode("utf-8-sig").split()
    ['ha', '-1.5000']
    """
    safe = table.copy()
    for name in safe.columns[safe.dtypes.astype(str).isin(["str", "object"])]:
        safe[name] = safe[name].map(_plain, na_action="ignore")
    text = safe.to_csv(
        index=False, float_format="%.4f", date_format="%Y-%m-%d", lineterminator="\r\n"
    )
    return b"\xef\xbb\xbf" + text.encode()


def slug(zone_id: str) -> str:
    """Name a zone where only plain letters may stand: in the names of files and in links.

    Parameters
    ----------
    zone_id
        The zone.

    Returns
    -------
    str
        Its id; of an id with other letters, or a long one, a hash.
    """
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", zone_id):
        return zone_id
    return hashlib.sha256(zone_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _names(report: MonthlyReport, *, language: str) -> pd.Series:
    """Name every zone, and all of them together."""
    everything = theme.text("report.all_zones", language=language)
    names = report.zone_names()
    if TOTAL in names:
        raise KcngeoError("zone_named_total")
    return pd.Series({**names, TOTAL: everything}, dtype="str")
