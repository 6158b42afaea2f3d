"""Blocks: the rectangles a sheet is made of, as tables of numbers with addresses, texts and edits.

A sheet of n users, m movies and k factors stands as on the workbook: ratings (n x m) above, movie weights (k x m) over
the predictions (n x m), user weights (n x k) left of them. On the bias sheet the movie bias is the first row of the
movie weights and the user bias the first column of the user weights.

Rows and columns are those of the session's view: n and m are the users and movies shown. Numbers are asked for by
rectangles, so that a table of any size costs what is seen of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from cfgui.app.edits import Edit, SetRatings, SetWeights, WeightCell
from cfgui.app.facts import movie_facts, user_facts
from cfgui.app.session import Session
from cfgui.app.words import counted
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS, predict_block
from cfgui.core.ratings import Cell, Floats, Indices, Mask
from cfgui.core.view import View
from cfgui.io.workbook_layout import Layout, SheetLayout


def rating_text(value: float) -> str:
    """A rating as a person types it: 4, 3.5, 3.25."""
    return f"{value:.15g}"


def weight_text(value: float) -> str:
    """A weight or a prediction to two decimals, as the sheet's number format shows it."""
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    return f"{value:,.2f}"


_layout = lru_cache(maxsize=8)(SheetLayout.for_model)

ALL = slice(None)
"""All rows, or all columns, of a block."""


TALL = 4096
"""Rows from which ratings are looked up movie by movie, not user by user."""

NEEDS_NUMBER = "A factor needs a number: only ratings may be left blank."
"""What is said when a weight is to be made blank."""


class Block(ABC):
    """One rectangle of cells of one model's sheet."""

    name: str
    title: str
    editable: bool
    accepts_blank = False
    """Whether a cell may be left without a number."""

    def __init__(self, session: Session, model: str) -> None:
        self.session = session
        self.model = model

    @property
    def factors(self) -> Factors:
        """The present weights of this block's model."""
        return self.session.sheet(self.model).factors

    @property
    def bias_lines(self) -> int:
        """1 where the first row or column of the weights is a bias, else 0."""
        return int(MODELS[self.model].bias)

    @property
    def layout(self) -> Layout:
        """The addresses of this sheet at its present size."""
        return _layout(self.model, len(self.view.users), len(self.view.movies), self.factors.n_factors)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def view(self) -> View:
        """The users and movies shown."""
        return self.session.view

    def user(self, row: int) -> int:
        """The index of the user shown in a row."""
        return int(self.view.users[row])

    def movie(self, column: int) -> int:
        """The index of the movie shown in a column."""
        return int(self.view.movies[column])

    @abstractmethod
    def part(self, rows: slice, columns: slice) -> Floats:
        """The values of a rectangle, (rows, columns); NaN marks a blank cell. For painting and statistics."""

    def filled(self, rows: slice, columns: slice) -> Mask:
        """Which cells of a rectangle hold a number, (rows, columns)."""
        return ~np.isnan(self.part(rows, columns))

    def values(self) -> Floats:
        """All values, (rows, columns). For blocks of which all can be seen."""
        return self.part(ALL, ALL)

    def address(self, row: int, column: int) -> str:
        """The A1 address of a cell in the exported workbook."""
        return self.layout.address(self.name, row, column)

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """Where a place of the layout (block, row, column) lies in this block; None when it lies elsewhere."""
        return (row, column) if name == self.name else None

    def value(self, row: int, column: int) -> float | None:
        """One value, None where blank."""
        value = float(self.part(slice(row, row + 1), slice(column, column + 1))[0, 0])
        return None if np.isnan(value) else value

    def text(self, row: int, column: int) -> str:
        """What the cell shows."""
        value = self.value(row, column)
        return "" if value is None else weight_text(value)

    def texts(self, rows: slice, columns: slice) -> list[list[str]]:
        """What the cells of a rectangle show."""
        row_range, column_range = (range(*part.indices(n)) for part, n in zip((rows, columns), self.shape, strict=True))
        return [[self.text(row, column) for column in column_range] for row in row_range]

    def full_text(self, row: int, column: int) -> str:
        """The value with every digit, as the formula bar shows and copying gives it."""
        value = self.value(row, column)
        return "" if value is None else repr(value).removesuffix(".0")

    def can_edit(self, row: int, column: int) -> bool:
        """Whether a person may type here."""
        return self.editable

    def row_header(self, row: int) -> str:
        """The label left of a row."""
        return self.session.ratings.user_ids[self.user(row)]

    def column_header(self, column: int) -> str:
        """The label above a column."""
        return self.session.ratings.movie_ids[self.movie(column)]

    def row_tip(self, row: int) -> str:
        """What hovering over a row's label says."""
        return f"user {self.row_header(row)}"

    def column_tip(self, column: int) -> str:
        """What hovering over a column's label says."""
        movie = self.movie(column)
        return f"movie {self.session.ratings.movie_ids[movie]} · {self.session.ratings.title(movie)}"

    def row_facts(self, row: int) -> str:
        """More about a row, beside what ``row_tip`` says; "" where there is nothing."""
        return user_facts(self.session, self.user(row)) if self.name in ("ratings", "predictions") else ""

    def column_facts(self, column: int) -> str:
        """More about a column, beside what ``column_tip`` says; "" where there is nothing."""
        return movie_facts(self.session, self.movie(column)) if self.name in ("ratings", "predictions") else ""

    def tip(self, row: int, column: int) -> str:
        """What hovering over a cell says."""
        return f"{self.row_tip(row)} · {self.column_tip(column)}"

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """The edit that sets these cells. Raises ValueError with a sentence where that is not possible."""
        raise ValueError("Predictions are computed from the factors: edit a factor or a rating instead.")

    def changed(self, rows: slice = ALL, columns: slice = ALL) -> Floats | None:
        """new - old for each cell of a rectangle that the last change moved, or None where nothing is known."""
        return None


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


