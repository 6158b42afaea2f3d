"""The id rows and columns of the blocks."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from cfgui.app.turnstile import TURNSTILE
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_model import TITLE_ROLE
from cfgui.gui.theme import current_theme

Align = Qt.AlignmentFlag
TITLE_HEIGHT = 9
"""Height of a header that shows titles, in rows."""


class BlockHeader(QHeaderView):
    """Bold ids on the header colour; the lit section is drawn in the accent colour.

    With ``shows_titles`` the horizontal header stands titles on end while the person wants to see them.
    """

    def __init__(
        self, orientation: Qt.Orientation, appearance: Appearance, parent: QWidget, *, shows_titles: bool = False
    ) -> None:
        super().__init__(orientation, parent)
        self._appearance = appearance
        self._shows_titles = shows_titles
        self._lit: frozenset[int] = frozenset()
        self.bold = True
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(4)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    @property
    def tall(self) -> bool:
        """Whether titles stand on end in this header now."""
        return self._shows_titles and self._appearance.titles

    def set_lit(self, sections: frozenset[int]) -> None:
        """Draw these sections in the accent colour."""
        if sections != self._lit:
            self._lit = sections
            self.viewport().update()

    def sizeHint(self) -> QSize:
        """One row high, or tall enough for titles; as wide as it was fixed to be.

        Qt's own would ask for the labels of hundreds of sections.
        """
        if self.orientation() == Qt.Orientation.Horizontal:
            return QSize(self.length(), self._appearance.row_height * (TITLE_HEIGHT if self.tall else 1))
        return QSize(self.minimumWidth(), self.length())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """One label."""
        if not rect.isValid():
            return
        with TURNSTILE.held():
            theme = current_theme()
            painter.save()
            painter.fillRect(rect, theme.header)
            painter.setPen(theme.grid)
            painter.drawLine(rect.topRight(), rect.bottomRight())
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            font = self._appearance.font()
            font.setBold(self.bold)
            painter.setFont(font)
            painter.setPen(theme.accent if section in self._lit else theme.text if self.bold else theme.muted)
            self._paint_label(painter, rect, section)
            painter.restore()

    def _paint_label(self, painter: QPainter, rect: QRect, section: int) -> None:
        role = TITLE_ROLE if self.tall else Qt.ItemDataRole.DisplayRole
        text = str(self.model().headerData(section, self.orientation(), role) or "")
        metrics = painter.fontMetrics()
        if self.tall:
            painter.translate(rect.left(), rect.bottom())
            painter.rotate(-90)
            room = QRect(4, 0, rect.height() - 8, rect.width())
            text = metrics.elidedText(text.partition(" · ")[2] or text, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Align.AlignLeft | Align.AlignVCenter, text)
            return
        room = rect.adjusted(3, 0, -4, 0)
        horizontal = self.orientation() == Qt.Orientation.Horizontal
        align = Align.AlignRight if horizontal else Align.AlignLeft
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, align | Align.AlignVCenter, text)
