"""Sign the manifest of a folder, and check who did: by ssh-keygen, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.publish.manifest import NAME, SIGNATURE, changed_files

# A signature says what it is for: one given for something else is none of a folder.
_NAMESPACE = "kcngeo"
_LONGEST_S = 60


def sign(folder: str | os.PathLike[str], *, key: str | os.PathLike[str]) -> Path:
    """Sign a product's folder: its manifest, and by that every file the manifest lists.

    The signature lies beside the manifest and needs no network, neither now nor when it is checked.

    Parameters
    ----------
    folder
        The folder of any product; it must agree with its manifest.
    key
        A private key of ssh-keygen; or a public one, whose private part an agent holds.

    Returns
    -------
    Path
        The signature, ``manifest.json.sig``.

    Raises
    ------
    DataSourceError
        If the folder has no readable manifest.
    KcngeoError
        If the folder does not agree with its manifest, ssh-keygen is not installed, or it does not
        sign with this key.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
    >>> with tempfile.TemporaryDirectory() as above:
    ...     folder = made.write(f"{above}/series", language="en", parts=["tables"])
    ...     _ = (folder / "series.csv").write_bytes(b"")
    ...     sign(folder, key=f"{above}/key")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    kcngeo.core.errors.KcngeoError: ... changed series.csv. Nothing was signed.
    """
    changed = changed_files(folder)
    if changed:
        raise KcngeoError("sign_refuted", path=folder, differences=", ".join(changed))
    if not Path(key).is_file():
        raise DataSourceError("unreadable_missing", path=key)
    manifest = Path(folder) / NAME
    done = _run(["-Y", "sign", "-f", os.fspath(key), "-n", _NAMESPACE], manifest.read_bytes())
    if done.returncode:
        raise KcngeoError("sign_failed", path=key, detail=_last_line(done))
    target = Path(folder) / SIGNATURE
    atomic.write_bytes(target, done.stdout)
    return target


def signed_by(folder: Path, signers: str | os.PathLike[str]) -> str | None:
    """Tell whose signature a folder has; None where nobody in the list gave it."""
    signature, manifest = folder / SIGNATURE, (folder / NAME).read_bytes()
    listed = ["-s", os.fspath(signature), "-f", os.fspath(signers)]
    for name in _run(["-Y", "find-principals", *listed], b"").stdout.decode().splitlines():
        asked = ["-Y", "verify", *listed, "-I", name, "-n", _NAMESPACE]
        if not _run(asked, manifest).returncode:
            return name
    return None


def fits(folder: Path) -> bool:
    """Tell whether a signature fits the manifest, whoever gave it."""
    asked = ["-Y", "check-novalidate", "-n", _NAMESPACE, "-s", os.fspath(folder / SIGNATURE)]
    return not _run(asked, (folder / NAME).read_bytes()).returncode


def can_sign() -> bool:
    """Tell whether ssh-keygen is installed."""
    return shutil.which("ssh-keygen") is not None


def _run(arguments: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise KcngeoError("no_ssh_keygen")
    return subprocess.run(
        [program, *arguments], input=data, capture_output=True, check=False, timeout=_LONGEST_S
    )


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Give the last line of what the program complained of."""
    return next(iter(reversed(done.stderr.decode(errors="replace").split("\n")[:-1])), "").strip()
