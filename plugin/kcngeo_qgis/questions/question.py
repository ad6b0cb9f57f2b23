"""A question: a stored project or the open layers go in, styled layers and tables come out."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingParameterFolderDestination,
    QgsProject,
)

from kcngeo_qgis.algorithm import (
    Algorithm,
    ask,
    day_of,
    day_parameter,
    optional,
    place_of,
    project_parameter,
)
from kcngeo_qgis.live.copied import NotCopiedError, copied
from kcngeo_qgis.live.package import NoPackageError, the_package
from kcngeo_qgis.loading import load_layers, load_sheets
from kcngeo_qgis.texts import language, text

PROJECT, DAY, OUT = "PROJECT", "DAY", "OUT"


class Question(Algorithm):
    """A command of kcngeo that writes a folder."""

    layers: tuple[str, ...] = ()
    """Layers of the folder's GeoPackage that are loaded, those that lie below last."""
    package = ""
    """Its GeoPackage."""
    workbook = "tables.xlsx"
    """Its workbook, whose sheets are loaded as tables."""

    def __init__(self) -> None:
        super().__init__()
        self._project = ""
        self._copy: Any = None

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Ask for the project, the day, and what the question needs."""
        self.addParameter(optional(project_parameter("project")))
        self.addParameter(day_parameter())
        self.add_more()
        out = QgsProcessingParameterFolderDestination(OUT, text("ask.out"))
        self.addParameter(out)
        self.addOutput(QgsProcessingOutputFolder("FOLDER", text("ask.out")))

    def add_more(self) -> None:
        """Add the parameters of this question."""

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Find the project; open layers are copied while nobody else edits them."""
        self._project = place_of(self.parameterAsString(parameters, PROJECT, context))
        if self._project:
            return True
        self._copy = tempfile.TemporaryDirectory(prefix="kcngeo-")
        try:
            package = the_package(context.project() or QgsProject.instance())
            self._project = str(copied(package, Path(self._copy.name)))
        except NoPackageError as error:
            raise QgsProcessingException(text(f"say.{error.key}", **error.fields)) from error
        except (NotCopiedError, OSError) as error:
            raise QgsProcessingException(text("say.not_copied", why=error)) from error
        feedback.pushInfo(text("say.live", path=package.path))
        return True

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Ask kcngeo and load what it wrote."""
        day = day_of(self, parameters, context, DAY)
        root = Path(place_of(self.parameterAsString(parameters, OUT, context)))
        root.mkdir(parents=True, exist_ok=True)
        # What was made before may be open.
        names = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        named = (root / f"{self.key}-{day}{one}" for one in names)
        folder = next(one for one in named if not one.exists())
        said = self.words(self._project, day, folder, parameters, context)
        try:
            done = ask([*said, "--language", language()], feedback)
        finally:
            self._forget()
        if done.code:
            feedback.pushWarning(text("say.with_findings"))
        self.keep(done.printed, folder)
        return {**self.load(folder, day, context), "FOLDER": str(folder), "CODE": done.code}

    def _forget(self) -> None:
        """Take away the copy of the open layers."""
        if self._copy is not None:
            with suppress(OSError):
                self._copy.cleanup()
            self._copy = None

    def words(
        self,
        project: str,
        day: str,
        folder: Path,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
    ) -> list[str]:
        """Give the words of the command line."""
        raise NotImplementedError

    def keep(self, printed: str, folder: Path) -> None:
        """Keep what was printed, where that is the answer."""

    def load(self, folder: Path, day: str, context: QgsProcessingContext) -> dict[str, Any]:
        """Load layers and tables of the folder."""
        group = f"{self.displayName()} {day}"
        found: dict[str, Any] = {}
        if self.workbook:
            tables = folder.with_name(f"{folder.name}-tables.gpkg")
            found.update(load_sheets(folder / self.workbook, tables, group, context))
        if self.package:
            found.update(load_layers(folder / self.package, self.layers, group, context))
        return found
