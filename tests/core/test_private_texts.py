"""Private texts are found however they are written, and what is no name is left."""

from __future__ import annotations

import unicodedata

import pytest

from kcngeo.core.private_texts import PrivateTexts, fold

NAME = "Công ty TNHH MTV Thực phẩm Đại Sơn Acme"
PRIVATE = PrivateTexts.of(
    [NAME, "Nguyễn Văn Ân"], ["HĐ 12/2018-ĐS"], public=["thực phẩm", "khu Đại Sơn"]
)


@pytest.mark.parametrize(
    "written",
    [
        "thuê bởi Công ty TNHH MTV Thực phẩm Đại Sơn Acme từ 2018",
        "CÔNG TY TNHH MTV THỰC PHẨM ĐẠI SƠN ACME",
        "cong ty tnhh mtv thuc pham dai son acme",  # without diacritics
        "Thực phẩm Đại Sơn Acme",  # without the legal form
        "Cty CP Thực phẩm Đại-Sơn ACME",  # with another one
        "thucphamdaisonacme",  # glued
        "lo_ThucPhamDaiSonAcme_01",  # in an id
        "xxthucphamdaisonacmexx",  # in the middle of a word
        "Thực phẩm Đại Sơn Ac\u200bme",  # a space of no width
        unicodedata.normalize("NFD", "Thực phẩm Đại Sơn Acme"),
        "lô ACME-2",  # the short name
        "nguyen van an",
        "NguyenVanAn@lamdong",
        "hđ 12/2018 - đs",  # the document cited otherwise
        "HD12/2018ĐS",
    ],
)
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert list(PRIVATE.found(written))
    assert not list(PRIVATE.found(PRIVATE.hide(written)))


@pytest.mark.parametrize(
    "written",
    [
        "Acmes",  # another word
        "thực phẩm",  # what everybody says
        "khu Đại Sơn",
        "đường Nguyễn Huệ",  # a syllable as others have it
        "công ty TNHH",
        "31/12/2018",  # a day is no document
        "HĐ 12/2019",
        "",
    ],
)
def test_what_is_no_name_stays(written: str) -> None:
    assert not list(PRIVATE.found(written))
    assert PRIVATE.hide(written) == written


def test_years_and_short_words_are_nobodys_name() -> None:
    private = PrivateTexts.of(["CP 3", "2018"], ["12/2018", "Q1"])
    assert not private
    # Nine digits are a number that somebody gave.
    assert list(PrivateTexts.of([], ["123 456 789"]).found("số 123456789"))


@pytest.mark.parametrize(
    ("names", "documents", "text", "hidden"),
    [
        (["Acmq"], [], "lô Acmq", "lô …"),
        (["Acm"], [], "lô Acm", "lô Acm"),  # three letters are too common
        ([], ["123456789"], "123456789", "…"),
        ([], ["12345678"], "12345678", "12345678"),  # may be a day
        (["Blueriver"], [], "xblueriverx", "x…x"),  # nine letters, inside a word too
        (["Blurrive"], [], "blurrive2 xblurrive blurrivex", "…2 xblurrive blurrivex"),
        (["Đắk Lắk Xanh"], [], "Đắk Lắk Xanh", "…"),  # nothing before it and nothing behind
        (["Blueriver", "Greenforest"], [], "lôBlueriverGreenforest", "lô……"),
        (["Blueriver", "Riverblue"], [], "Blueriverblue", "…blue"),  # one letter is hidden once
    ],
)
def test_where_a_name_begins_and_ends(
    names: list[str], documents: list[str], text: str, hidden: str
) -> None:
    assert PrivateTexts.of(names, documents).hide(text) == hidden


def test_the_longest_is_hidden_whole_and_marks_go_with_their_letter() -> None:
    private = PrivateTexts.of(["Đắk Lắk", "Công ty Đắk Lắk Xanh"])
    for whole in ("Công ty Đắk Lắk Xanh", "Đắk Lắk Xanh"):
        assert private.hide(f"lô {whole}, 1") == "lô …, 1"
    assert private.hide(unicodedata.normalize("NFD", "lô Đắk Lắk 1")) == "lô … 1"
    # No letter stands for q with an accent.
    assert PrivateTexts.of(["Vật tư Acmeq"]).hide("lô Acmeq\u0301 1") == "lô … 1"


def test_a_legal_form_may_stand_at_either_end() -> None:
    private = PrivateTexts.of(["Hải Âm Blueriver Joint Stock Company"])
    assert private.hide("lô Hải Âm Blueriver, 1") == "lô …, 1"
    assert not list(private.found("a joint stock company"))


def test_what_everybody_says_is_private_as_a_whole_name_alone() -> None:
    public = ["thực phẩm", "khu Đại Sơn"]
    for names, documents in ((["Công ty Thực phẩm"], []), ([], ["Thực phẩm"])):
        assert PrivateTexts.of(names, documents, public=public).hide("thực phẩm") == "thực phẩm"
    assert PrivateTexts.of(["Thực phẩm"], public=public).hide("thực phẩm") == "…"


def test_nothing_private_hides_nothing() -> None:
    assert PrivateTexts.of([]).hide("Công ty A") == "Công ty A"


def test_folding_divides_words_from_numbers() -> None:
    assert fold("LS-CN09/02 (ĐẤT)") == "ls cn 09 02 dat"
