"""Fold-in: a new user's weights from a few ratings while every movie stays as it is; and a new movie's likewise.

Before the first rating, a new user is taken to come from the normal distribution of the trained ones (``prior``): their
mean mu and their covariance Sigma. A rating is its prediction plus normal noise of variance s2. The most probable
weights x then minimise

    sum over the ratings (rating - prediction(x))^2 / s2 + (x - mu)^T Sigma^-1 (x - mu),

which is a ridge regression towards the mean, wide where trained users differ much and narrow where they are alike. With
ratings t, features F (movie factors, and 1 for the bias) and what the movies add by themselves taken off t, it is

    x = mu + G (t - F mu),    covariance Sigma - G F Sigma,    G = Sigma F^T (F Sigma F^T + s2 I)^-1.

For a sigmoid, a tanh and a net there is no such formula: damped Gauss-Newton steps go on until nothing moves, and the
covariance is that of the last linear approximation; those of a net may end at one of its kinks, a hair beside the
minimum. A clip is left out of account, as in ALS: the score is fitted.
Source: the closed form is Bayesian linear regression (Bishop, "Pattern Recognition and Machine Learning", 3.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cfgui.core.prior import Prior
from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats, Indices
from cfgui.core.row_slopes import Bend, bend_of, n_partners, predict_row
from cfgui.core.triangular import cholesky, solved_forward

EIGEN = 64
"""Unknowns up to which eigenvectors are taken; their bits would depend on the number of threads beyond."""

MAX_STEPS = 100
"""Gauss-Newton steps at most; a handful are needed."""

CONVERGED = 1e-10
"""They end when no weight moves further than this, in standard deviations of the prior."""


class Fit(NamedTuple):
    """Where ratings move a row: to mean + root ``place`` (d,), with covariance root (I - ``known``^T ``known``) root^T.

    ``known`` is (min(n_ratings, d), d): the directions about which the ratings say something, as long as they say much.
    """

    place: Floats
    known: Floats


@dataclass(frozen=True, eq=False)
class FoldedIn:
    """A new user or movie as ``n_ratings`` ratings leave it: the most probable weights, and how sure they are."""

    prior: Prior
    weights: Floats
    """(d,): factors, and the bias last where there is one."""
    known: Floats
    """As in ``Fit``."""
    n_ratings: int

    @property
    def vector(self) -> Floats:
        """The factors alone."""
        return self.weights[:-1] if self.prior.factors.has_bias else self.weights

    @property
    def bias(self) -> float | None:
        """The bias; None where the model has none."""
        return float(self.weights[-1]) if self.prior.factors.has_bias else None

    @property
    def sigma(self) -> float:
        """Standard deviation of a rating about its prediction, in ratings."""
        return math.sqrt(self.prior.noise)

    @cached_property
    def covariance(self) -> Floats:
        """(d, d) posterior covariance of the weights; it shrinks with every rating."""
        if not len(self.known):
            return self.prior.covariance
        rest = product(self.prior.root, self.known.T)
        shrunk: Floats = self.prior.covariance - product(rest, rest.T)
        return shrunk

    def predictions(self, partners: Indices | None = None) -> Floats:
        """(n,) predictions for some movies (for a new movie: users), by default all; bit for bit as on the sheet."""
        return predict_row(self.prior.factors, self.prior.side, self.weights, partners)

    def sd(self, partners: Indices | None = None) -> Floats:
        """(n,) standard deviations of these predictions, by what is not known of the row; ``sigma`` comes on top."""
        where = slice(None) if partners is None else partners
        spread = self.prior.spread(self.weights, where)
        variance = np.square(spread).sum(axis=1)
        if len(self.known):
            variance -= np.square(product(spread, self.known.T)).sum(axis=1)
        sd: Floats = np.sqrt(np.maximum(variance, 0.0))
        return sd


def fold_in(prior: Prior, partners: Indices, values: Floats) -> FoldedIn:
    """A new row from its ratings: ``partners`` (n,) are movie indices (for a new movie: user indices), ``values`` (n,).

    Without ratings it is the mean. Raises ValueError where both are not equally long or a partner is not in the table.
    """
    values = np.asarray(values, dtype=np.float64)
    n_rows = n_partners(prior.factors, prior.side)
    if len(partners) != len(values):
        raise ValueError(f"There are {len(partners)} ratings by their place and {len(values)} by their value.")
    if len(partners) and not 0 <= int(np.min(partners)) <= int(np.max(partners)) < n_rows:
        raise ValueError("A rating is of something that the table does not have: leave unknown ids out.")
    if not len(partners):
        return FoldedIn(prior, prior.mean, np.zeros((0, len(prior.mean))), 0)
    fit = _converged(prior, partners, values)
    return FoldedIn(prior, prior.mean + _turned(prior, fit.place), fit.known, len(values))


def _turned(prior: Prior, place: Floats) -> Floats:
    """A place in standard deviations of the prior as a move of the weights."""
    moved: Floats = product(prior.root, place[:, None])[:, 0]
    return moved


def _converged(prior: Prior, partners: Indices, values: Floats) -> Fit:
    """Gauss-Newton steps, each halved until the objective falls; the first one is the answer where all is linear."""
    place = np.zeros(len(prior.mean))
    bend = _bend(prior, place, partners)
    fit = _step(prior, bend, place, values)
    if prior.is_linear:
        return fit
    cost = _cost(prior, bend, place, values)
    for _ in range(MAX_STEPS):
        share, move = 1.0, fit.place - place
        while share * np.abs(move).max() > CONVERGED:
            tried = place + share * move
            tried_bend = _bend(prior, tried, partners)
            if (tried_cost := _cost(prior, tried_bend, tried, values)) < cost:
                break
            share *= 0.5
        else:
            break
        place, cost = tried, tried_cost
        fit = _step(prior, tried_bend, place, values)
    return Fit(place, fit.known)


def _bend(prior: Prior, place: Floats, partners: Indices) -> Bend:
    return bend_of(prior.factors, prior.side, prior.mean + _turned(prior, place), partners)


def _cost(prior: Prior, bend: Bend, place: Floats, values: Floats) -> float:
    return float(np.square(values - bend.predictions).sum() / prior.noise + np.square(place).sum())


def _step(prior: Prior, bend: Bend, place: Floats, values: Floats) -> Fit:
    """The best place where predictions are the linear approximation ``bend`` at ``place``.

    In standard deviations of the prior the equations are (S^T S + s2 I) z = S^T r; the smaller one of S S^T and S^T S
    is taken apart, the latter only where it is small enough for one thread.
    """
    slopes = product(bend.slopes, prior.root)
    rest = values - bend.predictions + product(slopes, place[:, None])[:, 0]
    n, d = slopes.shape
    if n < d or d > EIGEN:
        lower = cholesky(product(slopes, slopes.T) + prior.noise * np.eye(n))
        known = solved_forward(lower, np.column_stack([slopes, rest]))
        return Fit(product(known[:, :d].T, known[:, d:])[:, 0], known[:, :d])
    lengths, directions = np.linalg.eigh(sum_of_products(slopes, slopes))
    lengths = np.maximum(lengths, 0.0)
    known = np.sqrt(lengths / (lengths + prior.noise))[:, None] * directions.T
    right = directions.T @ sum_of_products(slopes, rest[:, None])[:, 0]
    return Fit(directions @ (right / (lengths + prior.noise)), known)
