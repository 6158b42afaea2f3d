"""Exporting values: ask what and where, and write in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cfgui.app.session import Session
from cfgui.core.models import MODELS
from cfgui.gui.background_work import BackgroundWork
from cfgui.io.table_options import Cancelled, Report

if TYPE_CHECKING:
    from cfgui.app.exports import ExportSource, ValueExport

NAMES = {"factors": "factors", "recommendations": "recommendations", "ratings": "ratings"}
"""The names suggested for files."""


class ExportActions(QObject):
    """``offered`` (sentence, buttons) says what was written and offers to look at it."""

    offered = Signal(str, object)

    def __init__(self, session: Session, window: QWidget, settings: QSettings, work: BackgroundWork) -> None:
        super().__init__(window)
        self._session, self._window, self._settings, self._work = session, window, settings, work
        self._last: ValueExport | None = None

    def ask(self) -> None:
        """Show the dialog, then ask where, then write."""
        from cfgui.app.exports import ValueExport, source_of
        from cfgui.gui.export_dialog import ExportDialog

        source = source_of(self._session)
        dialog = ExportDialog(source, self._last or ValueExport(), MODELS[self._session.active].sheet, self._window)
        dialog.accepted.connect(lambda: self._ask_where(source, dialog.choice))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_where(self, source: ExportSource, choice: ValueExport) -> None:
        from cfgui.app.exports import FORMATS, target_paths

        self._last = choice
        ending = choice.ending
        several = len(target_paths(choice, Path(f"x{ending}"), source.factors)) > 1
        suggestion = str(Path(self._folder()) / f"{NAMES[choice.what]}{ending}")
        # Of several files the system would ask about a name that none of them has.
        options = QFileDialog.Option.DontConfirmOverwrite if several else QFileDialog.Option(0)
        words = f"{FORMATS[ending].split(' (')[0]} (*{ending})"
        text, _ = QFileDialog.getSaveFileName(self._window, "Export values", suggestion, words, options=options)
        if not text:
            return
        path = Path(text if text.lower().endswith(ending) else f"{text}{ending}")
        if not several or self._may_replace(target_paths(choice, path, source.factors)):
            self.export(source, choice, path)

    def export(self, source: ExportSource, choice: ValueExport, path: Path) -> None:
        """Write what was chosen as things stand now; editing and training go on meanwhile."""
        from cfgui.app.exports import export_values, target_paths

        def work(report: Report, cancelled: Cancelled) -> object:
            return export_values(source, choice, path, report=report, cancelled=cancelled)

        def then(_written: object) -> None:
            self._settings.setValue("folder", str(path.parent))
            names = [each.name for each in target_paths(choice, path, source.factors)]
            folder = QUrl.fromLocalFile(str(path.parent))
            button = ("Open folder", lambda: QDesktopServices.openUrl(folder))
            self.offered.emit(f"Exported to {_listed(names)}.", [button])

        self._work.begin(f"Exporting to {path.name}…", work, then)

    def _may_replace(self, paths: tuple[Path, ...]) -> bool:
        there = [path.name for path in paths if path.exists()]
        if not there:
            return True
        verb = "exists" if len(there) == 1 else "exist"
        answer = QMessageBox.question(
            self._window, "Export values", f"{_listed(there)} {verb} already. Replace?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No, QMessageBox.StandardButton.No,
        )  # fmt: skip
        return answer == QMessageBox.StandardButton.Yes

    def _folder(self) -> str:
        return str(self._settings.value("folder", "") or Path.home())


def _listed(names: list[str]) -> str:
    """As "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
