"""Where everything stands on the sheets of the original workbook; nothing else knows a cell address of them.

Source: the sheets ``dotprod``, ``bias`` and ``movielens_emb`` of the fast.ai workbook ``collab_filter.xlsx``, made
general for n users, m movies, k latent factors. Rows and columns are 0-based inside the program; addresses are A1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.io.cell_address import a1, parse_a1
from cfgui.io.crosstab_layout import CrosstabLayout, crosstab_blocks, setting_blocks
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
    "embedding_layout",
    "parse_a1",
]

DOT_SHEET, BIAS_SHEET = MODELS["dot"].sheet, MODELS["bias"].sheet
"""Sheet names of the original workbook."""


@dataclass(frozen=True)
class SheetLayout(CrosstabLayout):
    """The sheet ``dotprod`` or ``bias``.

    Blocks, with what their (row, column) counts: ``ratings`` and ``predictions`` (user, movie), ``movie_factors``
    (factor, movie), ``user_factors`` (user, factor), ``movie_bias`` (0, movie) and ``user_bias`` (user, 0) on the bias
    sheet only, ``rmse`` and ``rmse_check`` (0, 0), ids ``movie_ids_top``, ``user_ids_top`` (beside the ratings),
    ``movie_ids``, ``user_ids`` (beside the predictions) and their labels ``movie_label_top``, ``user_label_top``,
    ``movie_label``, ``user_label``; ``rmse_label`` and ``rmse_check_label``. With a range there are ``range``, ``low``
    and ``high`` below the RMSE, with a global mean ``mean``, each with its ``_label``.
    """

    n_users: int
    n_movies: int
    n_factors: int
    bias: bool
    range_kind: str = "none"
    mean: bool = False

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return BIAS_SHEET if self.bias else DOT_SHEET

    @classmethod
    def of(cls, n_users: int, n_movies: int, factors: Factors) -> SheetLayout:
        """The sheet that shows so many users and movies of these weights of "dot" or "bias"."""
        kind, mean = factors.range.kind, factors.global_mean != 0.0
        return cls(n_users, n_movies, factors.n_factors, factors.has_bias, kind, mean)

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        k = self.n_factors
        blocks = crosstab_blocks(self.n_users, self.n_movies, k, k, bias=self.bias)
        return blocks | setting_blocks(blocks["rmse"], range_kind=self.range_kind, mean=self.mean)

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
        if self.mean:
            product += f"+{self.range_of('mean', absolute=True)}"
        return f'=IF({rating}="",0,{self.ranged(product)})'

    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell."""
        ratings = self.range_of("ratings")
        return f"=SQRT(SUMXMY2({ratings},{self.range_of('predictions')})/COUNT({ratings}))"

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


def embedding_layout(n_users: int, n_movies: int, n_ratings: int, factors: Factors) -> EmbeddingLayout:
    """The sheet ``movielens_emb`` for these weights of "dot"; the ends of its range are those on ``dotprod``."""
    dot = SheetLayout.of(n_users, n_movies, factors)
    ends = tuple(f"{dot.sheet}!{dot.range_of(end, absolute=True)}" for end in ("low", "high") if end in dot.blocks)
    return EmbeddingLayout(n_users, n_movies, factors.n_factors, n_ratings, dot.range_kind, ends)
