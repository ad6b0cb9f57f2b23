"""An undo in one layer takes the same step back in the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsVectorLayer


@dataclass
class Step:
    """A step: in which place of which layer's stack of commands it stands."""

    title: str
    places: dict[str, int]
    reached: dict[str, int] = field(default_factory=dict)
    """How far a layer was when the step was taken back with what came after it."""


class Links:
    """Steps that were made, and the layers whose stacks of commands are watched."""

    def __init__(self) -> None:
        self._layers: dict[str, Any] = {}
        self._steps: list[Step] = []
        self._is_busy = False

    @contextmanager
    def making(self, layers: list[QgsVectorLayer], title: str) -> Iterator[None]:
        """Note what is done within as one step of these layers."""
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False
        places = {}
        for layer in layers:
            self._watch(layer)
            places[layer.id()] = layer.undoStack().index() - 1
        # What was undone before and could have been done again is gone.
        self._steps = [one for one in self._steps if not _is_replaced(one, places)]
        self._steps.append(Step(title, places))

    def last(self) -> Step | None:
        """Give the last step that is done."""
        return next((one for one in reversed(self._steps) if self._is_done(one)), None)

    def undo(self) -> str | None:
        """Take the last step back, and tell which it was."""
        step = self.last()
        if step is None:
            return None
        self._follow(step, is_done=False)
        return step.title

    def forget(self) -> None:
        """Watch nothing any more."""
        for layer, slot in self._layers.values():
            with suppress(RuntimeError, TypeError):  # the layer is gone
                layer.undoStack().indexChanged.disconnect(slot)
        self._layers, self._steps = {}, []

    def _watch(self, layer: QgsVectorLayer) -> None:
        layer_id = layer.id()
        if layer_id in self._layers:
            return

        def moved(index: int) -> None:
            if not self._is_busy:
                for step in self._steps:
                    step.reached.pop(layer_id, None)
                self._moved(layer_id, index)

        layer.undoStack().indexChanged.connect(moved)
        layer.willBeDeleted.connect(lambda: self._drop(layer_id))
        self._layers[layer_id] = (layer, moved)

    def _drop(self, layer_id: str) -> None:
        self._layers.pop(layer_id, None)
        self._steps = [one for one in self._steps if layer_id not in one.places]

    def _stack(self, layer_id: str) -> Any:
        return self._layers[layer_id][0].undoStack()

    def _is_there(self, step: Step, layer_id: str) -> bool:
        """Whether a layer still has the command of a step: not saved, not replaced."""
        if layer_id not in self._layers:
            return False
        stack, place = self._stack(layer_id), step.places[layer_id]
        return bool(place < stack.count() and stack.text(place) == step.title)

    def _is_done(self, step: Step) -> bool:
        return all(
            self._is_there(step, one) and self._stack(one).index() > place
            for one, place in step.places.items()
        )

    def _moved(self, layer_id: str, index: int) -> None:
        """Follow an undo or redo of one layer in the others."""
        mine = [one for one in self._steps if layer_id in one.places]
        self._steps = [
            one for one in self._steps if one not in mine or self._is_there(one, layer_id)
        ]
        for step in (one for one in mine if self._is_there(one, layer_id)):
            self._follow(step, is_done=index > step.places[layer_id])

    def _follow(self, step: Step, *, is_done: bool) -> None:
        """Bring every layer of a step to before it, or to after it."""
        self._is_busy = True
        moved = []
        try:
            for one, place in step.places.items():
                stack = self._stack(one) if self._is_there(step, one) else None
                if stack is not None and (stack.index() > place) != is_done:
                    # What goes with the step because it came after it comes again with it.
                    again = min(step.reached.pop(one, place + 1), stack.count())
                    if not is_done:
                        step.reached[one] = stack.index()
                    stack.setIndex(again if is_done else place)
                    moved.append(one)
        finally:
            self._is_busy = False
        # What came after the step in another layer went with it, and its own links follow.
        for one in moved:
            self._moved(one, self._stack(one).index())


def _is_replaced(step: Step, places: dict[str, int]) -> bool:
    return any(step.places.get(layer, -1) >= place for layer, place in places.items())


LINKS = Links()
