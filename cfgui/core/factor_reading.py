"""Reading factors: what one factor adds to the predictions, and who stands at its two ends.

A score of the dot and bias models is a sum: one product per factor, u_f m_f, and the two biases. Over any set of cells
the variance of the sum is the sum of the covariances of each term with it, so cov(term, score) / var(score) is the
share that a term carries, and the shares add up to 1. A share below 0 belongs to a term that pulls against the rest.
The global mean is the same everywhere and has no variance. Source: the decomposition of a variance by covariances, as
in Shorrocks, "Inequality decomposition by factor components", Econometrica 50(1), 1982.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.chunks import Stop, Watch, chunks, never
from cfgui.core.factors import Factors
from cfgui.core.products import sum_of_products
from cfgui.core.ratings import Floats, Indices, Ratings

OF_A_NET = "A net adds no products of factors up: what one of its factors carries cannot be told apart from the others."

ROWS_AT_ONCE = 1024
"""Ratings whose terms are held at once, so that they stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class FactorShares:
    """What each term carries of the variance of the scores over ``n_cells`` cells.

    ``factors`` (n_factors,), ``user_bias`` and ``movie_bias`` add up to 1; the biases are None in a model without them.
    All are NaN where the scores do not vary. Where the sheet has a range, the score is what it is applied to.
    ``variance`` is that of the scores, in squared units of the score.
    """

    factors: Floats
    user_bias: float | None
    movie_bias: float | None
    variance: float
    n_cells: int


@dataclass(frozen=True, eq=False)
class Ends:
    """Indices of those at both ends: ``lowest`` ascending and ``highest`` descending by value, of equals the first."""

    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]


def ends(values: Floats, counts: NDArray[np.int64], at_least: int, n: int) -> Ends:
    """Those ``n`` with the lowest and the highest of ``values`` (n_owners,) among those with ``at_least`` ratings.

    ``counts`` (n_owners,) are the ratings of each. Values that are not finite are left out.
    """
    known = np.flatnonzero((counts >= at_least) & np.isfinite(values))
    upward = known[np.argsort(values[known], kind="stable")[:n]]
    downward = known[np.argsort(-values[known], kind="stable")[:n]]
    return Ends(upward, downward)


def factor_sizes(factors: Factors) -> Floats:
    """(n_factors,) by how much each factor moves a score, up or down, in the units of the score.

    It is the root of the mean square of the factor's product over all pairs of a user and a movie. Exact: the mean of
    (u m)^2 is the mean of u^2 times the mean of m^2. Raises ValueError for a net.
    """
    _check_plain(factors)
    users, movies = (np.square(table).mean(axis=0) for table in (factors.user_factors, factors.movie_factors))
    sizes: Floats = np.sqrt(users * movies)
    return sizes


def shares_over_rated(factors: Factors, ratings: Ratings, stop: Stop = never) -> FactorShares:
    """The shares over the rated cells, each counted once. Raises ValueError for a net, and Interrupted."""
    _check_plain(factors)
    n_terms = factors.n_factors + 2 * factors.has_bias
    sums, squares = np.zeros(n_terms), np.zeros(n_terms)
    for chunk in chunks(ratings.n_ratings, factors.n_factors, Watch(stop)):
        for start in range(chunk.start, chunk.stop, ROWS_AT_ONCE):
            some = slice(start, min(start + ROWS_AT_ONCE, chunk.stop))
            terms = _terms(factors, ratings.users[some], ratings.movies[some])
            # Neither sum goes through a BLAS, whose order of adding depends on how many threads it has.
            squares += np.einsum("i,ij->j", terms.sum(axis=1), terms)
            sums += terms.sum(axis=0)
    n = max(ratings.n_ratings, 1)
    return _shares(factors, squares / n - sums / n * (sums.sum() / n), ratings.n_ratings)


def shares_over_all(factors: Factors) -> FactorShares:
    """The shares over every pair of a user and a movie, rated or not, without going through them.

    Over all pairs the mean of (a_i b_i)(a_j b_j) is the mean of a_i a_j over the users times that of b_i b_j over the
    movies: two square tables of n_factors say all there is to know. Raises ValueError for a net.
    """
    _check_plain(factors)
    users, movies = factors.user_factors, factors.movie_factors
    if factors.user_bias is not None and factors.movie_bias is not None:
        users = np.column_stack([users, factors.user_bias, np.ones(factors.n_users)])
        movies = np.column_stack([movies, np.ones(factors.n_movies), factors.movie_bias])
    n, m = max(len(users), 1), max(len(movies), 1)
    together = sum_of_products(users, users) / n * (sum_of_products(movies, movies) / m)
    means = users.sum(axis=0) / n * (movies.sum(axis=0) / m)
    return _shares(factors, together.sum(axis=1) - means * means.sum(), len(users) * len(movies))


def _terms(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """(len(users), terms): the products of each factor, then the user's and the movie's bias."""
    products = factors.user_factors[users] * factors.movie_factors[movies]
    if factors.user_bias is None or factors.movie_bias is None:
        return products
    return np.column_stack([products, factors.user_bias[users], factors.movie_bias[movies]])


def _shares(factors: Factors, covariances: Floats, n_cells: int) -> FactorShares:
    """The covariances of the terms with their sum, as shares of its variance."""
    variance, k = float(covariances.sum()), factors.n_factors
    certain = np.isfinite(variance) and variance > 0.0 and n_cells > 0
    found = covariances / variance if certain else np.full(len(covariances), np.nan)
    user_bias, movie_bias = map(float, found[k:]) if factors.has_bias else (None, None)
    return FactorShares(found[:k], user_bias, movie_bias, variance, n_cells)


def _check_plain(factors: Factors) -> None:
    if factors.layers:
        raise ValueError(OF_A_NET)
