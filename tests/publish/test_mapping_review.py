"""What was understood of a file, as a page to read and a workbook to put right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import geopandas as gpd
import pytest
import xlsxwriter

from kcngeo import io, update
from kcngeo.core.errors import KcngeoError
from kcngeo.io.mapping.review import MappingReview
from kcngeo.publish import mapping_review as reviews
from tests import squares

HOSTILE = "=1+1<b>"


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """Two lots of 1 ha; an area that is no number, a use nobody knows, and a text to be feared."""
    frame = gpd.GeoDataFrame(
        {
            "LO": ["CN-1", "CN-2"],
            "KHU": ["A", "A"],
            "CHUCNANG": ["Đất công nghiệp", "kho lạnh"],
            "DT_GCN": ["10000", "không rõ"],
            "ghi_chu": ["a", HOSTILE],
        },
        geometry=[squares.square(0), squares.square(1)],
        crs=squares.CRS,
    )
    frame.to_file(tmp_path / "lots.geojson", driver="GeoJSON")
    return tmp_path / "lots.geojson"


def seen(lots: Path, **said: io.ColumnMapping) -> update.Arrived:
    return update.read_sources([lots], update.Reading(mappings=said, review=True))


def test_every_column_is_told_with_its_reason(lots: Path) -> None:
    (review,) = seen(lots).reviews.values()
    told = review.columns.set_index(["theirs", "take"])
    assert told["why"].to_dict() == {
        ("LO", "lot_code"): "name",
        ("LO", "parcel_id"): "made",
        ("KHU", ""): "kept",
        ("CHUCNANG", "land_use"): "name",
        ("DT_GCN", "certificate_area_m2"): "name",
        ("ghi_chu", ""): "kept",
    }
    # What is required and nothing makes may be any column whose values can be read so.
    assert told.loc[("KHU", ""), "others"] == "zone_id"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_leads_from_a_finding_to_its_cell(lots: Path, language: str) -> None:
    arrived = seen(lots)
    page = reviews.review_page(arrived.reviews, arrived.findings, {}, language=language).decode()
    assert '<a href="#p0-row-1">' in page
    assert '<tr id="p0-row-1">' in page
    assert '<td class="bad">không rõ</td>' in page
    assert "=1+1&lt;b&gt;" in page
    assert "<b>" not in page.split("=1+1")[1][:8]
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_chosen_in_the_workbook_is_handed_back(
    lots: Path, language: str, tmp_path: Path
) -> None:
    arrived = seen(lots)
    (key,) = arrived.reviews
    review, held = arrived.reviews[key], arrived.mappings["parcels"]
    assert handed_back(review, key, language, tmp_path) == replace(held, own=())
    # As a person fills the coloured cells in.
    columns, values = review.columns, review.values
    columns.loc[columns["theirs"] == "KHU", "take"] = "zone_id"
    values.loc[values["value"] == "kho lạnh", "means"] = "service"
    chosen = handed_back(review, key, language, tmp_path)
    again = seen(lots, parcels=chosen).tables["parcels"]
    assert again["zone_id"].tolist() == ["A", "A"]
    assert again["land_use"].tolist() == ["industrial", "service"]
    assert again["ghi_chu"].tolist() == ["a", HOSTILE]


def handed_back(
    review: MappingReview, key: tuple[Path, str], language: str, folder: Path
) -> io.ColumnMapping:
    """Write the workbook and read it again."""
    book = folder / "mapping.xlsx"
    book.write_bytes(reviews.mapping_workbook({key: review}, language=language))
    return reviews.read_mapping_workbook(book)["parcels"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_column_of_a_list_is_told_in_words(language: str) -> None:
    vocabulary = tomllib.loads(
        (resources.files("kcngeo.io") / "vocabulary.toml").read_text("utf-8")
    )
    roles = set(vocabulary["ledger"]) - {"other"}
    sheet = {"Danh sách": {f"Cột {role}": role for role in roles}}
    page = reviews.review_page({}, {}, {Path("thue.xlsx"): sheet}, language=language).decode()
    told = re.findall(r"<b>([^<]+)</b>", page)
    assert len(told) == len(roles)
    assert not {role for role in roles if "_" in role} & set(told)
    assert {"vi": "nhà đầu tư", "en": "number of the row"}[language] in page


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "other.xlsx") as book:
        book.add_worksheet("A").write_row(0, 0, ["table", "take"])
    with pytest.raises(KcngeoError, match="--review"):
        reviews.read_mapping_workbook(tmp_path / "other.xlsx")
