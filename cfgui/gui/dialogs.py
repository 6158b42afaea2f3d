"""The small dialogs: import report, keyboard shortcuts, answer report, About. Each loads when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from cfgui.app.commands import COMMANDS
from cfgui.app.session import Session

if TYPE_CHECKING:
    from cfgui.app.answer_report import AnswerReport

SHEET_KEYS = (
    ("typing", "replaces the cell"),
    ("F2", "edits it"),
    ("Enter, Tab", "go down, right (with Shift: up, left)"),
    ("Esc", "restores what was there"),
    ("Ctrl+Enter", "fills the whole selection"),
    ("Ctrl+arrows", "jump to the end of the filled cells"),
    ("Ctrl+wheel", "zooms"),
)
"""Keys of the cells, which are no commands of a menu."""


def show_import_report(parent: QWidget, session: Session) -> None:
    """How the open file was understood, what was left out, and what was noticed."""
    from cfgui.gui.import_report_dialog import ImportReportDialog

    _open(ImportReportDialog(session.name, session.report, session.remarks, parent))


def show_shortcuts(parent: QWidget) -> None:
    """Every command with keys, and the keys of the cells."""
    commands = [(c.shortcut, c.title.replace("&", "").rstrip("…")) for c in COMMANDS if c.shortcut]
    half = (len(commands) + 1) // 2
    columns = (commands[:half], [*commands[half:], ("", ""), *SHEET_KEYS])
    tables = "".join(f"<td><table cellpadding=2>{''.join(map(_line, column))}</table></td>" for column in columns)
    box = QMessageBox(parent)
    box.setWindowTitle("Keyboard shortcuts")
    box.setText(f"<table cellspacing=12><tr>{tables}</tr></table>")
    _open(box)


def _line(entry: tuple[str, str]) -> str:
    words = [word.replace(" ", "&nbsp;") for word in entry]
    return f"<tr><td><b>{words[0]}</b>&nbsp;</td><td>{words[1]}</td></tr>"


def show_answer_report(parent: QWidget, report: AnswerReport, restore: Callable[[], object]) -> None:
    """What Solve did; ``restore`` takes it back."""
    from cfgui.gui.report_dialog import ReportDialog

    dialog = ReportDialog(report, parent)
    dialog.rejected.connect(restore)
    _open(dialog)


def show_about(parent: QWidget) -> None:
    """Version, licences, and where the data comes from."""
    from cfgui.gui.about_dialog import AboutDialog

    _open(AboutDialog(parent))


def _open(dialog: QDialog) -> None:
    """Show without stopping the program; gone for good when closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
