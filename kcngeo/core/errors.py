"""The errors of kcngeo: few classes, each also a builtin, each with a code and fields.

The words of a code stand in the table of texts (``errors.CODE``, ``rules.RULE``), in Vietnamese
and English; ``str(error)`` is the English message, ``error.message("vi")`` the Vietnamese one.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from kcngeo.core import texts

if TYPE_CHECKING:
    from kcngeo.core.model import Finding


class KcngeoWarning(UserWarning):
    """A number is still right, but there is something to know about it."""


class ZonesLeftOutWarning(KcngeoWarning):
    """Zones at fault are not in an answer.

    Parameters
    ----------
    reasons
        By zone, what is at fault.

    Examples
    --------
    >>> from kcngeo.core.model import finding
    >>> warning = ZonesLeftOutWarning({"A": [finding("area_missing", "zones", column="area_ha")]})
    >>> str(warning).split(".")[0]
    'left out: A'
    """

    def __init__(self, reasons: Mapping[str, Sequence[Finding]]) -> None:
        self.reasons = reasons
        told = dict.fromkeys(one.message() for found in reasons.values() for one in found)
        super().__init__(f"left out: {', '.join(reasons)}. {' '.join(told)}")


_Told = TypeVar("_Told", bound=KcngeoWarning)


@contextmanager
def gathered(kind: type[_Told]) -> Iterator[list[_Told]]:
    """Gather warnings of one kind; all others are told as ever.

    Parameters
    ----------
    kind
        The class.

    Yields
    ------
    list[KcngeoWarning]
        Filled at the end.

    Examples
    --------
    >>> with gathered(KcngeoWarning) as told:
    ...     warnings.warn("zone B is left out", KcngeoWarning)
    >>> [str(one) for one in told]
    ['zone B is left out']
    """
    told: list[_Told] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", kind)
        yield told
    for one in caught:
        if isinstance(one.message, kind):
            told.append(one.message)
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


@contextmanager
def left_out_zones() -> Iterator[dict[str, tuple[Finding, ...]]]:
    """Gather which zones questions leave out, in the place of their warnings.

    Yields
    ------
    dict[str, tuple[Finding, ...]]
        Filled at the end: by zone, sorted, what is at fault, each once.

    Examples
    --------
    >>> from kcngeo.core.model import finding
    >>> with left_out_zones() as zones:
    ...     for _ in range(2):
    ...         one = finding("area_missing", "zones", column="area_ha")
    ...         warnings.warn(ZonesLeftOutWarning({"A": [one]}))
    >>> [(zone_id, len(found)) for zone_id, found in zones.items()]
    [('A', 1)]
    """
    zones: dict[str, tuple[Finding, ...]] = {}
    with gathered(ZonesLeftOutWarning) as told:
        yield zones
    found: dict[str, dict[Finding, None]] = {}
    for one in told:
        for zone_id, some in one.reasons.items():
            found.setdefault(zone_id, {}).update(dict.fromkeys(some))
    zones |= {zone_id: tuple(found[zone_id]) for zone_id in sorted(found)}


@contextmanager
def already_told() -> Iterator[None]:
    """Keep silent about warnings: what they say stands in the findings of the result.

    Examples
    --------
    >>> with already_told():
    ...     warnings.warn("zone B is left out", KcngeoWarning)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KcngeoWarning)
        yield


class KcngeoError(Exception):
    """Root of all errors of the library.

    Parameters
    ----------
    code
        What happened: a key of the group ``errors`` in the table of texts.
    **fields
        The particulars, by the names the text uses.
    """

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    def message(self, language: str = "en") -> str:
        """Say what is wrong, with which rows, and what to do.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The message.

        Examples
        --------
        >>> print(KcngeoError("needs_table", table="works").message())
        this question needs the table works, which the project does not have.
        """
        return texts.text(f"errors.{self.code}", language=language, **self.fields)

    def __str__(self) -> str:
        return self.message()


class ContractError(KcngeoError, ValueError):
    """Tables break their contract; every breach is listed, not only the first.

    Parameters
    ----------
    problems
        The breaches, at least one.

    Attributes
    ----------
    table
        Name of the table at fault (of the first breach, if several are).
    problems
        All breaches, as findings of severity "error".
    """

    def __init__(self, problems: Sequence[Finding]) -> None:
        super().__init__("contract", count=len(problems))
        self.problems = tuple(problems)
        self.table = self.problems[0].table

    def __reduce__(self) -> tuple[type[ContractError], tuple[Sequence[Finding]]]:
        # It is made of its breaches, in another process too.
        return ContractError, (self.problems,)

    def message(self, language: str = "en") -> str:
        """Say every breach, a line each.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The message.

        Examples
        --------
        >>> from kcngeo.core.model import finding
        >>> breach = finding("unknown_zone", "parcels", ids=["P1"], zones=("X",))
        >>> print(ContractError([breach]).message())
        1 problems in the tables; nothing was computed:
        - parcels: zone X is not in the table zones: P1.
        """
        lines = [f"- {problem.table}: {problem.message(language)}" for problem in self.problems]
        return "\n".join([super().message(language), *lines])


class CRSError(KcngeoError, ValueError):
    """A coordinate reference system is missing, unfit for areas, or disagrees with another."""


class GeometryError(KcngeoError, ValueError):
    """Geometries cannot be measured as they are."""


class DataSourceError(KcngeoError, OSError):
    """A file or database cannot be read or written; nothing was changed."""

    def __str__(self) -> str:
        return self.message()


class MissingExtraError(KcngeoError, ImportError):
    """An optional part of kcngeo is not installed."""

    def __init__(self, code: str) -> None:
        # pip takes the extra of what is installed there, so that no registry need have kcngeo.
        super().__init__(code, environment=sys.prefix)

    def __str__(self) -> str:
        return self.message()
