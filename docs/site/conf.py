"""Settings of Sphinx for both languages; `build.py` says which one by KCNGEO_DOCS."""

from __future__ import annotations

import json
import os
from typing import Any

from kcngeo import __version__ as release

_told = json.loads(os.environ["KCNGEO_DOCS"])

project = "kcngeo"
project_copyright = "the kcngeo developers"
version = release
language = _told["language"]
html_title = f"kcngeo {release}"
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
templates_path = [_told["templates"]]
exclude_patterns = ["out"]

myst_heading_anchors = 3
# Pages are written for any reader of Markdown; what only Sphinx understands is made by the build.
myst_enable_extensions = ["attrs_block"]

add_module_names = False
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
# The fields of a class stand under its Attributes already.
numpydoc_show_class_members = False

html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
# Nothing leads to it, and the search finds more.
html_use_index = html_domain_indices = False
html_static_path = ["static"]
html_css_files = ["wide.css"]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_context = {"other": _told["other"], "other_pages": _told["other_pages"]}


def _plain_types(_app: Any, _what: str, _name: str, _one: Any, _how: Any, lines: list[str]) -> None:
    """Keep the last letter of NumPy's `bool_` and `object_`, which reads as a mark of a link."""
    lines[:] = [line.replace("_]", "\\_]") for line in lines]


def setup(app: Any) -> None:
    """Register what is done to docstrings; before numpydoc, which is at 500."""
    app.connect("autodoc-process-docstring", _plain_types, priority=400)
