"""Run the notebooks and keep what they showed: `.venv/bin/python tools/notebooks.py [NAME ...]`.

Whoever reads them where the source is shown sees their results without running anything. What is
kept is small: pictures have few colours and no more pixels than a page is wide, and a map for the
screen, which is a page of its own, is named and not shown.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
HANGS_S = 600
PNG, HTML, PLAIN = "image/png", "text/html", "text/plain"
WIDEST_PX, COLOURS, LONGEST_HTML = 900, 32, 20_000


def executed(path: Path) -> Any:
    """Run a notebook in a clean kernel; give it with what is kept of its outputs."""
    notebook = nbformat.read(path, as_version=4)
    metadata = notebook.metadata.copy()
    # What is printed arrives in pieces, cut elsewhere in every run.
    options = {"timeout": HANGS_S, "record_timing": False, "coalesce_streams": True}
    where = {"metadata": {"path": path.parent.as_posix()}}
    NotebookClient(notebook, resources=where, **options).execute()
    # Without the version of the Python that ran it.
    notebook.metadata = metadata
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            _make_small(output.get("data", {}))
    return notebook


def shown(notebook: Any) -> list[str]:
    """List what its cells show, line by line; of a picture only that it is there."""
    lines = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            told = {"text": output.get("text", ""), **output.get("data", {})}
            # In whichever order they came.
            for kind, content in sorted(told.items()):
                text = "" if kind == PNG else content
                lines += [f"cell {number}, {kind}: {line}" for line in text.split("\n")]
    return lines


def _make_small(data: dict[str, str]) -> None:
    if len(data.get(HTML, "")) > LONGEST_HTML:
        del data[HTML]
    if PLAIN in data:
        # An address is another one in every run, and a picture as large as the machine's letters.
        data[PLAIN] = re.sub(r" at 0x[0-9a-f]+| size [\d.]+x[\d.]+", "", data[PLAIN])
    if PNG in data:
        with Image.open(io.BytesIO(base64.b64decode(data[PNG]))) as image:
            image.thumbnail((WIDEST_PX, 10 * WIDEST_PX))
            few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        written = io.BytesIO()
        few.save(written, "PNG", optimize=True)
        data[PNG] = base64.b64encode(written.getvalue()).decode()


if __name__ == "__main__":
    for one in sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.ipynb")):
        file = FOLDER / f"{one}.ipynb"
        nbformat.write(executed(file), file)
        print(f"{file.stat().st_size / 1e3:7,.0f} kB  {file.name}", flush=True)
