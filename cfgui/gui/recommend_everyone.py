"""Everyone: writes the recommendations of all users into a file, with progress and a way to cancel."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from cfgui.app.exports import FORMATS_OF, export_values
from cfgui.app.reading import Reading
from cfgui.app.recommend_answer import everyone, tally_for
from cfgui.app.recommend_words import tally_words
from cfgui.app.recommending import Recommender, Wish
from cfgui.gui.background_work import BackgroundWork
from cfgui.gui.theme import Theme, current_theme
from cfgui.io.table_options import Cancelled, Report

FILTERS = "CSV (*.csv);;Excel workbook (*.xlsx);;Parquet (*.parquet)"
TIP = (
    "Write the recommendations of every user, with the same movies in question and the same diversity, into a file:"
    " CSV, an Excel workbook or Parquet.  (Alt+Shift+E)"
)


class Everyone(QWidget):
    """The button, and beside it how far the writing is. ``wanted`` asks the page to ``begin``; ``said`` speaks."""

    wanted = Signal()
    said = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.button, self.words, self.bar = QPushButton("For everyone…"), QLabel(), QProgressBar()
        self.button.setToolTip(TIP)
        self.button.clicked.connect(self._clicked)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 8)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("How much is written")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self.words, self.bar, self.button):
            row.addWidget(part)
        self.work = BackgroundWork(self)
        self.work.progressed.connect(self._progressed)
        self.work.cancelled.connect(lambda: self._ended("Cancelled: no file was written."))
        self.work.failed.connect(lambda error: self._ended(str(error) or type(error).__name__, problem=True))
        self._show_state()

    def _clicked(self) -> None:
        if self.work.working:
            self.work.cancel()
        else:
            self.wanted.emit()

    def begin(self, reading: Reading, recommender: Recommender, wish: Wish) -> None:
        """Ask where, and write."""
        path, chosen = QFileDialog.getSaveFileName(
            self, "Recommendations for everyone", str(Path.home() / "recommendations.csv"), FILTERS
        )
        if path:
            self.write(Path(path), chosen, reading, recommender, wish)

    def write(self, path: Path, chosen: str, reading: Reading, recommender: Recommender, wish: Wish) -> None:
        """Write in the background; without an ending that it knows, the name gets that of the ``chosen`` filter."""
        if path.suffix.lower() not in FORMATS_OF["recommendations"]:
            ending = chosen.partition("*")[2].rstrip(")") or ".csv"
            path = path.with_name(path.name + ending)
        try:
            tally = tally_for(recommender, wish)
        except ValueError as error:
            self.said.emit(str(error), True)
            return

        def work(report: Report, cancelled: Cancelled) -> object:
            source, choice = everyone(reading, wish, path.suffix.lower())
            return export_values(source, choice, path, tally=tally, report=report, cancelled=cancelled)

        self.work.begin(
            "Recommending for everyone", work, lambda _paths: self._ended(f"{path.name}: {tally_words(tally)}.")
        )
        self._show_state()

    def _progressed(self, _pace: str, done: float) -> None:
        self.bar.setRange(0, 0 if done < 0.0 else 1000)
        self.bar.setValue(round(1000 * max(done, 0.0)))
        self.words.setText(f"{100 * max(done, 0.0):.0f} %")

    def _ended(self, words: str, *, problem: bool = False) -> None:
        self._show_state()
        self.said.emit(words, problem)

    def _show_state(self) -> None:
        working = self.work.working
        self.button.setText("Cancel" if working else "For everyone…")
        self.button.setToolTip("End the writing; nothing is left behind.  (Alt+Shift+E)" if working else TIP)
        self.bar.setVisible(working)
        self.words.setVisible(working)
        self.words.setText("")
        self.bar.setValue(0)
        self.apply_theme(current_theme())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.words.setStyleSheet(f"color: {theme.muted.name()};")

    def finish(self) -> None:
        """Before the window closes: end the writing."""
        self.work.finish()
