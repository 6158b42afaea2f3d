"""Where everything stands on the sheets of the original workbook; nothing else knows a cell address of them.

Source: the sheets ``dotprod``, ``bias`` and ``movielens_emb`` of the fast.ai workbook ``collab_filter.xlsx``, made
general for n users, m movies, k latent factors. Rows and columns are 0-based inside the program; addresses are A1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cfgui.core.models import MODELS
from cfgui.io.cell_address import a1, parse_a1
from cfgui.io.embedding_layout import EMBEDDING_SHEET, EmbeddingLayout
from cfgui.io.layout_base import Block, Layout

__all__ = [
    "BIAS_SHEET",
    "DOT_SHEET",
    "EMBEDDING_SHEET",
    "Block",
    "EmbeddingLayout",
    "Layout",
    "SheetLayout",
    "a1",
    "parse_a1",
]

DOT_SHEET, BIAS_SHEET = MODELS["dot"].sheet, MODELS["bias"].sheet
"""Sheet names of the original workbook."""


@dataclass(frozen=True)
class SheetLayout(Layout):
    """The sheet ``dotprod`` or ``bias``.

    Blocks, with what their (row, column) counts: ``ratings`` and ``predictions`` (user, movie), ``movie_factors``
    (factor, movie), ``user_factors`` (user, factor), ``movie_bias`` (0, movie) and ``user_bias`` (user, 0) on the bias
    sheet only, ``rmse`` and ``rmse_check`` (0, 0), ids ``movie_ids_top``, ``user_ids_top`` (beside the ratings),
    ``movie_ids``, ``user_ids`` (beside the predictions) and their labels ``movie_label_top``, ``user_label_top``,
    ``movie_label``, ``user_label``; ``rmse_label`` and ``rmse_check_label``.
    """

    n_users: int
    n_movies: int
    n_factors: int
    bias: bool

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return BIAS_SHEET if self.bias else DOT_SHEET

    @classmethod
    def for_model(cls, model: str, n_users: int, n_movies: int, n_factors: int) -> SheetLayout:
        """The sheet of the model "dot" or "bias". Raises ValueError for another name or a size below 1."""
        if model not in MODELS:
            raise ValueError(f"no sheet for the model {model}")
        if min(n_users, n_movies, n_factors) < 1:
            raise ValueError("a sheet needs at least one user, one movie and one factor")
        return cls(n_users, n_movies, n_factors, MODELS[model].bias)

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        ids, left = k + 1, k + 2
        weights = n + 3
        factors = weights + self.bias
        header = factors + k
        users = header + 1
        rmse = users + n + 1
        last = left + m - 1
        blocks = {
            "ratings": Block(1, left, n, m),
            "movie_factors": Block(factors, left, k, m),
            "user_factors": Block(users, 1, n, k),
            "predictions": Block(users, left, n, m),
            "rmse": Block(rmse, last, 1, 1),
            "rmse_check": Block(rmse + 1, last, 1, 1),
            "movie_label_top": Block(0, ids, 1, 1),
            "movie_ids_top": Block(0, left, 1, m),
            "user_label_top": Block(1, k, 1, 1),
            "user_ids_top": Block(1, ids, n, 1),
            "movie_label": Block(header - 1, ids, 1, 1),
            "movie_ids": Block(header, left, 1, m),
            "user_label": Block(header, k, 1, 1),
            "user_ids": Block(users, ids, n, 1),
            "rmse_label": Block(rmse, last - 1, 1, 1),
            "rmse_check_label": Block(rmse + 1, last - 1, 1, 1),
        }
        if self.bias:
            blocks |= {"movie_bias": Block(weights, left, 1, m), "user_bias": Block(users, 0, n, 1)}
        return blocks

    def prediction_formula(self, user: int, movie: int) -> str:
        """The Excel formula of one prediction: 0 where unrated, so that blanks add nothing to the RMSE."""
        rating = self.address("ratings", user, movie)
        row, column = self.cell("predictions", user, movie)
        first, last = self.blocks["user_factors"].column, self.blocks["user_factors"].column + self.n_factors - 1
        top = self.blocks["movie_factors"].row
        left = f"{a1(row, first, fix_column=True)}:{a1(row, last, fix_column=True)}"
        right = f"{a1(top, column, fix_row=True)}:{a1(top + self.n_factors - 1, column, fix_row=True)}"
        product = f"MMULT({left},{right})"
        if self.bias:
            movie_bias = a1(self.blocks["movie_bias"].row, column, fix_row=True)
            product += f"+{movie_bias}+{a1(row, self.blocks['user_bias'].column, fix_column=True)}"
        return f'=IF({rating}="",0,{product})'

    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell."""
        ratings = self.range_of("ratings")
        return f"=SQRT(SUMXMY2({ratings},{self.range_of('predictions')})/COUNT({ratings}))"

    def rmse_check_formula(self) -> str:
        """The same number by a formula that skips blanks itself, whatever the prediction beside a blank says."""
        ratings = self.range_of("ratings")
        squares = f'({ratings}<>"")*({ratings}-{self.range_of("predictions")})^2'
        return f"=SQRT(SUMPRODUCT({squares})/COUNT({ratings}))"

    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The Excel formula at a place inside a block, "" where a value is typed."""
        if block == "predictions":
            return self.prediction_formula(row, column)
        return {"rmse": self.rmse_formula, "rmse_check": self.rmse_check_formula}.get(block, str)()

    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of all movie weights and all user weights, biases included, as Solver's variable cells."""
        if not self.bias:
            return self.range_of("movie_factors", absolute=True), self.range_of("user_factors", absolute=True)
        movies, users = self.blocks["movie_factors"], self.blocks["user_factors"]
        bottom, right = movies.row + movies.n_rows - 1, users.column + users.n_columns - 1
        movie_end = a1(bottom, movies.column + self.n_movies - 1, absolute=True)
        user_end = a1(users.row + self.n_users - 1, right, absolute=True)
        return (
            f"{a1(*self.cell('movie_bias'), absolute=True)}:{movie_end}",
            f"{a1(*self.cell('user_bias'), absolute=True)}:{user_end}",
        )
