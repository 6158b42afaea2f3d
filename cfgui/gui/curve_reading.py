"""Reading a curve: which of its points is read, and what is said of it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cfgui.core.curve import Curve
from cfgui.gui.loss_curves import nearest, point_at


def reading_words(curve: Curve, held_out: Curve, place: int) -> str:
    """Step and RMSE of the point at ``place``, and that over held-out ratings where it was looked at there."""
    point = point_at(curve, place)
    words = f"step {point.step:,}  RMSE {point.rmse:.6g}"
    near = nearest(held_out, point.step)
    if near is None or point_at(held_out, near).step != point.step:
        return words
    return f"{words}  held out {point_at(held_out, near).rmse:.6g}"


def moved_by(key: int, place: int | None, n_points: int) -> int | None:
    """Where a key leads from ``place``, None while nothing is read: to a neighbour, the first or the last point.

    None for any other key, and where there is no point.
    """
    moves = {
        Qt.Key.Key_Left: n_points - 1 if place is None else place - 1,
        Qt.Key.Key_Right: 0 if place is None else place + 1,
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: n_points - 1,
    }
    return min(max(moves[Qt.Key(key)], 0), n_points - 1) if n_points and key in moves else None
