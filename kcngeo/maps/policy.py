"""What a browser lets a page of ours do: run the scripts it was written with, and reach nobody."""

from __future__ import annotations

import base64
import hashlib
import re

POLICY = "%content-policy%"
"""Stands in the head of a page until :func:`sealed` knows its scripts."""

# Whatever the page holds, nothing leaves it and nothing comes in.
_REACH_NOBODY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-src data:; base-uri 'none'; form-action 'none'"
)
_SCRIPT = re.compile(r"<script(?P<kind>[^>]*)>(?P<code>.*?)</script", re.IGNORECASE | re.DOTALL)
# Data that a script reads are no script.
_DATA = re.compile(r"\btype\s*=\s*[\"']?(?:application/json|text/plain)", re.IGNORECASE)


def sealed(page: str, *, framed: str = "") -> str:
    """Let a finished page run its own scripts, known by their hashes, and no other.

    Parameters
    ----------
    page
        HTML with :data:`POLICY` in its head.
    framed
        The page that it shows in a frame without an address, which obeys its policy too.

    Returns
    -------
    str
        The page with its policy; a script or a handler put into it later does not run.

    Examples
    --------
    >>> page = sealed(f'<meta content="{POLICY}"><script>1</script>')
    >>> "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=';" in page
    True
    >>> "script-src 'none';" in sealed(f'<meta content="{POLICY}"><b>1</b>')
    True
    """
    codes = [
        one["code"] for one in _SCRIPT.finditer(page + framed) if not _DATA.search(one["kind"])
    ]
    scripts = " ".join(dict.fromkeys(f"'sha256-{_hash(code)}'" for code in codes)) or "'none'"
    # Only in the head: text of the user further down stays as it is.
    return page.replace(POLICY, _REACH_NOBODY.format(scripts=scripts), 1)


def _hash(code: str) -> str:
    # A browser hashes what it has read, where every end of line is LF.
    read = code.replace("\r\n", "\n").replace("\r", "\n")
    return base64.b64encode(hashlib.sha256(read.encode()).digest()).decode()
