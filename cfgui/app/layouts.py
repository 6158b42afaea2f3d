"""Where the cells of each model's sheet stand, for the addresses and formulas on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.io.workbook_layout import Block, Layout, SheetLayout


@dataclass(frozen=True)
class NetLayout(Layout):
    """The sheet ``neural`` or ``ordinal``: as dotprod, and the layers one below the other right of it.

    Blocks are those of ``SheetLayout`` that hold numbers, and "layer1.weights" (input, unit), "layer1.bias" (0, unit)
    and so on; ``layers`` are the (inputs, units) of each.
    """

    model: str
    n_users: int
    n_movies: int
    n_factors: int
    n_movie_factors: int
    layers: tuple[tuple[int, int], ...]

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return MODELS[self.model].sheet

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        left, factors = k + 2, n + 3
        users = factors + self.n_movie_factors + 1
        blocks = {
            "ratings": Block(1, left, n, m),
            "movie_factors": Block(factors, left, self.n_movie_factors, m),
            "user_factors": Block(users, 1, n, k),
            "predictions": Block(users, left, n, m),
            "rmse": Block(users + n + 1, left + m - 1, 1, 1),
        }
        top, beside = 1, left + m + 2
        for number, (n_in, n_out) in enumerate(self.layers, start=1):
            blocks[f"layer{number}.weights"] = Block(top, beside, n_in, n_out)
            blocks[f"layer{number}.bias"] = Block(top + n_in, beside, 1, n_out)
            top += n_in + 3
        return blocks

    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """None is shown: a net is no formula of one cell."""
        return ""

    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of the movie factors and the user factors."""
        return self.range_of("movie_factors", absolute=True), self.range_of("user_factors", absolute=True)


def layout_of(n_users: int, n_movies: int, factors: Factors) -> Layout:
    """The layout of the sheet that shows so many users and movies of these weights."""
    layers = tuple(layer.weights.shape for layer in factors.layers)
    return _layout(factors.model, n_users, n_movies, factors.n_factors, factors.n_movie_factors, layers)


@lru_cache(maxsize=8)
def _layout(
    model: str, n_users: int, n_movies: int, n_factors: int, n_movie_factors: int, layers: tuple[tuple[int, int], ...]
) -> Layout:
    if layers:
        return NetLayout(model, n_users, n_movies, n_factors, n_movie_factors, layers)
    return SheetLayout.for_model(model, n_users, n_movies, n_factors)
