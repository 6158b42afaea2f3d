"""The blocks of factors and biases; what they share with the blocks of layers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from cfgui.app.block import ALL, Block
from cfgui.app.edits import Edit, SetWeights, WeightCell
from cfgui.app.weights import weight_value
from cfgui.core.factors import Factors
from cfgui.core.ratings import Cell, Floats, Indices

NEEDS_NUMBER = "A factor needs a number: only ratings may be left blank."
"""What is said when a weight is to be made blank."""


class WeightsBlock(Block):
    """What all tables of weights share: which table and where a cell lies, and how it is set."""

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
        return weight_value(self.factors, self.weight_cell(row, column))

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
        if before is None or not before.same_shape(self.factors):
            return None
        return self.part(rows, columns) - self._table(before, rows, columns)


def _lines(bias: Floats | None, factors: Floats, owners: Indices) -> Floats:
    """(len(owners), bias + factors) weights of these users or movies, the bias first."""
    return factors[owners] if bias is None else np.column_stack([bias[owners], factors[owners]])


class MovieWeightsBlock(WeightsBlock):
    """Movie factors, one column per movie; on the bias sheet the movie bias first."""

    name, title = "movie_factors", "Movie factors"

    @property
    def shape(self) -> tuple[int, int]:
        """(n_movie_factors + bias, movies shown)."""
        return self.factors.n_movie_factors + self.bias_lines, len(self.view.movies)

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
        if self.factors.layers:
            return f"movie {self.row_header(row)}: goes into every unit of the net's first layer"
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


class UserWeightsBlock(WeightsBlock):
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
        if self.factors.layers:
            return f"user factor {self.column_header(column)}: goes into every unit of the net's first layer"
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
