"""What the user said about where kcngeo is."""

from __future__ import annotations

from qgis.core import QgsSettings

AUTO, INSIDE, PROCESS = WAYS = ("auto", "inside", "process")
_WAY, _PROGRAM = "kcngeo/way", "kcngeo/program"


def way() -> str:
    """Tell which way is wished."""
    said = str(QgsSettings().value(_WAY, AUTO))
    return said if said in WAYS else AUTO


def program() -> str:
    """Give the path of the program, empty if it is to be looked for."""
    return str(QgsSettings().value(_PROGRAM, "") or "")


def remember(*, way: str, program: str) -> None:
    """Keep both."""
    QgsSettings().setValue(_WAY, way)
    QgsSettings().setValue(_PROGRAM, program)
