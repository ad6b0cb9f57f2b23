"""The one writer of every product's folder, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.publish.content import Content, write_content
from kcngeo.publish.folder_lock import alone
from kcngeo.publish.manifest import (
    NAME,
    SIGNATURE,
    changed_files,
    manifest_of,
    publication_of,
    read_manifest,
)
from kcngeo.publish.privacy import require_nothing_private

if TYPE_CHECKING:
    from kcngeo.publish.bundle import Bundle


def write_bundle(
    bundle: Bundle,
    folder: str | os.PathLike[str],
    *,
    language: str,
    parts: Collection[str],
    inputs: Iterable[str | os.PathLike[str]] = (),
    progress: Callable[[str], None] | None = None,
    before_placing: Callable[[], None] | None = None,
) -> Path:
    """Write the folder of a product; see :meth:`kcngeo.publish.Bundle.write`."""
    target = Path(folder)
    offered = (*bundle.parts, *bundle.on_request)
    unknown = sorted(set(parts) - set(offered))
    if unknown:
        raise KcngeoError("unknown_part", parts=unknown, choices=" | ".join(offered))
    with alone(target):
        # What a killed run left is brought to its end before anything is read from the folder.
        atomic.recover(target)
        # Refused before any work is put into it; nobody's edits are lost.
        carried = {} if bundle.carry is None else dict(bundle.carry(target))
        outputs: dict[str, Content] = dict(carried)
        ours = _is_ours(target, carried, bundle)
        _require_not_published(target, bundle)
        atomic.require_replaceable(folder, is_ours=ours)
        tell = progress or (lambda _: None)
        for part in offered:
            if part in parts:
                for name, make in bundle.files(part, language=language).items():
                    tell(name)
                    outputs[name] = make()
        tell(NAME)
        manifest = manifest_of(
            bundle, language=language, outputs=outputs, inputs=inputs, parts=parts
        )
        if bundle.private is not None:
            require_nothing_private({**outputs, NAME: manifest}, bundle.private)
        with atomic.folder(folder, is_ours=ours) as made:
            for name, content in {**outputs, NAME: manifest}.items():
                write_content(content, made / name)
            if before_placing is not None:
                before_placing()
            _clear_stand_ins(target)
    return target


def _require_not_published(target: Path, bundle: Bundle) -> None:
    """Refuse a folder that was handed out: what was published is never written over."""
    said = read_manifest(target) if (target / NAME).is_file() else {}
    there = said.get("publication")
    mine = publication_of(bundle).get("publication")
    if there is not None and (mine is None or mine["digest"] != there["digest"]):
        raise DataSourceError(
            "folder_published",
            path=target,
            month=said["facts"].get("month"),
            revision=there["revision"],
        )


def _clear_stand_ins(target: Path) -> None:
    """Take away what an earlier run had to put beside a folder, unless somebody has edited it."""
    for one in atomic.stand_ins(target):
        if (one / NAME).is_file() and not changed_files(one):
            shutil.rmtree(one, ignore_errors=True)


def _is_ours(folder: Path, carried: Mapping[str, bytes], bundle: Bundle) -> Callable[[str], bool]:
    """Tell by its manifest which files of a folder an earlier run made, or which go on in it."""
    made = set()
    if (folder / NAME).is_file():
        # A signature is of the folder as it was, and goes with it.
        made = {NAME, SIGNATURE, *read_manifest(folder)["outputs"]}
    return {*made, *carried, *bundle.replaces}.__contains__
