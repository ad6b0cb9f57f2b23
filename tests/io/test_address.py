"""Addresses of databases: a password is never shown, whatever somebody types."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcngeo import io
from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.url import address, is_url

SHOWN = [
    ("postgresql://db/land", "postgresql://db/land?schema=kcn"),
    (
        "postgres://an:secret@db:5432/land?schema=lam_dong",
        "postgresql://db:5432/land?schema=lam_dong",
    ),
    ("postgresql://an@[::1]/land?sslmode=require", "postgresql://[::1]/land?schema=kcn"),
    ("postgresql:///land?host=db&password=secret", "postgresql:///land?schema=kcn"),
    ("postgresql://a,b:5433/land", "postgresql://a,b:5433/land?schema=kcn"),
    # Not well formed: who knows where the password ends.
    ("postgresql://an:sec@ret@db/land", "postgresql://…"),
    ("postgresql://an:sec/ret@db/land", "postgresql://…"),
    ("postgresql://an:12345?x@db/land", "postgresql://…"),
    ("postgresql://an:12345?x=1@db/land", "postgresql://…"),
    ("postgresql://an:sec#ret@db/land", "postgresql://…"),
    ("postgresql://an:secret db/land", "postgresql://…"),
    ("postgresql:/an:secret@db/land", "postgresql://…"),
    ("mysql://an:secret@db/land", "mysql://…"),
    ("data/parcels/two_zones.gpkg", "data/parcels/two_zones.gpkg"),
    (r"C:\data\two_zones.gpkg", r"C:\data\two_zones.gpkg"),
]


@pytest.mark.parametrize(("url", "expected"), SHOWN)
def test_what_is_shown_of_an_address(url: str, expected: str) -> None:
    assert io.redact_url(url) == expected


def test_a_path_is_no_url_but_a_url_taken_for_a_path_is_one() -> None:
    assert not is_url("postgresql.gpkg")
    assert not is_url(Path("postgresql/two_zones.gpkg"))
    assert is_url(Path("postgresql://an:secret@db/land"))


@pytest.mark.parametrize(
    ("url", "schema"),
    [
        ("postgresql://db/land", "kcn"),
        ("postgresql://db/land?sslmode=disable&schema=L%C3%A2m%20%C4%90%E1%BB%93ng", "Lâm Đồng"),
        ("postgresql://db/land?schema=a%22b%3B--", 'a"b;--'),
        ("postgresql://db/land?schema=" + "a" * 63, "a" * 63),
    ],
)
def test_the_schema_is_ours_and_the_other_options_are_the_drivers(url: str, schema: str) -> None:
    place = address(url)
    assert place.schema == schema
    assert "schema" not in place.conninfo


@pytest.mark.parametrize(
    "schema", ["", "pg_catalog", "PG_x", "information_schema", "a" * 64, "a%00b"]
)
def test_what_cannot_be_a_schema_is_refused(schema: str) -> None:
    with pytest.raises(DataSourceError, match="cannot be the name of a schema"):
        address(f"postgresql://db/land?schema={schema}")


@pytest.mark.parametrize("url", [url for url, shown in SHOWN if shown == "postgresql://…"])
def test_a_url_that_is_not_well_formed_is_refused_without_showing_it(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(DataSourceError, match="percent-encode") as caught,
    ):
        io.read_project(url)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not any(part in told for part in ("sec@ret", "sec/ret", "12345", "sec#ret", "secret db"))


@given(password=st.text(st.characters(exclude_categories=["Cs"]), min_size=6))
def test_no_password_is_shown_encoded_or_not(password: str) -> None:
    for written in (password, quote(password, safe="")):
        url = f"postgresql://an:{written}@db:5432/land?schema=kcn"
        shown = [io.redact_url(url)]
        try:
            shown.append(repr(address(url)))
        except DataSourceError as error:
            shown += [str(error), error.message("vi")]
        # Pieces of the password may be words of the address by chance, the whole never is.
        for text in shown:
            assert password not in text.replace("postgresql://db:5432/land?schema=kcn", "")


def test_what_a_driver_says_is_scrubbed() -> None:
    place = address("postgresql://an:s%2Fecret@db/land?passfile=/x&sslpassword=hush")
    assert place.scrubbed("no: s/ecret\n\tor s%2Fecret or hush.") == "no: *** or *** or ***"
