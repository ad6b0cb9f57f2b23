"""The manifest of every product's folder: what it was made from, by what, and what came out."""

from __future__ import annotations

import json
import os
import platform
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd
import pyogrio
import pyproj
import shapely

from kcngeo.core.crs import wgs84_operation
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.ledger import Project
from kcngeo.publish.content import Content, content_digest
from kcngeo.publish.digests import file_digest, inputs_of, sha256, table_digest
from kcngeo.publish.registry_names import registry_entry
from kcngeo.report import is_synthetic

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger.tables import Tables
    from kcngeo.publish.bundle import Bundle

NAME = "manifest.json"
SIGNATURE = f"{NAME}.sig"
# What whoever reads a manifest relies on.
_KEYS: Mapping[str, Any] = {
    "product": str,
    "options": dict,
    "moment": str | None,
    "language": str,
    "parts": list,
    "given": dict,
    "registry": dict,
    "outputs": dict,
    "tables": dict,
    "facts": dict,
    "not_computable": dict,
    "digest": str,
}
# What computes a product, and what writes its files.
_LIBRARIES = (
    *("kcngeo", "geopandas", "shapely", "pyproj", "pyogrio", "pandas", "numpy"),
    *("folium", "fontTools", "fpdf2", "Jinja2", "lxml", "matplotlib", "pillow"),
    *("python-docx", "XlsxWriter"),
)


