"""The import report on screen: how a file was understood, and what was left out and where; to read, copy and save."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from cfgui.app.import_report_text import import_report_text, save_text
from cfgui.app.opening import report_sentence
from cfgui.core.import_report import ImportReport
from cfgui.io.atomic import SaveError


class ImportReportDialog(QDialog):
    """What reading ``name`` came to; ``report`` is None for a workbook, of which there are remarks only."""

    def __init__(
        self, name: str, report: ImportReport | None, remarks: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self.setWindowTitle("Import report")
        self.resize(640, 460)
        self.head, self.said = _label(report_sentence(name, report), bold=True), _label("")
        self.said.hide()
        self.text = QPlainTextEdit(import_report_text(report, remarks))
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Import report")
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addWidget(self.text, 1)
        column.addWidget(self.said)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.save_button = box.addButton("&Save report…", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button = box.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.close_button = box.addButton("C&lose", QDialogButtonBox.ButtonRole.RejectRole)
        self.save_button.setToolTip("Write this report to a text file.")
        self.copy_button.setToolTip("Copy the whole report as text.")
        self.close_button.setDefault(True)
        self.save_button.clicked.connect(self._ask_where)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        box.rejected.connect(self.reject)
        return box

    def _ask_where(self) -> None:
        suggestion = f"{Path(self._name).stem} import report.txt"
        path, _ = QFileDialog.getSaveFileName(self, "Save import report", suggestion, "Text (*.txt)")
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Write the report, all or nothing, and say so."""
        try:
            save_text(self.text.toPlainText(), path)
        except SaveError as error:
            self.said.setText(str(error))
        else:
            self.said.setText(f"Saved to {path.name}.")
        self.said.show()


def _label(text: str, *, bold: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if bold:
        font = QFont(label.font())
        font.setBold(True)
        label.setFont(font)
    return label
