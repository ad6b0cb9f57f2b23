"""A folium map that is one file: no tiles, no request, the same bytes each time.

A plain folium map fetches ten files from four hosts when it is opened. :class:`OfflineMap` loads
only Leaflet, which is kept in the package, writes it into the page, and refuses to write a page
that would ask for anything. folium's own layers, tooltips, popups and the layer control work as
they do in folium.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any, BinaryIO

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, Link
from jinja2 import TemplateSyntaxError

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.maps.policy import POLICY, sealed

_ADDRESS = r"(?P<address>(?:https?:)?//[^\s\"'<>`)]+)"
_LOADING = (
    # What a tag loads by itself. The target of <a href> is not loaded: it may stay.
    re.compile(
        r"<(?!a\s)[a-z][^<>]*?\s(?:src|srcset|href|xlink:href|poster|data|action)\s*=\s*"
        rf"\\?[\"'`]?\s*{_ADDRESS}",
        re.IGNORECASE,
    ),
    re.compile(rf"<[a-z][^<>]*?\burl\(\s*\\?[\"']?\s*{_ADDRESS}", re.IGNORECASE),
)
_LOADING_IN_CSS = re.compile(rf"(?:url\(\s*|@import\s+)[\"']?\s*{_ADDRESS}", re.IGNORECASE)
_STYLE_BLOCK = re.compile(r"<style[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_STARTS_AS_ADDRESS = re.compile(_ADDRESS, re.IGNORECASE)
# Where folium's layers keep the address of what they fetch: tiles, pictures, GeoJSON left outside.
_FETCHED = ("tiles", "url", "embed_link")
_RANDOM_ID = re.compile(r"[0-9a-f]{32}")
# How folium names one element inside the style of another.
_REFERENCE = re.compile(r"\{\{'([A-Za-z_]+_[0-9a-f]{32})'\}\}")
# A note of JSDoc that has its lines for itself: a fifth of the scripts, for who reads them here.
_NOTE = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')


class OfflineMap(folium.Map):
    """A :class:`folium.Map` whose file and notebook view need no network.

    Add folium's own layers to it as usual: GeoJson, Polygon, Marker, FeatureGroup, Tooltip,
    Popup, LayerControl. What would have to be fetched when the page is opened (tiles, plugins,
    pictures on the web, the icons of ``folium.Icon``) is refused when the page is written.
    A property that holds ``{%``, ``{#`` or an unfinished ``{{`` cannot pass folium's templates
    and is refused too; :class:`~kcngeo.maps.payload.PayloadLayer` takes any text.

    Parameters
    ----------
    location
        Latitude and longitude of the middle, in degrees (WGS 84).
    tiles
        None, as tiles come from the network. A layer that holds its own data may be given.
    title
        Title of the page, shown by the browser; plain text.
    language
        Language of the page, "vi" or "en".
    **options
        Any other option of :class:`folium.Map`.

    Examples
    --------
    >>> offline = OfflineMap([11.524, 107.842], zoom_start=14, title="Lộc Sơn", language="vi")
    >>> page = offline.get_root().render()
    >>> "https://cdn" in page
    False
    """

    def __init__(
        self,
        location: Any = None,
        *,
        tiles: Any = None,
        title: str = "",
        language: str = "vi",
        **options: Any,
    ) -> None:
        options.setdefault("attribution_control", False)
        super().__init__(location, tiles=tiles, **options)
        # Lists of its own: folium's add_js_link changes the list it finds in place.
        self.default_js = [link for link in folium.Map.default_js if link[0] == "leaflet"]
        self.default_css = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]
        OfflineFigure(title=title, language=language).add_child(self)

    # folium's macro elements write into the figure and give nothing back.
    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Write the map's parts into its figure.

        Parameters
        ----------
        **kwargs
            Handed on to the templates.

        Raises
        ------
        KcngeoError
            If the map was put into a plain figure, which would load from the network.
        """
        if not isinstance(self.get_root(), OfflineFigure):
            raise KcngeoError("map_figure")
        super().render(**kwargs)  # type: ignore[no-untyped-call]

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:
        """Write the page as one file that needs no network: whole, or not at all.

        Saving the same map twice gives the same bytes.

        Parameters
        ----------
        outfile
            Path of the file, or a binary file that is open.
        close_file
            Whether an open file is closed afterwards.
        **kwargs
            Handed on to the templates.

        Raises
        ------
        DataSourceError
            If something on the map would be fetched from the network, or the file cannot be
            written; what was there before stays.
        KcngeoError
            If folium cannot write what is on the map without its own extras.

        Examples
        --------
        >>> import io
        >>> page = io.BytesIO()
        >>> OfflineMap([11.524, 107.842], zoom_start=14).save(page, close_file=False)
        >>> page.getvalue().startswith(b"<!DOCTYPE html>")
        True
        """
        page = self.get_root().render(**kwargs).encode()
        if isinstance(outfile, (str, bytes, os.PathLike)):
            atomic.write_bytes(os.fsdecode(outfile), page)
            return
        file: BinaryIO = outfile
        file.write(page)
        if close_file:
            file.close()


class OfflineFigure(Figure):
    """The page round an :class:`OfflineMap`: everything inside, nothing from outside.

    Needed by name only to give the view in a notebook a size:
    ``OfflineFigure(height="400px").add_child(offline_map)``.

    Parameters
    ----------
    title
        Title of the page; plain text.
    language
        Language of the page, "vi" or "en".
    **size
        ``width``, ``height`` or ``ratio``, as branca's figure takes them.
    """

    def __init__(self, *, title: str = "", language: str = "vi", **size: Any) -> None:
        super().__init__(title=title, **size)
        self.language = language

    def render(self, **kwargs: Any) -> str:
        """Write the page.

        The figure is left as it was found, so that it can be written again.

        Parameters
        ----------
        **kwargs
            Handed on to the templates.

        Returns
        -------
        str
            HTML of the whole page.

        Raises
        ------
        DataSourceError
            If something on the page would be fetched from the network.
        KcngeoError
            If folium cannot write what is on the map without its own extras.
        """
        _check_elements(self)
        parts = (self.header, self.html, self.script)
        # Children add themselves to the parts each time they are rendered: a second time must give
        # the same.
        before = [part._children.copy() for part in parts]
        try:
            for child in self._children.values():
                child.render(**kwargs)
            pieces = [
                [
                    _piece(child, own=name in known, kwargs=kwargs)
                    for name, child in part._children.items()
                    if name != "meta_http"
                ]
                for part, known in zip(parts, before, strict=True)
            ]
            ids = _random_ids(self)
        except TemplateSyntaxError as error:
            raise KcngeoError("map_template", reason=error.message or "") from error
        finally:
            for part, known in zip(parts, before, strict=True):
                part._children = known
        # What is kept in the package was looked at before; the rest must not ask for anything.
        for vendored, text in (piece for part in pieces for piece in part):
            if not vendored:
                _check_text(text)
        # Folium names elements at random: numbered in their order the page is the same each time.
        numbers: dict[str, str] = {}
        header, html, script = (
            "\n".join(
                text if vendored else _numbered(text, ids=ids, numbers=numbers)
                for vendored, text in part
            )
            for part in pieces
        )
        return sealed(
            f'<!DOCTYPE html>\n<html lang="{escape(self.language)}">\n<head>\n'
            '<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title or '')}</title>\n{header}\n</head>\n"
            f"<body>\n{html}\n<script>\n{script}\n</script>\n</body>\n</html>\n"
        )


class RawElement(Element):
    """Text that is written as it stands: no template is made of it.

    Parameters
    ----------
    text
        HTML, CSS or JavaScript, already safe where it stands.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "RawElement"
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Give the text."""
        return self.text


def asset(name: str) -> str:
    """Text of a file kept with the maps."""
    return _asset_bytes(name).decode()


def script_block(text: str) -> str:
    """JavaScript as a block of HTML that its own text cannot close, without its notes."""
    text = _NOTE.sub("", text)
    return (
        "<script>\n" + re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE) + "\n</script>"
    )


@cache
def _asset_bytes(name: str) -> bytes:
    return (resources.files("kcngeo.maps") / "assets" / name).read_bytes()


@cache
def _vendored() -> Mapping[str, tuple[str, str]]:
    """By the end of its address: name of a vendored file, and of its licence."""
    packages = tomllib.loads(asset("VENDORED.toml")).values()
    return {
        package["path"] + name: (name, package["licence_file"])
        for package in packages
        for name in package["sha256"]
    }


def _data_uri(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_asset_bytes(name)).decode()


@cache
def _inlined(url: str) -> str:
    """Give the HTML that stands for a link, or raise: nothing is fetched."""
    found = next((files for end, files in _vendored().items() if url.endswith(end)), None)
    if found is None:
        raise DataSourceError("map_network", address=url)
    name, licence = found
    notice = f"<!--\n{name}\n\n{asset(licence).strip()}\n-->\n"
    if name.endswith(".css"):
        css = re.sub(r"url\((images/[^)]+)\)", lambda m: f"url({_data_uri(m[1])})", asset(name))
        return f"{notice}<style>\n{css}\n</style>"
    code = re.sub(r"^//# sourceMappingURL=.*$", "", asset(name), flags=re.MULTILINE)
    # Leaflet would look for its marker beside a file of its own, which a single page does not have.
    icons = {
        "iconUrl": _data_uri("images/marker-icon.png"),
        "iconRetinaUrl": _data_uri("images/marker-icon-2x.png"),
        "shadowUrl": _data_uri("images/marker-shadow.png"),
    }
    own = (
        f"{asset('folium.js')}delete L.Icon.Default.prototype._getIconUrl;\n"
        f"L.Icon.Default.mergeOptions({json.dumps(icons)});"
    )
    return f"{notice}{script_block(code)}\n{script_block(own)}"


def _piece(child: Element, *, own: bool, kwargs: dict[str, Any]) -> tuple[bool, str]:
    """Whether a part of the page is vendored, and its text."""
    if isinstance(child, (JavascriptLink, CssLink)):
        return True, _inlined(child.url)
    if type(child) is Element and not own and child._template_str is not None:
        # folium has rendered this text and would take it for a template once more: a name such
        # as "{{ 7 * 7 }}" would come out as 49. Only its own references are followed.
        text = _REFERENCE.sub(r"\1", child._template_str)
    else:
        text = child.render(**kwargs)
    return False, _VIEWPORT.sub("", text)


def _numbered(text: str, *, ids: frozenset[str], numbers: dict[str, str]) -> str:
    """Replace folium's random ids by numbers in the order in which they appear."""

    def number(match: re.Match[str]) -> str:
        found = match[0]
        return numbers.setdefault(found, f"{len(numbers) + 1:05d}") if found in ids else found

    return _RANDOM_ID.sub(number, text)


def _random_ids(figure: Figure) -> frozenset[str]:
    names = [
        name for part in (figure.header, figure.html, figure.script) for name in part._children
    ]
    return frozenset(
        [element._id for element in _elements(figure)]
        + [found for name in names for found in _RANDOM_ID.findall(name)]
    )


def _elements(root: Element) -> Iterator[Element]:
    """Every element of the tree, also those kept in attributes: a popup's text, an icon."""
    waiting, seen = [root], set[int]()
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        yield element
        held = [value for key, value in vars(element).items() if key != "_parent"]
        waiting += [value for value in held if isinstance(value, Element)]
        waiting += element._children.values()


def _check_elements(figure: Figure) -> None:
    for element in _elements(figure):
        if isinstance(element, folium.Icon):
            raise KcngeoError("map_icon")
        if isinstance(element, Link):
            continue  # inlined, or refused, by its address
        for name in _FETCHED:
            value = getattr(element, name, None)
            if isinstance(value, str) and (found := _STARTS_AS_ADDRESS.match(value)):
                raise DataSourceError("map_network", address=found["address"])
        if getattr(element, "embed", True) is False:
            raise DataSourceError("map_network", address=str(getattr(element, "embed_link", "")))


def _check_text(text: str) -> None:
    found = next(filter(None, (pattern.search(text) for pattern in _LOADING)), None)
    for block in _STYLE_BLOCK.finditer(text):
        found = found or _LOADING_IN_CSS.search(block[1])
    if found:
        raise DataSourceError("map_network", address=found["address"])
