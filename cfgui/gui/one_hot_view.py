"""OneHotView: under the lines of ``movielens_emb``, the selected line's lookup as the product that it stands for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cfgui.app.one_hot_lookup import one_hot_lookup, one_hot_sentences
from cfgui.app.session import Session
from cfgui.core.ratings import Cell
from cfgui.gui.appearance import Appearance
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.one_hot_picture import OneHotPicture
from cfgui.gui.theme import Theme, current_theme

HINT = "Select a line above: its user's and its movie's row are looked up."
MARGIN = 4


class OneHotView(QWidget):
    """Shows one side of one line. ``closed`` follows the button that closes it."""

    closed = Signal()

    def __init__(self, session: Session, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._appearance = session, appearance
        self._cell: Cell | None = None
        self.side = "user"
        self.title, self.picture, self.sentences = ElidedLabel("One-hot"), OneHotPicture(appearance), QLabel()
        self.sentences.setWordWrap(True)
        self.buttons = {side: self._side_button(side) for side in ("user", "movie")}
        self._group = QButtonGroup(self)
        for button in self.buttons.values():
            self._group.addButton(button)
        self.buttons["user"].setChecked(True)
        self._lay_out()
        self.setAccessibleName("One-hot row times matrix")
        self.apply_theme(current_theme())
        self.hide()

    def _side_button(self, side: str) -> QToolButton:
        button = QToolButton()
        button.setText(side.capitalize())
        button.setToolTip(f"The {side}'s embedding of the selected line.")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.show_side(side))
        return button

    def _lay_out(self) -> None:
        close = QToolButton()
        close.setText("×")
        close.setToolTip("Close (Ctrl+7)")
        close.setAccessibleName("Close the one-hot rows")
        close.setAutoRaise(True)
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.setSpacing(4)
        for widget in (self.title, *self.buttons.values(), close):
            top.addWidget(widget, 1 if widget is self.title else 0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, MARGIN, 0, 0)
        whole.setSpacing(MARGIN)
        whole.addLayout(top)
        whole.addWidget(self.picture, 1)
        whole.addWidget(self.sentences)

    def sizeHint(self) -> QSize:
        """Room for the 15 rows of the workbook and the sentences."""
        lines = self.sentences.heightForWidth(max(self.width(), 300))
        top = self.buttons["user"].sizeHint().height()
        return QSize(
            500, top + self.picture.sizeHint().height() + max(lines, 2 * self._appearance.row_height) + 4 * MARGIN
        )

    def show_line(self, cell: Cell | None) -> None:
        """Take the line of this user and movie apart; None where there is none."""
        self._cell = cell
        self.look()

    def show_side(self, side: str) -> None:
        """The "user"'s or the "movie"'s embedding, now."""
        self.choose_side(side)
        self.look()

    def choose_side(self, side: str) -> None:
        """The same, from the next line on."""
        self.side = side
        self.buttons[side].setChecked(True)

    def look(self) -> None:
        """Work it out at the present weights."""
        font = self._appearance.font()
        for widget in (self.title, self.sentences, *self.buttons.values()):
            widget.setFont(font)
        if self._cell is None:
            self.picture.show_lookup(None)
            self.title.set_rest("")
            self.sentences.setText(HINT)
            return
        n_rows = self.picture.n_rows_in(self.picture.height())
        found = one_hot_lookup(self._session, self._cell, self.side, n_rows)
        self.picture.show_lookup(found)
        self.title.set_rest(f"row {found.place + 1:,} of {found.n:,} · {found.name}")
        sentences = one_hot_sentences(found)
        if self.sentences.text() != "\n".join(sentences):
            self.sentences.setText("\n".join(sentences))
        self.picture.setAccessibleName(" ".join(sentences))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room is more rows."""
        super().resizeEvent(event)
        self.look()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another look of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.apply_theme(current_theme())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.title.apply_theme(theme)
        self.picture.apply_theme(theme)
        self.sentences.setStyleSheet(f"color: {theme.muted.name()};")
        checked = f"background: {theme.selection.name()}; border: 1px solid {theme.accent.name()};"
        plain = f"border: 1px solid {theme.grid.name()}; border-radius: 3px; padding: 1px 8px;"
        for button in self.buttons.values():
            button.setStyleSheet(f"QToolButton {{ {plain} }} QToolButton:checked {{ {checked} }}")
