"""How ``import`` asks which tenants of lists are one company."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kcngeo import theme
from kcngeo.cli.shared import console
from kcngeo.core import atomic
from kcngeo.publish.company_register import company_register, register_bytes


def say_companies(registers: Mapping[Path, Any], path: Path, language: str) -> None:
    """Write the register of tenants, and print how many are known, new, asked."""
    if not registers:
        return
    register = company_register(registers.values())
    atomic.write_bytes(path, register_bytes(register))
    counts = register["state"].value_counts()
    fields = {name: int(counts.get(name, 0)) for name in ("known", "new", "given", "asked")}
    console.print(theme.text("cli.companies", language=language, **fields), markup=False)
    reasons = theme.texts("company_like", language=language)
    for row in register[register["state"] == "asked"].to_dict("records"):
        like = row["like"]
        for key, words in reasons.items():
            like = like.replace(f"({key.removeprefix('company_like.')})", f"({words})")
        line = theme.text(
            "cli.company_asked", language=language, investor=row["investor"], like=like
        )
        console.print(f"  {line}", markup=False)
    unread = register[register["plan_sector"].isna() & register["sector"].notna()]
    if len(unread):
        told = tuple(dict.fromkeys(unread["sector"]))
        console.print(
            theme.text("cli.sectors_unread", language=language, sectors=told), markup=False
        )
    console.print(theme.text("cli.made", language=language, path=path), markup=False)
