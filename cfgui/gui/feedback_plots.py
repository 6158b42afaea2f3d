"""FeedbackPlots: three plots of a simulation's rounds over the ones before, and the table of its rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cfgui.app.simulating import ROUND_FIGURES, SimulationRun, same_world
from cfgui.app.simulation_words import difference
from cfgui.gui.number_table import Column
from cfgui.gui.round_plot import RoundLine, RoundPlot
from cfgui.gui.theme import Theme


class FeedbackPlots(QWidget):
    """Shares of genres at the left; at the right how unequal recommendations are, and the errors."""

    def __init__(self) -> None:
        super().__init__()
        self.genres = RoundPlot(
            "Share of each genre in what is recommended, %",
            "What everybody but the enthusiasts is recommended, by genre and round; their genre is drawn strongly, that"
            " of earlier simulations dashed. The dotted line is how many of all movies are of their genre:"
            " lists drawn by lot would show as much of it.",
            percent=True,
        )
        self.spread = RoundPlot(
            "How unequal (Gini) and how wide (coverage)",
            "Gini: 0 where all movies are recommended equally often, near 1 where a few get all. Coverage: the share of"
            " movies that anybody is recommended.",
        )
        self.errors = RoundPlot(
            "RMSE against the truth, and against the ratings",
            "What people really think is known here: the model fits the ratings it asked for better and better, and may"
            " yet know less and less of all the others.",
        )
        self.all = (self.genres, self.spread, self.errors)
        small = QVBoxLayout()
        small.setSpacing(4)
        small.addWidget(self.spread, 1)
        small.addWidget(self.errors, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.genres, 3)
        row.addLayout(small, 2)

    def show_runs(self, runs: Sequence[SimulationRun], n_rounds: int) -> None:
        """Draw the last of these, and behind it those of the same world; nothing where there is none."""
        shares: list[RoundLine] = []
        spread: list[RoundLine] = []
        errors: list[RoundLine] = []
        for run in runs[-1:]:
            for index, it in enumerate(other for other in runs[:-1] if same_world(other, run)):
                shares.append(RoundLine(difference(it, run), it.figure("favourite_share"), "earlier", index))
                spread.append(RoundLine("", it.figure("gini"), "earlier", index))
                spread.append(RoundLine("", it.figure("coverage"), "earlier", index, like="second"))
                errors.append(RoundLine("", it.figure("truth_rmse"), "earlier", index))
                errors.append(RoundLine("", it.figure("observed_rmse"), "earlier", index, like="second"))
            table = run.genre_shares()
            others = [place for place in range(len(run.world.genres)) if place != run.world.favourite]
            shares += [RoundLine(run.world.genres[place], table[:, place], "quiet") for place in others]
            fair = np.full(n_rounds, run.world.favourite_share)
            shares.append(RoundLine("of all movies", fair, "level"))
            shares.append(RoundLine(run.favourite, run.figure("favourite_share"), "main"))
            spread.append(RoundLine("Gini", run.figure("gini"), "main"))
            spread.append(RoundLine("coverage", run.figure("coverage"), "second"))
            errors.append(RoundLine("truth", run.figure("truth_rmse"), "main"))
            errors.append(RoundLine("ratings", run.figure("observed_rmse"), "second"))
        for plot, lines in zip(self.all, (shares, spread, errors), strict=True):
            plot.show_lines(lines, n_rounds)

    def apply_theme(self, theme: Theme, n_rounds: int) -> None:
        """Take the colours of this look."""
        for plot in self.all:
            plot.apply_theme(theme, n_rounds)


def round_table(run: SimulationRun) -> list[Column]:
    """The rounds as columns: figures, then the share of each genre."""
    columns = []
    for figure in ROUND_FIGURES:
        digits = 0 if figure.digits is None else figure.digits
        columns.append(Column(figure.title, run.figure(figure.name), digits, figure.help))
    shares = run.genre_shares()
    for place, genre in enumerate(run.world.genres):
        if place == run.world.favourite:
            continue  # it stands among the figures
        tip = f"The share of {genre} in what everybody else is recommended."
        columns.append(Column(genre, shares[:, place], 3, tip))
    return columns
