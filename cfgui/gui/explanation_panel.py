"""The panel under the loss plot: one prediction drawn as the sum it is, or one weight with its derivative."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from cfgui.app.explanation import Explanation
from cfgui.gui import explanation_words as words
from cfgui.gui.explanation_bars import Bar, bars_of
from cfgui.gui.explanation_geometry import Geometry
from cfgui.gui.explanation_painter import ExplanationPainter
from cfgui.gui.theme import Theme, current_theme


class ExplanationPanel(QAbstractScrollArea):
    """Title, one bar per term, the prediction against the rating, and the derivative of the selected factor.

    A click on a bar, or Up and Down, asks for another factor. More terms than fit scroll; the prediction and the
    derivative stay in sight. A screen reader is told the same as sentences.
    """

    factor_selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.explanation: Explanation | None = None
        self.bars: list[Bar] = []
        self._measured: tuple[Explanation | None, QSize, QFont, Geometry] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Explanation")
        self.apply_theme(self._theme)
        self.show_explanation(None)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Draw this cell, or a hint for None."""
        self.explanation = explanation
        self.bars = [] if explanation is None else bars_of(explanation)
        self.setAccessibleDescription(words.spoken(explanation))
        self._set_scroll_range()
        self._bring_into_view()
        self.viewport().update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self.viewport().update()

    def geometry_of_picture(self) -> Geometry:
        """Where everything is in the viewport, at the present size and scroll position."""
        # Measuring the words of hundreds of terms takes milliseconds, and each picture asks several times.
        of = self.explanation, self.viewport().size(), self.font()
        if self._measured is None or self._measured[0] is not of[0] or self._measured[1:3] != of[1:]:
            self._measured = *of, Geometry.of(of[0], self.fontMetrics(), of[1], 0)
        return replace(self._measured[3], scroll=self.verticalScrollBar().value())

    def bar_rect(self, index: int) -> QRect:
        """The pixels of the bar of this term in the viewport."""
        bar, geometry = self.bars[index], self.geometry_of_picture()
        return geometry.bar_from(geometry.row(index), bar.start, bar.end)

    def minimumSizeHint(self) -> QSize:
        """Room for a title, two bars, the prediction and the derivative."""
        return QSize(220, 8 * (self.fontMetrics().height() + 3))

    def sizeHint(self) -> QSize:
        """Room for five factors."""
        return QSize(380, 12 * (self.fontMetrics().height() + 5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it all."""
        painter = QPainter(self.viewport())
        ExplanationPainter(painter, self._theme, self.geometry_of_picture(), focus=self.hasFocus()).draw(
            self.explanation, self.bars
        )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected bar in sight."""
        super().resizeEvent(event)
        self._set_scroll_range()
        self._bring_into_view()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Redraw: only the bars move, so moving pixels would be wrong."""
        self.viewport().update()

    def _set_scroll_range(self) -> None:
        geometry = self.geometry_of_picture()
        bar = self.verticalScrollBar()
        bar.setSingleStep(geometry.row_height)
        bar.setPageStep(geometry.rows.height())
        bar.setRange(0, max(0, len(self.bars) * geometry.row_height - geometry.rows.height()))

    def _bring_into_view(self) -> None:
        chosen = self.explanation.factor if self.explanation is not None and self.bars else None
        if chosen is None:
            return
        geometry, bar = self.geometry_of_picture(), self.verticalScrollBar()
        top = chosen * geometry.row_height
        lowest = top + geometry.row_height - geometry.rows.height()
        bar.setValue(min(max(bar.value(), lowest), top))

    # the person

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down, Home and End choose the factor whose derivative is shown."""
        chosen = self.explanation.factor if self.explanation is not None else None
        now = -1 if chosen is None else chosen
        last = len(self.bars) - 1
        moves = {
            Qt.Key.Key_Up: max(now - 1, 0),
            Qt.Key.Key_Down: min(now + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if not self.bars or event.key() not in moves:
            super().keyPressEvent(event)
            return
        wanted = moves[Qt.Key(event.key())]
        if wanted != chosen:
            self.factor_selected.emit(wanted)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere in the row of a bar chooses its factor."""
        row = self.geometry_of_picture().row_at(event.position().toPoint(), len(self.bars))
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.factor_selected.emit(row)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say in a tooltip what a bar is, to more digits, or the whole of a title that does not fit."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event), self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, event: QHelpEvent) -> str:
        """The tooltip at the place of the event."""
        geometry = self.geometry_of_picture()
        if self.explanation is None:
            return ""
        if geometry.title.contains(event.pos()):
            return f"{words.head(self.explanation)} {words.rest(self.explanation)}".strip()
        if geometry.step.contains(event.pos()):
            return words.step_words(self.explanation)
        row = geometry.row_at(event.pos(), len(self.bars))
        return "" if row is None else words.term_tip(self.bars[row].term, self.bars[row].total)
