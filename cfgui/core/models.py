"""The models: prediction, loss and closed-form gradient.

Sources: the sheets ``dotprod`` and ``bias`` of the fast.ai workbook; Koren, Bell & Volinsky, "Matrix factorization
techniques for recommender systems", IEEE Computer 42(8), 2009, for the biased form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.core.chunks import Stop, Watch, chunks, never
from cfgui.core.compiled_engine import WHOLE_COMPILED_FROM, CompiledEngine
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Ratings


@dataclass(frozen=True)
class Model:
    """One kind of model: its name, the sheet that holds it and what its prediction is."""

    name: str
    sheet: str
    bias: bool
    formula: str


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("dot", "dotprod", False, "prediction = user factors . movie factors"),
        Model("bias", "bias", True, "prediction = user factors . movie factors + movie bias + user bias"),
    )
}
"""Every model by its name."""


def predict(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """Predictions for parallel index arrays (user, movie), shape (len(users),).

    Products are added factor by factor, as MMULT does, so the bits depend on no BLAS and on no number of threads.
    """
    left, right = factors.user_factors[users], factors.movie_factors[movies]
    predictions: Floats = left[:, 0] * right[:, 0]
    for factor in range(1, factors.n_factors):
        predictions += left[:, factor] * right[:, factor]
    if factors.user_bias is not None and factors.movie_bias is not None:
        predictions += factors.movie_bias[movies]
        predictions += factors.user_bias[users]
    return predictions


def predict_block(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """Predictions of these users for all of these movies, (len(users), len(movies)), bit for bit as ``predict``."""
    left, right = factors.user_factors[users], factors.movie_factors[movies]
    table = np.outer(left[:, 0], right[:, 0])
    for factor in range(1, factors.n_factors):
        table += np.outer(left[:, factor], right[:, factor])
    if factors.user_bias is not None and factors.movie_bias is not None:
        table += factors.movie_bias[movies]
        table += factors.user_bias[users][:, None]
    return table


def predict_all(factors: Factors) -> Floats:
    """Predictions of every cell, (n_users, n_movies), rated or not. Dense: for crosstabs that fit a sheet."""
    users, movies = (np.arange(n, dtype=np.int32) for n in (factors.n_users, factors.n_movies))
    return predict_block(factors, users, movies)


def mean_square(residuals: Floats) -> float:
    """Mean of the squares, added one after another in row order as SUMXMY2 does; NaN when there are none."""
    return float(np.cumsum(residuals * residuals)[-1]) / len(residuals) if len(residuals) else math.nan


def square_sum(factors: Factors, users: Indices, movies: Indices, values: Floats, watch: Watch) -> float:
    """Sum of the squared residuals of parallel arrays of ratings, one after another in row order.

    Many are taken in chunks, to the same bits. Raises Interrupted.
    """
    total = 0.0
    for chunk in chunks(len(values), factors.n_factors, watch):
        residuals = values[chunk] - predict(factors, users[chunk], movies[chunk])
        squares = residuals * residuals
        squares[0] += total
        total = float(np.cumsum(squares, out=squares)[-1])
    return total


def mse(factors: Factors, ratings: Ratings, stop: Stop = never) -> float:
    """Mean squared residual over the rated cells; NaN when nothing is rated.

    Takes about a second for 10 to 25 million ratings of 50 factors, after the first time; raises Interrupted where
    ``stop`` says so meanwhile.
    """
    if not ratings.n_ratings:
        return math.nan
    arrays, watch = (ratings.users, ratings.movies, ratings.values), Watch(stop)
    if ratings.n_ratings < WHOLE_COMPILED_FROM:
        return square_sum(factors, *arrays, watch) / ratings.n_ratings
    return CompiledEngine(factors, *arrays, 0.0, watch).square_sum(factors.flat()) / ratings.n_ratings


def rmse(factors: Factors, ratings: Ratings, stop: Stop = never) -> float:
    """Root of the mean squared residual over the rated cells, as the sheet's RMSE cell; NaN when nothing is rated.

    ``stop`` as in ``mse``.
    """
    return math.sqrt(mse(factors, ratings, stop))


def penalty(vector: Floats, weight_decay: float) -> float:
    """L2 in the loss: ``weight_decay * sum(p ** 2)`` over all parameters, as in the course."""
    return weight_decay * float(vector @ vector) if weight_decay else 0.0


def sum_by(rows: Indices, terms: Floats, n_rows: int) -> Floats:
    """(n_rows,) sums of ``terms`` (len(rows),) by row index, each added in the order given."""
    return np.bincount(rows, weights=terms, minlength=n_rows).astype(np.float64, copy=False)


def sum_rows_by(rows: Indices, terms: Floats, n_rows: int) -> Floats:
    """(n_rows, k) sums of the rows of ``terms`` (len(rows), k) by row index, each added in the order given."""
    k = terms.shape[1]
    cells = rows[:, None].astype(np.int64) * k + np.arange(k)
    return np.bincount(cells.ravel(), weights=terms.ravel(), minlength=n_rows * k).reshape(n_rows, k).astype(np.float64)


def gradient(factors: Factors, users: Indices, movies: Indices, values: Floats, weight_decay: float = 0.0) -> Floats:
    """Closed-form gradient of MSE + L2 penalty over the given ratings, as one vector in the order of ``Factors.flat``.

    With residual r = rating - prediction over n ratings, d/d u_f = mean(-2 r m_f), d/d bias = mean(-2 r), and the
    penalty adds 2 * weight_decay * p.
    """
    scaled = (predict(factors, users, movies) - values) * (2.0 / len(values))
    by_user = sum_rows_by(users, scaled[:, None] * factors.movie_factors[movies], factors.n_users)
    by_movie = sum_rows_by(movies, scaled[:, None] * factors.user_factors[users], factors.n_movies)
    parts = [by_user.ravel(), by_movie.ravel()]
    if factors.has_bias:
        parts.append(sum_by(users, scaled, factors.n_users))
        parts.append(sum_by(movies, scaled, factors.n_movies))
    total = np.concatenate(parts)
    if weight_decay:
        total += 2.0 * weight_decay * factors.flat()
    return total
