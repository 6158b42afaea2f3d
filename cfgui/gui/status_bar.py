"""The status bar: where training stands, what is selected, and what is open."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar

from cfgui.app.holding_words import held_out_number
from cfgui.app.scope_words import scope_words
from cfgui.app.selection_statistics import SelectionStatistics
from cfgui.app.session import Session
from cfgui.app.words import counted


def _number(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.4g}"


class StatusBar(QStatusBar):
    """Three quiet labels, and work in progress with its Cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.training, self.selection, self.data = QLabel(), QLabel(), QLabel()
        self.training.setToolTip("Steps so far, the error now, and by how much the last step moved it")
        self.selection.setToolTip("About the selected cells; RMSE over those that are rated")
        self.data.setToolTip("What is open, how many numbers training may change, and the seed of random weights")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(110)
        self.progress.setMaximumHeight(12)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How much is done")
        self._name = ""
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End this; nothing that is open changes (Esc)")
        self.cancel.setFlat(True)
        self.cancel.setMaximumHeight(self.fontMetrics().height() + 4)
        self.work = QLabel()
        for widget in (self.training, self.work, self.progress, self.cancel, self.selection):
            self.addWidget(widget)
        for label in (self.training, self.work, self.selection, self.data):
            label.setMinimumWidth(1)  # a long text is cut rather than widening the window
        self.addPermanentWidget(self.data)
        self.setSizeGripEnabled(False)
        self.setFixedHeight(self.fontMetrics().height() + 8)
        self.setContentsMargins(6, 0, 6, 0)
        self.show_work("")

    def show_work(self, words: str) -> None:
        """Say what is going on, with a moving bar; "" when it has ended."""
        self._name = words
        self.work.setText(words)
        self.progress.setRange(0, 0)
        self.data.setVisible(True)
        for widget in (self.work, self.progress, self.cancel):
            widget.setVisible(bool(words))

    def show_progress(self, words: str, done: float) -> None:
        """Say how far the work is, ``done`` from 0 to 1, or below 0 where unknown."""
        if words:
            self.work.setText(f"{self._name}  {words}")
            self.data.setVisible(False)  # the room goes to what is going on
        if done >= 0:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * done))

    def show_training(self, session: Session, model: str, *, waiting: str = "") -> None:
        """Step, RMSE, and the last step's difference."""
        sheet, rmse, over = session.sheet(model), session.known_rmse(model), scope_words(session)
        shown = "…" if rmse is None else "–" if math.isnan(rmse) else f"{rmse:.4f}"
        parts = [f"step {sheet.step:,}", f"RMSE {shown} {over}".rstrip()]
        if session.scope.held is not None:
            parts[1:] = [f"train RMSE {shown}", f"held-out RMSE {held_out_number(session, model)} {over}".rstrip()]
        if len(sheet.curve) > 1 and sheet.curve.steps[-1] > sheet.curve.steps[-2]:
            parts.append(f"last step {float(sheet.curve.rmses[-1] - sheet.curve.rmses[-2]):+.2g}".replace("-", "−"))
        self.training.setText("   ".join(parts) + (f"   {waiting}" if waiting else "") + "   ")

    def show_selection(self, statistics: SelectionStatistics | None) -> None:
        """Count, sum, mean, min, max and RMSE of what is selected."""
        if statistics is None or statistics.count < 2:
            self.selection.setText("")
            return
        parts = [
            f"count {statistics.count}",
            f"sum {_number(statistics.sum)}",
            f"mean {_number(statistics.mean)}",
            f"min {_number(statistics.minimum)}",
            f"max {_number(statistics.maximum)}",
        ]
        if statistics.rmse is not None:
            parts.append(f"RMSE {_number(statistics.rmse)}")
        self.selection.setText(" · ".join(parts))

    def show_data(self, session: Session, model: str) -> None:
        """Sizes and seed."""
        ratings, sheet = session.ratings, session.sheet(model)
        parts = (
            f"{counted(ratings.n_users, 'user')} × {counted(ratings.n_movies, 'movie')}",
            counted(ratings.n_ratings, "rating"),
            counted(sheet.factors.n_parameters, "weight"),
            "float64",
            f"starts from {sheet.start_name}",
        )
        self.data.setText(" · ".join(parts))
