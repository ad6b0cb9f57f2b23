"""What a room exports is documented: what goes in, what comes out, what is raised, an example.

The public functions are found, not listed: everything that ``kcn`` shows, and the methods of the
classes among it. Inner functions carry one line, which numpydoc and ruff see to.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import kcngeo as kcn

SECTION = r"^{}\n-+\n(?P<text>.*?)(?=^\w[\w ]*\n-+$|\Z)"


def members(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Everything a room shows; a module without a list shows what it defines."""
    named = getattr(module, "__all__", None)
    for name in named or sorted(vars(module)):
        one = getattr(module, name)
        own = getattr(one, "__module__", "") == module.__name__ and not name.startswith("_")
        if named or own:
            yield name, one


@cache
def public() -> dict[str, Callable[..., Any]]:
    """Find the public functions, and the public methods of public classes, each once."""
    shown = {room: getattr(kcn, room) for room in kcn.__all__}
    found: list[tuple[str, Any]] = []
    for room, one in shown.items():
        inside = members(one) if isinstance(one, types.ModuleType) else [("", one)]
        found += [(f"{room}.{name}".rstrip("."), each) for name, each in inside]
    functions: dict[Any, str] = {}
    for name, one in found:
        if not getattr(one, "__module__", "").startswith("kcngeo"):
            continue
        if inspect.isfunction(one):
            functions.setdefault(inspect.unwrap(one), name)
        elif inspect.isclass(one):
            for method, each in vars(one).items():
                function = getattr(each, "__func__", each)
                if inspect.isfunction(function) and not method.startswith("_"):
                    functions.setdefault(inspect.unwrap(function), f"{name}.{method}")
    return {name: function for function, name in functions.items()}


def section(function: Callable[..., Any], title: str) -> str:
    pattern = re.compile(SECTION.format(title), re.MULTILINE | re.DOTALL)
    found = pattern.search(inspect.getdoc(function) or "")
    return "" if found is None else found["text"]


def raised(function: Callable[..., Any]) -> set[str]:
    """Name the errors a function raises itself, not those of what it calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    names = set()
    waiting: list[ast.AST] = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            names.add(ast.unparse(node.exc.func).split(".")[-1])
        waiting += ast.iter_child_nodes(node)
    return {name for name in names if name[:1].isupper()}


def problems(function: Callable[..., Any]) -> list[str]:
    """Say what the docstring of a public function lacks."""
    signature = inspect.signature(function)
    told = re.findall(r"^\*{0,2}(\w+)$", section(function, "Parameters"), re.MULTILINE)
    lacks = [
        f"parameter {name}" for name in signature.parameters if name not in {*told, "self", "cls"}
    ]
    gives = signature.return_annotation not in ("None", "Iterator[None]")
    if gives and not (section(function, "Returns") or section(function, "Yields")):
        lacks.append("Returns")
    errors = section(function, "Raises")
    return lacks + [f"raises {name}" for name in sorted(raised(function)) if name not in errors]


def test_the_public_functions_are_found() -> None:
    assert {"fill.fill_rate", "io.read_project", "Snapshot.in_force"} <= set(public())


def undocumented(area_m2: float) -> float:
    """Give an area back."""
    if area_m2 < 0:
        raise ValueError("negative")
    return area_m2


def documented(area_m2: float) -> float:
    """Give an area back.

    Parameters
    ----------
    area_m2
        The area in m².

    Returns
    -------
    float
        The area.

    Raises
    ------
    ValueError
        If it is negative.
    """
    if area_m2 < 0:
        raise ValueError("negative")
    return area_m2


def test_what_a_docstring_lacks_is_found() -> None:
    assert problems(undocumented) == ["parameter area_m2", "Returns", "raises ValueError"]
    assert problems(documented) == []


def test_public_functions_say_what_they_take_give_and_raise() -> None:
    found = {name: problems(function) for name, function in public().items()}
    assert {name: lacks for name, lacks in found.items() if lacks} == {}


def test_nearly_every_public_function_has_an_example() -> None:
    # Of a map or a chart there is not always a figure to show.
    without = [name for name, one in public().items() if ">>>" not in section(one, "Examples")]
    assert len(without) <= 0.05 * len(public()), without
