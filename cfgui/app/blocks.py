"""The blocks of the crosstab: ratings, predictions and the RMSE."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cfgui.app.block import ALL, Block, rating_text, weight_text
from cfgui.app.edits import Edit, SetRatings
from cfgui.app.formulas import formula_words
from cfgui.app.predicted import block_of_factors, one_prediction, posterior_block, shares_block
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.words import counted
from cfgui.core.factors import Factors
from cfgui.core.ratings import Cell, Floats
from cfgui.core.view import View

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

    def tip(self, row: int, column: int) -> str:
        """Whose rating this is, and whether it is held out."""
        return f"{super().tip(row, column)}{held_words(self.session, self.user(row), self.movie(column))}"

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """None makes a cell unrated."""
        return SetRatings({(self.user(row), self.movie(column)): value for (row, column), value in cells.items()})


class PredictionsBlock(Block):
    """The predictions of every cell, rated or not; where the sheet has samples, their mean."""

    name, title, editable = "predictions", "Predictions", False

    def __init__(self, session: Session, model: str) -> None:
        super().__init__(session, model)
        self._sampled: tuple[State, View, tuple[slice, slice], tuple[Floats, Floats]] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(users, movies) shown."""
        return len(self.view.users), len(self.view.movies)

    def part(self, rows: slice, columns: slice) -> Floats:
        """The model's predictions."""
        sampled = self._of_samples(rows, columns)
        return self._predicted(self.factors, rows, columns) if sampled is None else sampled[0]

    def spread(self, rows: slice, columns: slice) -> Floats | None:
        """The standard deviations of predictions; None where the sheet has no samples."""
        sampled = self._of_samples(rows, columns)
        return None if sampled is None else sampled[1]

    def shares(self, rows: slice, columns: slice) -> Floats | None:
        """(rows, columns, rating values) probabilities by an ordinal net; None of another model."""
        if not self.factors.classes:
            return None
        return shares_block(self.factors, self.view.users[rows], self.view.movies[columns])

    def _of_samples(self, rows: slice, columns: slice) -> tuple[Floats, Floats] | None:
        posterior, state, known = self.session.posterior(self.model), self.session.state, self._sampled
        if posterior is None:
            self._sampled = None
            return None
        place = rows, columns
        if known is not None and known[0] is state and known[1] is self.view and known[2] == place:
            return known[3]  # one painting asks more than once
        found = posterior_block(posterior, self.view.users[rows], self.view.movies[columns])
        self._sampled = state, self.view, place, found
        return found

    def _predicted(self, factors: Factors, rows: slice, columns: slice) -> Floats:
        return block_of_factors(factors, self.view.users[rows], self.view.movies[columns])

    def tip(self, row: int, column: int) -> str:
        """Whose prediction this is, and how it compares with the rating."""
        user, movie = self.user(row), self.movie(column)
        rating, (value, spread) = self.session.ratings.rating(user, movie), self._predicted_one(user, movie)
        about = "" if spread is None else f" ± {weight_text(spread)}"
        rated = "not rated" if rating is None else f"rated {rating_text(rating)}, residual {rating - value:+.2f}"
        held = held_words(self.session, user, movie)
        return f"{super().tip(row, column)} · predicted {weight_text(value)}{about}, {rated}{held}"

    def tip_more(self, row: int, column: int) -> str:
        """By which formula predictions are made."""
        return formula_words(self.factors)

    def _predicted_one(self, user: int, movie: int) -> tuple[float, float | None]:
        return one_prediction(self.session, self.model, user, movie)

    def changed(self, rows: slice = ALL, columns: slice = ALL) -> Floats | None:
        """How the last change moved each prediction."""
        before, now = self.session.sheet(self.model).before, self.factors
        if before is None or not before.same_shape(now):
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return self._predicted(now, rows, columns) - self._predicted(before, rows, columns)


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
        scope = self.session.measured(self.model, shown=True).scope
        if scope.held is not None:
            words = f"{words}, over the ratings that train; those held out are hatched"
        if self.session.posterior(self.model) is not None:
            words = f"{words}; of the newest sample alone"
        if self.session.view.is_whole:
            return words
        return f"{words}, over the {counted(scope.ratings.n_ratings, 'rating')} shown"


def held_words(session: Session, user: int, movie: int) -> str:
    """What a cell's tip adds where its rating is held out."""
    held = session.held_out
    value = None if held is None else held.ratings.rating(user, movie)
    if value is None:
        return ""
    own = session.ratings.rating(user, movie)
    in_file = "" if own == value else f" (rated {rating_text(value)} in the file)"
    return f" · held out: not trained on{in_file}"
