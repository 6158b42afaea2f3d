"""Where ratings, embeddings, predictions and RMSE stand on a model's sheet: as on ``dotprod`` of the original."""

from __future__ import annotations

from abc import abstractmethod

from cfgui.io.layout_base import Block, Layout


class CrosstabLayout(Layout):
    """A sheet with ratings over predictions and the embeddings between and beside them."""

    n_users: int
    n_movies: int
    n_factors: int
    range_kind: str

    @abstractmethod
    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell."""

    def rmse_check_formula(self) -> str:
        """The same number by a formula that skips blanks itself, whatever the prediction beside a blank says."""
        ratings = self.range_of("ratings")
        squares = f'({ratings}<>"")*({ratings}-{self.range_of("predictions")})^2'
        return f"=SQRT(SUMPRODUCT({squares})/COUNT({ratings}))"

    def ranged(self, score: str) -> str:
        """The prediction that the sheet's range makes of a score."""
        if self.range_kind == "none":
            return score
        return ranged(self.range_kind, score, *(self.range_of(end, absolute=True) for end in ("low", "high")))


def crosstab_blocks(
    n_users: int, n_movies: int, n_factors: int, n_movie_factors: int, *, bias: bool = False
) -> dict[str, Block]:
    """Every block by its name, as ``SheetLayout`` describes them.

    Movie factors stand above the predictions and user factors left of them, a bias on the outer side of each.
    """
    n, m, k = n_users, n_movies, n_factors
    ids, left = k + 1, k + 2
    weights = n + 3
    factors = weights + bias
    header = factors + n_movie_factors
    users = header + 1
    rmse = users + n + 1
    last = left + m - 1
    blocks = {
        "ratings": Block(1, left, n, m),
        "movie_factors": Block(factors, left, n_movie_factors, m),
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
    if bias:
        blocks |= {"movie_bias": Block(weights, left, 1, m), "user_bias": Block(users, 0, n, 1)}
    return blocks


SETTINGS_GAP = 3
"""Rows from the RMSE to the first of the labelled settings below it."""


def setting_blocks(rmse: Block, *, range_kind: str, mean: bool) -> dict[str, Block]:
    """The labelled cells below the RMSE: the kind, low and high end of a range, and the global mean; none is empty."""
    names = ["range", "low", "high"] if range_kind != "none" else []
    names += ["mean"] if mean else []
    blocks: dict[str, Block] = {}
    for place, name in enumerate(names, rmse.row + SETTINGS_GAP):
        blocks |= {f"{name}_label": Block(place, rmse.column - 1, 1, 1), name: Block(place, rmse.column, 1, 1)}
    return blocks


def ranged(kind: str, score: str, low: str, high: str) -> str:
    """The Excel expression that makes a prediction of a score; ``low`` and ``high`` are addresses.

    As ``RatingRange.apply``: clip, sigmoid(s)(high - low) + low, or tanh(s)(high - low)/2 + (high + low)/2.
    """
    return {
        "none": score,
        "clip": f"MIN({high},MAX({low},{score}))",
        "sigmoid": f"1/(1+EXP(-({score})))*({high}-{low})+{low}",
        "tanh": f"TANH({score})*({high}-{low})/2+({high}+{low})/2",
    }[kind]
