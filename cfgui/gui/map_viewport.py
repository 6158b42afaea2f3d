"""Viewport: which part of a map is seen, and where each of its points is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.ratings import Floats

AIR = 0.06
"""Of the width and height of all points, left free around them."""

DEEPEST = 1e-6
"""Of the size of all points: further in there is nothing more to see."""

WIDEST = 20.0
"""Times the size of all points: further out they would be a dot."""


@dataclass(frozen=True)
class Viewport:
    """A rectangle of the map, ``left`` < ``right`` and ``bottom`` < ``top``, seen on one of pixels.

    The pixels begin at (``x``, ``y``), the top left corner; y of the map goes up, that of pixels down.
    """

    left: float = -1.0
    bottom: float = -1.0
    right: float = 1.0
    top: float = 1.0
    x: float = 0.0
    y: float = 0.0
    width: float = 100.0
    height: float = 100.0

    def to_pixels(self, places: Floats) -> Floats:
        """(n, 2) pixels of (n, 2) places on the map."""
        scale = np.array([self.width / (self.right - self.left), self.height / (self.bottom - self.top)])
        pixels: Floats = (places - np.array([self.left, self.top])) * scale + np.array([self.x, self.y])
        return pixels

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """The place on the map at a pixel."""
        return (
            self.left + (x - self.x) / self.width * (self.right - self.left),
            self.top + (y - self.y) / self.height * (self.bottom - self.top),
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a pixel is of the map, and not of its margins."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height

    def fitted(self, bounds: tuple[float, float, float, float]) -> Viewport:
        """The part that holds (left, bottom, right, top) with a little air; on the same pixels."""
        left, bottom, right, top = bounds
        across, up = (AIR * (high - low) or 0.1 * abs(low) or 1.0 for low, high in ((left, right), (bottom, top)))
        return replace(self, left=left - across, bottom=bottom - up, right=right + across, top=top + up)

    def on_pixels(self, x: float, y: float, width: float, height: float) -> Viewport:
        """The same part on another rectangle of pixels."""
        return replace(self, x=x, y=y, width=max(width, 1.0), height=max(height, 1.0))

    def panned(self, dx: float, dy: float) -> Viewport:
        """The part seen once the map is dragged by so many pixels."""
        across, up = dx / self.width * (self.right - self.left), dy / self.height * (self.top - self.bottom)
        return replace(
            self, left=self.left - across, right=self.right - across, bottom=self.bottom + up, top=self.top + up
        )

    def zoomed(self, factor: float, x: float, y: float) -> Viewport:
        """The part seen once the map is ``factor`` times as large, with what is at the pixel (x, y) where it is."""
        at_x, at_y = self.to_map(x, y)
        return replace(
            self,
            left=at_x + (self.left - at_x) / factor,
            right=at_x + (self.right - at_x) / factor,
            bottom=at_y + (self.bottom - at_y) / factor,
            top=at_y + (self.top - at_y) / factor,
        )

    def centred(self, x: float, y: float) -> Viewport:
        """The part of the same size around a place on the map."""
        across, up = (self.right - self.left) / 2.0, (self.top - self.bottom) / 2.0
        return replace(self, left=x - across, right=x + across, bottom=y - up, top=y + up)

    def allowed(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether it is neither too deep in a map with these bounds nor too far from it."""
        share = (self.right - self.left) / ((bounds[2] - bounds[0]) or 1.0)
        return DEEPEST <= share <= WIDEST
