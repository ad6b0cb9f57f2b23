"""Images of the ground of the squares: pixels of 10 m, from 400 m west and north of the zones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine


def halves() -> NDArray[np.uint8]:
    """Give red, green, blue of 1 800 × 1 000 m: red west of the middle of the zones, blue east."""
    bands = np.zeros((3, 100, 180), dtype="uint8")
    bands[0, :, :90] = bands[2, :, 90:] = 255
    return bands


def write_image(path: Path, bands: NDArray[np.generic], *, east: float = 499_600) -> Path:
    """Write bands as a GeoTIFF."""
    count, height, width = bands.shape
    size = {"count": count, "height": height, "width": width, "dtype": bands.dtype}
    place = {"crs": "EPSG:5899", "transform": Affine(10, 0, east, 0, -10, 1_270_600)}
    with rasterio.open(path, "w", driver="GTiff", **size, **place) as file:
        file.write(bands)
    return path
