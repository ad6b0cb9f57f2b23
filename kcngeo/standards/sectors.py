"""Sectors of projects, by the words under which people write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kcngeo.standards.entries import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector(Standard):
    """A sector, and the words that tell it.

    Attributes
    ----------
    words
        Words and phrases, any of which names the sector.
    plan
        Whether it is one that the plan of the zones supports.
    """

    words: tuple[str, ...]
    plan: bool = False

    @property
    def key(self) -> str:
        """Give its short name, as the tables of a month have it.

        Returns
        -------
        str
            The name without "sector-", with "_" for "-".

        Examples
        --------
        >>> from kcngeo import standards
        >>> standards.load("sector-fruit-vegetables").key
        'fruit_vegetables'
        """
        return self.name.removeprefix("sector-").replace("-", "_")

    def is_named_in(self, text: str) -> bool:
        """Tell whether a text names the sector.

        Parameters
        ----------
        text
            What stands under "Ngành nghề".

        Returns
        -------
        bool
            Whether one of its words stands in it as a whole word, in whatever case, with the marks
            the word is listed with: "chế biến" is no "chè", and "che" alone may be either.

        Examples
        --------
        >>> from kcngeo import standards
        >>> tea = standards.load("sector-tea")
        >>> [tea.is_named_in(one) for one in ("Chế biến CHÈ", "che bien go", "steam", "kiểm tra")]
        [True, False, False, False]
        """
        said = _folded(text)
        return any(re.search(rf"\b{re.escape(_folded(word))}\b", said) for word in self.words)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
