"""Opening ratings of every kind: look at them, ask how to read them where that is not plain, and read them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cfgui.app.opening import Source, clipboard_source, file_source, first_look
from cfgui.core.document import Document
from cfgui.gui.background_work import BackgroundWork
from cfgui.gui.recent_files import RecentFiles
from cfgui.io.table_options import Cancelled, Report, TableChoices, TableGuess

FILTERS = (
    "All ratings (*.xlsx *.csv *.tsv *.txt *.dat *.data *.gz *.parquet *.zip)",
    "Workbooks (*.xlsx)",
    "Tables (*.csv *.tsv *.txt *.dat *.data *.gz *.parquet)",
    "MovieLens archives (*.zip)",
    "All files (*)",
)


class OpeningActions(QObject):
    """``read`` (document, name, start name) hands over what was read; ``said`` (sentence, is a problem) speaks."""

    read = Signal(object, str, str)
    said = Signal(str, bool)

    def __init__(self, window: QWidget, settings: QSettings, work: BackgroundWork) -> None:
        super().__init__(window)
        self._window, self._settings, self._work = window, settings, work
        self.recent = RecentFiles(settings)

    def open(self) -> None:
        """Ask for a file and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open ratings", self._folder(), ";;".join(FILTERS))
        if path:
            self.open_path(Path(path))

    def open_folder(self) -> None:
        """Ask for a folder, as MovieLens is unpacked into, and open it."""
        path = QFileDialog.getExistingDirectory(self._window, "Open a folder of ratings", self._folder())
        if path:
            self.open_path(Path(path))

    def get_movielens(self) -> None:
        """Choose an edition of MovieLens, download it where it is not here, and open it."""
        from cfgui.gui.download_dialog import DownloadDialog

        dialog = DownloadDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.downloaded.connect(self.open_path)
        dialog.open()

    def open_path(self, path: Path) -> None:
        """Open a file or a folder of any kind; what is open stays until it has been read whole."""
        self._look_at(file_source(path))

    def open_clipboard(self) -> None:
        """Open the table that was copied elsewhere."""
        data = QGuiApplication.clipboard().mimeData()
        text = data.text() if data is not None and data.hasText() else None
        html = data.html() if data is not None and data.hasHtml() else None
        if not (text and text.strip()) and not html:
            self.said.emit("The clipboard holds no text: copy a table of ratings first.", True)
        else:
            self._look_at(clipboard_source(text, html))

    def _look_at(self, source: Source) -> None:
        def work(_report: Report, cancelled: Cancelled) -> object:
            return _unless(cancelled, first_look(source))

        def then(found: object) -> None:
            guess, choices = cast("tuple[TableGuess | None, TableChoices]", found)
            if guess is None:
                self.read_source(source, choices)
            else:
                self._ask(source, guess, choices)

        self._work.begin(f"Opening {source.name}…", work, then)

    def _ask(self, source: Source, guess: TableGuess, choices: TableChoices) -> None:
        from cfgui.gui.import_dialog import ImportDialog

        dialog = ImportDialog(source, guess, self._window, choices=choices)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.read_source(source, dialog.choices))
        dialog.open()

    def read_source(self, source: Source, choices: TableChoices) -> None:
        """Read a source whole, as the person chose; what is open stays until then."""

        def work(report: Report, cancelled: Cancelled) -> object:
            document = source.read(choices, report, cancelled)
            document.ratings.prepare()
            return _unless(cancelled, document)

        def then(document: object) -> None:
            if isinstance(document, Document):
                self._remember(source)
                self.read.emit(document, source.name, "the file's" if document.report is None else "seed 42's")

        self._work.begin(f"Opening {source.name}…", work, then, n_bytes=source.n_bytes)

    def _remember(self, source: Source) -> None:
        if source.path is not None:
            self._settings.setValue("folder", str(source.path.parent))
            self.recent.remember(source.path)

    def _folder(self) -> str:
        return str(self._settings.value("folder", "") or Path.home())


def _unless(cancelled: Cancelled, result: object) -> object:
    """``result``, unless somebody cancelled too late for the reader to notice: nothing may change then either."""
    if cancelled():
        from cfgui.io.child import Cancelled as WasCancelled

        raise WasCancelled
    return result