class _WeightsBlock(Block):
    """What both factor tables share: which table and where a cell lies, and how it is set."""

    editable = True

    @abstractmethod
    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, row, factor) of a cell."""

    @abstractmethod
    def _table(self, factors: Factors, rows: slice, columns: slice) -> Floats:
        """A rectangle of the block for given weights."""

    def part(self, rows: slice, columns: slice) -> Floats:
        """The present weights."""
        return self._table(self.factors, rows, columns)

    def value(self, row: int, column: int) -> float | None:
        """One weight."""
        table, owner, factor = self.weight_cell(row, column)
        weights = getattr(self.factors, table)
        return float(weights[owner, factor] if weights.ndim == 2 else weights[owner])

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """A weight always has a number: None raises ValueError."""
        weights: dict[WeightCell, float] = {}
        for (row, column), value in cells.items():
            if value is None:
                raise ValueError(NEEDS_NUMBER)
            weights[self.weight_cell(row, column)] = value
        return SetWeights(self.model, weights)

    def changed(self, rows: slice = ALL, columns: slice = ALL) -> Floats | None:
        """How the last change moved each weight."""
        before = self.session.sheet(self.model).before
        if before is None or before.n_factors != self.factors.n_factors:
            return None
        return self.part(rows, columns) - self._table(before, rows, columns)


def _lines(bias: Floats | None, factors: Floats, owners: Indices) -> Floats:
    """(len(owners), bias + factors) weights of these users or movies, the bias first."""
    return factors[owners] if bias is None else np.column_stack([bias[owners], factors[owners]])


class MovieWeightsBlock(_WeightsBlock):
    """Movie factors, one column per movie; on the bias sheet the movie bias first."""

    name, title = "movie_factors", "Movie factors"

    @property
    def shape(self) -> tuple[int, int]:
        """(n_factors + bias, movies shown)."""
        return self.factors.n_factors + self.bias_lines, len(self.view.movies)

    def _table(self, factors: Factors, rows: slice, columns: slice) -> Floats:
        return _lines(factors.movie_bias, factors.movie_factors, self.view.movies[columns])[:, rows].T

    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, movie, factor)."""
        factor, movie = row - self.bias_lines, self.movie(column)
        return ("movie_factors", movie, factor) if factor >= 0 else ("movie_bias", movie, 0)

    def row_header(self, row: int) -> str:
        """bias, factor 1, factor 2, …"""
        factor = row - self.bias_lines
        return "bias" if factor < 0 else f"factor {factor + 1}"

    def row_tip(self, row: int) -> str:
        """What the row holds."""
        if row < self.bias_lines:
            return "movie bias: added to every prediction of that movie"
        return f"movie {self.row_header(row)}: multiplied by the user's {self.row_header(row)}"

    def tip(self, row: int, column: int) -> str:
        """Which weight this is."""
        return f"{self.column_tip(column)} · {self.row_header(row)}"

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """The bias is the first row."""
        if name == "movie_bias":
            return 0, column
        return (row + self.bias_lines, column) if name == self.name else None

    def address(self, row: int, column: int) -> str:
        """The A1 address of (factor, movie)."""
        factor = row - self.bias_lines
        if factor < 0:
            return self.layout.address("movie_bias", 0, column)
        return self.layout.address("movie_factors", factor, column)


class UserWeightsBlock(_WeightsBlock):
    """User factors, one row per user; on the bias sheet the user bias first."""

    name, title = "user_factors", "User factors"

    @property
    def shape(self) -> tuple[int, int]:
        """(users shown, n_factors + bias)."""
        return len(self.view.users), self.factors.n_factors + self.bias_lines

    def _table(self, factors: Factors, rows: slice, columns: slice) -> Floats:
        return _lines(factors.user_bias, factors.user_factors, self.view.users[rows])[:, columns]

    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, user, factor)."""
        factor, user = column - self.bias_lines, self.user(row)
        return ("user_factors", user, factor) if factor >= 0 else ("user_bias", user, 0)

    def column_header(self, column: int) -> str:
        """bias, 1, 2, …"""
        factor = column - self.bias_lines
        return "bias" if factor < 0 else str(factor + 1)

    def column_tip(self, column: int) -> str:
        """What the column holds."""
        if column < self.bias_lines:
            return "user bias: added to every prediction of that user"
        return (
            f"user factor {self.column_header(column)}: multiplied by the movie's factor {self.column_header(column)}"
        )

    def tip(self, row: int, column: int) -> str:
        """Which weight this is."""
        name = "bias" if column < self.bias_lines else f"factor {self.column_header(column)}"
        return f"{self.row_tip(row)} · {name}"

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """The bias is the first column."""
        if name == "user_bias":
            return row, 0
        return (row, column + self.bias_lines) if name == self.name else None

    def address(self, row: int, column: int) -> str:
        """The A1 address of (user, factor)."""
        factor = column - self.bias_lines
        if factor < 0:
            return self.layout.address("user_bias", row, 0)
        return self.layout.address("user_factors", row, factor)


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
