"""Every command: the module that holds it, which is imported when it is called, and its line.

The list of commands is told from here, so that ``--help`` need not import what computes.
"""

from __future__ import annotations

COMMANDS = {
    "check": (
        "check",
        "Find what is wrong in the tables of a project: which rows, where, how large, what to do.",
    ),
    "progress": (
        "development",
        "Write how far every zone has come: clearance, works, stages, clocks, balance, and a map.",
    ),
    "imagery": (
        "development",
        "Write what rasters show of every lot: built, let but not built, slope, green.",
    ),
    "history": (
        "history",
        "Write why rates moved, what was let to whom, what ends or is free, claims, lives of lots.",
    ),
    "diff": (
        "stores",
        "List the edits between two states of a project as CSV; exit with 1 if there are any.",
    ),
    "update": (
        "stores",
        "Record the edits of a copy in its project, beside what others have recorded since.",
    ),
    "copy": (
        "stores",
        "Copy a project into another store; every store gives the same project back.",
    ),
    "import": (
        "importing",
        "Bring layers, lease lists and workbooks into a project; print how columns were mapped.",
    ),
    "new": (
        "importing",
        "Make an empty project NAME.gpkg and its ledger workbook NAME.xlsx.",
    ),
    "monthly": (
        "month",
        "Write a month: report, map, tables, charts, layers and manifest in one folder.",
    ),
    "series": (
        "month",
        "Print all fill rates up to a month as CSV.",
    ),
    "qgis": (
        "qgis",
        "Write NAME.gpkg and NAME.qgz: layers that open in QGIS styled, named and dated.",
    ),
    "standards": (
        "registry",
        "Print the registry: every figure with its dates, source and how well it is verified.",
    ),
    "returns": (
        "returns",
        "Fill the forms of the official return: workbooks to upload, a document to sign.",
    ),
    "exchange": (
        "exchange",
        "Write the tables as a data package, or zones and lots in the form of another standard.",
    ),
    "conflicts": (
        "space",
        "Write what stands too near homes and public works, and the worst class a lot may take.",
    ),
    "sites": (
        "space",
        "Write which land can be built on, what takes the rest, and who can take so many hectares.",
    ),
    "scenario": (
        "scenario",
        "Write what scenarios would make of a day beside today; the project stays as it is.",
    ),
    "verify": (
        "verify",
        "Prove or refute a folder: files against its manifest, each other, and the project.",
    ),
    "docs": (
        "docs",
        "Open the documentation in a browser; needs no network.",
    ),
    "sign": (
        "verify",
        "Sign a folder, so that `verify --signers` tells who hands it out; needs no network.",
    ),
}
"""By the name of the command: its module in this room, and the first line of its docstring."""
