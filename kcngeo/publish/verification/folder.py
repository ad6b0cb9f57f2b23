"""Prove or refute a folder: by its manifest, by itself, and by what the project gives again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo.core.errors import DataSourceError
from kcngeo.publish.manifest import NAME, SIGNATURE, changed_files, read_manifest
from kcngeo.publish.verification.itself import Itself
from kcngeo.publish.verification.remade import compare_remade
from kcngeo.publish.verification.signature import can_sign, fits, signed_by
from kcngeo.publish.verification.verdict import Difference, Verdict

if TYPE_CHECKING:
    from kcngeo.publish.bundle import Bundle


def verify(
    folder: str | os.PathLike[str],
    *,
    remade: Bundle | None = None,
    inputs: Iterable[str | os.PathLike[str]] = (),
    signers: str | os.PathLike[str] | None = None,
) -> Verdict:
    """Prove or refute a product's folder.

    Its files are hashed against the manifest. Every table is read back from every file that holds
    it (CSV, JSON, workbook, page, PDF, map, layers) and compared cell by cell; so are the figures
    of the manifest itself, the sentences of the summary, and pictures within the page. With the
    product made again, every file is made again too, and compared byte for byte where the versions
    are those that made it, by its content where they are not.

    Parameters
    ----------
    folder
        The folder of any product.
    remade
        The product made again from the project, by :func:`kcngeo.products.remake`; None to ask the
        folder alone. What stands in one file only is then listed: nothing can be said of it.
    inputs
        Where the project was read from.
    signers
        Whose signatures count, a list of ssh-keygen ("allowed signers"): a folder that is not
        signed by one of them is refuted. None to ask only that a signature fits, if there is one.

    Returns
    -------
    Verdict
        What differs, what was compared, and what could not be.

    Raises
    ------
    DataSourceError
        If the folder has no readable manifest, or one of its files cannot be read.
    KcngeoError
        If signers are given and ssh-keygen is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
    >>> with tempfile.TemporaryDirectory() as above:
    ...     folder = made.write(f"{above}/series", language="en", parts=["tables"])
    ...     sound = verify(folder)
    ...     _ = (folder / "series.csv").write_bytes(b"")
    ...     sound.is_refuted, [one.code for one in verify(folder).differences]
    (False, ['changed series.csv'])
    """
    manifest = read_manifest(folder)
    codes = [code.split(" ", 1) for code in changed_files(folder)]
    unsigned, signed = _signature(Path(folder), signers)
    listed = (*unsigned, *(Difference(kind=kind, name=name) for kind, name in codes))
    changed = {one.name for one in listed}
    there = [name for name in manifest["outputs"] if (Path(folder) / name).is_file()]
    files = {
        name: (Path(folder) / name).read_bytes()
        for name in there
        # A file outside the folder is none of its own.
        if Difference(kind="missing", name=name) not in listed
    }
    itself = Itself(folder=Path(folder), manifest=manifest, files=files, changed=changed)
    itself.compare()
    told: dict[str, Any] = {
        "files": tuple(files),
        "compared": {name: tuple(held) for name, held in itself.seen.compared.items()},
        "cells": itself.seen.cells,
        "once": itself.once(),
    }
    differences, notes = itself.seen.told(), (*signed, *itself.notes)
    if remade is None or NAME in changed:
        return Verdict(differences=(*listed, *differences), notes=notes, **told)
    again = compare_remade(remade, manifest, files, inputs=inputs)
    # File by file the project says more than files say of each other.
    own = () if again.is_exact and again.differences else differences
    return Verdict(
        differences=(*listed, *own, *again.differences),
        notes=(*notes, *again.notes),
        proved=again.proved,
        same=again.same,
        unproved=again.unproved,
        **told,
    )


def _signature(
    folder: Path, signers: str | os.PathLike[str] | None
) -> tuple[list[Difference], list[tuple[str, dict[str, str]]]]:
    """Say what is wrong with the signature of a folder, or what is to know of it."""
    if not (folder / SIGNATURE).is_file():
        wanted = signers is not None
        return ([Difference(kind="signature_missing", name=SIGNATURE)] if wanted else []), []
    if signers is None and not can_sign():
        return [], [("signature_unread", {})]
    if signers is not None:
        if not Path(signers).is_file():
            raise DataSourceError("unreadable_missing", path=signers)
        name = signed_by(folder, signers)
        if name is not None:
            return [], [("signed_by", {"name": name})]
    if not fits(folder):
        return [Difference(kind="signature_bad", name=SIGNATURE)], []
    if signers is not None:
        return [Difference(kind="signature_foreign", name=SIGNATURE)], []
    return [], [("signed_unchecked", {})]
