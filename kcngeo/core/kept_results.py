"""Results that were worked out before, elsewhere or earlier, found by what they were worked out of.

A few kernels take nearly all the time of a month, each of one zone or one shape, and depend on
nothing but what they are given. Such a result may come from another process: it is the same to the
last bit, or it is not found and worked out here.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import shapely

_T = TypeVar("_T")
_Feed = Callable[[bytes], None]


class KeptResults:
    """Results by the digest of what they were worked out of.

    Parameters
    ----------
    known
        Results that are there already.
    later
        Gives results that others are still at; asked once, when the first one is looked for.

    Attributes
    ----------
    found
        How many results were found.
    made
        How many were worked out here, because nobody had.
    """

    def __init__(
        self,
        known: Mapping[bytes, Any] | None = None,
        *,
        later: Callable[[], Mapping[bytes, Any]] | None = None,
    ) -> None:
        self._known: dict[bytes, Any] = dict(known or {})
        self._later = later
        self._used: dict[bytes, None] = {}
        self.found = self.made = 0

    @property
    def results(self) -> dict[bytes, Any]:
        """Give all results, those worked out here too.

        Returns
        -------
        dict[bytes, Any]
            By digest.
        """
        self.fetch()
        return self._known

    @property
    def used(self) -> dict[bytes, Any]:
        """Give the results that were asked for, found or worked out.

        Returns
        -------
        dict[bytes, Any]
            By digest.
        """
        return {key: self._known[key] for key in self._used if key in self._known}

    def forget_unused(self) -> None:
        """Let go of all that was not asked for since the last call.

        Examples
        --------
        >>> kept_results = KeptResults({b"one": 1, b"two": 2})
        >>> _ = kept_results.get(b"two", lambda: 0)
        >>> kept_results.forget_unused()
        >>> kept_results.results
        {b'two': 2}
        """
        self._known, self._used = self.used, {}

    def fetch(self) -> None:
        """Wait for the results that others are still at.

        Examples
        --------
        >>> kept_results = KeptResults(later=lambda: {b"one": 1})
        >>> kept_results.fetch()
        >>> kept_results.results
        {b'one': 1}
        """
        if self._later is not None:
            self._known.update(self._later())
            self._later = None

    def get(self, key: bytes, make: Callable[[], _T]) -> _T:
        """Give the result of a digest, worked out if nobody has.

        Parameters
        ----------
        key
            The digest.
        make
            Works it out.

        Returns
        -------
        Any
            The result; nobody may change it.

        Examples
        --------
        >>> kept_results = KeptResults({b"one": 1})
        >>> kept_results.get(b"one", lambda: 2), kept_results.get(b"two", lambda: 2)
        (1, 2)
        >>> kept_results.found, kept_results.made
        (1, 1)
        """
        results = self.results
        self._used[key] = None
        if key in results:
            self.found += 1
        else:
            self.made += 1
            results[key] = make()
        return results[key]


_KEPT: ContextVar[KeptResults | None] = ContextVar("_KEPT", default=None)


@contextmanager
def using(results: KeptResults | None) -> Iterator[None]:
    """Look for results among some, and add to them what is worked out meanwhile.

    Parameters
    ----------
    results
        The results; None changes nothing.

    Yields
    ------
    None
        While it lasts, :func:`kept` looks there.

    Examples
    --------
    >>> results = KeptResults()
    >>> with using(results):
    ...     kept("double", lambda: 2 * 21, 21), kept("double", lambda: "never asked", 21)
    (42, 42)
    """
    if results is None:
        yield
        return
    token = _KEPT.set(results)
    try:
        yield
    finally:
        _KEPT.reset(token)


def kept(question: str, make: Callable[[], _T], *given: Any) -> _T:
    """Give a result that depends on nothing but what is given, worked out at most once.

    Outside :func:`using` it is just worked out.

    Parameters
    ----------
    question
        What is asked.
    make
        Works it out; the registry and the versions of the libraries are taken for the same.
    *given
        All it depends on: numbers, texts, days, arrays, frames, shapes, dataclasses of these; or
        functions that give such, called only where results are kept.

    Returns
    -------
    Any
        The result; nobody may change it.

    Raises
    ------
    TypeError
        If something is given that has no bytes of its own.

    Examples
    --------
    >>> kept("double", lambda: 2 * 21, 21)
    42
    """
    results = _KEPT.get()
    if results is None:
        return make()
    values = [one() if callable(one) else one for one in given]
    return results.get(digest_of(question, *values), make)


def digest_of(*given: Any) -> bytes:
    """Hash values so that only the same values have the same hash.

    Parameters
    ----------
    *given
        The values, see :func:`kept`.

    Returns
    -------
    bytes
        SHA-256.

    Raises
    ------
    TypeError
        If something is given that has no bytes of its own.

    Examples
    --------
    >>> digest_of("ab", "c") == digest_of("a", "bc"), digest_of(1) == digest_of(1.0)
    (False, False)
    >>> digest_of(np.arange(3)) == digest_of(np.arange(6)[::2] // 2)
    True
    """
    digest = hashlib.sha256()
    _feed(given, digest.update)
    return digest.digest()


def _feed(value: Any, feed: _Feed) -> None:
    """Write a value with its kind and its length in front, so that no two can run together."""
    if value is None or value is pd.NA or value is pd.NaT:
        feed(b"-")
    elif isinstance(value, (bool, np.bool_)):
        feed(b"t" if value else b"f")
    elif isinstance(value, (int, np.integer)):
        _text(b"i", str(int(value)).encode(), feed)
    elif isinstance(value, (float, np.floating)):
        feed(b"d" + struct.pack("<d", value))
    elif isinstance(value, (str, bytes)):
        _text(b"s", value.encode() if isinstance(value, str) else b"\0" + value, feed)
    elif isinstance(value, pd.Timestamp):
        _text(b"m", value.isoformat().encode(), feed)
    elif isinstance(value, shapely.Geometry):
        _text(b"g", shapely.to_wkb(value), feed)
    else:
        _feed_many(value, feed)


def _feed_many(value: Any, feed: _Feed) -> None:
    """Write a value that is made of others."""
    if isinstance(value, (tuple, list)):
        _text(b"(", str(len(value)).encode(), feed)
        for one in value:
            _feed(one, feed)
    elif isinstance(value, np.ndarray) and value.dtype != object:
        _text(b"a", f"{value.dtype.str}{value.shape}".encode(), feed)
        feed(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (np.ndarray, pd.api.extensions.ExtensionArray)):
        _feed(list(value), feed)
    elif isinstance(value, pd.MultiIndex):
        _feed([value.names, *(value.get_level_values(one) for one in range(value.nlevels))], feed)
    elif isinstance(value, (pd.Index, pd.Series)):
        plain = isinstance(value.dtype, np.dtype)
        _feed([str(value.dtype), value.name, value.to_numpy() if plain else list(value)], feed)
        if isinstance(value, pd.Series):
            _feed(value.index, feed)
    elif isinstance(value, pd.DataFrame):
        _feed([value.index, *(value[name] for name in value.columns)], feed)
    elif is_dataclass(value):
        _feed([type(value).__name__, *(getattr(value, one.name) for one in fields(value))], feed)
    else:
        raise TypeError(f"{type(value).__name__} has no bytes of its own")


def _text(kind: bytes, text: bytes, feed: _Feed) -> None:
    feed(kind + str(len(text)).encode() + b":" + text)
