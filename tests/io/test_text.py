"""Legacy text comes to Unicode, good text stays as it is, and both are said."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Severity
from kcngeo.io.encoding import repair
from kcngeo.io.encoding import vietnamese as syllables

VIETNAMESE = [
    "Lô BI-5-KCN: đất công nghiệp",
    "đã cho thuê từ năm 2012",
    "còn trống, chưa giải phóng mặt bằng",
    "đường giao thông và cây xanh",
    "nhà máy xử lý nước thải",
    "hạ tầng kỹ thuật, mặt nước",
    "công ty trách nhiệm hữu hạn thương mại dịch vụ",
    "khuỷu sông, giếng khoan, bờ quặng",
]
# Written by hand, letter by letter, as the keyboards of the time gave them.
VNI = {
    "Ñaát coâng nghieäp": "Đất công nghiệp",
    "Ñaõ cho thueâ": "Đã cho thuê",
    "Coøn troáng": "Còn trống",
    "ÑÖÔØNG GIAO THOÂNG": "ĐƯỜNG GIAO THÔNG",
    "Caây xanh, maët nöôùc": "Cây xanh, mặt nước",
    "Huyeän Ñöùc Troïng": "Huyện Đức Trọng",
    "Thaønh phoá Baûo Loäc": "Thành phố Bảo Lộc",
    "Aùnh saùng thaúng": "Ánh sáng thẳng",
    "Kyõ thuaät, khuyûu, tî": "Kỹ thuật, khuỷu, tỵ",
}
# TCVN3 has no accented capitals: a heading is typed with the small ones, in a font of capitals.
TCVN3_CAPITALS = {
    "§ÊT C¤NG NGHIÖP": "ĐẤT CÔNG NGHIỆP",
    "HUYÖN §øC TRäNG": "HUYỆN ĐỨC TRỌNG",
    "§µ L¹t": "Đà Lạt",
    "Hå ChÝ Minh": "Hồ Chí Minh",
    "L« A-12": "Lô A-12",
}
CZECH = ["Příbram", "Dům u řeky", "Malá Strana", "pán", "Žluťoučký kůň úpěl", "Náměstí 5", "býk"]
ENGLISH = ["Lot 5", "café", "naïve approach", "BI-5-KCN", "8,36 ha", "12.5 m²", "5 µm", "3 × 4"]
OTHERS = [
    "Müller & Söhne", "für Tür und Öl", "Straße", "où", "Noël", "maïs", "São João", "año", "niño",
    "«Société»", "© 2020", "Kcngeo®", "½ ha", "§ 5", "ÉCOLE", "Zoë", "Bö", "10 °C ± 2", "Łódź",
]  # fmt: skip


def distorted(good: str) -> str:
    """UTF-8 taken for Windows-1252, whose five gaps are read as Latin-1."""
    return "".join(
        bytes([one]).decode("cp1252", "ignore") or chr(one) for one in good.encode("utf-8")
    )


def in_cp1258(good: str) -> str:
    """Windows-1258, where the tone follows its letter, taken for Windows-1252."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = []
    for char in good:
        marks = unicodedata.normalize("NFD", char)
        base = "".join(mark for mark in marks if mark not in tones)
        apart += [unicodedata.normalize("NFC", base), *(mark for mark in marks if mark in tones)]
    return "".join(apart).encode("cp1258").decode("cp1252")


@pytest.fixture(scope="module")
def in_tcvn3():
    """The encoder of glibc: an independent table, right for small letters."""
    if shutil.which("iconv") is None:
        pytest.skip("no iconv on the PATH")

    def encode(good: str) -> str:
        command = ["iconv", "-f", "UTF-8", "-t", "TCVN5712-1"]
        done = subprocess.run(command, input=good.encode(), capture_output=True, check=True)
        return done.stdout.decode("latin-1")

    return encode


def test_tcvn3_of_an_independent_codec_comes_back_whole(in_tcvn3):
    good = [one.lower() for one in VIETNAMESE]
    text = repair.repaired(pd.Series([in_tcvn3(one) for one in good]))
    assert list(text.text) == good
    assert text.encoding == "tcvn3"
    assert text.confidence > 0.99
    assert text.changed["tcvn3"].all()


