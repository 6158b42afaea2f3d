"""Where the parts of the explanation panel are, in whole pixels so that edges stay sharp."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QFontMetrics

from cfgui.app.explanation import Derivative, Explanation
from cfgui.gui import explanation_words as words
from cfgui.gui.explanation_bars import Scale, result_scale_of, scale_around, scale_of

PAD = 6
_LABEL_SHARE, _NARROW_SHARE = 0.48, 0.62
_NARROW = 260
"""Pixels below which words and numbers get the larger share, for the prediction is to be read at least."""

_RESULT_ROWS = 2


@dataclass(frozen=True)
class Geometry:
    """The places of one picture: title, scrolling rows, the step from score to prediction, result rows, derivative.

    ``name_width`` and ``label_width`` end the two label columns, ``total_width`` is that of the running totals at the
    right; ``scroll`` is how many pixels of rows are out of sight above.
    """

    title: QRect
    rows: QRect
    step: QRect
    result: QRect
    foot: QRect
    row_height: int
    name_width: int
    label_width: int
    total_width: int
    scroll: int
    scale: Scale
    result_scale: Scale

    @classmethod
    def of(cls, explanation: Explanation | None, metrics: QFontMetrics, size: QSize, scroll: int) -> Geometry:
        """The places for this explanation in a viewport of ``size``."""
        line, width = metrics.height(), size.width() - 2 * PAD
        title = QRect(PAD, 2, width, line + 6)
        foot_height = foot_lines(explanation, metrics, width) * (line + 1) + (4 if explanation else 0)
        foot = QRect(PAD, size.height() - foot_height, width, foot_height)
        space = foot.top() - title.bottom() - 1
        n_rows = _n_rows(explanation)
        steps = int(bool(explanation and explanation.step))
        row_height = min(max(space // max(n_rows + steps + _RESULT_ROWS, 1), line + 1), line + 8)
        result_height = _RESULT_ROWS * row_height if explanation and explanation.prediction is not None else 0
        step_height = steps * row_height
        room = max(space - result_height - step_height, 0)
        n_seen = min(n_rows, max(room // row_height, 1))  # whole rows only
        rows = QRect(PAD, title.bottom() + 1, width, min(n_seen * row_height, room))
        step = QRect(PAD, rows.bottom() + 1, width, step_height)
        result = QRect(PAD, step.bottom() + 1, width, result_height)
        name, label = _label_columns(explanation, metrics, width)
        total = metrics.horizontalAdvance("−00.00") if explanation and explanation.terms else 0
        ends = PAD + label + 8, PAD + width - total - 2
        scale = _scale(explanation, *ends)
        has_result = explanation is not None and explanation.prediction is not None
        result_scale = result_scale_of(explanation, *ends) if has_result and explanation else scale
        return cls(title, rows, step, result, foot, row_height, name, label, total, scroll, scale, result_scale)

    def row(self, index: int) -> QRect:
        """The row of the term at ``index``, maybe out of sight."""
        top = self.rows.top() + index * self.row_height - self.scroll
        return QRect(self.rows.left(), top, self.rows.width(), self.row_height)

    def result_row(self, index: int) -> QRect:
        """The row of the prediction (0) or the rating (1)."""
        top = self.result.top() + index * self.row_height
        return QRect(self.result.left(), top, self.result.width(), self.row_height)

    def bar_from(self, row: QRect, start: float, end: float) -> QRect:
        """The bar between two numbers in this row of a term."""
        return bar_in(row, self.scale.x(start), self.scale.x(end))

    @property
    def is_on_one_scale(self) -> bool:
        """Whether terms and ratings are measured alike, so that one line may cross all bars."""
        return self.scale == self.result_scale

    def row_at(self, place: QPoint, n_rows: int) -> int | None:
        """The row under this place, or None."""
        if not self.rows.contains(place):
            return None
        index = (place.y() - self.rows.top() + self.scroll) // self.row_height
        return index if index < n_rows else None


def bar_in(row: QRect, start: int, end: int) -> QRect:
    """A bar in a row: at least one pixel wide, with air above and below."""
    left, right = min(start, end), max(start, end)
    return QRect(left, row.top() + 3, max(right - left, 1), row.height() - 6)


def derivative_fits(derivative: Derivative, metrics: QFontMetrics, width: int) -> bool:
    """Whether the derivative stands on one line."""
    both = f"{words.derivative_weight(derivative)}  {words.derivative_numbers(derivative)}"
    return metrics.horizontalAdvance(both) <= width


def foot_lines(explanation: Explanation | None, metrics: QFontMetrics, width: int) -> int:
    """Lines of text at the bottom."""
    if explanation is None or explanation.derivative is None:
        return 0
    return 1 if derivative_fits(explanation.derivative, metrics, width) else 2


def _n_rows(explanation: Explanation | None) -> int:
    if explanation is None:
        return 0
    if explanation.terms:
        return len(explanation.terms)
    return 2 if explanation.derivative is not None else 0


def _label_columns(explanation: Explanation | None, metrics: QFontMetrics, width: int) -> tuple[int, int]:
    """Ends of the name column and of the numbers column, neither beyond a share of the width."""
    if explanation is None:
        return 0, 0
    names, numbers = words.labels(explanation)
    most = int(width * (_NARROW_SHARE if width < _NARROW else _LABEL_SHARE))
    name = min(max((metrics.horizontalAdvance(text) for text in names), default=0) + 10, most)
    label = min(name + max((metrics.horizontalAdvance(text) for text in numbers), default=0) + 4, most)
    return name, label


def _scale(explanation: Explanation | None, left: int, right: int) -> Scale:
    if explanation is None:
        return scale_around((), left, right)
    if explanation.prediction is None and explanation.derivative is not None:
        return scale_around((explanation.derivative.estimate, explanation.derivative.exact), left, right)
    return scale_of(explanation, left, right)


def places_beside(box: QRect, width: int, line: int | None) -> list[int]:
    """Where a text so wide may begin beside a bar, the best place first.

    ``line`` is where an upright line stands, if one does: a place in which it would strike the text out comes last,
    after the nearest ones clear of it.
    """
    right, left = box.right() + 5, box.left() - 4 - width
    if line is None:
        return [right, left]
    clear = [place for place in (right, left) if not place - 2 <= line <= place + width + 2]
    return [*clear, max(line + 4, right), min(line - 4 - width, left), right, left]
