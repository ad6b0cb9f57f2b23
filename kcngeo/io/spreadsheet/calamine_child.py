"""Read a workbook from standard input in a process of its own; write its sheets as JSON.

A workbook can make the native reader ask for more memory than there is, which ends the process it
runs in. So it runs here, as a program, with a limit, and imports nothing of kcngeo.
"""

import contextlib
import datetime as dt
import io
import json
import sys
from typing import Any

import python_calamine as calamine


def plain(value: Any) -> Any:
    """Give a cell as JSON can hold it: a day or moment by its ISO text, marked."""
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    return value if isinstance(value, (str, float, int, bool)) or value is None else str(value)


def sheets(content: bytes) -> list[dict[str, Any]]:
    """Read the worksheets of a workbook."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    read = []
    for about in book.sheets_metadata:
        if about.typ is calamine.SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(about.name)
            rows = [[plain(cell) for cell in row] for row in sheet.to_python(False)]
            shown = about.visible is calamine.SheetVisibleEnum.Visible
            merges = sheet.merged_cell_ranges
            read.append({"name": about.name, "rows": rows, "hidden": not shown, "merges": merges})
    return read


def main() -> None:
    """Answer with the sheets, or with what the reader says is wrong."""
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        most = int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        answer: dict[str, Any] = {"sheets": sheets(sys.stdin.buffer.read())}
    except calamine.PasswordError:
        answer = {"protected": True}
    except BaseException as error:
        answer = {"damaged": str(error)}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
