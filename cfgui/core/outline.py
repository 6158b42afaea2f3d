"""Which points a drawn outline holds: the lasso of a map."""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Floats, Mask


def inside(outline: Floats, points: Floats) -> Mask:
    """(n,) whether each of (n, 2) points lies within the closed outline through (m, 2) corners.

    By the even-odd rule: a ray from the point to the right crosses the outline an odd number of times (Shimrat 1962).
    A point exactly on the outline may count either way. Nothing lies within fewer than three corners.
    """
    result = np.zeros(len(points), dtype=np.bool_)
    if len(outline) < 3:
        return result
    low, high = outline.min(axis=0), outline.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    x, y = points[near].T
    odd = np.zeros(len(near), dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        odd ^= crosses & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    result[near] = odd
    return result
