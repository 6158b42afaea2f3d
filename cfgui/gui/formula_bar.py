"""The name box and the formula bar: where a cell is, what it holds and where the number comes from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontDatabase, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from cfgui.app.explanation import Explanation
from cfgui.gui.theme import Theme, field_palette


class _EscapableEdit(QLineEdit):
    """A line edit that Escape leaves."""

    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class FormulaBar(QWidget):
    """``address_entered`` (address) asks to go to a cell; ``value_entered`` (text) to change the selected one.

    ``left`` follows Escape and Enter: the keyboard goes back to the sheet.
    """

    address_entered = Signal(str)
    value_entered = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(12)
        self.name_box = _EscapableEdit()
        self.name_box.setFixedWidth(72)
        self.name_box.setToolTip(
            "The address of the selected cell in the exported workbook; type one, “user 14” or a title to go there."
        )
        self.name_box.setAccessibleName("Address")
        self.content = _EscapableEdit()
        self.content.setToolTip("The Excel formula of the selected cell, or its value with every digit.")
        self.content.setAccessibleName("Formula or value")
        self.numbers = QLabel()
        self.numbers.setToolTip("The same with the numbers in it.")
        self.numbers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._numbers_text = ""
        fx = QLabel("<i>fx</i>")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 1, 6, 1)
        row.setSpacing(6)
        for widget in (self.name_box, self.content, self.numbers):
            widget.setFont(fixed)
        row.addWidget(self.name_box)
        row.addWidget(fx)
        row.addWidget(self.content)
        row.addWidget(self.numbers, 1)
        self.name_box.returnPressed.connect(lambda: self.address_entered.emit(self.name_box.text()))
        self.content.returnPressed.connect(self._entered)
        for edit in (self.name_box, self.content):
            edit.escaped.connect(self._escape)
            edit.installEventFilter(self)
        self.numbers.installEventFilter(self)
        self._explanation: Explanation | None = None
        self._editable = False
        self._text = ""

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Coming in by keyboard or mouse selects the whole text, so that typing replaces it.

        The numbers are shortened anew where another formula leaves them another width.
        """
        if watched is self.numbers and event.type() == QEvent.Type.Resize:
            self._elide()
        elif event.type() == QEvent.Type.FocusIn and isinstance(watched, QLineEdit):
            watched.selectAll()
        elif event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            brief = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if event.reason() not in brief:  # what was typed and not entered does not stay beside another number
                self._restore()
        return False

    def show_cell(self, explanation: Explanation | None, *, editable: bool, value_text: str) -> None:
        """Show one cell, or nothing."""
        self._explanation, self._editable = explanation, editable
        if not self.name_box.hasFocus():
            address = explanation.address if explanation else ""
            self.name_box.setText(address)
            self.name_box.setFixedWidth(max(72, self.name_box.fontMetrics().horizontalAdvance(address) + 16))
        self._text = text = (explanation.formula or value_text) if explanation else ""
        if not self.content.hasFocus():
            self.content.setText(text)
            self.content.setCursorPosition(0)
        self.content.setReadOnly(not editable)
        width = self.content.fontMetrics().horizontalAdvance(text) + 18
        self.content.setFixedWidth(min(max(width, 170), 420))
        self._numbers_text = ""
        if explanation is not None and explanation.numbers:
            self._numbers_text = f"= {explanation.numbers}" if explanation.formula else explanation.numbers
        self._elide()

    def _elide(self) -> None:
        room = self.numbers.width() - 2
        self.numbers.setText(
            self.numbers.fontMetrics().elidedText(self._numbers_text, Qt.TextElideMode.ElideMiddle, max(room, 40))
        )
        self.numbers.setToolTip(self._numbers_text or "The same with the numbers in it.")
        self.numbers.setMinimumWidth(40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide anew."""
        super().resizeEvent(event)
        self._elide()

    def _entered(self) -> None:
        if self._editable:
            self.value_entered.emit(self.content.text())
        else:
            self.left.emit()

    def refuse(self) -> None:
        """What was entered in the content cannot be taken: let the person mend it."""
        self.content.setFocus(Qt.FocusReason.OtherFocusReason)
        self.content.selectAll()

    def apply_theme(self, theme: Theme) -> None:
        """Let the boxes stand out, in the dark too."""
        for edit in (self.name_box, self.content):
            edit.setPalette(field_palette(theme))

    def ask_for_address(self) -> None:
        """Give the keyboard to the name box, its text selected."""
        self.name_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name_box.selectAll()

    def _restore(self) -> None:
        self.content.setText(self._text)
        self.name_box.setText(self._explanation.address if self._explanation else "")

    def _escape(self) -> None:
        self._restore()
        self.left.emit()
