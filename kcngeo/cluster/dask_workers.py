"""The workers of a Dask cluster: asked what they are before they work, and lost with one word."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from kcngeo.cluster.workers import TRIES, Alone, Processes, Work, Workers, Zones
from kcngeo.core.errors import KcngeoError, MissingExtraError
from kcngeo.core.kept_results import digest_of
from kcngeo.io import content_digest
from kcngeo.publish.manifest import versions
from kcngeo.publish.registry_names import registry_entry
from kcngeo.standards import registry

if TYPE_CHECKING:
    from kcngeo.cluster.parts import Part

_WAIT_SECONDS = 30
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a process that works a part out stands on.

    Attributes
    ----------
    versions
        Of Python and of the libraries that compute.
    rules
        The registry of legal figures.
    content
        Digest of the project as this process sees it.
    unseen
        Why the project cannot be seen; empty if it can.
    """

    versions: Mapping[str, str]
    rules: Mapping[str, Any]
    content: str | None
    unseen: str = ""


def standing_of(folder: str) -> Standing:
    """Tell what this process stands on, and what it sees of a project."""
    content, unseen = None, ""
    try:
        content = content_digest(folder)
    except (KcngeoError, OSError) as error:
        unseen = str(error)
    told, rules = _computes_with()
    return Standing(versions=told, rules=rules, content=content, unseen=unseen)


def _computes_with() -> tuple[dict[str, str], dict[str, Any]]:
    """Give the versions and the registry of this process."""
    own = {name: version(name) for name in ("dask", "distributed", "pyarrow")}
    told = {"python": platform.python_version(), **own, **versions()}
    return told, dict(registry_entry(registry()))


def guarded(work: Work, zones: Zones, *, mine: Standing) -> Part:
    """Work a part out, but not with other versions, as a worker may have that came later."""
    told, rules = _computes_with()
    theirs = Standing(versions=told, rules=rules, content=mine.content)
    require_alike({platform.node(): theirs}, mine, "")
    return work(zones)


def connected(address: str) -> Any:
    """Connect to a scheduler of Dask.

    Parameters
    ----------
    address
        Its address, for example ``tcp://host:8786``. Whoever can reach it can run anything on its
        workers: it belongs into a closed network.

    Returns
    -------
    distributed.Client
        The connection, which is to be closed; also for ``with``.

    Raises
    ------
    KcngeoError
        If no scheduler answers.
    MissingExtraError
        If Dask is not installed.

    Examples
    --------
    >>> try:
    ...     connected("somewhere")
    ... except KcngeoError as error:
    ...     error.fields["detail"]
    'an address looks like tcp://host:8786'
    """
    if not re.fullmatch(r"[a-z]+://[^/]+:\d+", address):
        # Asked for the impossible, a client goes on trying when nobody waits any more.
        detail = "an address looks like tcp://host:8786"
        raise KcngeoError("cluster_unreachable", address=address, detail=detail)
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise MissingExtraError("no_cluster") from error
    # What it has to say of a scheduler that falls away is said in one sentence, by us.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        return distributed.Client(address, timeout=_WAIT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise KcngeoError(
            "cluster_unreachable", address=address, detail=_first_line(error)
        ) from error


