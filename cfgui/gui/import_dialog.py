"""The import dialog: how a table is about to be read, with its first rows, each guess changeable."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cfgui.app.opening import Source, scale_sentence, with_choice, with_role
from cfgui.app.tasks import Task
from cfgui.app.words import counted
from cfgui.app.work_pace import size_words
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.import_fields import ImportFields
from cfgui.gui.preview_table import PreviewTable
from cfgui.gui.theme import current_theme
from cfgui.io.table_options import TableChoices, TableGuess

LOOK_MS = 15
KINDS = {"text": "text", "xlsx": "Excel workbook", "parquet": "Parquet"}


class ImportDialog(QDialog):
    """Accepted: read the table by ``choices``, which hold what the person changed and leave the rest to the guess.

    ``choices`` to begin with are those under which ``guess`` was made.

    Each change looks at the file again, off the window's thread; the newest one counts. Where it cannot be read so,
    one sentence says why, and Open is off.
    """

    def __init__(
        self, source: Source, guess: TableGuess, parent: QWidget | None = None, *, choices: TableChoices | None = None
    ) -> None:
        super().__init__(parent)
        self.source, self.guess, self.choices = source, guess, choices or TableChoices()
        self._task: Task[TableGuess | None] | None = None
        self._looked_for = self.choices
        self._opens_when_ready = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.setWindowTitle(f"Open {source.name}")
        self.fields, self.preview = ImportFields(self), PreviewTable(self)
        self.found, self.problem = _wrapped(), _wrapped()
        self._lay_out()
        self.resize(940, 540)
        self.fields.chosen.connect(self._choose)
        self.fields.role_given.connect(self._give_role)
        self.preview.role_given.connect(self._give_role)
        self._show(guess)
        self.open_button.setFocus()

    def _lay_out(self) -> None:
        self.head = ElidedLabel(self.source.name)
        self.preview.setToolTip("Click the head of a column to say what it holds.")
        self.problem.setStyleSheet(f"color: {current_theme().error.name()};")
        self.problem.hide()
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.preview, 1)
        beside.addWidget(self.found)
        beside.addWidget(self.problem)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.fields, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(beside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addLayout(body, 1)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.open_button = box.addButton("&Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel_button = box.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button.setToolTip("Read all of it as shown above. What is open now stays until that is done.")
        self.cancel_button.setToolTip("Leave what is open as it is (Esc)")
        self.open_button.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    # Choices

    @property
    def settled(self) -> bool:
        """Whether what is shown is what the choices lead to."""
        return self._task is None

    def _choose(self, name: str, value: object) -> None:
        self.choices = with_choice(self.choices, name, value)
        self._look_again()

    def _give_role(self, role: str, column: int) -> None:
        self.choices = with_role(self.choices, self.guess, role, column)  # type: ignore[arg-type]  # signals say str
        self._look_again()

    def _look_again(self) -> None:
        if self._task is None:
            choices, look = self.choices, self.source.look
            self._looked_for = choices
            self._task = Task("Looking at a table", lambda _cancelled: look(choices))
            self._task.start()
            self._timer.start(LOOK_MS)

    def _look(self) -> None:
        task = self._task
        if task is None or not task.done:
            return
        self._timer.stop()
        self._task = None
        if self._looked_for is not self.choices:
            self._look_again()
        elif task.error is not None:
            self._complain(task.error)
        else:
            self._show(task.result or self.guess)
            if self._opens_when_ready:
                self.accept()

    # What is shown

    def _show(self, guess: TableGuess) -> None:
        self.guess = guess
        self.fields.show_guess(guess)
        self.preview.show_guess(guess)
        self.preview.set_stale(False)
        self.head.set_rest(self._facts())
        lines = [scale_sentence(guess), *guess.remarks]
        self.found.setText("\n".join(line for line in lines if line))
        self.found.setVisible(bool(self.found.text()))
        self.problem.hide()
        self.open_button.setEnabled(True)

    def _facts(self) -> str:
        options = self.guess.options
        kind = KINDS[options.kind] + (", gzip" if options.gzipped else "")
        size = [size_words(self.guess.n_bytes)] if self.guess.n_bytes else []
        shown = f"the first {counted(len(self.guess.rows), 'row')}, {counted(len(self.guess.columns), 'column')}"
        return "  " + " · ".join([*size, kind, shown])

    def _complain(self, error: Exception) -> None:
        self._opens_when_ready = False
        self.problem.setText(str(error) or type(error).__name__)
        self.problem.show()
        self.found.hide()
        self.preview.set_stale(True)
        self.open_button.setEnabled(False)

    def accept(self) -> None:
        """Open, as soon as the newest choice has been looked at."""
        if self._task is not None:
            self._opens_when_ready = True
        elif self.open_button.isEnabled():
            super().accept()


def _wrapped() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return label
