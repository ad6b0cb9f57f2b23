"""Tables of the official return: its cells, the rows they lead to, and what was filed before."""

from __future__ import annotations

from kcngeo.core.schema.column import Table, Unit, choice, flag, number, text

# Each cell is in the unit its heading names.
_FIGURE = {"unit": Unit.NONE, "decimals": 4}
_LINE = (*text("form"), *text("line", named="return_lines"))
# A column is called as its form calls it, which differs from form to form.
_CELL = (
    *_LINE,
    *text("item", technical=True),
    *text("line_name", repeats="line"),
    *text("item_name"),
)

RETURNS = (
    Table(
        name="return_cells",
        key=("form", "line", "item"),
        columns=(
            *_CELL,
            *text("zone_id"),
            *choice("cell_kind", ("computed", "entered", "missing")),
            *number("value", **_FIGURE),
            *text("said", personal=True, words=("returns",)),
            # The note says them in words.
            *text("wanted", "wanted_ids", joined=True, sparse=True, technical=True),
            *text("left_out", joined=True, sparse=True, technical=True),
            *text("note", label="column.cell_note"),
            *flag("draft"),
        ),
    ),
    Table(
        name="return_rows",
        key=("form", "line", "item", "table", "id"),
        columns=(
            *_LINE,
            *text("item", named="return_items"),
            *text("zone_id"),
            *text("table", words=("table",)),
            *text("id", joined=True, named_in="table"),
            *number("value", **_FIGURE),
            *text("said", personal=True, words=("returns",)),
        ),
    ),
    Table(
        name="return_filed",
        key=("form", "line", "item"),
        columns=(
            *_CELL,
            *text("zone_id"),
            *number("published", "computed", **_FIGURE),
            *number("difference", **_FIGURE, signed=True),
            *text("verdict", words=("claim_verdict",)),
            *text("explanation", "source"),
        ),
    ),
)
