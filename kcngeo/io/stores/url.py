"""Addresses of databases: what may be shown of them, and what they mean.

A password must never reach a log, an error, a repr or a manifest. So only a URL that follows the
grammar to the letter is taken apart; of any other nothing is shown but its scheme, for who knows
what a stray "@" or "/" is part of.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from kcngeo.core.errors import DataSourceError

DEFAULT_SCHEMA = "kcn"
"""The schema of a project where the URL names none."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
_HOST = r"(?:\[[0-9a-f:.]+\]|[\w.%-]*)(?::\d+)?"
_URL = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/?#&=\s]*)(?::(?P<password>[^:@/?#\s]*))?@)?"
    rf"(?P<place>{_HOST}(?:,{_HOST})*(?:/[\w.%$~-]*)?)"
    r"(?:\?(?P<query>[a-z_]+=[^&#@=\s]*(?:&[a-z_]+=[^&#@=\s]*)*))?",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"pg_|information_schema\Z", re.IGNORECASE)
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a project lies in a database.

    Attributes
    ----------
    redacted
        The URL as it may be shown: without user, password and options.
    schema
        The schema that holds the tables.
    conninfo
        What libpq connects by; holds the password.
    secrets
        What must not be shown, as written in the URL and as meant.
    """

    redacted: str
    schema: str
    conninfo: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def scrubbed(self, text: str) -> str:
        """Take the password out of a text, should a driver have put it there."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split()).removesuffix(".")


def is_url(path_or_url: str | os.PathLike[str]) -> bool:
    """Tell whether an address names a database.

    Parameters
    ----------
    path_or_url
        A path or a URL.

    Returns
    -------
    bool
        Whether it is the URL of a database, well formed or not.

    Examples
    --------
    >>> is_url("postgresql://host/land"), is_url("project.gpkg")
    (True, False)
    """
    text = os.fspath(path_or_url).lower()
    # A URL taken for a path has lost a slash; it still holds a password.
    return text.startswith(("postgresql:/", "postgres:/"))


def redact_url(path_or_url: str | os.PathLike[str]) -> str:
    """Give an address as it may be shown, in messages and manifests.

    Parameters
    ----------
    path_or_url
        A path or a URL.

    Returns
    -------
    str
        A path as it is; a URL without user, password and options; of a URL that is not well formed,
        or of another scheme, the scheme alone.

    Examples
    --------
    >>> redact_url("postgresql://lan:secret@host/land?schema=kcn")
    'postgresql://host/land?schema=kcn'
    """
    text = os.fspath(path_or_url)
    if not _SCHEME.match(text):
        return text
    found = _URL.fullmatch(text)
    if found is None:
        return text.partition(":")[0] + "://…"
    return f"postgresql://{found['place']}?schema={_schema(found['query'])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where a project lies, as anybody may know it.

    Attributes
    ----------
    host
        The server; empty for the one the driver finds by itself.
    port
        Its port; empty for the usual one.
    name
        The database.
    schema
        The schema that holds the tables.
    """

    host: str
    port: str
    name: str
    schema: str


def database_of(url: str | os.PathLike[str]) -> Database:
    """Say where a project lies in a database, without who may enter.

    Parameters
    ----------
    url
        The URL, see :func:`kcngeo.io.read_project`; of several servers the first.

    Returns
    -------
    Database
        The place.

    Raises
    ------
    DataSourceError
        If it is no URL of a database.

    Examples
    --------
    >>> database_of("postgresql://lan:secret@host:5433/land?schema=kcn")
    Database(host='host', port='5433', name='land', schema='kcn')
    """
    place = address(url)
    found = _URL.fullmatch(os.fspath(url))
    servers, _, name = ("" if found is None else found["place"]).partition("/")
    host, _, port = servers.partition(",")[0].rpartition(":")
    if not port.isdecimal():
        host, port = servers.partition(",")[0], ""
    return Database(host=host.strip("[]"), port=port, name=unquote(name), schema=place.schema)


def address(url: str | os.PathLike[str]) -> Address:
    """Take the URL of a project in a database apart."""
    found = _URL.fullmatch(os.fspath(url))
    if found is None:
        raise DataSourceError("bad_url", path=redact_url(url))
    schema = unquote(_schema(found["query"]))
    if not schema or "\0" in schema or len(schema.encode()) > _LONGEST_NAME:
        raise DataSourceError("bad_schema", path=redact_url(url))
    if _RESERVED.match(schema):
        raise DataSourceError("bad_schema", path=redact_url(url))
    options = [one for one in (found["query"] or "").split("&") if one and not _is_schema(one)]
    secrets = [found["password"], *(one.partition("=")[2] for one in options if "pass" in one)]
    conninfo = found[0].partition("?")[0] + ("?" + "&".join(options) if options else "")
    return Address(
        redacted=redact_url(url),
        schema=schema,
        conninfo=conninfo,
        secrets=tuple({form for one in secrets if one for form in (one, unquote(one))}),
    )


def _schema(query: str | None) -> str:
    named = [one.partition("=")[2] for one in (query or "").split("&") if _is_schema(one)]
    return named[-1] if named else DEFAULT_SCHEMA


def _is_schema(option: str) -> bool:
    return option.partition("=")[0].lower() == "schema"
