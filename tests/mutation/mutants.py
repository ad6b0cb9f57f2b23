"""The places where a package can be changed, and the changes drawn by a seed.

What to change comes from cosmic-ray's operators, each to its nearest neighbour (`<` to `<=`, `+`
to `-`): the far ones (`+` to `<<`) die of a TypeError and say nothing about the tests. One more
removes a call that stands alone, as a check does. Left alone are annotations, which never run, and
what comes out the same without: what decorators are given (`slots=True`), the `strict=True` of zip,
`@cache`, `@overload`, and the sizes of parts of work.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_NEIGHBOURS = {
    "ReplaceBinaryOperator": (
        *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_FloorDiv", "Pow_Mul"),
        *("BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr", "LShift_RShift"),
    ),
    "ReplaceComparisonOperator": (
        *("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE"),
        *("GtE_Gt", "GtE_Lt", "Is_IsNot", "IsNot_Is"),
    ),
    "ReplaceUnaryOperator": ("USub_UAdd", "Delete_USub", "Delete_Invert", "Delete_Not"),
}
_OTHERS = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr"),
    *("ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop"),
)
# Decorators without which the same comes out: later, or to a type checker alone.
_IDLE = ("cache", "lru_cache", "overload")
# Into how many parts work is cut: tests of the kernels show that it changes no result.
_PARTS = ("_PART", "_A_PART", "_THREADED_FROM", "_MOST_CELLS", "_MANY_EDGES")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of one file."""

    path: str
    line: int
    operator: str
    occurrence: int
    old: str
    new: str
    source: str

    @property
    def module(self) -> str:
        return module_of(self.path)

    @property
    def key(self) -> str:
        """Tell it by what it changes into what, so that lines may move."""
        return f"{self.path}: {self.old} → {self.new}"


def module_of(path: str) -> str:
    """Name the module of a file.

    >>> module_of("kcngeo/fill/rates.py"), module_of("kcngeo/fill/__init__.py")
    ('kcngeo.fill.rates', 'kcngeo.fill')
    """
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def draw(package: str, number: int, *, seed: int) -> list[Mutant]:
    """Draw places of a package, and a change for each.

    A place has its lot by what stands there, so that a seed draws the same again where a test, or
    another line, was mended.
    """
    places: dict[tuple[str, Any], list[tuple[str, int]]] = {}
    lots: dict[tuple[str, Any], random.Random] = {}
    for path in sorted((ROOT / "kcngeo" / package).rglob("*.py")):
        name, source = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for place, change in _changes(source):
            places.setdefault((name, place), []).append(change)
            line, column = place[0]
            lots[name, place] = random.Random(f"{seed} {name} {column} {lines[line - 1]}")
    found: list[Mutant] = []
    seen: set[str] = set()
    for name, place in sorted(places, key=lambda one: (lots[one].random(), one)):
        if len(found) == number:
            break
        operator, occurrence = lots[name, place].choice(places[name, place])
        mutant = _mutant(name, place[0][0], operator, occurrence)
        if mutant is not None and mutant.key not in seen:
            seen.add(mutant.key)
            found.append(mutant)
    return found


def _mutant(name: str, line: int, operator: str, occurrence: int) -> Mutant | None:
    """Change a file; None where nothing else comes out, or nothing that Python can read."""
    from cosmic_ray.mutating import mutate_code

    before = (ROOT / name).read_text(encoding="utf-8")
    after = mutate_code(before, _operators()[operator], occurrence)
    try:
        if after is None or compile(after, name, "exec") == compile(before, name, "exec"):
            return None
    except SyntaxError:
        return None
    old, new = _changed(before.splitlines(), after.splitlines())
    return Mutant(
        path=name,
        line=line,
        operator=operator,
        occurrence=occurrence,
        old=old,
        new=new,
        source=after,
    )


def _changed(before: list[str], after: list[str]) -> tuple[str, str]:
    """Give the lines that differ, on both sides."""
    first = next(
        (n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
        min(len(before), len(after)),
    )
    last = next(
        (
            n
            for n, pair in enumerate(zip(before[::-1], after[::-1], strict=False))
            if pair[0] != pair[1]
        ),
        0,
    )
    sides = (before[first : len(before) - last], after[first : len(after) - last])
    old, new = (" ".join(line.strip() for line in side) for side in sides)
    return old, new


def _changes(source: str) -> Iterator[tuple[Any, tuple[str, int]]]:
    """Go through the places of a file and the changes that fit: operator and occurrence."""
    from cosmic_ray.ast import ast_nodes, get_ast

    operators = _operators()
    counts = dict.fromkeys(operators, 0)
    for node in ast_nodes(get_ast(source)):
        runs = _runs(node)
        for name, operator in operators.items():
            for place in operator.mutation_positions(node):
                if runs:
                    yield place, (name, counts[name])
                counts[name] += 1


def _runs(node: Any) -> bool:
    """Tell whether a node is run: annotations and what only a type checker reads are not."""
    if node.type == "decorator" and node.children[1].get_first_leaf().value in _IDLE:
        return False
    if node.type == "if_stmt" and _is_for_types(node):
        return False
    while node.parent is not None:
        parent = node.parent
        place = parent.children.index(node) if node in parent.children else -1
        if parent.type == "annassign" and place == 1:
            return False
        if parent.type == "tfpdef" and place == 2:
            return False
        if parent.type in ("funcdef", "lambdef") and parent.annotation is node:
            return False
        # The star before keyword-only parameters is no product.
        if parent.type in ("parameters", "param"):
            is_star = node.get_code().strip() == "*"
            if is_star:
                return False
        if parent.type == "decorator" and place > 0:
            return False
        if parent.type == "argument" and parent.children[0].get_code().strip() == "strict":
            return False
        if parent.type == "expr_stmt" and parent.children[0].get_code().strip() in _PARTS:
            return False
        if parent.type == "if_stmt" and _is_for_types(parent):
            return False
        node = parent
    return True


def _is_for_types(statement: Any) -> bool:
    return bool(statement.children[1].get_code().strip() == "TYPE_CHECKING")


@cache
def _operators() -> dict[str, Any]:
    from cosmic_ray.plugins import get_operator

    names = [f"{kind}_{pair}" for kind, pairs in _NEIGHBOURS.items() for pair in pairs]
    found = {name: get_operator(f"core/{name}")() for name in (*names, *_OTHERS)}
    return {**found, "RemoveCall": _RemoveCall()}


class _RemoveCall:
    """Leave out a call whose result nobody takes."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if _is_lone_call(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        from parso.python.tree import Keyword

        return Keyword("pass", node.start_pos, prefix=node.get_first_leaf().prefix)


def _is_lone_call(node: Any) -> bool:
    if node.type != "atom_expr" or node.parent.type != "simple_stmt":
        return False
    last = node.children[-1]
    return bool(last.type == "trailer" and last.children[0].value == "(")
