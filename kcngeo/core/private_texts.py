"""Find private texts in whatever spelling: without diacritics, legal form or spaces, glued, short.

A text is compared letter by letter after its marks, its case and what cannot be seen are taken
away. A name is looked for whole, without its legal form ("Công ty TNHH"), and by a word that is no
Vietnamese syllable and stands in no public text ("Acme" of "Công ty TNHH Thực phẩm Acme").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

# What is shorter is too common to be looked for in other texts.
_SHORTEST = 4
# Digits alone are a year or a month sooner than a number of a document.
_SHORTEST_NUMBER = 9
# From this length on a name is found in the middle of a word too.
_INSIDE = 9
_LEGAL_FORMS = (
    *("chi nhanh", "van phong dai dien", "tong cong ty", "cong ty", "cty", "tap doan"),
    *("lien doanh", "trach nhiem huu han", "tnhh", "co phan", "cp", "mot thanh vien"),
    *("hai thanh vien", "mtv", "doanh nghiep tu nhan", "doanh nghiep", "dntn", "hop tac xa"),
    *("htx", "xi nghiep", "nha may", "co ltd", "ltd", "limited", "company", "jsc", "inc", "corp"),
    *("corporation", "joint stock", "group", "viet nam", "vietnam"),
)
_UNSEEN = "unseen"
_SYLLABLE = re.compile(
    r"(ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(ng|nh|ch|[cmnpt])?"
)


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared: its words, glued, and where each letter came from."""

    glued: str
    places: tuple[int, ...]
    starts: frozenset[int]


def fold(text: str) -> str:
    """Spell a text as it is compared, its words divided by spaces.

    Examples
    --------
    >>> fold("Công ty TNHH Đại-Sơn 2"), fold("CÔNG\u200bTY")
    ('cong ty tnhh dai son 2', 'congty')
    """
    folded = _folded(text)
    cuts = [*sorted(folded.starts), len(folded.glued)]
    return " ".join(folded.glued[start:end] for start, end in pairwise(cuts))


@cache
def _sign(sign: str) -> tuple[str, str]:
    """Give what a sign is, letter, number or neither, and its plain letters."""
    category = unicodedata.category(sign)
    # Marks belong to their letter, and what cannot be seen divides nothing.
    if category in ("Mn", "Cf"):
        return _UNSEEN, ""
    if category[0] not in "LN":
        return "", ""
    plain = unicodedata.normalize("NFKD", sign.casefold().replace("đ", "d"))
    return category[0], "".join(one for one in plain if one.isalnum())


def _folded(text: str) -> _Folded:
    letters: list[str] = []
    places: list[int] = []
    starts: set[int] = set()
    kind = ""
    for place, sign in enumerate(text):
        here, plain = _sign(sign)
        if here == _UNSEEN:
            continue
        if here and here != kind:
            starts.add(len(letters))
        kind = here
        for one in plain:
            letters.append(one)
            places.append(place)
    return _Folded("".join(letters), tuple(places), frozenset(starts))


@dataclass(frozen=True, kw_only=True)
class PrivateTexts:
    """Texts that must not leave the house.

    Attributes
    ----------
    wanted
        What is looked for, by its glued letters: the text it comes from.
    """

    wanted: dict[str, str]

    @classmethod
    def of(
        cls, names: Iterable[str], documents: Iterable[str] = (), *, public: Iterable[str] = ()
    ) -> PrivateTexts:
        """Take names, also as they are said for short, documents, and what is public anyway.

        Examples
        --------
        >>> private = PrivateTexts.of(["Công ty TNHH Thực phẩm Acme"], public=["thực phẩm"])
        >>> private.hide("thuê_ACME_01; cty thuc pham ac\u200bme")
        'thuê_…_01; cty …'
        """
        known = " ".join(f" {fold(text)} " for text in public)
        whole = {text: fold(text).split() for text in names}
        # A whole name is private even where it is a word that everybody uses.
        told = [(text, words, True) for text, words in whole.items()]
        told += [(text, part, False) for text, words in whole.items() for part in _short(words)]
        told += [(text, fold(text).split(), False) for text in documents]
        wanted: dict[str, str] = {}
        for text, words, is_whole in told:
            glued = "".join(words)
            shortest = _SHORTEST_NUMBER if glued.isdigit() else _SHORTEST
            if len(glued) >= shortest and (is_whole or f" {' '.join(words)} " not in known):
                wanted.setdefault(glued, text)
        return cls(wanted=wanted)

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @cached_property
    def _begins(self) -> dict[str, list[str]]:
        """What is looked for, by its first letters, the longest first."""
        begins: dict[str, list[str]] = {}
        for one in sorted(self.wanted, key=len, reverse=True):
            begins.setdefault(one[:_SHORTEST], []).append(one)
        return begins

    @cached_property
    def _near(self) -> re.Pattern[str]:
        """Find where one may begin; nothing where there is none."""
        return re.compile(f"(?={'|'.join(map(re.escape, self._begins)) or '(?!)'})")

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Give where private texts stand in a text, from and to, and which they are."""
        folded = _folded(text)
        glued, starts = folded.glued, folded.starts | {len(folded.glued)}
        done = 0
        for near in self._near.finditer(glued):
            at = near.start()
            for one in self._begins[glued[at : at + _SHORTEST]] if at >= done else ():
                end = at + len(one)
                is_word = at in starts and end in starts
                if glued.startswith(one, at) and (is_word or len(one) >= _INSIDE):
                    yield folded.places[at], folded.places[end - 1] + 1, self.wanted[one]
                    done = end
                    break

    def hide(self, text: str, *, instead: str = "…") -> str:
        """Put something in the place of every private text."""
        # A letter and its marks are one sign, so that both go.
        told = unicodedata.normalize("NFC", text)
        parts, end = [], 0
        for start, stop, _ in self.found(told):
            # Marks that follow a letter belong to it.
            while stop < len(told) and _sign(told[stop])[0] == _UNSEEN:
                stop += 1
            parts += [told[end:start], instead]
            end = stop
        return "".join([*parts, told[end:]]) if parts else text


def _short(words: list[str]) -> Iterator[list[str]]:
    """Give a name without its legal form, and its words that are no Vietnamese syllables."""
    core = list(words)
    while core:
        form = next((one.split() for one in _LEGAL_FORMS if _goes_with(core, one.split())), None)
        if form is None:
            break
        at_front = core[: len(form)] == form
        core = core[len(form) :] if at_front else core[: -len(form)]
    yield core
    for word in core:
        if word.isalpha() and not _SYLLABLE.fullmatch(word):
            yield [word]


def _goes_with(words: list[str], form: list[str]) -> bool:
    return words[: len(form)] == form or words[-len(form) :] == form
