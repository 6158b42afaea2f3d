"""Where the names of points go on a map so that none lies on another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

CELL = 48.0
"""Width and height in pixels of the cells in which taken places are looked up."""


@dataclass(frozen=True)
class Label:
    """A name that found room: ``number`` is its place among those asked for, ``box`` where it goes."""

    number: int
    box: Box


class Cells:
    """Boxes taken so far, by the cells of the screen they touch: only boxes nearby are compared."""

    def __init__(self, taken: Iterable[Box] = ()) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}
        for box in taken:
            self.take(box)

    def is_free(self, box: Box) -> bool:
        """Whether the box overlaps none that is taken; touching is allowed."""
        left, top, right, bottom = box
        for cell in _touched(box):
            for other in self._cells.get(cell, ()):
                if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                    return False
        return True

    def take(self, box: Box) -> None:
        """Let no later box overlap this one."""
        for cell in _touched(box):
            self._cells.setdefault(cell, []).append(box)


def place_labels(
    points: Sequence[tuple[float, float]],
    widths: Sequence[float],
    height: float,
    room: tuple[float, float],
    *,
    gap: float = 5.0,
    most: int = 60,
    taken: Iterable[Box] = (),
) -> list[Label]:
    """Names beside their points, the first asked for first, each where none overlaps another or a taken box.

    ``points`` are (x, y) pixels of ``room`` (width, height), ``widths`` those of the names, ``gap`` pixels lie between
    point and name. A name goes right of its point, else left, above or below it, and is left out where all four
    places are taken or beyond the edge; the point itself is kept free of later names. At most ``most`` are placed.
    """
    cells, labels = Cells(taken), []
    for number, ((x, y), width) in enumerate(zip(points, widths, strict=True)):
        for box in _places(x, y, width, height, gap):
            if box[0] >= 0.0 and box[1] >= 0.0 and box[2] <= room[0] and box[3] <= room[1] and cells.is_free(box):
                cells.take(box)
                cells.take((x - gap / 2.0, y - gap / 2.0, x + gap / 2.0, y + gap / 2.0))
                labels.append(Label(number, box))
                break
        if len(labels) >= most:
            break
    return labels


def _places(x: float, y: float, width: float, height: float, gap: float) -> tuple[Box, ...]:
    """Right, left, above, below."""
    top, bottom, half = y - height / 2.0, y + height / 2.0, width / 2.0
    off = max(gap, (height + gap) / 2.0)  # above and below are clear of right and left
    return (
        (x + gap, top, x + gap + width, bottom),
        (x - gap - width, top, x - gap, bottom),
        (x - half, y - off - height, x + half, y - off),
        (x - half, y + off, x + half, y + off + height),
    )


def _touched(box: Box) -> list[tuple[int, int]]:
    left, top, right, bottom = int(box[0] // CELL), int(box[1] // CELL), int(box[2] // CELL), int(box[3] // CELL)
    return [(column, row) for column in range(left, right + 1) for row in range(top, bottom + 1)]
