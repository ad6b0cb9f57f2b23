"""A definition of the fill rate of one's own, with a base no law has, given by a file alone.

Let land and half of the reserved, over what is leasable and cleared less half of the reserved;
service land counts half throughout. A test that asks for the fixture `own_definition` finds it
everywhere the shipped ones are found.
"""

from __future__ import annotations

from pathlib import Path

from kcngeo.standards import Registry, registry

NAME = "own-committed"
TOML = f"""
[fill_rate.{NAME}]
title = {{ vi = "Đất đã cam kết", en = "Committed land" }}
uses = ["industrial", "service"]
source = "Decision of the board, Art. 7"
source_vi = "Quyết định của ban quản lý, Điều 7"
verified = "secondary"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[fill_rate.{NAME}.numerator]
leased = 1
reserved = 0.5
service = {{ leased = 0.5, reserved = 0.25 }}

[fill_rate.{NAME}.base]
leasable = 1
uncleared = -1
reserved = -0.5
service = {{ leasable = 0.5, uncleared = -0.5, reserved = -0.25 }}
"""


def own_registry(folder: Path) -> Registry:
    """Give the registry that comes with the library and the definition of one's own."""
    file = folder / "own.toml"
    file.write_text(TOML, encoding="utf-8")
    return registry(file)
