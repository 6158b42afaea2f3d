"""What the File menu does: opening, exporting and restoring, off the window's thread, with a way to cancel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from cfgui.app.kept_sessions import SUFFIX, open_kept
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.core.document import Document
from cfgui.gui.background_work import WAIT, BackgroundWork
from cfgui.gui.export_actions import ExportActions
from cfgui.gui.opening_actions import OpeningActions
from cfgui.gui.session_keeper import SessionKeeper
from cfgui.io.sample import sample_document
from cfgui.io.table_options import Cancelled, Report

FILTER = "Excel workbook (*.xlsx)"
TOPS = (100, 80, 60, 40, 30, 20, 15, 10)
"""How many users and movies are offered where all are too many for live formulas: the first that fits."""


class FileActions(QObject):
    """``opening`` (document, name, start name) hands a document that was read to the window, ``restoring``
    (``RestoredSession``) a session that was kept; ``said`` (sentence, is a problem) speaks; ``offered`` (sentence,
    buttons) offers; ``busy`` (words, "" at the end) tells of work and ``progressed`` (words, share done or -1) how far
    it is.
    """

    opening = Signal(object, str, str)
    restoring = Signal(object)
    said = Signal(str, bool)
    offered = Signal(str, object)
    busy = Signal(str)
    progressed = Signal(str, float)

    def __init__(self, session: Session, window: QWidget, settings: QSettings, keeper: SessionKeeper) -> None:
        super().__init__(window)
        self._session, self._window, self._settings, self._keeper = session, window, settings, keeper
        self._exporting = Path()
        self.work = BackgroundWork(self)
        self.work.busy.connect(self.busy)
        self.work.progressed.connect(self.progressed)
        self.work.refused.connect(self._refused)
        self.work.cancelled.connect(self._cancelled)
        self.work.failed.connect(self._failed)
        self.tables = OpeningActions(window, settings, self.work)
        self.tables.read.connect(self._opened)
        self.tables.said.connect(self.said)
        self.values = ExportActions(session, window, settings, self.work)
        self.values.offered.connect(self.offered)

    # Verbs

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command of this menu."""
        return {
            "file.open": self.tables.open,
            "file.open_folder": self.tables.open_folder,
            "file.open_clipboard": self.tables.open_clipboard,
            "file.get_movielens": self.tables.get_movielens,
            "file.open_sample": self.open_sample,
            "file.restore_session": self.restore_session,
            "file.earlier_sessions": self.open_earlier_session,
            "file.export": self.export,
            "file.export_values": self.values.ask,
        }

    def open_path(self, path: Path) -> None:
        """Open a file or a folder of any kind, or a kept session; what is open stays until it has been read whole."""
        if path.suffix == SUFFIX:
            self.restore_path(path)
        else:
            self.tables.open_path(path)

    def open_sample(self) -> None:
        """Open the original 15 x 15, unless a file is in hand, which would take its place as soon as it is read."""
        if self.working:
            self._refused(WAIT)
            return
        self.opening.emit(sample_document(), "the original 15 × 15", "the sheet's")

    def restore_session(self) -> None:
        """Open the session that was open before this one."""
        path = self._keeper.last_session()
        if path is None:
            self.said.emit("No session has been kept yet: it is when something changed before the window closes.", True)
        else:
            self.restore_path(path)

    def restore_path(self, path: Path) -> None:
        """Open a kept session; what is open stays until it has been read whole."""
        self.work.begin(
            "Restoring…", lambda report, cancelled: open_kept(path, report=report, cancelled=cancelled), self._restored
        )

    def open_earlier_session(self) -> None:
        """Choose among the kept sessions."""
        from cfgui.gui.earlier_sessions_dialog import EarlierSessionsDialog

        dialog = EarlierSessionsDialog(self._keeper.path, self._window)
        dialog.chosen.connect(self.restore_path)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def export(self) -> None:
        """Ask where, and write the workbook."""
        suggestion = str(Path(self._folder()) / "collab_filter.xlsx")
        path, _ = QFileDialog.getSaveFileName(self._window, "Export to Excel", suggestion, FILTER)
        if path:
            self.export_path(Path(path if path.lower().endswith(".xlsx") else f"{path}.xlsx"))

    def export_path(self, path: Path, *, values_only: bool = False, top: int | None = None) -> None:
        """Write what the sheet shows as things stand now; editing goes on meanwhile.

        ``top`` writes only that many users and movies of it, those with the most ratings.
        """
        shown, state = self._session.shown_document(), self._session.state
        whole = top is None and not values_only and self._session.view.is_whole

        def work(_report: Report, cancelled: Cancelled) -> object:
            from cfgui.io.workbook_import import write_workbook_in_child

            document = shown() if top is None else shown().top(top, top)
            write_workbook_in_child(document, path, values_only=values_only, cancelled=cancelled)
            return state if whole else None

        self._exporting = path
        self.work.begin(f"Exporting to {path.name}…", work, lambda done: self._exported(done, path))

    def cancel(self) -> None:
        """End the work in progress; what is open and what is on disk stay as they are."""
        self.work.cancel()

    @property
    def working(self) -> bool:
        """Whether a file is being read or written now."""
        return self.work.working

    def finish(self) -> None:
        """Before the window closes: let an export end, and end anything else."""
        self.work.finish()

    # What became of it

    def _refused(self, sentence: str) -> None:
        self.said.emit(sentence, True)

    def _cancelled(self) -> None:
        self.said.emit("Cancelled: nothing was changed.", False)

    def _failed(self, error: Exception) -> None:
        from cfgui.io.workbook_export import TooLargeForExcel

        if isinstance(error, TooLargeForExcel):
            self.offered.emit(str(error), self._smaller_exports(error.values_only_fits, error.by_layers))
        else:
            self.said.emit(_sentence(error), True)

    def _smaller_exports(self, values_only_fits: bool, by_layers: bool) -> list[tuple[str, Callable[[], None]]]:
        """What to offer where all is too much: values only, and, if users and movies are too many, those that fit."""
        from cfgui.io.workbook_size import MAX_FORMULAS, count_formulas

        path, document = self._exporting, self._session.shown_document()()
        offers: list[tuple[str, Callable[[], None]]] = []
        if values_only_fits:
            offers.append(("Export values only", lambda: self.export_path(path, values_only=True)))
        top = next((n for n in TOPS if count_formulas(document.top(n, n)) <= MAX_FORMULAS), None)
        if top is not None and not by_layers:
            offers.append((f"Export the top {top} × {top}", lambda: self.export_path(path, top=top)))
        return offers

    def _opened(self, document: object, name: str, start_name: str) -> None:
        if isinstance(document, Document):
            self.opening.emit(document, name, start_name)

    def _restored(self, restored: object) -> None:
        from cfgui.app.kept_state import RestoredSession

        if isinstance(restored, RestoredSession):
            self.restoring.emit(restored)
        else:
            self._opened(restored, "restored session", "the restored session's")

    def _exported(self, state: object, path: Path) -> None:
        self._remember_folder(path)
        if isinstance(state, State):
            self._session.mark_saved(state)
        open_it = ("Open it", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
        self.offered.emit(f"Exported to {path.name}.", [open_it])

    # The last folder

    def _folder(self) -> str:
        return str(self._settings.value("folder", "") or Path.home())

    def _remember_folder(self, path: Path) -> None:
        self._settings.setValue("folder", str(path.parent))


def _sentence(error: Exception) -> str:
    """What to tell a person about an error while reading or writing."""
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be written or read: choose another place, or close it elsewhere first."
    if isinstance(error, OSError) and error.strerror:
        return f"The file could not be read or written ({error.strerror}): choose another place."
    return str(error) or type(error).__name__
