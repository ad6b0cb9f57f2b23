"""Names as SQL takes them."""

from __future__ import annotations


def sql_name(text: str) -> str:
    """Quote the name of a table or a column.

    Examples
    --------
    >>> sql_name('the "new" lots')
    '"the ""new"" lots"'
    """
    return '"' + text.replace('"', '""') + '"'
