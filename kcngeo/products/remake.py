"""Make a product again from its manifest, to compare what the project gives today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kcngeo.core.dates import Moment
from kcngeo.core.errors import KcngeoError
from kcngeo.ledger import Project
from kcngeo.products.check import check
from kcngeo.products.conflicts import conflicts
from kcngeo.products.exchange import exchange
from kcngeo.products.history import history
from kcngeo.products.imagery import imagery
from kcngeo.products.layers import layers
from kcngeo.products.month import month, series
from kcngeo.products.progress import progress
from kcngeo.products.returns import returns
from kcngeo.products.scenario import scenario
from kcngeo.products.sites import sites
from kcngeo.publish.bundle import Bundle

# How a product takes the moment: as an argument, as a snapshot, or as the tables stored then.
_TAKES_MOMENT: Mapping[str, Callable[..., Bundle]] = {
    "month": month,
    "series": series,
    "history": history,
    "scenario": scenario,
}
_TAKES_SNAPSHOT: Mapping[str, Callable[..., Bundle]] = {
    "progress": progress,
    "conflicts": conflicts,
    "sites": sites,
    "imagery": imagery,
    "returns": returns,
}
_TAKES_STORED: Mapping[str, Callable[..., Bundle]] = {
    "check": check,
    "layers": layers,
    "exchange": exchange,
}

# Where nothing was said to be recorded, nothing that was recorded since counts.
_FIRST = "1900-01-01T00:00:00Z"

# What only says where something was read from; it is given again.
_NAMED = ("land_cover", "dem", "image")


def remake(project: Project, manifest: Mapping[str, Any], **given: Any) -> Bundle:
    """Make a product again as its manifest says, as known at the moment it was made of.

    Parameters
    ----------
    project
        The tables as stored.
    manifest
        The manifest, from :func:`kcngeo.publish.read_manifest`.
    **given
        What the product was given beside the project, by the names of its arguments: frames,
        paths of rasters, ``rules`` for a registry of the user's own.

    Returns
    -------
    Bundle
        The product.

    Raises
    ------
    KcngeoError
        If this version does not make the product, or something it was given is not at hand.

    Examples
    --------
    >>> import kcngeo as kcn, tempfile
    >>> project = kcn.examples.squares()
    >>> with tempfile.TemporaryDirectory() as above:
    ...     made = kcn.products.conflicts(project, on="2018-03-31")
    ...     folder = made.write(f"{above}/conflicts", parts=["tables"])
    ...     manifest = kcn.publish.read_manifest(folder)
    ...     again = kcn.products.remake(project, manifest)
    ...     kcn.publish.verify(folder, remade=again).proved
    ('conflicts.csv', 'admissible.csv', 'findings.csv', 'names.csv')
    """
    name, options = manifest["product"], dict(manifest["options"])
    needed = [*manifest["given"], *(["rules"] if manifest["registry"].get("sha256") else [])]
    missing = [one for one in needed if given.get(one) is None]
    if missing:
        raise KcngeoError("remake_needs", product=name, names=", ".join(missing))
    moment: Moment | None = options.pop("known_at", None)
    # Later corrections do not count, whether a moment was asked for or not.
    moment = manifest["moment"] or moment or _FIRST
    # The paper of letters and the image under a map are no arguments of the product.
    paper, image = given.pop("letterhead", None), given.pop("imagery", None)
    options = {one: value for one, value in options.items() if one not in _NAMED} | given
    if name == "month":
        # Publications of later are no more known than corrections.
        options.setdefault("published", ())
    if name in _TAKES_MOMENT:
        made = _TAKES_MOMENT[name](project, known_at=moment, **options)
        return made.on_letterhead(paper).on_imagery(image)
    if name in _TAKES_SNAPSHOT:
        snapshot = project.as_known(moment, faulty="set_apart")
        return _TAKES_SNAPSHOT[name](snapshot, **options).on_letterhead(paper)
    if name in _TAKES_STORED:
        stored = project if moment is None else project.stored_at(moment)
        return _TAKES_STORED[name](stored, **options)
    raise KcngeoError("unknown_product", product=name)