def test_every_small_letter_of_tcvn3_is_read(in_tcvn3):
    # Each letter in a syllable that exists, so that the spelling lets it pass.
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    good = [
        unicodedata.normalize("NFC", f"ch{vowel}{tone}n")
        for vowel in "aăâeêioôơuư"
        for tone in tones
    ]
    good += [unicodedata.normalize("NFC", f"thuy{tone}") for tone in tones]
    text = repair.repaired(pd.Series([in_tcvn3(one) for one in good]), encoding="tcvn3")
    assert list(text.text) == good


def test_tcvn3_capitals_follow_the_letters_around_them():
    text = repair.repaired(pd.Series(list(TCVN3_CAPITALS)))
    assert list(text.text) == list(TCVN3_CAPITALS.values())


def test_vni_by_hand():
    text = repair.repaired(pd.Series(list(VNI)))
    assert text.encoding == "vni"
    assert list(text.text) == list(VNI.values())


def test_windows_1258_taken_for_1252():
    text = repair.repaired(pd.Series([in_cp1258(one) for one in VIETNAMESE]))
    assert text.encoding == "cp1258"
    assert list(text.text) == VIETNAMESE


@pytest.mark.parametrize("times", [1, 2, 3])
def test_utf8_taken_for_1252_proves_itself_in_a_single_value(times: int):
    for good in [*VIETNAMESE, *CZECH[:3], "ĐẤT Đà Lạt", "Łódź"]:
        bad = good
        for _ in range(times):
            bad = distorted(bad)
        text = repair.repaired(pd.Series([bad]))
        assert list(text.text) == [good]
        assert list(text.changed) == ["utf8"]


def test_marks_set_apart_are_composed():
    apart = pd.Series([unicodedata.normalize("NFD", one) for one in VIETNAMESE])
    text = repair.repaired(apart)
    assert list(text.text) == VIETNAMESE
    assert list(text.changed) == ["nfc"]


good_words = st.sampled_from(
    [word for line in [*VIETNAMESE, *CZECH, *ENGLISH, *OTHERS] for word in (line, *line.split())]
)
codes = st.from_regex(r"[A-Z]{1,3}[-_. ]?[0-9]{1,4}([-/][A-Z]{2,3})?", fullmatch=True)
numbers = st.floats(allow_nan=False).map(str)


@given(
    st.lists(
        st.one_of(
            good_words, codes, numbers, st.text(max_size=8, alphabet=st.characters(codec="ascii"))
        ),
        max_size=40,
    )
)
def test_good_text_stays_equal_to_the_byte(values: list[str]):
    column = pd.Series(values, dtype=object)
    text = repair.repaired(column)
    assert list(text.text) == [unicodedata.normalize("NFC", one) for one in values]
    assert text.encoding is None


@given(st.lists(good_words, min_size=1, max_size=20), st.randoms())
def test_good_text_stays_among_legacy_text(values: list[str], random):
    """Where a column is mixed, what reads well keeps its letters, and is named if it might not."""
    mixed = [*VNI, *values]
    random.shuffle(mixed)
    text = repair.repaired(pd.Series(mixed))
    vietnamese = {one for line in VIETNAMESE for one in (line, *line.split())}
    for before, after in zip(mixed, text.text, strict=True):
        if before in VNI:
            assert after == VNI[before]
        elif before in vietnamese:
            assert after == before


def test_what_reads_well_in_a_legacy_column_is_left_and_named():
    # "Lô" is good Vietnamese, and VNI for "Lơ"; nobody can tell, so nobody does.
    text = repair.repaired(pd.Series([*VNI, "Lô", "BI-5"]))
    assert text.text.iloc[-2:].tolist() == ["Lô", "BI-5"]
    assert np.flatnonzero(text.doubtful).tolist() == [len(VNI)]


