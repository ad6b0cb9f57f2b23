"""Errors of the operating system in words of the reader's language."""

from __future__ import annotations

import errno
from collections.abc import Mapping

# By what the system calls them; not every system knows all.
_KINDS = {
    "not_there": ("ENOENT",),
    "no_access": ("EACCES", "EPERM"),
    "is_folder": ("EISDIR",),
    "no_folder": ("ENOTDIR",),
    "is_there": ("EEXIST",),
    "not_empty": ("ENOTEMPTY",),
    "full": ("ENOSPC", "EDQUOT"),
    "read_only": ("EROFS",),
    "long_name": ("ENAMETOOLONG",),
    "busy": ("EBUSY", "ETXTBSY"),
    "many_open": ("EMFILE", "ENFILE"),
    "circle": ("ELOOP",),
    "device": ("EIO", "ENXIO", "ENODEV"),
    "not_answering": ("ECONNREFUSED", "ECONNRESET", "EPIPE"),
    "too_late": ("ETIMEDOUT",),
    "not_reached": ("EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"),
    "no_memory": ("ENOMEM",),
}
_BY_NUMBER = {
    number: kind
    for kind, names in _KINDS.items()
    for name in names
    if (number := getattr(errno, name, None)) is not None
}
# What Windows calls no access because somebody has the file open.
_WINDOWS_IN_USE = {32, 33}


def system_words(
    error: OSError, *, table: Mapping[str, Mapping[str, str]], language: str, named: object = None
) -> str:
    """Say what the system refused, and of which file unless that was `named` already."""
    number = error.errno
    kind = None if number is None else _BY_NUMBER.get(number)
    if getattr(error, "winerror", None) in _WINDOWS_IN_USE:
        kind = "busy"
    if kind is None:
        # What the system says of rare faults is better than nothing.
        return str(error)
    words = table[f"system.{kind}"][language]
    file = error.filename
    if file is None or str(file) == str(named):
        return words
    return f"{words}: {file}"
