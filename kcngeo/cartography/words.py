"""Words of a map in every language at once: a screen changes its language, paper chooses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from kcngeo import theme

Words: TypeAlias = Mapping[str, str]
"""The same words by language."""


def say(tell: Callable[[str], str]) -> Words:
    """Say something in every language.

    Examples
    --------
    >>> say(lambda language: theme.number(1.5, language=language))
    {'vi': '1,50', 'en': '1.50'}
    """
    return {language: tell(language) for language in theme.LANGUAGES}


def text(key: str, **fields: object) -> Words:
    """Say words of the table in every language.

    Examples
    --------
    >>> text("status.leased")["en"]
    'leased'
    """
    return say(
        lambda language: theme.text(
            key, language=language, **{name: _in(one, language) for name, one in fields.items()}
        )
    )


def number(value: float, *, decimals: int = 2) -> Words:
    """Write a number in every language.

    Examples
    --------
    >>> number(76.072, decimals=1)
    {'vi': '76,1', 'en': '76.1'}
    """
    return say(lambda language: theme.number(value, language=language, decimals=decimals))


def percent(share: float) -> Words:
    """Write a share as a percentage in every language.

    Examples
    --------
    >>> percent(0.5604)
    {'vi': '56,04 %', 'en': '56.04 %'}
    """
    return say(lambda language: theme.percent(share, language=language))


def hectares(area_ha: float) -> Words:
    """Write an area in every language.

    Examples
    --------
    >>> hectares(8.36)
    {'vi': '8,36 ha', 'en': '8.36 ha'}
    """
    return say(lambda language: f"{theme.number(area_ha, language=language)} ha")


def same(words: str) -> Words:
    """Give words that are the same in every language: names, ids.

    Examples
    --------
    >>> same("CN9")
    {'vi': 'CN9', 'en': 'CN9'}
    """
    return dict.fromkeys(theme.LANGUAGES, words)


def joined(parts: list[Words], *, by: str = " · ") -> Words:
    """Put words together, leaving out what is empty.

    Examples
    --------
    >>> joined([same("CN9"), NO_WORDS, same("8 ha")])["vi"]
    'CN9 · 8 ha'
    """
    return say(lambda language: by.join(one[language] for one in parts if one[language]))


def _in(value: object, language: str) -> object:
    return value[language] if isinstance(value, Mapping) else value


NO_WORDS: Words = same("")
"""Nothing, in every language."""