def test_one_word_settles_nothing_unless_the_rest_of_the_layer_does():
    alone = pd.Series(["coâng"])
    assert repair.repaired(alone).text.tolist() == ["coâng"]
    assert repair.repaired(alone, hint="vni").text.tolist() == ["công"]
    frame = pd.DataFrame({"a": list(VNI), "b": ["coâng"] + ["x"] * (len(VNI) - 1)})
    done, findings = repair.repaired_frame(frame, table="lots")
    assert done["b"].iloc[0] == "công"
    assert frame["b"].iloc[0] == "coâng"
    assert [(one.rule, one.fields["column"]) for one in findings] == [
        ("text_repaired", "a"),
        ("text_repaired", "b"),
    ]


def test_an_encoding_may_be_named():
    assert repair.repaired(pd.Series(["Lô"]), encoding="vni").text.tolist() == ["Lơ"]
    with pytest.raises(
        DataSourceError, match=r"\"ebcdic\" is no encoding .* tcvn3 \| vni \| cp1258"
    ):
        repair.repaired(pd.Series(["Lô"]), encoding="ebcdic")


def test_what_is_no_text_and_the_index_stay():
    column = pd.Series(
        ["Ñaát coâng nghieäp", None, 5, float("nan"), "Ñöôøng troáng"], index=[9, 7, 5, 3, 1]
    )
    text = repair.repaired(column)
    assert text.text.tolist()[:3] == ["Đất công nghiệp", None, 5]
    assert list(text.text.index) == [9, 7, 5, 3, 1]
    assert column.iloc[0] == "Ñaát coâng nghieäp"


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_columns_of_every_kind_of_text(dtype: str):
    text = repair.repaired(pd.Series(list(VNI), dtype=dtype))
    assert list(text.text) == list(VNI.values())


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        (["c?ng nghi?p", "??t tr?ng", "tr?ng"], [True, True, True]),
        (["Why? Because", "Who?"], [False, False]),
        (["https://x.vn/a?b=1", "https://x.vn/c?d=2", "https://y.vn/c?d=2"], [False] * 3),
        (["đ\ufffdt", "tốt"], [True, False]),
    ],
)
def test_letters_lost_before_are_named(values: list[str], lost: list[bool]):
    text = repair.repaired(pd.Series(values))
    assert text.lost.tolist() == lost
    assert text.text.tolist() == values


def test_column_names_are_repaired_and_everything_is_said_in_both_languages():
    frame = pd.DataFrame(
        {
            "Lo¹i ®Êt": ["®Êt c«ng nghiÖp", "c©y xanh"],
            "Tªn": [unicodedata.normalize("NFD", "tốt"), "m?t"],
        }
    )
    done, findings = repair.repaired_frame(frame, table="lots")
    assert list(done.columns) == ["Loại đất", "Tên"]
    assert done["Loại đất"].tolist() == ["đất công nghiệp", "cây xanh"]
    said = [one.message("en") for one in findings]
    assert said[0] == (
        'Loại đất: 2 values were in TCVN3 (ABC) and are now Unicode ("®Êt c«ng nghiÖp" → '
        '"đất công nghiệp"; confidence 1.00).'
    )
    assert findings[0].ids == ("row 0", "row 1")
    assert {one.severity for one in findings} == {Severity.NOTE}
    assert all(one.message("vi") != one.message("en") for one in findings)


@pytest.mark.parametrize(
    "word",
    [
        "Nghiêng",
        "khuỷu",
        "quốc",
        "gì",
        "giếng",
        "giặt",
        "uyên",
        "Xoong",
        "ỷ",
        "yếm",
        "hoà",
        "hòa",
        "ngoằn",
    ],
)
def test_syllables(word: str):
    assert syllables.is_syllable(word)
    assert syllables.is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize(
    "word", ["Příbram", "strana", "tàt", "gc", "tácl", "ngĩh", "qừ", "ấậ", "müller", "ăx"]
)
def test_no_syllables(word: str):
    assert not syllables.is_syllable(word)


def test_names_of_the_highlands_are_read():
    text = repair.repaired(pd.Series(["§¾k L¾k", "§¹ TÎh", "huyÖn C¸t Tiªn", "K' §¬n"]))
    assert text.text.tolist() == ["Đắk Lắk", "Đạ Tẻh", "huyện Cát Tiên", "K' Đơn"]
