"""The register of the tenants of lists, as the table in which a person answers what is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from kcngeo import io
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import COMPUTED
from kcngeo.publish.csv import csv_bytes
from kcngeo.standards import Sector, registry

_NAME = "companies"


def company_register(registers: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the registers of several lists together, with the sector each text names."""
    rows = pd.concat(list(registers), ignore_index=True)
    # What one list leaves open and the next answers is asked once.
    rows = rows.drop_duplicates("investor", keep="last", ignore_index=True)
    rows["plan_sector"] = pd.Series([_sector(text) for text in rows["sector"]], dtype="str")
    return rows[COMPUTED[_NAME].names]


def _sector(text: object) -> str | None:
    """Tell which sector of the registry a text names, whatever day."""
    if not isinstance(text, str):
        return None
    return next((one.key for one in registry().of(Sector) if one.is_named_in(text)), None)


def register_bytes(register: pd.DataFrame) -> bytes:
    """Write the register as CSV."""
    return csv_bytes(register, name=_NAME)


def read_companies(path: Path | None) -> dict[str, str] | None:
    """Read the answers, by spelling the project; None where no projects are to be made."""
    if path is None:
        return None
    if not path.exists():
        return {}
    rows = io.read_own_table(path, texts=True)
    lacking = [name for name in ("investor", "project_id") if name not in rows.columns]
    if lacking:
        raise DataSourceError("companies_columns", path=path, columns=lacking)
    # A sign in front keeps a spreadsheet from taking a name for a formula.
    rows = rows.dropna(subset=["investor", "project_id"])
    names = rows["investor"].str.removeprefix("'").str.strip()
    return dict(zip(names, rows["project_id"].str.strip(), strict=True))
