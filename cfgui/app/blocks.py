"""Blocks: the rectangles a sheet is made of, as tables of numbers with addresses, texts and edits.

A sheet of n users, m movies and k factors stands as on the workbook: ratings (n x m) above, movie weights (k x m) over
the predictions (n x m), user weights (n x k) left of them. On the bias sheet the movie bias is the first row of the
movie weights and the user bias the first column of the user weights.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from cfgui.app.edits import Cell, Edit, SetRatings, SetWeights, WeightCell
from cfgui.app.session import Session
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS, predict_all
from cfgui.core.ratings import Floats
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
        size = (self.session.ratings.n_users, self.session.ratings.n_movies, self.factors.n_factors)
        return _layout(self.model, *size)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @abstractmethod
    def values(self) -> Floats:
        """All values, (rows, columns); NaN marks a blank cell. For painting and statistics."""

    def address(self, row: int, column: int) -> str:
        """The A1 address of a cell in the exported workbook."""
        return self.layout.address(self.name, row, column)

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """Where a place of the layout (block, row, column) lies in this block; None when it lies elsewhere."""
        return (row, column) if name == self.name else None

    def value(self, row: int, column: int) -> float | None:
        """One value, None where blank."""
        value = float(self.values()[row, column])
        return None if np.isnan(value) else value

    def text(self, row: int, column: int) -> str:
        """What the cell shows."""
        value = self.value(row, column)
        return "" if value is None else weight_text(value)

    def full_text(self, row: int, column: int) -> str:
        """The value with every digit, as the formula bar shows and copying gives it."""
        value = self.value(row, column)
        return "" if value is None else repr(value).removesuffix(".0")

    def can_edit(self, row: int, column: int) -> bool:
        """Whether a person may type here."""
        return self.editable

    def row_header(self, row: int) -> str:
        """The label left of a row."""
        return self.session.ratings.user_ids[row]

    def column_header(self, column: int) -> str:
        """The label above a column."""
        return self.session.ratings.movie_ids[column]

    def row_tip(self, row: int) -> str:
        """What hovering over a row's label says."""
        return f"user {self.row_header(row)}"

    def column_tip(self, column: int) -> str:
        """What hovering over a column's label says."""
        return f"movie {self.session.ratings.movie_ids[column]} · {self.session.ratings.title(column)}"

    def tip(self, row: int, column: int) -> str:
        """What hovering over a cell says."""
        return f"{self.row_tip(row)} · {self.column_tip(column)}"

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """The edit that sets these cells. Raises ValueError with a sentence where that is not possible."""
        raise ValueError("Predictions are computed from the factors: edit a factor or a rating instead.")

    def changed(self) -> Floats | None:
        """new - old for each cell that the last change moved, (rows, columns), or None where nothing is known."""
        return None


class RatingsBlock(Block):
    """The crosstab of ratings, shared by both sheets."""

    name, title, editable, accepts_blank = "ratings", "Ratings", True, True

    @property
    def shape(self) -> tuple[int, int]:
        """(n_users, n_movies)."""
        return self.session.ratings.n_users, self.session.ratings.n_movies

    def values(self) -> Floats:
        """Ratings, NaN where unrated."""
        return np.where(self.session.ratings.rated, self.session.ratings.crosstab, np.nan)

    def value(self, row: int, column: int) -> float | None:
        """The rating, None where unrated."""
        return self.session.ratings.rating(row, column)

    def text(self, row: int, column: int) -> str:
        """The rating as typed."""
        value = self.value(row, column)
        return "" if value is None else rating_text(value)

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """None makes a cell unrated."""
        return SetRatings(dict(cells))


class PredictionsBlock(Block):
    """The predictions of every cell, rated or not."""

    name, title, editable = "predictions", "Predictions", False

    def __init__(self, session: Session, model: str) -> None:
        super().__init__(session, model)
        self._moved: tuple[Factors, Factors, Floats] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(n_users, n_movies)."""
        return self.session.ratings.n_users, self.session.ratings.n_movies

    def values(self) -> Floats:
        """The model's prediction of every cell."""
        return self.session.predictions(self.model)

    def tip(self, row: int, column: int) -> str:
        """Whose prediction this is, and how it compares with the rating."""
        rating, value = self.session.ratings.rating(row, column), float(self.values()[row, column])
        rated = "not rated" if rating is None else f"rated {rating_text(rating)}, residual {rating - value:+.2f}"
        return f"{super().tip(row, column)} · predicted {weight_text(value)}, {rated}"

    def changed(self) -> Floats | None:
        """How the last change moved each prediction."""
        before, now = self.session.sheet(self.model).before, self.factors
        if before is None or before.n_factors != now.n_factors:
            return None
        if self._moved is None or self._moved[0] is not before or self._moved[1] is not now:
            with np.errstate(over="ignore", invalid="ignore"):
                self._moved = before, now, self.values() - predict_all(before)
        return self._moved[2]


class _WeightsBlock(Block):
    """What both factor tables share: which table and where a cell lies, and how it is set."""

    editable = True

    @abstractmethod
    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, row, factor) of a cell."""

    @abstractmethod
    def _table(self, factors: Factors) -> Floats:
        """The block's numbers for given weights."""

    def values(self) -> Floats:
        """The present weights."""
        return self._table(self.factors)

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """A weight always has a number: None raises ValueError."""
        weights: dict[WeightCell, float] = {}
        for (row, column), value in cells.items():
            if value is None:
                raise ValueError(NEEDS_NUMBER)
            weights[self.weight_cell(row, column)] = value
        return SetWeights(self.model, weights)

    def changed(self) -> Floats | None:
        """How the last change moved each weight."""
        before = self.session.sheet(self.model).before
        if before is None or before.n_factors != self.factors.n_factors:
            return None
        return self.values() - self._table(before)


class MovieWeightsBlock(_WeightsBlock):
    """Movie factors, one column per movie; on the bias sheet the movie bias first."""

    name, title = "movie_factors", "Movie factors"

    @property
    def shape(self) -> tuple[int, int]:
        """(n_factors + bias, n_movies)."""
        return self.factors.n_factors + self.bias_lines, self.factors.n_movies

    def _table(self, factors: Factors) -> Floats:
        if factors.movie_bias is None:
            return factors.movie_factors.T
        return np.vstack([factors.movie_bias, factors.movie_factors.T])

    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, movie, factor)."""
        factor = row - self.bias_lines
        return ("movie_factors", column, factor) if factor >= 0 else ("movie_bias", column, 0)

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
        """(n_users, n_factors + bias)."""
        return self.factors.n_users, self.factors.n_factors + self.bias_lines

    def _table(self, factors: Factors) -> Floats:
        if factors.user_bias is None:
            return factors.user_factors
        return np.hstack([factors.user_bias[:, None], factors.user_factors])

    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, user, factor)."""
        factor = column - self.bias_lines
        return ("user_factors", row, factor) if factor >= 0 else ("user_bias", row, 0)

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

    def values(self) -> Floats:
        """The RMSE, NaN while nothing is rated."""
        return np.array([[self.session.rmse(self.model)]])

    def row_header(self, row: int) -> str:
        """The label left of the cell."""
        return "RMSE"

    def column_header(self, column: int) -> str:
        """No label."""
        return ""

    def tip(self, row: int, column: int) -> str:
        """What the number means."""
        return "Root of the mean squared difference between ratings and predictions"
