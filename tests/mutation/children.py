"""Try mutants in children: of functions by their code, of what runs at import by an import hook."""

from __future__ import annotations

import functools
import gc
import importlib
import importlib.util
import os
import resource
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutation.mapping import ROOT
from tests.mutation.mutants import Mutant, module_of

MEMORY = 6 << 30
KILLED, SURVIVED = "killed", "survived"
_PLAIN = ["-q", "-n", "0", "-m", "fast", "-p", "no:cacheprovider", "--tb=no"]


def in_a_child(run: Callable[[], int], *, seconds: float) -> str:
    """Run what takes some seconds in a process of its own; what does not end well was noticed."""
    child = os.fork()
    if child == 0:
        try:
            # Of the processor, not of the clock: a busy machine kills no mutant.
            used = resource.getrusage(resource.RUSAGE_SELF)
            limit = int(used.ru_utime + used.ru_stime + 6 + 2 * seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            os._exit(run())
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    # A crash, or too much time or memory, is noticed as well as a test that fails.
    return SURVIVED if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else KILLED


# What runs at import


class _Changed(SourceFileLoader):
    """Load one module from a changed source."""

    def __init__(self, mutant: Mutant, tests: list[str]) -> None:
        super().__init__(mutant.module, str(ROOT / mutant.path))
        self.source = mutant.source
        self.modules = sorted({module_of(one.split("::")[0]) for one in tests})

    def get_code(self, fullname: str) -> Any:
        return compile(self.source, self.path, "exec", dont_inherit=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Come before the finder by which pytest rewrites assertions."""
        sys.meta_path.insert(0, self)  # type: ignore[arg-type]
        # pytest would put the module of an example in the place of the function of its name.
        for module in self.modules:
            if module.startswith("kcngeo."):
                importlib.import_module(module)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Be the first finder too."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)


def tried_at_import(mutant: Mutant, tests: list[str], *, seconds: float) -> str:
    """Import everything anew with a mutant and run tests; nothing may be imported before."""

    def run() -> int:
        return int(pytest.main([*_PLAIN, "-x", *tests], plugins=[_Changed(mutant, tests)]))

    return in_a_child(run, seconds=seconds)


# What runs when it is called


def exchanged(mutant: Mutant) -> list[tuple[CodeType, CodeType]] | None:
    """Pair the functions that a mutant changes with what they become; None if more changes."""
    path = ROOT / mutant.path
    before, after = (
        compile(source, str(path), "exec", dont_inherit=True)
        for source in (path.read_text(encoding="utf-8"), mutant.source)
    )
    pairs = list(_differing(before, after))
    alike = [one for one in pairs if one is not None and one[0].co_freevars == one[1].co_freevars]
    return alike if len(alike) == len(pairs) else None


def _differing(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType] | None]:
    """Go through the functions that differ; None for a module or class that does so itself."""
    old, new = ([one for one in code.co_consts if isinstance(one, CodeType)]
                for code in (before, after))  # fmt: skip
    if len(old) != len(new) or _own(before) != _own(after):
        yield None
        return
    for one, other in zip(old, new, strict=True):
        # Of a function the optimised flag is set, of a class it is not.
        if one != other and one.co_flags & 1:
            yield one, other
        elif one != other:
            yield from _differing(one, other)


def _own(code: CodeType) -> Any:
    consts = [None if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts]
    return code.co_code, consts, code.co_names


class Trials:
    """Take the place of pytest's loop: all tests are collected once, and a child runs some."""

    def __init__(self, begin: Callable[[Trials], None]) -> None:
        self.begin = begin
        self.items: dict[str, pytest.Item] = {}
        self.functions: dict[Any, list[FunctionType]] = {}
        self.caches: list[Any] = []
        self.failed = False
        self.passed: set[str] = set()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        home = str(ROOT / "kcngeo")
        # What the tests put aside as everlasting the collector does not list.
        gc.unfreeze()
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(home):
                self.functions.setdefault(_place(one.__code__), []).append(one)
            # Some make themselves only when they are looked at.
            elif type(one) is functools._lru_cache_wrapper:
                self.caches.append(one)
        gc.freeze()
        self.begin(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def holds(self, pairs: list[tuple[CodeType, CodeType]]) -> bool:
        """Tell whether all these functions are there; of what ran once at import none is."""
        return all(_place(before) in self.functions for before, _ in pairs)

    def tried(
        self, pairs: list[tuple[CodeType, CodeType]], tests: list[str], *, seconds: float
    ) -> str:
        """Exchange the code of functions in a child and run tests until one fails.

        What failed must pass with the code as it is, in a child as well.
        """
        reader, writer = os.pipe()
        outcome = self._in_child(pairs, tests, writer, seconds=seconds)
        os.close(writer)
        with os.fdopen(reader) as told:
            begun = len(told.read())
        tests = tests[:begun]
        if pairs and outcome == KILLED and not self.passed.issuperset(tests):
            if self.tried([], tests, seconds=60) != SURVIVED:
                raise SystemExit(f"one of these fails without a mutant too: {tests}")
            self.passed.update(tests)
        return outcome

    def _in_child(
        self,
        pairs: list[tuple[CodeType, CodeType]],
        tests: list[str],
        writer: int,
        *,
        seconds: float,
    ) -> str:
        items = [self.items[test] for test in tests]

        def run() -> int:
            for before, after in pairs:
                for function in self.functions[_place(before)]:
                    function.__code__ = after
            # What was kept before is the work of the code as it was.
            for cache in self.caches:
                cache.cache_clear()
            for item, following in zip(items, [*items[1:], None], strict=True):
                os.write(writer, b".")
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.failed:
                    return 1
            return 0

        return in_a_child(run, seconds=seconds)


def _place(code: CodeType) -> Any:
    return code.co_filename, code.co_qualname, code.co_firstlineno
