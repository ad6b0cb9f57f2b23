"""The documentation that comes with the package, as pages a browser opens without a network."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError

ARCHIVE = Path(__file__).resolve().parents[1] / "docs.zip"
"""The pages, put into the package when it is built (docs/site/build.py)."""


def unpack_pages(folder: Path | None = None, *, archive: Path = ARCHIVE) -> Path:
    """Lay the pages out in a folder and give it; pages that lie there already stay.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as above:
    ...     packed = Path(above, "docs.zip")
    ...     with zipfile.ZipFile(packed, "w") as pages:
    ...         pages.writestr("index.html", "<p>")
    ...     made = unpack_pages(Path(above, "pages"), archive=packed)
    ...     sorted(path.name for path in made.iterdir())
    ['index.html']
    """
    if not archive.is_file():
        raise DataSourceError("no_pages", path=archive)
    target = _kept(archive) if folder is None else folder
    with zipfile.ZipFile(archive) as packed:
        names = {name.split("/")[0] for name in packed.namelist()}
        if not (target / "index.html").is_file():
            with atomic.folder(target, is_ours=names.__contains__) as part:
                packed.extractall(part)
    return target


def _kept(archive: Path) -> Path:
    """Where a user's programs keep what they can make anew; other pages, another folder."""
    home = Path.home()
    if sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME", home / ".cache"))
    return caches / "kcngeo" / f"docs-{hashlib.sha256(archive.read_bytes()).hexdigest()[:12]}"
