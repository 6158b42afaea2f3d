"""RoundSaver: writes the rounds of simulations into a file that the person names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cfgui.app.simulating import SimulationRun
from cfgui.app.simulation_files import write_runs
from cfgui.gui.latest_work import LatestWork

KINDS = "CSV (*.csv);;Excel workbook (*.xlsx);;Parquet (*.parquet)"


class RoundSaver(QObject):
    """``said`` (sentence, is a problem) tells how it went."""

    said = Signal(str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.work = LatestWork(self)

    def ask_where(self, runs: Sequence[SimulationRun]) -> None:
        """Let the person name a file, and write it."""
        first = str(Path.home() / "feedback-rounds.csv")
        path, kind = QFileDialog.getSaveFileName(self._window, "Save rounds", first, KINDS)
        if path:
            ending = kind.partition("*")[2].rstrip(")") or ".csv"
            known = path.lower().endswith((".csv", ".xlsx", ".parquet"))
            self.save(runs, Path(path if known else path + ending))

    def save(self, runs: Sequence[SimulationRun], path: Path) -> None:
        """Write every round of these simulations, as far as they have any, off the window's thread."""
        played = tuple(run for run in runs if run.reports)
        self.work.begin(
            lambda _cancelled: write_runs(played, path),
            lambda _nothing: self.said.emit(f"Saved as {path.name}.", False),
            failed=self._not_saved,
        )

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, (OSError, ValueError)):
            raise error
        self.said.emit(str(error), True)

    def finish(self) -> None:
        """Before the window closes: wait for a file that is being written."""
        self.work.finish()
