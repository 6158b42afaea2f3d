"""A one-line label with a bold beginning that shortens its end instead of widening the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cfgui.gui.theme import Theme, current_theme


class ElidedLabel(QWidget):
    """``head`` in bold, ``rest`` in the muted colour behind it; what does not fit ends in an ellipsis and a tooltip."""

    def __init__(self, head: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.rest = head, ""
        self._theme = current_theme()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rest(self, text: str) -> None:
        """Show this after the head."""
        self.rest = text
        self.setToolTip(text)
        self.setAccessibleName(f"{self.head} {text}".strip())
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self.update()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def minimumSizeHint(self) -> QSize:
        """Room for the head."""
        metrics = QFontMetrics(self._bold())
        return QSize(metrics.horizontalAdvance(self.head) + 4, metrics.height() + 2)

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        hint = self.minimumSizeHint()
        return QSize(hint.width() + self.fontMetrics().horizontalAdvance(" " + self.rest), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw head and rest on one line."""
        painter = QPainter(self)
        box = self.rect()
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._bold())
        painter.setPen(self._theme.text)
        painter.drawText(box, align, self.head)
        box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(self.head + " "))
        painter.setFont(self.font())
        painter.setPen(self._theme.muted)
        painter.drawText(
            box, align, painter.fontMetrics().elidedText(self.rest, Qt.TextElideMode.ElideRight, box.width())
        )
        painter.end()
