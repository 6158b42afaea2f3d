"""Get MovieLens: choose an edition, read its conditions, accept them, and watch it arrive."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.downloads import COLUMN_TIPS, COLUMNS, DownloadPace, EditionRow, edition_rows
from cfgui.app.tasks import Task
from cfgui.gui.theme import current_theme, tick_palette
from cfgui.io.archive_transfer import GROUPLENS, Source
from cfgui.io.movielens_editions import licence_notice
from cfgui.io.table_options import Cancelled

LOOK_MS = 34
"""How often the download is looked at: at most 30 times a second, however often it reports."""

WHAT_IT_IS = (
    "MovieLens is a website on which people rate movies. GroupLens Research offers their ratings in several sizes; an"
    " edition is downloaded once and kept, and opens without a network from then on."
)


class EditionTable(QTableWidget):
    """Every edition as a row, all of them in sight."""

    def __init__(self, rows: list[EditionRow], parent: QWidget | None = None) -> None:
        super().__init__(len(rows), len(COLUMNS), parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)  # Tab leads on to the conditions
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName("Editions of MovieLens")
        for column, (name, tip) in enumerate(zip(COLUMNS, COLUMN_TIPS, strict=True)):
            head = QTableWidgetItem(name)
            head.setToolTip(tip)
            head.setTextAlignment(_alignment(column))
            self.setHorizontalHeaderItem(column, head)
        for row, entry in enumerate(rows):
            for column, text in enumerate(entry.cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_alignment(column))
                item.setToolTip(entry.tip)
                self.setItem(row, column, item)
        self._fit()

    def _fit(self) -> None:
        header, row_height = self.horizontalHeader(), self.fontMetrics().height() + 7
        header.setHighlightSections(False)
        self.resizeColumnsToContents()
        for column in range(1, self.columnCount()):
            self.setColumnWidth(column, self.columnWidth(column) + 14)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(row_height)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(header.sizeHint().height() + row_height * self.rowCount() + 2 * self.frameWidth())


def _alignment(column: int) -> Qt.AlignmentFlag:
    sides = {0: Qt.AlignmentFlag.AlignLeft, len(COLUMNS) - 1: Qt.AlignmentFlag.AlignHCenter}
    return sides.get(column, Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


class DownloadDialog(QDialog):
    """Emits ``downloaded`` (path of the archive) and closes when an edition is there.

    ``folder`` and ``source`` are where it is kept and where it comes from; tests name their own.
    """

    downloaded = Signal(Path)

    def __init__(
        self, parent: QWidget | None = None, *, folder: Path | None = None, source: Source = GROUPLENS
    ) -> None:
        super().__init__(parent)
        self._folder, self._source = folder, source
        self._task: Task[Path] | None = None
        self._closing = False
        self._pace = DownloadPace()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.rows = edition_rows(folder)
        self.setWindowTitle("Get MovieLens")
        self._make_parts()
        self._lay_out()
        self.resize(760, 640)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.accepting.toggled.connect(self._show_what_can_be_done)
        self.again.toggled.connect(self._show_what_can_be_done)
        self.table.selectRow(0)
        self.table.setFocus()
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._cancel)

    def _make_parts(self) -> None:
        self.table = EditionTable(self.rows, self)
        self.conditions = QPlainTextEdit(self)
        self.conditions.setReadOnly(True)
        self.conditions.setTabChangesFocus(True)
        self.conditions.setAccessibleName("Conditions of use")
        self.conditions_of = QLabel(self)
        self.accepting = QCheckBox("I &accept these conditions", self)
        self.accepting.setToolTip(
            "The data belongs to GroupLens Research; whoever uses it does so on these conditions."
        )
        self.again = QCheckBox("Download a&gain: the one that is here may be an older making", self)
        for box in (self.accepting, self.again):
            box.setPalette(tick_palette(current_theme()))
        self.again.setToolTip(
            "GroupLens makes this edition anew now and then. What is here stays until the new one is."
        )
        self.bar, self.words = QProgressBar(self), QLabel(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()

    def _lay_out(self) -> None:
        what = QLabel(WHAT_IT_IS)
        what.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(what)
        column.addWidget(self.table)
        column.addWidget(self.conditions_of)
        column.addWidget(self.conditions, 1)
        column.addWidget(self._choices())
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self._buttons())

    def _choices(self) -> QWidget:
        row = QWidget(self)
        row.setFixedHeight(self.accepting.sizeHint().height())  # nothing moves when they come and go
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(24)
        line.addWidget(self.accepting)
        line.addWidget(self.again)
        line.addStretch(1)
        return row

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.get_button = box.addButton("&Download", QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel_button = box.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.get_button.setDefault(True)
        self.get_button.clicked.connect(self.get)
        box.rejected.connect(self.reject)
        return box

    # Choosing

    @property
    def chosen(self) -> EditionRow:
        """The edition that is marked."""
        return self.rows[max(self.table.currentRow(), 0)]

    @property
    def opens(self) -> bool:
        """Whether the edition is here, so that nothing has to be downloaded."""
        return self.chosen.path is not None and not self.again.isChecked()

    @property
    def working(self) -> bool:
        """Whether a download, or the check of what is here, goes on."""
        return self._task is not None

    def _chosen(self) -> None:
        row = self.chosen
        self.conditions_of.setText(f"Conditions of {row.edition.title}:")
        self.conditions.setPlainText(licence_notice(row.edition))
        self.accepting.setChecked(False)
        self.again.setChecked(False)
        self._say("")
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        row, working = self.chosen, self.working
        self.again.setVisible(row.path is not None and row.edition.changing)
        self.get_button.setText("&Open" if self.opens else "&Download")
        self.get_button.setToolTip(
            "Open the archive that is here; no network is needed."
            if self.opens
            else "Download the archive over HTTPS, check it and open it. What is open now stays until then."
        )
        self.accepting.setVisible(not self.opens)
        self.get_button.setEnabled(not working and (self.opens or self.accepting.isChecked()))
        for part in (self.table, self.accepting, self.again):
            part.setEnabled(not working)
        self.bar.setVisible(working)
        self.cancel_button.setToolTip(
            "End the download; the next one goes on where this one stopped (Esc)." if working else "Close (Esc)."
        )

    # Downloading

    def get(self) -> None:
        """Download the marked edition, or check and take the one that is here."""
        if self.working or not self.get_button.isEnabled():
            return
        edition, folder, source = self.chosen.edition, self._folder, self._source
        again = self.again.isChecked()

        def work(cancelled: Cancelled) -> Path:
            from cfgui.io.download import download

            return download(edition, folder, report=task.report, cancelled=cancelled, again=again, source=source)

        task: Task[Path] = Task(f"Getting {edition.title}", work)
        self._task, self._pace = task, DownloadPace()
        self.bar.setRange(0, 0)
        self._say("Checking what is here…" if self.opens else "Connecting…")
        task.start()
        self._timer.start(LOOK_MS)
        self._show_what_can_be_done()
        self.cancel_button.setFocus()

    def _look(self) -> None:
        task = self._task
        if task is None:
            return
        if not task.done:
            self._show_progress(task)
            return
        self._timer.stop()
        self._task = None
        self._show_what_can_be_done()
        if task.result is not None and not self._closing:
            self.downloaded.emit(task.result)
            self.accept()
        elif self._closing:
            super().reject()
        elif task.cancelled:
            self._say("Cancelled. The next download of this edition goes on where this one stopped.")
            self.table.setFocus()
        else:
            self._say(str(task.error), problem=True)
            self.get_button.setFocus()

    def _show_progress(self, task: Task[Path]) -> None:
        progress = task.progress
        if progress is None or not progress.total:
            return
        self._pace.observe(progress)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * progress.done / progress.total))
        self._say(self._pace.words())

    def _say(self, text: str, *, problem: bool = False) -> None:
        theme = current_theme()
        self.words.setStyleSheet(f"color: {(theme.error if problem else theme.muted).name()};")
        self.words.setText(text)

    # The end

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def reject(self) -> None:
        """End the download that goes on; a second time, or where there is none, close."""
        if self._task is None:
            super().reject()
        else:
            self._closing = self._closing or self._task.cancelled
            self._cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever takes the dialog away does not wait for the download."""
        if not event.spontaneous():
            self._cancel()
        super().hideEvent(event)
