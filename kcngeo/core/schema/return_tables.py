"""Tables of the official return: its cells, the rows they lead to, and what was filed before."""

from __future__ import annotations

from kcngeo.core.schema.column import Table, Unit, choice, flag, number, text

# Each cell is in the unit its heading names.
_FIGURE = {"unit": Unit.NONE, "decimals": 4}
_PLACE = text("form", "line", "item")

RETURNS = (
    Table(
        name="return_cells",
        key=("form", "line", "item"),
        columns=(
            *_PLACE,
            *text("line_name", "item_name"),
            *text("zone_id"),
            *choice("cell_kind", ("computed", "entered", "missing")),
            *number("value", **_FIGURE),
            *text("said", personal=True),
            *text("wanted", "wanted_ids", "left_out", joined=True, sparse=True),
            *text("note", label="column.cell_note"),
            *flag("draft"),
        ),
    ),
    Table(
        name="return_rows",
        key=("form", "line", "item", "table", "id"),
        columns=(
            *_PLACE,
            *text("zone_id"),
            *text("table", words=("table",)),
            *text("id", joined=True),
            *number("value", **_FIGURE),
            *text("said", personal=True),
        ),
    ),
    Table(
        name="return_filed",
        key=("form", "line", "item"),
        columns=(
            *_PLACE,
            *text("line_name", "item_name"),
            *text("zone_id"),
            *number("published", "computed", **_FIGURE),
            *number("difference", **_FIGURE, signed=True),
            *text("verdict", words=("claim_verdict",)),
            *text("explanation", "source"),
        ),
    ),
)
