"""The map: principal axes of 59,047 movies x 50 factors, and frames a second while 60,000 points are panned.

The axes are timed beside ``numpy.linalg.svd`` of the centred rows, which find the same. The frames are those of a
person who drags a map of 640 x 560 pixels: each mouse event lays points and names out and paints them. Times in ms;
with ``QT_QPA_PLATFORM=xcb`` (such as under ``xvfb-run``) on a real screen instead of offscreen.

    python -m benchmarks.map [--points 60000] [--factors 50] [--frames 200]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks.tables import MOVIES
from cfgui.app.map_points import MapChoice, map_points
from cfgui.app.reading import Reading
from cfgui.core.projection import principal_axes, project
from cfgui.core.ratings import Floats
from cfgui.core.starts import random_factors
from cfgui.gui.map_canvas import MapCanvas
from cfgui.gui.theme import apply_theme
from cfgui.io.synthetic import synthetic_ratings

USERS, RATINGS, ROUNDS = 20_000, 2_000_000, 7
WIDTH, HEIGHT = 640, 560


def milliseconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000.0


def report(name: str, times: list[float]) -> float:
    """Print median and longest; returns the median."""
    middle = float(np.median(times))
    print(f"{name:52s} p50 {middle:8.1f}   max {max(times):8.1f}   n {len(times)}", flush=True)
    return middle


def axes(n_factors: int) -> None:
    """The principal axes and both coordinates, by eigh and by the singular value decomposition."""
    rows = np.random.default_rng(1).normal(size=(MOVIES, n_factors)) * np.linspace(3.0, 0.3, n_factors)

    def by_svd() -> Floats:
        centred = rows - rows.mean(axis=0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        places: Floats = centred @ directions[:2].T
        return places

    own = project(principal_axes(rows), rows)
    difference = float(np.abs(np.abs(own) - np.abs(by_svd())).max())
    mine = [milliseconds(lambda: project(principal_axes(rows), rows)) for _ in range(ROUNDS)]
    theirs = [milliseconds(by_svd) for _ in range(ROUNDS)]
    shape = f"{MOVIES:,} x {n_factors}"
    ratio = report(f"principal axes of {shape}, eigh", mine) / report(
        f"the same by numpy.linalg.svd of {shape}", theirs
    )
    print(f"{'ratio':52s} {ratio:.3f}, largest difference of a coordinate {difference:.1e}")


class Panning:
    """A map on the screen, and a person who drags it."""

    def __init__(self, n_points: int, n_factors: int) -> None:
        self.app = QApplication([])
        apply_theme(self.app)
        self.canvas = MapCanvas()
        self.canvas.resize(WIDTH, HEIGHT)
        self.canvas.show()
        ratings = synthetic_ratings(USERS, n_points, RATINGS, 1).prepare()
        factors = random_factors(USERS, n_points, n_factors, bias=True, seed=2)
        self.reading = Reading(ratings, factors, "bias", "bias")

    def map(self) -> None:
        """What a thread computes for the map."""
        choice = MapChoice(most=None)
        points = map_points(self.reading, choice)
        times = [milliseconds(lambda: map_points(self.reading, choice, points)) for _ in range(ROUNDS)]
        report(f"a map of {len(points):,} x {points.projection.n_axes}, in a thread", times)
        first = milliseconds(lambda: self.canvas.set_points(points)) + milliseconds(self.app.processEvents)
        report("first painting", [first])

    def drag(self, n_frames: int) -> None:
        """Drag in a circle; one painted frame an event."""
        middle = QPointF(WIDTH / 2, HEIGHT / 2)
        self._mouse(QEvent.Type.MouseButtonPress, middle)
        for zoom in (1.0, 3.0):
            self.canvas.zoom(zoom)
            times = []
            for number in range(n_frames):
                angle = 2.0 * np.pi * number / 100.0
                position = middle + QPointF(90.0 * np.cos(angle), 90.0 * np.sin(angle))
                times.append(milliseconds(lambda position=position: self._move(position)))  # type: ignore[misc]
            middle_time = report(f"a frame of panning, zoomed {zoom:g} times", times)
            print(f"{'frames a second':52s} {1000.0 / middle_time:.0f}, at the slowest {1000.0 / max(times):.0f}")
        self._mouse(QEvent.Type.MouseButtonRelease, middle)

    def _move(self, position: QPointF) -> None:
        self._mouse(QEvent.Type.MouseMove, position)
        self.app.processEvents()

    def _mouse(self, kind: QEvent.Type, position: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, position, position, left, left, Qt.KeyboardModifier.NoModifier)
        self.app.sendEvent(self.canvas, event)


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--points", type=int, default=60_000)
    parser.add_argument("--factors", type=int, default=50)
    parser.add_argument("--frames", type=int, default=200)
    options = parser.parse_args()
    axes(options.factors)
    panning = Panning(options.points, options.factors)
    panning.map()
    panning.drag(options.frames)


if __name__ == "__main__":
    main()
