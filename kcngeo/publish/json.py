"""The report as JSON, for other programs: tables as rows, codes as codes, days as ISO dates."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from kcngeo.publish.csv import for_programs
from kcngeo.publish.document import Document
from kcngeo.report import Standing


def json_report(doc: Document) -> bytes:
    """Write the report as JSON."""
    report = doc.report
    content = {
        "month": f"{report.on:%Y-%m}",
        "on": f"{report.on:%Y-%m-%d}",
        "definition": report.definition.name,
        "area": report.area,
        "known_at": report.known_at.isoformat() if report.known_at is not None else None,
        "language": doc.language,
        **({} if doc.standing is None else {"publication": _publication(doc.standing)}),
        "warnings": list(doc.warnings),
        "summary": [
            {"zone_id": one.zone_id, "key": one.key, "text": doc.said(one)} for one in doc.sentences
        ],
        "tables": {name: _rows(name, frame) for name, frame in doc.tables.items()},
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _publication(standing: Standing) -> dict[str, Any]:
    """Say under which number the month is published, and what was published of it before."""
    before = standing.before
    return {
        "edition": standing.own.edition,
        "revision": standing.own.revision if standing.handed_out else None,
        "before": None
        if before is None
        else {
            "revision": before.revision,
            "known_at": None if before.known_at is None else before.known_at.isoformat(),
            "digest": before.digest,
        },
    }


def _rows(name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(column): _plain(value) for column, value in row.items()}
        for row in for_programs(frame, name=name).to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
