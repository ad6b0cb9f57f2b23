"""Words in both languages, for pages that change their language themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kcngeo import theme


def both(say: Callable[[str], Any]) -> Any:
    """Say something in every language and put the answers together.

    Examples
    --------
    >>> both(lambda language: [{"vi": "lô", "en": "lot"}[language], 7])
    [{'vi': 'lô', 'en': 'lot'}, 7]
    """
    return _merged({language: say(language) for language in theme.LANGUAGES})


def _merged(said: Mapping[str, Any]) -> Any:
    first, *others = said.values()
    if isinstance(first, Mapping):
        return {
            key: _merged({language: one[key] for language, one in said.items()}) for key in first
        }
    if isinstance(first, (list, tuple)):
        return [
            _merged(dict(zip(said, parts, strict=True)))
            for parts in zip(*said.values(), strict=True)
        ]
    if all(one == first for one in others):
        return first
    if not all(isinstance(one, str) for one in said.values()):
        raise ValueError(f"the languages differ in more than words: {said}")
    return dict(said)
