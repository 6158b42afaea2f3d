"""Completing the weights of a workbook: what one sheet lacks comes from another, and the reader says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from openpyxl.workbook.workbook import Workbook

from cfgui.core.factors import Factors
from cfgui.core.models import PLAIN_MODELS
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.cell_text import as_number, id_text
from cfgui.io.grid import Grid, read_grid
from cfgui.io.workbook_layout import Block, EmbeddingLayout

_NEW_FACTORS, _NEW_SEED = 5, 42
"""Size and seed of the weights that a crosstab without any gets."""


def complete_factors(read: Mapping[str, Factors], ratings: Ratings, remarks: list[str]) -> dict[str, Factors]:
    """Factors of both plain models, and of the nets that were read; adds to ``remarks`` what was made up."""
    nets = {model: factors for model, factors in read.items() if model not in PLAIN_MODELS}
    return _plain_factors(read, ratings, remarks) | nets


def _plain_factors(read: Mapping[str, Factors], ratings: Ratings, remarks: list[str]) -> dict[str, Factors]:
    """Factors of "dot" and "bias"."""
    if "dot" in read and "bias" in read:
        return {"dot": read["dot"], "bias": read["bias"]}
    if "dot" in read:
        remarks.append("The workbook has no weights of the bias model: it got the factors of dotprod and zero biases.")
        dot = read["dot"]
        zeros = np.zeros(ratings.n_users), np.zeros(ratings.n_movies)
        bias = Factors(dot.user_factors, dot.movie_factors, *zeros, range=dot.range)
        return {"dot": dot, "bias": bias.copy()}
    if "bias" in read:
        remarks.append("The workbook has no weights of the model dotprod: it got the factors of bias.")
        bias = read["bias"]
    else:
        remarks.append(
            f"The workbook has no weights: {_NEW_FACTORS} latent factors were filled with random numbers (seed"
            f" {_NEW_SEED})."
        )
        bias = random_factors(ratings.n_users, ratings.n_movies, _NEW_FACTORS, bias=True, seed=_NEW_SEED)
    return {"dot": Factors(bias.user_factors, bias.movie_factors, range=bias.range).copy(), "bias": bias}


def embedding_factors(workbook: Workbook, title: str, file: str, ratings: Ratings, dot: Factors) -> Factors | None:
    """The factors in the tables of ``movielens_emb``, with the range of ``dot``.

    None where the tables are not those of these users and movies.
    """
    layout = EmbeddingLayout(ratings.n_users, ratings.n_movies, dot.n_factors, ratings.n_ratings)
    movies = layout.blocks["movies"]
    grid = read_grid(workbook, title, file, last_row=movies.row + movies.n_rows)
    if not (
        _holds_ids(grid, layout.blocks["user_ids"], ratings.user_ids)
        and _holds_ids(grid, layout.blocks["movie_ids"], ratings.movie_ids)
        and _holds_numbers(grid, layout.blocks["users"])
        and _holds_numbers(grid, movies)
    ):
        return None
    return Factors(_table(grid, layout.blocks["users"]), _table(grid, movies), range=dot.range).copy()


def _table(grid: Grid, block: Block) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return grid.numbers(*block, "a factor")


def _holds_ids(grid: Grid, block: Block, raw_ids: tuple[str, ...]) -> bool:
    return all(id_text(grid.at(block.row + i, block.column)) == raw_id for i, raw_id in enumerate(raw_ids))


def _holds_numbers(grid: Grid, block: Block) -> bool:
    cells = ((block.row + i, block.column + j) for i in range(block.n_rows) for j in range(block.n_columns))
    return all(as_number(grid.at(*cell)) is not None for cell in cells)
