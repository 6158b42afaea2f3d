"""Painting a block: all cells in view in one pass, then the marks of changes and the selection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QTableView

from cfgui.app.block import Block
from cfgui.core.ratings import Floats
from cfgui.gui.appearance import Appearance, ColorBy
from cfgui.gui.cell_overlay import make_overlay
from cfgui.gui.cell_style import make_styler
from cfgui.gui.hatching import hatch_brush, hatched_cells
from cfgui.gui.lit_cells import Lit, lit_within
from cfgui.gui.theme import Theme

Align = Qt.AlignmentFlag

DARKNESSES = 16
"""How many shades the marks of changes have."""


@dataclass(frozen=True)
class Visible:
    """The rows and columns in view, and where they lie (device-independent pixels)."""

    rows: range
    columns: range
    tops: list[int]
    lefts: list[int]
    heights: list[int]
    widths: list[int]

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and the columns, to cut a table with."""
        return slice(self.rows.start, self.rows.stop), slice(self.columns.start, self.columns.stop)


def visible_part(view: QTableView) -> Visible:
    """What of a table is in view."""
    across, down = view.horizontalHeader(), view.verticalHeader()
    size = view.viewport().size()
    first_row, last_row = view.rowAt(0), view.rowAt(size.height() - 1)
    first_column, last_column = view.columnAt(0), view.columnAt(size.width() - 1)
    n_rows, n_columns = view.model().rowCount(), view.model().columnCount()
    rows = range(max(first_row, 0), (last_row if last_row >= 0 else n_rows - 1) + 1)
    columns = range(max(first_column, 0), (last_column if last_column >= 0 else n_columns - 1) + 1)
    return Visible(
        rows,
        columns,
        [down.sectionViewportPosition(r) for r in rows],
        [across.sectionViewportPosition(c) for c in columns],
        [down.sectionSize(r) for r in rows],
        [across.sectionSize(c) for c in columns],
    )


class BlockPainter:
    """Paints ``block`` into ``view``, as ``appearance`` wants it."""

    def __init__(self, view: QTableView, block: Block, appearance: Appearance) -> None:
        self._view, self._block, self._appearance = view, block, appearance

    def paint(self, painter: QPainter, theme: Theme, lit: Lit) -> None:
        """Cells, marks and selection; the cells of ``lit`` are framed."""
        if self._view.model().rowCount() and self._view.model().columnCount():
            painter.setFont(self._appearance.font())
            visible = visible_part(self._view)
            self._paint_cells(painter, theme, visible)
            self._paint_selection(painter, theme, visible, lit)

    @property
    def _shows_marks(self) -> bool:
        """Not beside the arrows of the error colours: two kinds of triangle would be one too many."""
        arrows = self._block.name == "predictions" and self._appearance.color_by is ColorBy.ERROR
        return self._appearance.marks and not arrows

    def _paint_cells(self, painter: QPainter, theme: Theme, visible: Visible) -> None:
        rows, columns = visible.slices
        style = make_styler(self._block, self._appearance, theme, rows, columns)
        overlay = make_overlay(self._block, self._appearance, theme, rows, columns)
        hatched, hatch = hatched_cells(self._block, rows, columns), hatch_brush(theme)
        changes = self._block.changed(rows, columns) if self._shows_marks else None
        largest = float(np.abs(changes).max()) if changes is not None and changes.size else 0.0
        if visible.rows and visible.columns:
            painter.fillRect(
                QRect(
                    visible.lefts[0],
                    visible.tops[0],
                    visible.lefts[-1] + visible.widths[-1] - visible.lefts[0],
                    visible.tops[-1] + visible.heights[-1] - visible.tops[0],
                ),
                theme.grid,
            )
        flags = Align.AlignRight | Align.AlignVCenter
        for row, (top, height) in enumerate(zip(visible.tops, visible.heights, strict=True)):
            for column, (left, width) in enumerate(zip(visible.lefts, visible.widths, strict=True)):
                text, background, foreground = style(row, column)
                painter.fillRect(left, top, width - 1, height - 1, background)
                if hatched is not None and hatched[row, column]:
                    painter.fillRect(left, top, width - 1, height - 1, hatch)
                if overlay is not None:
                    overlay(painter, row, column, QRect(left, top, width - 1, height - 1))
                if text:
                    painter.setPen(foreground)
                    painter.drawText(QRectF(left + 1, top, width - 5, height - 1), flags, text)
        if changes is not None and 0.0 < largest < np.inf:
            self._paint_marks(painter, theme, visible, changes / largest)

    def _paint_marks(self, painter: QPainter, theme: Theme, visible: Visible, shares: Floats) -> None:
        """A small triangle up or down in the corner of each cell that changed; the darker, the larger the change.

        All of one darkness are painted together: one by one they would take longer than the rest of the sheet.
        """
        size = max(3.0, 4.5 * self._appearance.zoom)
        height = size / 2.5
        paths: dict[int, QPainterPath] = {}
        for row, column in np.argwhere(shares).tolist():
            share = float(shares[row, column])
            x, middle = visible.lefts[column] + 1.5 + size / 2, visible.tops[row] + 1 + size / 2
            up = -height if share > 0 else height
            path = paths.setdefault(round(abs(share) * DARKNESSES), QPainterPath())
            path.moveTo(x, middle + up)
            path.lineTo(x - size / 2, middle - up)
            path.lineTo(x + size / 2, middle - up)
            path.closeSubpath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(theme.changed)
        for darkness, path in paths.items():
            color.setAlphaF(0.12 + 0.88 * darkness / DARKNESSES)
            painter.fillPath(path, color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_selection(self, painter: QPainter, theme: Theme, visible: Visible, lit: Lit) -> None:
        view = self._view
        veil = QColor(theme.accent)
        veil.setAlphaF(0.18)
        for part in view.selectionModel().selection().toList():
            if part.width() * part.height() > 1:
                first, last = view.visualRect(part.topLeft()), view.visualRect(part.bottomRight())
                painter.fillRect(first.united(last), veil)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row, column in lit_within(lit, visible.rows, visible.columns):
            self._frame(painter, theme, view.visualRect(view.model().index(row, column)), 1)
        if view.selectionModel().hasSelection() and view.currentIndex().isValid():
            cursor = view.visualRect(view.currentIndex())
            self._frame(painter, theme, cursor, 2)
            handle = QRect(0, 0, 5, 5)
            handle.moveBottomRight(cursor.bottomRight())
            painter.fillRect(handle, theme.accent)

    @staticmethod
    def _frame(painter: QPainter, theme: Theme, rect: QRect, width: int) -> None:
        for inset in range(width):
            painter.setPen(theme.accent)
            painter.drawRect(rect.adjusted(inset, inset, -1 - inset, -1 - inset))
