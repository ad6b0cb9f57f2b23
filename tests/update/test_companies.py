"""Companies out of tenants: what is one, what is another, and what is asked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from kcngeo.update import companies
from kcngeo.update.company_names import company_name, compared


def of(*names: str | None, **options: Any) -> list[Any]:
    """The projects of lines with these tenants; missing where it is asked."""
    made = companies(pd.DataFrame({"investor": list(names)}, dtype="str"), **options)
    return [None if pd.isna(one) else one for one in made.project_ids]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("Công ty TNHH Chè Xanh", "CÔNG TY  TNHH CHÈ XANH", "same"),
        ("Công ty TNHH Chè Xanh", "Cty TNHH MTV Chè Xanh", "same"),
        ("Công ty TNHH Chè Xanh", "C.ty Trách nhiệm hữu hạn một thành viên Chè Xanh", "same"),
        ("Công ty TNHH Chè Xanh", "Chè Xanh Co., Ltd", "same"),
        ("Công ty TNHH Chè Xanh", "CTY TNHH CHE XANH", "same"),  # no marks at all
        ("Công ty Hòa Bình", "Công ty Hoà Bình", "same"),  # the tone on the other vowel
        ("Công ty Hòa Bình", "Công ty Ho\u0300a Bi\u0300nh", "same"),  # decomposed
        ("Công ty TNHH Chè Xanh", "Công ty Cổ phần Chè Xanh", "form"),
        ("Công ty CP Chè Xanh", "Chi nhánh Công ty CP Chè Xanh", "form"),
        ("Công ty Hà Lan", "Công ty Hạ Lan", "marks"),
        ("Công ty Tân Phát", "Công ty Tanphat", "spelling"),
        ("Công ty Thành Phát Lộc", "Công ty Thành Phat Lộcc", "spelling"),
        ("Công ty Hoàng Long", "Công ty Hoàng Long Đà Lạt", "longer"),
        ("Công ty Hoàng Long 1", "Công ty Hoàng Long 2", "different"),
        ("Công ty Chè Xanh", "Công ty Dệt Len", "different"),
        # C.P. is a name here, and no legal form.
        ("Công ty CP Chăn nuôi C.P. Việt Nam", "Công ty Chăn nuôi CP Việt Nam", "spelling"),
    ],
)
def test_two_names(one: str, other: str, verdict: str) -> None:
    first, second = company_name(one), company_name(other)
    assert compared(first, second) == compared(second, first) == verdict


def test_one_company_has_many_contracts() -> None:
    names = ("Công ty TNHH Chè Xanh", "Cty Chè Xanh", None, "Dệt Len", "CÔNG TY TNHH CHÈ XANH")
    assert of(*names) == ["DN-001", "DN-001", None, "DN-002", "DN-001"]


def test_what_may_be_one_is_neither_merged_nor_kept_apart() -> None:
    assert of("Công ty Hà Lan", "Công ty Hạ Lan", "Dệt Len") == [None, None, "DN-001"]
    # Without marks it may be either of two.
    assert of("Công ty Hà Lan", "Công ty Hạ Lan", "CTY HA LAN") == [None] * 3
    # Without a form it may be either of two.
    made = companies(
        pd.DataFrame({"investor": ["TNHH Trà Xanh", "Trà Xanh", "CP Trà Xanh"]}, dtype="str")
    )
    assert made.asked == 3
    assert made.projects.empty
    assert made.register["like"].tolist()[0] == "CP Trà Xanh (form)"


def test_answers_decide_and_only_what_is_open_is_asked_again() -> None:
    names = ("Công ty Hà Lan", "Công ty Hạ Lan", "CTY HA LAN")
    one = dict.fromkeys(names[:2], "DN-001") | {names[2]: "DN-001"}
    assert of(*names, given=one) == ["DN-001"] * 3
    two = {names[0]: "DN-001", names[1]: "DN-002"}
    assert of(*names, given=two) == ["DN-001", "DN-002", None]
    # A spelling that differs by spaces alone is the one that was answered.
    assert of("Công ty  Hà Lan", given={"Công ty Hà Lan": "X"}) == ["X"]


def test_investors_of_the_project_are_found_again_and_doubts_of_them_asked() -> None:
    projects = pd.DataFrame(
        {
            "project_id": ["DA-1", "DA-2", "DA-3"],
            "investor": ["Công ty CP Chè Xanh", "Công ty Dệt Len", "Công ty Dệt Len"],
        }
    )
    # Two projects of one investor: which of them a line is of, nobody can tell.
    names = ("Cty cổ phần Chè Xanh", "Cty TNHH Chè Xanh", "Công ty Dệt Len", "Công ty Rau Sạch")
    made = companies(pd.DataFrame({"investor": names}, dtype="str"), projects=projects)
    assert made.project_ids.fillna("?").tolist() == ["?", "?", "?", "DN-001"]
    assert made.register["state"].tolist() == ["asked", "asked", "asked", "new"]
    alone = companies(pd.DataFrame({"investor": names[:1]}, dtype="str"), projects=projects)
    assert alone.project_ids.tolist() == ["DA-1"]
    assert alone.register["state"].tolist() == ["known"]
    assert alone.projects.empty
    # Its very name is no doubt, whatever else stands in the list.
    exact = companies(
        pd.DataFrame({"investor": ["Công ty CP Chè Xanh", names[1]]}, dtype="str"),
        projects=projects,
    )
    assert exact.project_ids.fillna("?").tolist() == ["DA-1", "?"]


def test_a_line_that_names_its_project_is_left_alone_and_ids_are_not_given_twice() -> None:
    lines = pd.DataFrame(
        {"investor": ["Chè Xanh", "Dệt Len"], "project_id": ["DN-001", None]}, dtype="str"
    )
    made = companies(lines)
    assert made.project_ids.tolist() == ["DN-001", "DN-002"]
    assert made.register["investor"].tolist() == ["Dệt Len"]


def test_the_sector_of_the_list_goes_with_the_company() -> None:
    lines = pd.DataFrame(
        {
            "investor": ["Chè Xanh", "Cty Chè Xanh", "Dệt Len"],
            "Ngành nghề": ["Chế biến chè", "chế  biến chè", None],
        },
        dtype="str",
    )
    made = companies(lines)
    assert made.projects["sector"].fillna("-").tolist() == ["Chế biến chè; chế biến chè", "-"]
    assert made.projects["investor"].tolist() == ["Cty Chè Xanh", "Dệt Len"]


def test_ids_tell_nothing_of_the_investor() -> None:
    made = companies(pd.DataFrame({"investor": ["Nguyễn Văn An"]}, dtype="str"))
    assert made.projects["project_id"].tolist() == ["DN-001"]
