"""MapCanvas: a map that is moved by mouse and keys, asked for a point, and has a lasso drawn around some."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from cfgui.app.map_words import description, facts
from cfgui.core.outline import inside
from cfgui.core.ratings import Floats
from cfgui.gui.map_names import Mark
from cfgui.gui.map_picture import MapPicture

ZOOM_STEP = 1.25
"""By how much one key press, or one notch of the wheel, zooms."""

NOTCH = 120.0
"""What the wheel reports for one notch."""

PAN_SHARE = 0.12
"""Of the width and height that one key press moves."""

DRAG_PIXELS = 3
"""A press that moves further is a drag and no click."""

CORNER_PIXELS = 3.0
"""A lasso gets another corner after so many pixels."""

_KEYS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}

NAME = "Map: drag or arrow keys move it, the wheel or plus and minus zoom, Home shows all, Escape clears"


class MapCanvas(MapPicture):
    """The wheel zooms, a drag moves, Shift and a drag (or a drag while ``lassoing``) draws a lasso.

    ``marked`` (index in the table, or None) follows the choice of a point by a click, ``activated`` (index) a double
    click or Enter on it, ``lassoed`` (positions) a lasso, ``menu_wanted`` (index, place on the screen) a right click or
    the menu key.
    """

    marked = Signal(object)
    activated = Signal(int)
    lassoed = Signal(object)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lassoing = False
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._corners: list[tuple[float, float]] | None = None
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(NAME)

    def choose(self, index: int | None) -> None:
        """Pick somebody of the table out, as a click on the point does; nobody with None."""
        points = self.points
        mark = None if index is None or points is None else Mark(index, points.place_of(index))
        self.set_mark(mark)
        self.marked.emit(None if mark is None else index)

    def show_place(self, place: tuple[float, float]) -> None:
        """Bring a place of the map in sight, if it is not."""
        x, y = self.viewport.to_pixels(np.array([place]))[0].tolist()
        if not self.viewport.holds(x, y):
            self.move_to(self.viewport.centred(*place))

    def describe(self) -> None:
        """Tell who does not see it what there is."""
        self.setAccessibleDescription("" if self.points is None else description(self.points))

    # The mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, with what is under the mouse where it is."""
        position = event.position()
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / NOTCH), position)
        event.accept()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom in by ``factor`` around a pixel, or around the middle."""
        seen = self.viewport
        x, y = (seen.x + seen.width / 2, seen.y + seen.height / 2) if at is None else (at.x(), at.y())
        self.move_to(seen.zoomed(factor, x, y))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a drag or a lasso."""
        if event.button() != Qt.MouseButton.LeftButton or self.points is None:
            return
        self._pressed = self._last = event.position()
        self._dragging = False
        with_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._corners = [] if self.lassoing or with_shift else None
        if self._corners is not None:
            self._add_corner(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the map, or draw the lasso on; without a button say who is under the mouse."""
        position = event.position()
        if self._pressed is None:
            self._hover(position, event.globalPosition().toPoint())
            return
        moved = position - self._pressed
        self._dragging = self._dragging or abs(moved.x()) + abs(moved.y()) > DRAG_PIXELS
        if self._corners is not None:
            step = position - self._last
            if abs(step.x()) + abs(step.y()) >= CORNER_PIXELS:
                self._add_corner(position)
                self._last = position
        elif self._dragging:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            step = position - self._last
            self._last = position
            self.move_to(self.viewport.panned(step.x(), step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the lasso, or take a click for a choice."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        self.unsetCursor()
        corners, self._corners = self._corners, None
        if corners is not None and self._dragging:
            self.lasso(np.array(corners))
        elif not self._dragging:
            self.set_outline(np.zeros((0, 2)))
            self._click(event.position())
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go on with the point."""
        position = self.nearest(event.position().x(), event.position().y())
        if position is not None and self.points is not None:
            self.activated.emit(int(self.points.indices[position]))

    def lasso(self, outline: Floats) -> None:
        """Draw a lasso through these (m, 2) places of the map, and tell whom it holds."""
        if self.points is None:
            return
        self.set_outline(outline)
        self.lassoed.emit(np.flatnonzero(inside(outline, self.points.places)))

    def _add_corner(self, position: QPointF) -> None:
        assert self._corners is not None
        self._corners.append(self.viewport.to_map(position.x(), position.y()))
        self.set_outline(np.array(self._corners))

    def _click(self, position: QPointF) -> None:
        found = self.nearest(position.x(), position.y())
        self.choose(None if found is None or self.points is None else int(self.points.indices[found]))

    def _hover(self, position: QPointF, on_screen: QPoint) -> None:
        found = self.nearest(position.x(), position.y())
        if found == self._hovered:
            return
        self._hovered = found
        if found is None or self.points is None:
            QToolTip.hideText()
            self.unsetCursor()
        else:
            QToolTip.showText(on_screen, facts(self.points, int(self.points.indices[found])), self)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Nobody is under the mouse any more."""
        self._hovered = None
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu about the point under the mouse, or, by the menu key, about the one picked out."""
        if self.points is None:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            found = self.nearest(event.pos().x(), event.pos().y())
            if found is None:
                return
            self.choose(int(self.points.indices[found]))
        if self.mark is not None:
            at_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
            place = self.viewport.to_pixels(np.array([self.mark.place]))[0].tolist()
            on_screen = event.globalPos() if at_mouse else self.mapToGlobal(QPoint(int(place[0]), int(place[1])))
            self.menu_wanted.emit(self.mark.index, on_screen)

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, zoom, show all, clear, go on with the point picked out."""
        key, seen = Qt.Key(event.key()), self.viewport
        if key in _KEYS:
            across, down = _KEYS[key]
            self.move_to(seen.panned(across * PAN_SHARE * seen.width, down * PAN_SHARE * seen.height))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1.0 / ZOOM_STEP)
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key == Qt.Key.Key_Escape and (self.mark is not None or len(self.outline)):
            self.set_outline(np.zeros((0, 2)))
            self.choose(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.mark is not None and not _with_control(event):
            self.activated.emit(self.mark.index)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are its own."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they are not."""
        super().focusOutEvent(event)
        self.update()


def _with_control(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
