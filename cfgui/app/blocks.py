"""The blocks of the crosstab: ratings, predictions and the RMSE."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cfgui.app.block import ALL, Block, rating_text, weight_text
from cfgui.app.edits import Edit, SetRatings
from cfgui.app.words import counted
from cfgui.core.factors import Factors
from cfgui.core.models import predict_block
from cfgui.core.ratings import Cell, Floats

TALL = 4096
"""Rows from which ratings are looked up movie by movie, not user by user."""


class RatingsBlock(Block):
    """The crosstab of ratings, shared by both sheets."""

    name, title, editable, accepts_blank = "ratings", "Ratings", True, True

    @property
    def shape(self) -> tuple[int, int]:
        """(users, movies) shown."""
        return len(self.view.users), len(self.view.movies)

    def part(self, rows: slice, columns: slice) -> Floats:
        """Ratings, NaN where unrated."""
        users, movies = self.view.users[rows], self.view.movies[columns]
        if len(users) <= TALL:
            return self.session.ratings.block(users, movies)
        first, _, _ = rows.indices(self.shape[0])
        table = np.full((len(users), len(movies)), np.nan)
        for column, movie in enumerate(movies.tolist()):
            raters, values = self.session.ratings.movie_line(movie)
            places = self.view.user_rows[raters] - first
            shown = (places >= 0) & (places < len(users))
            table[places[shown], column] = values[shown]
        return table

    def value(self, row: int, column: int) -> float | None:
        """The rating, None where unrated."""
        return self.session.ratings.rating(self.user(row), self.movie(column))

    def text(self, row: int, column: int) -> str:
        """The rating as typed."""
        value = self.value(row, column)
        return "" if value is None else rating_text(value)

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """None makes a cell unrated."""
        return SetRatings({(self.user(row), self.movie(column)): value for (row, column), value in cells.items()})


class PredictionsBlock(Block):
    """The predictions of every cell, rated or not."""

    name, title, editable = "predictions", "Predictions", False

    @property
    def shape(self) -> tuple[int, int]:
        """(users, movies) shown."""
        return len(self.view.users), len(self.view.movies)

    def part(self, rows: slice, columns: slice) -> Floats:
        """The model's predictions."""
        return self._predicted(self.factors, rows, columns)

    def _predicted(self, factors: Factors, rows: slice, columns: slice) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
            return predict_block(factors, self.view.users[rows], self.view.movies[columns])

    def tip(self, row: int, column: int) -> str:
        """Whose prediction this is, and how it compares with the rating."""
        user, movie = self.user(row), self.movie(column)
        rating, value = self.session.ratings.rating(user, movie), self.session.prediction(self.model, user, movie)
        rated = "not rated" if rating is None else f"rated {rating_text(rating)}, residual {rating - value:+.2f}"
        return f"{super().tip(row, column)} · predicted {weight_text(value)}, {rated}"

    def changed(self, rows: slice = ALL, columns: slice = ALL) -> Floats | None:
        """How the last change moved each prediction."""
        before, now = self.session.sheet(self.model).before, self.factors
        if before is None or before.n_factors != now.n_factors:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return self.part(rows, columns) - self._predicted(before, rows, columns)


class RmseBlock(Block):
    """The one cell that everything is about."""

    name, title, editable = "rmse", "RMSE", False

    @property
    def shape(self) -> tuple[int, int]:
        """One cell."""
        return 1, 1

    def part(self, rows: slice, columns: slice) -> Floats:
        """The RMSE of what is shown, NaN while nothing is rated or it is not yet measured."""
        return np.array([[self.session.rmse(self.model, shown=True)]])[rows, columns]

    def row_header(self, row: int) -> str:
        """The label left of the cell."""
        return "RMSE"

    def column_header(self, column: int) -> str:
        """No label."""
        return ""

    def tip(self, row: int, column: int) -> str:
        """What the number means."""
        words = "Root of the mean squared difference between ratings and predictions"
        if self.session.view.is_whole:
            return words
        return f"{words}, over the {counted(self.session.visible.n_ratings, 'rating')} shown"