class DaskWorkers:
    """The workers of a Dask cluster.

    Parameters
    ----------
    client
        The connection to its scheduler.
    folder
        Where the project lies, for every one of them.
    key
        What is asked.
    """

    def __init__(self, client: Any, folder: str, *, key: Sequence[Any]) -> None:
        self.client, self.folder, self.mine = client, folder, standing_of(folder)
        # What is asked and all it is worked out with: the same task has the same name.
        self.key = (*key, self.mine.content, repr(self.mine.versions), repr(self.mine.rules))
        self.address = str(client.scheduler.address if client.scheduler else "")

    def count(self) -> int:
        """Compare the workers with this process, and count their threads."""
        with self._lost_is_told():
            told = self._answers() or self._answers()
            if not told:
                raise KcngeoError("cluster_no_workers", address=self.address, seconds=_WAIT_SECONDS)
            threads = sum(self.client.nthreads().values())
        require_alike(told, self.mine, self.folder)
        return max(1, threads)

    def _answers(self) -> dict[str, Any]:
        """Ask every worker what it stands on; of those that fall away meanwhile nothing is told."""
        try:
            self.client.wait_for_workers(1, timeout=_WAIT_SECONDS)
        except TimeoutError:
            return {}
        return answered(self.client.run(standing_of, self.folder, on_error="return"))

    def run(self, work: Work, groups: Sequence[Zones]) -> Iterator[tuple[Zones, Part | Exception]]:
        """Give every group with its part, or with what kept it from being made."""
        completed = import_module("distributed").as_completed
        begun = {}
        with self._lost_is_told():
            try:
                for place, zones in enumerate(groups):
                    key = f"kcngeo-part-{digest_of(*self.key, zones).hex()}"
                    # The first group is the largest.
                    options = {"retries": TRIES, "priority": -place, "pure": False}
                    future = self.client.submit(
                        guarded, work, zones, mine=self.mine, key=key, **options
                    )
                    begun[future] = zones
                for future in completed(begun, loop=self.client.loop, raise_errors=False):
                    if future.status == "finished":
                        yield begun[future], future.result()
                    elif future.status == "error":
                        error = future.exception()
                        if isinstance(error, KcngeoError) and error.code == "cluster_versions":
                            raise error
                        yield begun[future], error
                    else:
                        raise CancelledError(future.status)
            finally:
                for future in begun:
                    future.release()

    @contextlib.contextmanager
    def _lost_is_told(self) -> Iterator[None]:
        """Turn whatever a lost scheduler leaves behind into one error."""
        try:
            yield
        except KcngeoError:
            raise
        except (OSError, TimeoutError, CancelledError, asyncio.CancelledError) as error:
            detail = _first_line(error)
            raise KcngeoError("cluster_lost", address=self.address, detail=detail) from error


def workers_of(place: str, key: Sequence[Any], *, client: Any, jobs: int) -> tuple[Workers, int]:
    """Choose who works of a project at a place, and tell how many they are."""
    if client is None:
        return (Alone(), 1) if jobs == 1 else (Processes(jobs), jobs)
    dask = DaskWorkers(client, place, key=key)
    return dask, dask.count()


def _first_line(error: BaseException) -> str:
    """Say of an error what fits into a sentence."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return said.removesuffix(".")


def answered(told: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was answered, an error too; a connection that broke is no answer."""
    return {worker: said for worker, said in told.items() if not isinstance(said, OSError)}


def require_alike(told: Mapping[str, Any], mine: Standing, folder: str) -> None:
    """Refuse workers that would compute something else, or nothing."""
    odd: dict[str, list[str]] = {"cluster_blind": [], "cluster_versions": [], "cluster_content": []}
    for worker, said in sorted(told.items()):
        if not isinstance(said, Standing):
            odd["cluster_versions"].append(f"{worker}: {_first_line(said)}")
        elif said.unseen:
            odd["cluster_blind"].append(f"{worker}: {said.unseen}")
        elif said.versions != mine.versions or said.rules != mine.rules:
            names = [
                f"{name} {said.versions.get(name, '–')} ≠ {mine.versions.get(name, '–')}"
                for name in sorted({*said.versions, *mine.versions})
                if said.versions.get(name) != mine.versions.get(name)
            ]
            names += ["registry"] if said.rules != mine.rules else []
            odd["cluster_versions"].append(f"{worker}: {', '.join(names)}")
        elif said.content != mine.content:
            odd["cluster_content"].append(worker)
    for code, workers in odd.items():
        if workers:
            more = f" (+ {len(workers) - _SHOWN})" if len(workers) > _SHOWN else ""
            raise KcngeoError(code, workers="; ".join(workers[:_SHOWN]) + more, path=folder)
