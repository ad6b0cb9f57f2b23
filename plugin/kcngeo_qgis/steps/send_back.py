"""The open package goes home: merged with what others have recorded since it left."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputFolder,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProject,
)

from kcngeo_qgis.algorithm import Algorithm, optional, place_of, project_parameter, refused, tell
from kcngeo_qgis.live.copied import NotCopiedError, copied
from kcngeo_qgis.live.package import NoPackageError, the_package
from kcngeo_qgis.loading import load_clashes
from kcngeo_qgis.texts import language, text

_DONE, _CLASHED = 0, 2


class SendBack(Algorithm):
    """Record what was edited here in the project the package was taken from."""

    key = "send_back"
    group_key = "steps"
    writes_home = True

    def __init__(self) -> None:
        super().__init__()
        self._copy: Any = None
        self._sent = ""

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Ask where to, and whether it is only to be tried."""
        self.addParameter(project_parameter("home"))
        self.addParameter(QgsProcessingParameterBoolean("DRY_RUN", text("ask.dry_run"), False))
        resolved = QgsProcessingParameterFile("RESOLVE", text("ask.resolve"))
        self.addParameter(optional(resolved))
        self.addParameter(QgsProcessingParameterFolderDestination("OUT", text("ask.clashes")))
        self.addOutput(QgsProcessingOutputBoolean("RECORDED", text("ask.recorded")))
        self.addOutput(QgsProcessingOutputFolder("CLASHES", text("ask.clashes")))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Copy the package as it stands; only what is saved is sent."""
        try:
            package = the_package(context.project() or QgsProject.instance())
        except NoPackageError as error:
            raise QgsProcessingException(text(f"say.{error.key}", **error.fields)) from error
        is_tried = self.parameterAsBoolean(parameters, "DRY_RUN", context)
        if package.edited() and not is_tried:
            names = ", ".join(layer.name() for layer in package.edited())
            raise QgsProcessingException(text("say.save_first", names=names))
        self._copy = tempfile.TemporaryDirectory(prefix="kcngeo-")
        try:
            self._sent = str(copied(package, Path(self._copy.name)))
        except (NotCopiedError, OSError) as error:
            raise QgsProcessingException(text("say.not_copied", why=error)) from error
        return True

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Merge, and load the clashes if there are any."""
        root = Path(place_of(self.parameterAsString(parameters, "OUT", context)))
        root.mkdir(parents=True, exist_ok=True)
        # A list that somebody may have filled in is never written over.
        names = (root / f"clashes-{number}" for number in itertools.count(1))
        folder = next(one for one in names if not one.exists())
        is_tried = self.parameterAsBoolean(parameters, "DRY_RUN", context)
        home = place_of(self.parameterAsString(parameters, "PROJECT", context))
        words = ["update", home, self._sent]
        words += ["--language", language(), "--clashes", str(folder)]
        words += ["--dry-run"] if is_tried else []
        resolved = place_of(self.parameterAsString(parameters, "RESOLVE", context))
        words += ["--resolve", resolved] if resolved else []
        try:
            done = tell(words, feedback)
        finally:
            with suppress(OSError):
                self._copy.cleanup()
        if done.code == _DONE:
            # A row for each value that was changed, or for a row that is new or gone.
            edits = list(csv.DictReader(io.StringIO(done.printed)))
            for one in edits:
                feedback.pushInfo(_edit(one))
            return {"RECORDED": bool(edits) and not is_tried, "CLASHES": ""}
        if done.code != _CLASHED or not folder.is_dir():
            raise refused(done)
        feedback.reportError(text("say.clashes", path=folder / "clashes.xlsx"))
        found = load_clashes(folder, self.displayName(), context)
        return {"RECORDED": False, "CLASHES": str(folder), **found}


def _edit(one: dict[str, str]) -> str:
    """Say what was edited in a line."""
    values = f": {one['column']} {one['before']} → {one['after']}" if one["column"] else ""
    return f"{one['table']} {one['id']}{values}"
