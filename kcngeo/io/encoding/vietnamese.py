"""Which words can be Vietnamese: the grammar of the written syllable.

A Vietnamese word is one syllable: an initial from a closed list, a rhyme from a closed list, one
tone; and a rhyme that ends in a stop takes only two of the six tones. A wrong reading of legacy
bytes almost never fits, which is what the detection in :mod:`kcngeo.io.encoding.repair` rests on.
The lists are those of the spelling taught in school (quốc ngữ).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_STOPS = ("c", "ch", "p", "t")
_STOP_TONES = ("s", "j")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_INITIALS = _listed("ngh ng nh gh gi kh ph qu th tr ch b c d đ g h k l m n p r s t v x")
_RHYMES = _listed(
    """
    a ac ach ai am an ang anh ao ap at au ay
    ăc ăm ăn ăng ăp ăt
    âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et
    ê êch êm ên êng ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
    oc oi om on ong ooc oong op ot
    ô ôc ôi ôm ôn ông ôp ôt
    ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uêt uôc uôi uôm uôn uông uôt uơ
    uy uya uych uynh uyn uyt uyu uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yt ynh yêm yên yêng yêt yêu
    """
)
# After "qu" the glide is written in the initial already.
_AFTER_QU = _listed(
    """
    a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât âu ây
    e en eo et ê ên ênh êt êch êu i it y ych ynh yt yên yêt yêu ơ ôc
    """
)
# Names of the highlands (Đắk Lắk, Krông Nô, Đạ Tẻh, B'Lao) go beyond the school's lists.
_LOCAL = re.compile(
    "(?:[bcdđghjklmnprstvxwyzf]{0,3}|qu)[aăâeêioôơuưy]{1,3}(?:ch|ng|nh|[chklmnprst])?"
)


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether a word obeys the spelling of a Vietnamese syllable."""
    plain, tones = _toneless(word)
    if len(tones) > 1:
        return False
    return any(_fits(plain, initial, tones) for initial in ("", *_INITIALS))


@lru_cache(maxsize=65536)
def is_local_name(word: str) -> bool:
    """Tell whether a word could be a place name of the highlands: one vowel group, one tone."""
    plain, tones = _toneless(word)
    return len(tones) <= 1 and _LOCAL.fullmatch(plain) is not None


def _toneless(word: str) -> tuple[str, str]:
    """Split a word into its letters (ă â ê ô ơ ư đ kept whole) and its tone marks."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tones.append(_TONES[char])
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)), "".join(tones)


def _fits(plain: str, initial: str, tones: str) -> bool:
    if not plain.startswith(initial):
        return False
    rhyme = plain[len(initial) :]
    if initial == "gi" and not rhyme:
        rhyme = "i"
    if rhyme not in (_AFTER_QU if initial == "qu" else _RHYMES):
        return False
    # A stop allows the sharp and the heavy tone only, and does not go without.
    return not rhyme.endswith(_STOPS) or tones in _STOP_TONES