def manifest_of(
    bundle: Bundle,
    *,
    language: str,
    outputs: Mapping[str, Content],
    inputs: Iterable[str | os.PathLike[str]] = (),
    parts: Collection[str] = (),
) -> bytes:
    """Draw up the manifest of a product's folder."""
    made_from = bundle.provenance
    given = made_from.facts or input_facts(made_from.tables)
    # The content of a database is that of its tables.
    whole = sha256(json.dumps(given.digests, sort_keys=True).encode())
    tables = bundle.tables_in(language)
    digests = {name: table_digest(frame) for name, frame in tables.items()}
    digests |= {name: rows.digest for name, rows in bundle.long_tables(language).items()}
    content = {
        "product": bundle.product,
        "options": asked(made_from.options),
        "moment": None if made_from.moment is None else made_from.moment.isoformat(),
        "language": str(language),
        "parts": sorted(parts),
        "inputs": {name: digest or whole for name, digest in inputs_of(inputs).items()},
        "given": {name: given_digest(one) for name, one in sorted(made_from.given.items())},
        "input_tables": given.digests,
        "versions": versions(),
        "crs": given.crs,
        "synthetic_geometry": given.is_synthetic,
        "registry": registry_entry(made_from.registry),
        "rules": {
            one.name: {"verified": str(one.verified), "origin": one.origin, "source": one.source}
            for one in made_from.rules
        },
        **publication_of(bundle),
        "facts": asked(bundle.facts(language)),
        "not_computable": bundle.reasons("en"),
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "message": bundle.words(one, "en")}
            for one in sorted(bundle.findings, key=lambda one: (one.rule, one.zone_ids, one.ids))
        ],
        "tables": digests,
        "outputs": {name: content_digest(data) for name, data in sorted(outputs.items())},
    }
    sealed = {**content, "digest": _digest(content)}
    return (json.dumps(sealed, ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFacts:
    """What a manifest says of the tables something was made from.

    Attributes
    ----------
    digests
        Hash of each table.
    crs
        By which operation coordinates become those of the maps; None where there is none.
    is_synthetic
        Whether a shape is synthetic.
    """

    digests: Mapping[str, str]
    crs: Mapping[str, Any] | None
    is_synthetic: bool


def input_facts(tables: Tables) -> InputFacts:
    """Say of tables what a manifest says of them."""
    return InputFacts(
        digests=_input_tables(tables),
        crs=operation_facts(tables.parcels),
        is_synthetic=is_synthetic(tables),
    )


# Many months are made of one snapshot, which nobody changes; of a project somebody may.
_HASHED: WeakKeyDictionary[Tables, dict[str, str]] = WeakKeyDictionary()


def _input_tables(tables: Tables) -> dict[str, str]:
    """Hash the tables something is made from, those of a snapshot once."""
    found = _HASHED.get(tables)
    if found is None:
        found = {name: table_digest(with_values(frame)) for name, frame in tables.tables()}
        if not isinstance(tables, Project):
            _HASHED[tables] = found
    return found


def with_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that say something: one that is missing throughout says nothing."""
    return frame.dropna(axis=1, how="all")


def publication_of(bundle: Bundle) -> dict[str, Any]:
    """Say of a month that is handed out as which publication, and name the one before it."""
    standing = bundle.standing
    if standing is None or not standing.handed_out:
        return {}
    earlier = standing.before or standing.month_before
    return {
        "publication": {
            "edition": standing.own.edition,
            "revision": standing.own.revision,
            "digest": standing.own.digest,
            "before": None if earlier is None else earlier.digest,
        }
    }


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Bring options into the form of JSON: tuples as lists, days and members of lists as texts.

    Examples
    --------
    >>> asked({"on": pd.Timestamp("2018-03-31").date(), "needs": ("road",), "months": 6})
    {'on': '2018-03-31', 'needs': ['road'], 'months': 6}
    """
    read_back: dict[str, Any] = json.loads(json.dumps(dict(options), default=str))
    return read_back


def given_digest(given: Any) -> str:
    """Hash what was given beside the project: a frame, or paths of rasters.

    Examples
    --------
    >>> frame = pd.DataFrame({"sector": ["food"]})
    >>> given_digest(frame) == table_digest(frame)
    True
    """
    if isinstance(given, pd.Series):
        given = given.rename("value").rename_axis("key").reset_index()
    if isinstance(given, pd.DataFrame):
        return table_digest(given)
    if isinstance(given, Mapping):
        parts = [(str(name), given_digest(one)) for name, one in given.items()]
    elif isinstance(given, str | os.PathLike):
        return file_digest(Path(given))
    else:
        parts = [("", given_digest(one)) for one in given]
    return sha256(json.dumps(sorted(parts)).encode())


def versions() -> dict[str, str]:
    """List the versions of what makes a product: where they are equal, so are its bytes."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in _LIBRARIES},
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        "GDAL": pyogrio.__gdal_version_string__,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def read_manifest(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the manifest of a product's folder.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    dict[str, Any]
        Its content.

    Raises
    ------
    DataSourceError
        If there is none or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
    >>> with tempfile.TemporaryDirectory() as above:
    ...     folder = made.write(f"{above}/series", language="en", parts=["tables"])
    ...     read_manifest(folder)["product"]
    'series'
    """
    path = Path(folder) / NAME
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataSourceError("no_manifest", path=path, detail=error) from error
    for name, kind in _KEYS.items():
        if not isinstance(content, dict) or not isinstance(content.get(name, ...), kind):
            raise DataSourceError("no_manifest", path=path, detail=f"it has no {name}")
    return content


def changed_files(folder: str | os.PathLike[str]) -> list[str]:
    """Hash the files of a product's folder, and name what its manifest does not list so.

    Parameters
    ----------
    folder
        The folder of any product.

    Returns
    -------
    list[str]
        A code and a name each ("missing map.html", "changed", "unknown"); empty if all agrees.

    Raises
    ------
    DataSourceError
        If the folder has no readable manifest, or one of its files cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
    >>> with tempfile.TemporaryDirectory() as above:
    ...     folder = made.write(f"{above}/series", language="en", parts=["tables"])
    ...     sound = changed_files(folder)
    ...     _ = (folder / "series.csv").write_bytes(b"")
    ...     sound, changed_files(folder)
    ([], ['changed series.csv'])
    """
    manifest = read_manifest(folder)
    differences = []
    if (
        _digest({name: manifest[name] for name in manifest if name != "digest"})
        != (manifest["digest"])
    ):
        differences.append(f"changed {NAME}")
    for name, digest in manifest["outputs"].items():
        path = Path(folder) / name
        # A path that leads out of the folder names nothing in it.
        if not _is_within(name) or not path.is_file():
            differences.append(f"missing {name}")
        elif file_digest(path) != digest:
            differences.append(f"changed {name}")
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in (NAME, SIGNATURE, *manifest["outputs"]):
            differences.append(f"unknown {name}")
    return differences


def _is_within(name: str) -> bool:
    """Tell whether a path stays in its folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def operation_facts(lots: gpd.GeoDataFrame) -> dict[str, Any] | None:
    """Say by which operation coordinates become those of the maps; None where there is none."""
    try:
        operation = wgs84_operation(lots)
    except KcngeoError:
        # A check is made of tables that cannot be drawn, too.
        return None
    return {
        "source": operation.source,
        "to_wgs84": operation.name,
        "codes": list(operation.codes),
        "accuracy_m": operation.accuracy_m,
    }


def _digest(content: Mapping[str, Any]) -> str:
    """Hash what a manifest says, as it is read back."""
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
