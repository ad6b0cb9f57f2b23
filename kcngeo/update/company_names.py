"""Names of companies, as lists spell them: what is surely one company, and what only may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from kcngeo.io.spreadsheet.vocabulary import plain

# What any company has in its name, with the legal form it says: before the name, and behind it.
_BEFORE = {
    "limited": ("trach nhiem huu han", "tnhh"),
    "joint_stock": ("co phan", "cp"),
    "private": ("doanh nghiep tu nhan", "dntn", "dn tu nhan"),
    "cooperative": ("hop tac xa", "htx"),
    "branch": ("chi nhanh", "cn"),
    "": (
        *("cong ty", "cty", "c ty", "mot thanh vien", "hai thanh vien", "mtv"),
        *("1 thanh vien", "2 thanh vien", "1 tv", "2 tv", "1tv", "2tv"),
    ),
}
_BEHIND = {
    "limited": ("limited", "ltd", "llc", "tnhh"),
    "joint_stock": ("joint stock", "jsc"),
    "private": ("private enterprise",),
    "cooperative": ("cooperative",),
    "branch": ("branch", "chi nhanh"),
    "": ("company", "co", "corporation", "corp"),
}
_Phrases = tuple[tuple[tuple[str, ...], str], ...]


def _phrases(forms: dict[str, tuple[str, ...]]) -> _Phrases:
    """List phrases with their forms, the longest first."""
    found = [(tuple(one.split()), form) for form, some in forms.items() for one in some]
    return tuple(sorted(found, key=lambda one: -len(one[0])))


_FIRST, _LAST = _phrases(_BEFORE), _phrases(_BEHIND)
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"[^\W_]+")
# Names as like as this may be one, mistyped: one letter of nine.
_NEAR = 0.88
_SHORTEST_NEAR = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyName:
    """A name in its parts.

    Attributes
    ----------
    words
        Its own words with their marks, whichever vowel carries the tone; without what any company
        has in its name.
    bare
        The same without marks.
    forms
        Its legal form and "branch", as far as it says them.
    """

    words: tuple[tuple[str, str], ...]
    bare: tuple[str, ...]
    forms: frozenset[str]

    @property
    def is_marked(self) -> bool:
        """Whether it is written with marks."""
        return any(tone or letters != plain(letters) for letters, tone in self.words)


def company_name(text: str) -> CompanyName:
    """Take a name apart.

    Examples
    --------
    >>> name = company_name("Cty TNHH MTV Chè Hòa Bình")
    >>> name == company_name("CÔNG TY TNHH Chè Hoà Bình"), name.bare, sorted(name.forms)
    (True, ('che', 'hoa', 'binh'), ['limited'])
    """
    words = [match.group() for match in _WORD.finditer(unicodedata.normalize("NFC", text))]
    bare = [plain(word) for word in words]
    first, last, forms = 0, len(bare), set()
    # Only at the ends: "C.P." within a name is a name.
    while found := _phrase(_FIRST, bare[first:last], at_end=False):
        first += len(found[0])
        forms.add(found[1])
    while found := _phrase(_LAST, bare[first:last], at_end=True):
        last -= len(found[0])
        forms.add(found[1])
    if first == last:
        first, last = 0, len(bare)
    return CompanyName(
        words=tuple(_word(word) for word in words[first:last]),
        bare=tuple(bare[first:last]),
        forms=frozenset(forms - {""}),
    )


def _phrase(
    phrases: _Phrases, words: list[str], *, at_end: bool
) -> tuple[tuple[str, ...], str] | None:
    """Find what any company has in its name at one end of some words."""
    for phrase, form in phrases:
        size = len(phrase)
        if len(words) >= size and tuple(words[-size:] if at_end else words[:size]) == phrase:
            return phrase, form
    return None


def _word(word: str) -> tuple[str, str]:
    """Give the letters of a word with their own marks, and its tone apart."""
    signs = unicodedata.normalize("NFD", word.casefold())
    tone = "".join(sorted(sign for sign in signs if sign in _TONES))
    letters = "".join(sign for sign in signs if sign not in _TONES)
    return unicodedata.normalize("NFC", letters), tone


def compared(one: CompanyName, other: CompanyName) -> str:
    """Tell whether two names are one company.

    Parameters
    ----------
    one, other
        The names, taken apart.

    Returns
    -------
    str
        "same"; "different"; or why it is in doubt: "form" (another legal form, or a branch),
        "marks" (other marks on the same letters), "spelling" (nearly the same letters), "longer"
        (one is the beginning of the other).

    Examples
    --------
    >>> names = ("Cty CP Trà Xanh", "CTY TRA XANH", "Công ty TNHH Trà Xanh", "Công ty Trà Xạnh",
    ...          "Công ty Trà Xanh Đà Lạt", "Công ty Dệt Len")
    >>> first, *others = map(company_name, names)
    >>> [compared(first, other) for other in others]
    ['same', 'form', 'marks', 'longer', 'different']
    """
    if one.bare == other.bare:
        if one.words != other.words and one.is_marked and other.is_marked:
            return "marks"
        said = one.forms & {"branch"} != other.forms & {"branch"}
        kinds = one.forms - {"branch"}, other.forms - {"branch"}
        return "form" if said or (all(kinds) and kinds[0] != kinds[1]) else "same"
    if [word for word in one.bare if word.isdigit()] != [
        word for word in other.bare if word.isdigit()
    ]:
        return "different"
    size = min(len(one.bare), len(other.bare))
    if size > 1 and one.bare[:size] == other.bare[:size]:
        return "longer"
    left, right = "".join(one.bare), "".join(other.bare)
    if left == right:
        return "spelling"
    if min(len(left), len(right)) < _SHORTEST_NEAR:
        return "different"
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    near = matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR
    return "spelling" if near and matcher.ratio() >= _NEAR else "different"
