"""The model inside a simulation: biases and a few factors by weighted ALS, from where the round before left them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cfgui.core.als import features_of, with_rows
from cfgui.core.als_sides import grouped
from cfgui.core.als_systems import N_THREADS, Features, System, solve_rows
from cfgui.core.chunks import Watch
from cfgui.core.factors import Factors
from cfgui.core.feedback_measures import Counts
from cfgui.core.ratings import Floats, Indices

FIRST_SWEEPS, SWEEPS = 6, 2
"""Sweeps, users and then movies, of the first training and of each one after it."""

LARGEST_WEIGHT = 10.0
"""What a rating counts at most, compared with the mean of all: very unlikely ones would else decide everything."""


class Observed(NamedTuple):
    """The ratings so far as parallel arrays, sorted by user and then by movie."""

    users: Indices
    movies: Indices
    values: Floats


class RatingWeights(NamedTuple):
    """How much a rating of a user for a movie counts: the product of the user's (n_users,) and the movie's number."""

    users: Floats
    movies: Floats

    def of(self, observed: Observed) -> Floats:
        """The weight of each rating."""
        return np.asarray(self.users[observed.users] * self.movies[observed.movies])


def propensity_weights(observed: Observed, user_counts: Counts, movie_counts: Counts, power: float) -> RatingWeights:
    """Weights by inverse propensity: 1 / (chance that this user rates this movie at all) ** ``power``.

    The chance is that of a popularity model, n_u n_m / n, so that the weight is a product of a user's number and a
    movie's (Schnabel et al., "Recommendations as treatments", ICML 2016, estimate it by such models too). Each side is
    scaled so that its mean over the ratings is 1, and cut at ``LARGEST_WEIGHT``.
    """
    return RatingWeights(
        _scaled(user_counts, observed.users, power),
        _scaled(movie_counts, observed.movies, power),
    )


def _scaled(counts: Counts, rows: Indices, power: float) -> Floats:
    raw = np.maximum(counts, 1).astype(np.float64) ** -power
    return np.minimum(raw / np.mean(raw[rows]), LARGEST_WEIGHT) if len(rows) else raw


def even_weights(n_users: int, n_movies: int) -> RatingWeights:
    """Every rating counts 1."""
    return RatingWeights(np.ones(n_users), np.ones(n_movies))


def untrained(n_users: int, n_movies: int, n_factors: int, seed: int) -> Factors:
    """Small random factors and biases of 0."""
    rng = np.random.default_rng([seed, 5])
    return Factors(
        rng.normal(0.0, 0.1, (n_users, n_factors)),
        rng.normal(0.0, 0.1, (n_movies, n_factors)),
        np.zeros(n_users),
        np.zeros(n_movies),
    )


def retrained(
    factors: Factors,
    observed: Observed,
    weights: RatingWeights,
    lambda_: float,
    n_sweeps: int,
    watch: Watch,
    *,
    n_threads: int = N_THREADS,
) -> Factors:
    """The factors after so many more sweeps over all ratings; the mean is that of the ratings, weighted.

    Minimises sum(weight * residual ** 2) + lambda * (squares of all factors and biases), one side at a time, exactly.
    A row without ratings becomes 0. The same bits on any number of threads. Raises Interrupted.
    """
    each = weights.of(observed)
    mean = float(np.sum(each * observed.values)) / float(np.sum(each))
    factors = replace(factors, global_mean=mean)
    by_user = grouped(observed.users, observed.movies, observed.values, factors.n_users)
    by_movie = grouped(observed.movies, observed.users, observed.values, factors.n_movies)
    d = factors.n_factors + 1
    for _ in range(n_sweeps):
        for users in (True, False):
            side = by_user if users else by_movie
            own, partners = (weights.users, weights.movies) if users else (weights.movies, weights.users)
            table, offsets, _none = features_of(factors, users=not users)
            system = System(np.eye(d) * lambda_, np.zeros(d), scales=own)
            features = Features(table, offsets, partners)
            rows = solve_rows(side, features, system, None, watch, n_threads=n_threads, loops=True)
            factors = with_rows(factors, rows, users=users)
        watch.passed(len(observed.values))
    return factors
