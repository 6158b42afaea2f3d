"""The models: prediction, loss and closed-form gradient.

Sources: the sheets ``dotprod`` and ``bias`` of the fast.ai workbook; Koren, Bell & Volinsky, "Matrix factorization
techniques for recommender systems", IEEE Computer 42(8), 2009, for the biased form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.core import networks
from cfgui.core.chunks import Stop, Watch, chunks, never
from cfgui.core.compiled_engine import WHOLE_COMPILED_FROM, CompiledEngine
from cfgui.core.factors import Decay, Factors
from cfgui.core.losses import loss_of
from cfgui.core.ratings import Floats, Indices, Ratings


@dataclass(frozen=True)
class Model:
    """One kind of model: its name, the sheet that holds it and what its score is."""

    name: str
    sheet: str
    bias: bool
    formula: str
    net: bool = False


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("dot", "dotprod", False, "prediction = user factors . movie factors"),
        Model("bias", "bias", True, "prediction = user factors . movie factors + movie bias + user bias"),
        Model("neural", "neural", False, "prediction = net(user factors, movie factors)", net=True),
        Model("ordinal", "ordinal", False, "prediction = sum of p(rating) x rating, p = softmax(net)", net=True),
    )
}
"""Every model by its name."""

PLAIN_MODELS = tuple(name for name, model in MODELS.items() if not model.net)
"""The models of the original workbook, whose score is a sum of products and biases."""


ROWS_AT_ONCE = 1024
"""Rows of factors multiplied at once: column after column they are read again, and so must stay in the cache."""


def scores(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """Scores, from which ``factors.range`` makes predictions, for parallel index arrays, shape (len(users),).

    Products are added factor by factor, as MMULT does, so the bits depend on no BLAS and on no number of threads. Of a
    neural net it is its output; an ordinal net has none.
    """
    if factors.layers:
        return networks.outputs(factors, users, movies)[:, 0]
    total = np.empty(len(users))
    for start in range(0, len(users), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        total[some] = _dots(factors.user_factors[users[some]], factors.movie_factors[movies[some]])
    if factors.user_bias is not None and factors.movie_bias is not None:
        total += factors.movie_bias[movies]
        total += factors.user_bias[users]
    return total + factors.global_mean if factors.global_mean else total


def _dots(left: Floats, right: Floats) -> Floats:
    """The products of rows, factor by factor."""
    total: Floats = left[:, 0] * right[:, 0]
    for factor in range(1, left.shape[1]):
        total += left[:, factor] * right[:, factor]
    return total


def predict(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """Predictions for parallel index arrays (user, movie), shape (len(users),)."""
    if factors.layers:
        return networks.predictions_of(factors, networks.outputs(factors, users, movies))
    return factors.range.apply(scores(factors, users, movies))


def predict_block(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """Predictions of these users for all of these movies, (len(users), len(movies)).

    Bit for bit as ``predict``; of a net to about 1e-15.
    """
    if factors.layers:
        return networks.predictions_of(factors, networks.block_outputs(factors, users, movies))
    left, right = factors.user_factors[users], factors.movie_factors[movies]
    table = np.outer(left[:, 0], right[:, 0])
    for factor in range(1, factors.n_factors):
        table += np.outer(left[:, factor], right[:, factor])
    if factors.user_bias is not None and factors.movie_bias is not None:
        table += factors.movie_bias[movies]
        table += factors.user_bias[users][:, None]
    if factors.global_mean:
        table += factors.global_mean
    return factors.range.apply(table)


def predict_all(factors: Factors) -> Floats:
    """Predictions of every cell, (n_users, n_movies), rated or not. Dense: for crosstabs that fit a sheet."""
    users, movies = (np.arange(n, dtype=np.int32) for n in (factors.n_users, factors.n_movies))
    return predict_block(factors, users, movies)


def mean_square(residuals: Floats) -> float:
    """Mean of the squares, added one after another in row order as SUMXMY2 does; NaN when there are none."""
    return float(np.cumsum(residuals * residuals)[-1]) / len(residuals) if len(residuals) else math.nan


def cost_sums(
    factors: Factors, users: Indices, movies: Indices, values: Floats, watch: Watch, loss: str = "mse"
) -> tuple[float, float]:
    """Sums of the loss and of the squared residuals of parallel arrays of ratings, one after another in row order.

    ``loss`` is "mse" or "bce"; that of an ordinal net is always the cross-entropy of its classes. Many are taken in
    chunks, to the same bits. Raises Interrupted.
    """
    costs = squares = 0.0
    for chunk in chunks(len(values), factors.width, watch):
        cost, residuals = _costs(factors, users[chunk], movies[chunk], values[chunk], loss)
        squares = _added(squares, residuals * residuals)
        costs = squares if cost is None else _added(costs, cost)
    return costs, squares


def _costs(
    factors: Factors, users: Indices, movies: Indices, values: Floats, loss: str
) -> tuple[Floats | None, Floats]:
    """What each rating costs, None where that is the square of the residual, and the residuals."""
    if not factors.layers and loss == "mse":
        return None, values - predict(factors, users, movies)
    if factors.classes:
        logits = networks.outputs(factors, users, movies)
        cost = networks.cross_entropy(logits, networks.class_places(factors.classes, values))
        return cost, values - networks.predictions_of(factors, logits)
    found = scores(factors, users, movies)
    cost_of = None if loss == "mse" else loss_of(loss, factors.range).of(found, values)
    return cost_of, values - factors.range.apply(found)


def _added(total: float, terms: Floats) -> float:
    """``total`` plus the terms, one after another; the array of terms is used up."""
    terms[0] += total
    return float(np.cumsum(terms, out=terms)[-1])


def mse(factors: Factors, ratings: Ratings, stop: Stop = never) -> float:
    """Mean squared residual over the rated cells; NaN when nothing is rated.

    Takes about a second for 10 to 25 million ratings of 50 factors, after the first time; raises Interrupted where
    ``stop`` says so meanwhile.
    """
    if not ratings.n_ratings:
        return math.nan
    arrays, watch = (ratings.users, ratings.movies, ratings.values), Watch(stop)
    if ratings.n_ratings < WHOLE_COMPILED_FROM or factors.layers:
        return cost_sums(factors, *arrays, watch)[1] / ratings.n_ratings
    return CompiledEngine(factors, *arrays, 0.0, watch).square_sum(factors.flat()) / ratings.n_ratings


def rmse(factors: Factors, ratings: Ratings, stop: Stop = never) -> float:
    """Root of the mean squared residual over the rated cells, as the sheet's RMSE cell; NaN when nothing is rated.

    ``stop`` as in ``mse``.
    """
    return math.sqrt(mse(factors, ratings, stop))


def penalty(vector: Floats, weight_decay: Decay) -> float:
    """L2 in the loss: ``sum(weight_decay * p ** 2)`` over all parameters, as in the course."""
    # Not a product of BLAS, whose sum depends on how many threads it has.
    if isinstance(weight_decay, float):
        return weight_decay * float(np.square(vector).sum()) if weight_decay else 0.0
    return float((weight_decay * np.square(vector)).sum())


def sum_by(rows: Indices, terms: Floats, n_rows: int) -> Floats:
    """(n_rows,) sums of ``terms`` (len(rows),) by row index, each added in the order given."""
    return np.bincount(rows, weights=terms, minlength=n_rows).astype(np.float64, copy=False)


def sum_rows_by(rows: Indices, terms: Floats, n_rows: int) -> Floats:
    """(n_rows, k) sums of the rows of ``terms`` (len(rows), k) by row index, each added in the order given."""
    k = terms.shape[1]
    cells = rows[:, None].astype(np.int64) * k + np.arange(k)
    return np.bincount(cells.ravel(), weights=terms.ravel(), minlength=n_rows * k).reshape(n_rows, k).astype(np.float64)


def gradient(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    weight_decay: Decay = 0.0,
    loss: str = "mse",
) -> Floats:
    """Closed-form gradient of mean loss + L2 penalty over the given ratings, a vector in the order of ``Factors.flat``.

    For the dot and bias models (``network_gradients`` has that of nets). With l' the slope of the loss by the score,
    -2 (rating - prediction) for squared error without a range, over n ratings: d/d u_f = mean(l' m_f), d/d bias =
    mean(l'), and the penalty adds 2 * weight_decay * p.
    """
    found = scores(factors, users, movies)
    if loss == "mse" and factors.range.kind == "none":
        slopes = (found - values) * (2.0 / len(values))
    else:
        slopes = loss_of(loss, factors.range).slope(found, values) * (1.0 / len(values))
    by_user = sum_rows_by(users, slopes[:, None] * factors.movie_factors[movies], factors.n_users)
    by_movie = sum_rows_by(movies, slopes[:, None] * factors.user_factors[users], factors.n_movies)
    parts = [by_user.ravel(), by_movie.ravel()]
    if factors.has_bias:
        parts.append(sum_by(users, slopes, factors.n_users))
        parts.append(sum_by(movies, slopes, factors.n_movies))
    return with_penalty(np.concatenate(parts), factors, weight_decay)


def with_penalty(slopes: Floats, factors: Factors, weight_decay: Decay) -> Floats:
    """``slopes`` with those of the L2 penalty added, in place."""
    if not isinstance(weight_decay, float) or weight_decay:
        slopes += 2.0 * weight_decay * factors.flat()
    return slopes
