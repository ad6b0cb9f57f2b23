"""Pieces of an image round zones: where they lie, what they show, and how large they may be.

The zones of the squares reach from (500 000, 1 270 000) to (501 000, 1 270 200) in EPSG:5899; 15 %
of a kilometre round them are 1 300 × 500 m, 130 × 50 pixels of 10 m.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from shapely import box

import kcngeo as kcn
from kcngeo.analysis.imagery.pictures import GroundPicture, ground_pictures
from kcngeo.core.errors import KcngeoError
from tests.rasters import halves, write_image

ZONES = kcn.examples.squares().zones


def pixels(piece: GroundPicture) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(piece.data)).convert("RGBA"))


def test_a_piece_lies_round_the_zones_and_shows_what_is_there(tmp_path: Path) -> None:
    (piece,) = ground_pictures(write_image(tmp_path / "air.tif", halves()), ZONES)
    assert piece.source == "air.tif"
    corners = ZONES.iloc[:1].set_geometry([box(499_850, 1_269_850, 501_150, 1_270_350)], crs=5899)
    assert piece.bounds == pytest.approx(kcn.crs.to_wgs84(corners).total_bounds, abs=2e-5)
    shown = pixels(piece)
    assert shown.shape == (pytest.approx(50, abs=1), pytest.approx(130, abs=1), 4)
    # West of 500 500 all is red, east of it blue, as far as what is compressed can say.
    assert (shown[10:40, 10:60, 0] > 230).all()
    assert (shown[10:40, 70:120, 2] > 230).all()
    assert (shown[10:40, 10:60, 2] < 40).all()


def test_values_that_are_no_bytes_go_from_black_to_white(tmp_path: Path) -> None:
    # One band, 3 000 in the west and 9 000 in the east: the least is black, the most white.
    band = np.where(halves()[:1] > 0, 3000, 9000).astype("uint16")
    (piece,) = ground_pictures(write_image(tmp_path / "grey.tif", band), ZONES)
    shown = pixels(piece)[..., :3]
    assert (shown[10:40, 10:60] < 25).all()
    assert (shown[10:40, 70:120] > 230).all()


def test_pieces_have_as_many_pixels_as_the_bytes_allow(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, halves().shape).astype("uint8")
    path = write_image(tmp_path / "noise.tif", noise)
    (whole,), (small,) = (ground_pictures(path, ZONES, most_bytes=most) for most in (10**6, 2000))
    assert len(small.data) <= 2000 < len(whole.data)
    assert pixels(small).size < pixels(whole).size
    assert small.bounds == whole.bounds


def test_an_image_of_elsewhere_is_refused(tmp_path: Path) -> None:
    path = write_image(tmp_path / "air.tif", halves(), east=600_000)
    with pytest.raises(KcngeoError, match=r"air\.tif shows no place near a zone"):
        ground_pictures(path, ZONES)
