"""The command line: parse, call, write, exit code; nothing is computed here.

Data goes to standard output, messages to standard error. Exit codes: 0 done; 1 done, but a zone is
not computable (with ``--strict``: or a finding is a warning), or ``verify`` refutes; 2 bad input or
failure. A file a group of commands; what they share is in ``shared``.
"""

from kcngeo.cli import (
    check,
    conflicts,
    history,
    imagery,
    importing,
    month,
    progress,
    qgis,
    registry,
    shared,
    sites,
    stores,
)
from kcngeo.cli.shared import app, main

__all__ = [
    "app",
    "check",
    "conflicts",
    "history",
    "imagery",
    "importing",
    "main",
    "month",
    "progress",
    "qgis",
    "registry",
    "shared",
    "sites",
    "stores",
]
