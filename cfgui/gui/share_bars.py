"""ShareBars: the shares of a list drawn as bars behind their numbers."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cfgui.app.numbers import parse_number
from cfgui.gui.theme import Theme, current_theme, mixed

GAP = 3


class ShareBars(QStyledItemDelegate):
    """Blue to the right of zero, orange to its left; the longest fills the column."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.theme: Theme = current_theme()
        self._low = self._high = 0.0

    def take(self, values: list[float]) -> None:
        """What the bars are to span."""
        self._low, self._high = min([0.0, *values]), max([0.0, *values])

    def bar(self, place: QRect, value: float) -> QRect:
        """Where the bar of ``value`` goes in a cell at ``place``; empty for one of no width."""
        span = self._high - self._low
        if not span > 0.0:
            return QRect()
        room = place.adjusted(GAP, GAP, -GAP, -GAP)
        zero, end = ((at - self._low) / span * room.width() for at in (0.0, value))
        return QRect(room.left() + round(min(zero, end)), room.top(), round(abs(end - zero)), room.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The bar, then the number over it."""
        self.initStyleOption(option, index)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        text = str(index.data() or "")
        if selected:
            painter.fillRect(place, self.theme.accent)
        try:
            value = parse_number(text) or 0.0
        except ValueError:
            value = 0.0  # "inf" has no bar
        colour = self.theme.low if value < 0.0 else self.theme.high
        painter.fillRect(self.bar(place, value), mixed(self.theme.accent, colour, 0.25) if selected else colour)
        painter.setPen(self.theme.on_accent if selected else self.theme.text)
        painter.drawText(place.adjusted(0, 0, -6, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
