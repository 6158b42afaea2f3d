"""Priors: what the trained users say of a new one before the first rating, and the trained movies of a new movie.

A new row is taken to come from the normal distribution of the trained ones: their mean mu and their covariance Sigma,
drawn a little towards its diagonal. A rating is its prediction plus normal noise of variance s2.
Source: the prior of Salakhutdinov & Mnih, "Probabilistic matrix factorization", NIPS 2007, estimated from the trained
rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.one_side import SideName, counts_of_side
from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.row_slopes import bend_of, n_partners
from cfgui.core.side_rows import rows_of_side, with_ratings
from cfgui.core.triangular import cholesky

NOISE = 2.0
"""s2 as a multiple of the MSE of the training ratings: a model fits those better than anybody's it has never seen.

Measured on held-out users of ml-latest-small and MovieLens 100k with five ways of training: best between 1 and 2.5, and
anywhere there the MSE differs by less than .01. One prior variance for all weights alike, without Sigma, was worse by
up to .1 in MSE; Sigma and s2 by expectation maximisation came out no better, for weights trained on the very same
ratings look surer than they are.
"""

OWN_ROWS = 2.0
"""Rows that the diagonal alone of Sigma counts for, beside the trained ones: so no direction is without width."""

UNKNOWN_NOISE = 0.5
"""The MSE taken for weights that come without their ratings; about that of a well trained model of MovieLens."""

SMALLEST_NOISE = 1e-8
"""s2 at least, so that a perfect fit leaves the equations solvable."""

SMALLEST_SPREAD = 1e-8
"""Variance of a weight at least, where all rows agree."""

KEPT_NUMBERS = 5_000_000
"""Numbers of a prior's spread that are kept for the next time."""


@dataclass(frozen=True, eq=False)
class Prior:
    """What is known of a row of ``factors`` before its first rating.

    ``side`` is "user" or "movie"; a row holds d weights: factors, and the bias last where there is one. ``mean`` (d,)
    and ``covariance`` (d, d) are those of the ``n_rows`` trained rows, ``noise`` is the variance of a rating about its
    prediction.
    """

    factors: Factors
    side: SideName
    mean: Floats
    covariance: Floats
    noise: float
    n_rows: int

    @cached_property
    def root(self) -> Floats:
        """(d, d) lower triangle L with L L^T = covariance."""
        return cholesky(self.covariance)

    @property
    def is_linear(self) -> bool:
        """Whether predictions are sums of products, so that slopes are the same whatever the weights are."""
        return not self.factors.layers and self.factors.range.kind in ("none", "clip")

    def spread(self, weights: Floats, partners: Indices | slice) -> Floats:
        """(n, d): how far each prediction of a row with these weights moves for a standard deviation of the prior."""
        if self.is_linear and self._spread_of_all is not None:
            return self._spread_of_all[partners]
        return product(bend_of(self.factors, self.side, weights, partners).slopes, self.root)

    @cached_property
    def _spread_of_all(self) -> Floats | None:
        """That of all partners, where it is always the same and takes little memory."""
        if n_partners(self.factors, self.side) * len(self.mean) > KEPT_NUMBERS:
            return None
        return product(bend_of(self.factors, self.side, self.mean, slice(None)).slopes, self.root)


def prior_of(ratings: Ratings, factors: Factors, side: SideName, trained: Mask | None = None) -> Prior:
    """What the trained users, or the trained movies (``side``), say of a new one.

    ``trained`` (n_rows,) marks those that count, by default all who have a rating, or where nobody has, all.
    """
    known = with_ratings(counts_of_side(ratings, side)) if trained is None else trained
    rows = rows_of_side(factors, side)[known]
    noise = models.mse(factors, ratings) if ratings.n_ratings else UNKNOWN_NOISE
    return Prior(factors, side, *spread_of(rows), max(NOISE * noise, SMALLEST_NOISE), len(rows))


def spread_of(rows: Floats) -> tuple[Floats, Floats]:
    """(d,) mean and (d, d) covariance of rows (n, d), the covariance drawn a little towards its diagonal.

    Of no row at all mean 0 and covariance I; of a single one its squares are the variances.
    """
    n, d = rows.shape
    if not n:
        return np.zeros(d), np.eye(d)
    mean: Floats = rows.mean(axis=0)
    if n == 1:
        return mean, np.diag(np.square(mean) + SMALLEST_SPREAD)
    apart = rows - mean
    covariance = sum_of_products(apart, apart) / (n - 1)
    diagonal = np.diag(covariance) + SMALLEST_SPREAD
    return mean, (n * covariance + OWN_ROWS * np.diag(diagonal)) / (n + OWN_ROWS)
