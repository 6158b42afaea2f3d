"""Points drawn into an image by numpy: 60,000 of them in some milliseconds, which no list of Qt calls can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from cfgui.core.ratings import Floats

FEW = 6_000
"""Points up to which the image is made twice as large and shrunk as it is painted, for smooth edges."""

_RADII = ((1_500, 3.5), (6_000, 2.5), (20_000, 2.3))
"""Points up to which the radius is so many pixels."""

_LEAST_RADIUS = 1.5


def radius_of(n_points: int) -> float:
    """Pixels: the more points the smaller, so that a crowd keeps its shape."""
    return next((radius for most, radius in _RADII if n_points <= most), _LEAST_RADIUS)


def draw_points(
    pixels: Floats, colours: NDArray[np.uint32], width: int, height: int, radius: float, sharpness: float
) -> QImage:
    """An image of ``width`` x ``height`` pixels times ``sharpness``, transparent but for a disc at each point.

    ``pixels`` (n, 2) are the middles, ``colours`` (n,) 0xffRRGGBB; of points on one another the first is seen.
    """
    across, down = round(width * sharpness), round(height * sharpness)
    reach = int(np.ceil(radius * sharpness))
    # a margin twice as wide as a disc reaches, so that no disc at the edge needs a look at where it ends
    margin, stride = 2 * reach, across + 4 * reach
    canvas = np.zeros((down + 2 * margin, stride), dtype=np.uint32)
    across_at, down_at = np.floor(pixels.T * sharpness)
    seen = (across_at >= -reach) & (across_at < across + reach) & (down_at >= -reach) & (down_at < down + reach)
    seen_at = np.flatnonzero(seen)[::-1]  # the first point is drawn last
    x, y = (at[seen_at].astype(np.int64) + margin for at in (across_at, down_at))
    spots = (y * stride + x)[:, None] + _disc(radius * sharpness, reach, stride)
    canvas.ravel()[spots] = colours[seen_at, None]
    inner = np.ascontiguousarray(canvas[margin : margin + down, margin : margin + across])
    return QImage(inner.data, across, down, across * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _disc(radius: float, reach: int, stride: int) -> NDArray[np.int64]:
    """Offsets of the pixels of a disc from its middle one, in an image of so many pixels a line."""
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    within = x**2 + y**2 <= radius**2
    offsets: NDArray[np.int64] = (y * stride + x)[within].astype(np.int64)
    return offsets
