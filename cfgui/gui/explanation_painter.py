"""Draws the explanation panel."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from cfgui.app.explanation import Derivative, Explanation
from cfgui.gui import explanation_words as words
from cfgui.gui.explanation_bars import Bar, Scale
from cfgui.gui.explanation_geometry import Geometry, bar_in, derivative_fits, places_beside
from cfgui.gui.theme import Theme

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ExplanationPainter:
    """One drawing of the panel."""

    def __init__(self, painter: QPainter, theme: Theme, geometry: Geometry, *, focus: bool) -> None:
        self._painter, self._theme, self._at, self._focus = painter, theme, geometry, focus
        self._plain = QFont(painter.font())
        self._bold = QFont(painter.font())
        self._bold.setBold(True)
        self._line: int | None = None

    def draw(self, explanation: Explanation | None, bars: list[Bar]) -> None:
        """Draw this explanation with its bars, or the hint."""
        self._painter.fillRect(self._painter.viewport(), self._theme.window)
        if explanation is None:
            everything = self._painter.viewport()
            self._text(everything, words.HINT, self._theme.muted, Qt.AlignmentFlag.AlignCenter)
            return
        self._title(explanation)
        if explanation.prediction is not None:
            at, rating = self._at, explanation.rating
            self._line = at.scale.x(rating) if rating is not None and at.is_on_one_scale else None
            self._waterfall(explanation, bars)
            self._text(at.step, words.step_words(explanation), self._theme.text)
            self._result(explanation, explanation.prediction)
        elif explanation.derivative is not None:
            self._slopes(explanation.derivative)
        else:
            self._numbers(explanation)
        if explanation.derivative is not None:
            self._foot(explanation.derivative)

    def _text(
        self, box: QRect, text: str, colour: QColor, align: Qt.AlignmentFlag = _LEFT, *, bold: bool = False
    ) -> int:
        """Write one line, shortened to fit, and return how wide it is."""
        painter = self._painter
        painter.setFont(self._bold if bold else self._plain)
        painter.setPen(colour)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, align, shown)
        return painter.fontMetrics().horizontalAdvance(shown)

    def _title(self, explanation: Explanation) -> None:
        box = QRect(self._at.title)
        used = self._text(box, words.head(explanation), self._theme.text, bold=True)
        box.setLeft(box.left() + used + self._painter.fontMetrics().horizontalAdvance(" "))
        self._text(box, words.rest(explanation), self._theme.text)

    def _labels(self, row: QRect, name: str, numbers: str, *, bold: bool = False) -> None:
        at = self._at
        self._text(QRect(row.left(), row.top(), at.name_width - 4, row.height()), name, self._theme.muted)
        numbers_box = QRect(row.left() + at.name_width, row.top(), at.label_width - at.name_width, row.height())
        self._text(numbers_box, numbers, self._theme.text, bold=bold)

    # a prediction

    def _waterfall(self, explanation: Explanation, bars: list[Bar]) -> None:
        painter, at = self._painter, self._at
        painter.save()
        painter.setClipRect(at.rows.adjusted(-3, 0, 0, 0))
        if explanation.factor is not None:
            self._mark(at.row(explanation.factor))
        self._zero_line(at.rows)
        for index, bar in enumerate(bars):
            row = at.row(index)
            if row.bottom() < at.rows.top() or row.top() > at.rows.bottom():
                continue
            self._labels(row, bar.term.label, words.term_numbers(explanation, bar.term))
            if explanation.shares:
                self._share(row, bar, rated=index == explanation.rated_term)
            else:
                self._bar(row, bar)
            self._text(row.adjusted(0, 0, -2, 0), words.number(bar.total), self._theme.muted, _RIGHT)
        painter.restore()

    def _zero_line(self, rows: QRect, scale: Scale | None = None) -> None:
        zero = (scale or self._at.scale).x(0.0)
        self._painter.fillRect(zero, rows.top(), 1, rows.height(), self._theme.faint_curve)

    def _share(self, row: QRect, bar: Bar, *, rated: bool) -> None:
        """The probability of one rating value; the value that was given is marked."""
        box = self._at.bar_from(row, bar.start, bar.end)
        fill_bar(self._painter, self._theme, box, bar.end)
        if not rated:
            return
        width = self._painter.fontMetrics().horizontalAdvance(words.RATED_MARK)
        left, colour = box.right() + 5, self._theme.text
        if left + width > self._at.scale.right:  # on a bar that leaves no room behind it, which stays as long as it is
            left, colour = box.right() - 4 - width, self._theme.on_accent
        self._text(QRect(left, row.top(), width + 1, row.height()), words.RATED_MARK, colour)

    def _mark(self, row: QRect) -> None:
        self._painter.fillRect(row.adjusted(-3, 0, 0, 0), self._theme.selection)
        if self._focus:
            self._painter.setPen(self._theme.accent)
            self._painter.drawRect(row.adjusted(-3, 0, -1, -1))

    def _bar(self, row: QRect, bar: Bar) -> None:
        at, theme, painter = self._at, self._theme, self._painter
        box = at.bar_from(row, bar.start, bar.end)
        end = at.scale.x(bar.end)
        fill_bar(painter, theme, box, bar.term.value)
        painter.fillRect(end, box.bottom() + 1, 1, row.bottom() + 4 - box.bottom(), theme.faint_curve)
        text = words.signed(bar.term.value)
        width = painter.fontMetrics().horizontalAdvance(text)
        for left in places_beside(box, width, self._line):
            if at.scale.left <= left and left + width <= at.scale.right:
                self._text(QRect(left, row.top(), width + 1, row.height()), text, theme.muted)
                return

    def _result(self, explanation: Explanation, prediction: float) -> None:
        at, theme, painter = self._at, self._theme, self._painter
        row, below = at.result_row(0), at.result_row(1)
        scale = at.result_scale
        self._zero_line(row, scale)
        self._labels(row, "prediction", words.prediction_words(explanation), bold=True)
        painter.fillRect(bar_in(row, scale.x(0.0), scale.x(prediction)), theme.muted)
        if explanation.spread is not None:
            self._whisker(row, scale.x(prediction - explanation.spread), scale.x(prediction + explanation.spread))
        rating = explanation.rating
        if rating is None:
            self._labels(below, words.rating_words(None), "")
            return
        self._labels(below, "rated", f"{rating:g}", bold=True)
        place, top = scale.x(rating), at.rows.top() if at.is_on_one_scale else row.top()
        painter.fillRect(place - 1, top, 2, below.bottom() - 2 - top, theme.text)
        self._residual(below, scale.x(prediction), place, rating - prediction)

    def _whisker(self, row: QRect, low: int, high: int) -> None:
        """A line one standard deviation to either side of the prediction's end."""
        middle = row.center().y()
        self._painter.fillRect(low, middle, max(high - low, 1), 1, self._theme.text)
        for end in (low, high):
            self._painter.fillRect(end, middle - 3, 1, 7, self._theme.text)

    def _residual(self, row: QRect, end: int, place: int, residual: float) -> None:
        """A measure from the end of the prediction to the rating."""
        left, right, middle = min(end, place), max(end, place), row.center().y()
        painter, theme = self._painter, self._theme
        painter.fillRect(left, middle, right - left, 1, theme.text)
        painter.fillRect(end, middle - 3, 1, 7, theme.text)
        for text in (f"residual {words.signed(residual)}", words.signed(residual)):
            width = painter.fontMetrics().horizontalAdvance(text) + 1
            if left - 6 - width >= self._at.scale.left:
                self._text(QRect(left - 6 - width, row.top(), width, row.height()), text, theme.text)
                return
            if right + 6 + width <= row.right():
                self._text(QRect(right + 6, row.top(), width, row.height()), text, theme.text)
                return
            if width + 16 <= right - left:
                box = QRect((left + right - width) // 2, row.top(), width, row.height())
                painter.fillRect(box.adjusted(-3, 0, 3, 0), theme.window)
                self._text(box, text, theme.text)
                return

    # a weight, or anything else

    def _slopes(self, derivative: Derivative) -> None:
        self._zero_line(self._at.rows)
        pair = (("estimated", derivative.estimate), ("exact", derivative.exact))
        for index, (name, value) in enumerate(pair):
            row = self._at.row(index)
            self._labels(row, name, words.slope(value))
            box = self._at.bar_from(row, 0.0, value)
            fill_bar(self._painter, self._theme, box, value)
        self._text(self._at.row(len(pair)).adjusted(0, 2, 0, 2), words.lesson(derivative), self._theme.muted)

    def _numbers(self, explanation: Explanation) -> None:
        self._painter.setFont(self._plain)
        self._painter.setPen(self._theme.muted)
        box = self._at.title.translated(0, self._at.title.height() + 2)
        box.setHeight(10 * self._at.row_height)
        self._painter.drawText(box, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, explanation.numbers)

    def _foot(self, derivative: Derivative) -> None:
        painter, box = self._painter, self._at.foot
        painter.setFont(self._plain)
        first, second = words.derivative_weight(derivative), words.derivative_numbers(derivative)
        metrics = painter.fontMetrics()
        lines = [f"{first}  {second}"] if derivative_fits(derivative, metrics, box.width()) else [first, second]
        for index, line in enumerate(lines):
            place = QRect(QPoint(box.left(), box.top() + index * (metrics.height() + 1)), box.size())
            place.setHeight(metrics.height() + 1)
            self._text(place, line, self._theme.muted)


def fill_bar(painter: QPainter, theme: Theme, box: QRect, value: float) -> None:
    """A bar to the right in the accent colour, or to the left hatched in orange, so that colour is never alone."""
    if value >= 0:
        painter.fillRect(box, theme.accent)
        return
    painter.setPen(theme.edit_text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.fillRect(box, theme.edit_background)
    brush = painter.brush()
    brush.setStyle(Qt.BrushStyle.BDiagPattern)
    brush.setColor(theme.edit_text)
    painter.setBrush(brush)
    painter.drawRect(box.adjusted(0, 0, -1, -1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
