"""A new movie from its metadata: weights by ridge regression of the trained weights on what is known besides ratings.

Each of the d weights of a row (factors, and the bias) is a linear function of the row's features, fitted on the trained
rows by

    sum over rows of count (row - mean - (features - their mean) W)^2 + penalty sum(W^2),

where a row counts as often as it was rated: the weights of a movie with two ratings are hardly known. The penalty is
the one under which rows left out of the fit are predicted best, in closed form from one fit: the residual of row i left
out is its residual divided by 1 - h_i, h_i being its leverage (Allen's PRESS 1974; Hastie, Tibshirani & Friedman,
"The Elements of Statistical Learning", 7.10). Errors of rows are measured by what they do to predictions. Where no
penalty beats the mean row, plain or weighted, by more than two standard errors of the difference, the plain mean row is
what is predicted: metadata that says nothing does no harm. The same for users, where features of them are known.

For the fold-in (``fold_in``) of a row with a few ratings such a model tells more than where to begin: the covariance of
what it leaves open, measured on rows left out of the fit, takes the place of that of all rows.
Source: Gantner et al., "Learning attribute-to-feature mappings for cold-start recommendations", ICDM 2010.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.one_side import SideName, counts_of_side
from cfgui.core.prior import Prior, spread_of
from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.row_slopes import linear_part
from cfgui.core.side_rows import rows_of_side
from cfgui.core.triangular import cholesky

PENALTIES = tuple(10.0**power for power in range(-3, 7))
"""Penalties tried, in ratings of an average row, for features brought to variance 1."""

FEWEST_ROWS = 5
"""Trained rows without which nothing is fitted."""


@dataclass(frozen=True, eq=False)
class MetadataModel:
    """row = ``base`` + (features - ``centre``) / ``scale`` . ``coefficients``, or ``mean`` where ``helps`` is False.

    ``mean`` (d,) is the plain mean of the trained rows. ``error`` is the mean squared error that the rows of movies
    left out of the fit bring into predictions, ``mean_error`` the same of the mean row; both count movies by their
    ratings. ``r_squared`` is the share of the rows' variance explained in the same way, 0 where the mean is used.
    ``covariance`` (d, d) is that of what the model leaves open of rows left out, None where the mean is used.
    """

    mean: Floats
    base: Floats
    centre: Floats
    scale: Floats
    coefficients: Floats
    penalty: float
    error: float
    mean_error: float
    r_squared: float
    n_rows: int
    helps: bool
    covariance: Floats | None = None

    def rows(self, features: Floats) -> Floats:
        """(n, d) weights for features (n, p)."""
        if not self.helps:
            return np.tile(self.mean, (len(features), 1))
        moved: Floats = product((features - self.centre) / self.scale, self.coefficients)
        return self.base + moved

    def prior(self, prior: Prior, features: Floats) -> Prior:
        """``prior``, that of any new row, as it is for one with these features (p,); itself where they do not help."""
        if self.covariance is None:
            return prior
        return replace(prior, mean=self.rows(features[None, :])[0], covariance=self.covariance)


class _Fits:
    """Ridge fits of tables of rows on one of features, for every penalty from one decomposition."""

    def __init__(self, told: Floats, weight: Floats) -> None:
        self._weighted, self._weight = told * weight[:, None], weight
        lengths, self._directions = np.linalg.eigh(sum_of_products(self._weighted, told))
        self._lengths, self._turned = np.maximum(lengths, 0.0), product(told, self._directions)
        self._squared = np.square(self._turned)

    def right(self, rows: Floats) -> Floats:
        """(p, d) what fits of rows (n, d) need of them; the same for every penalty."""
        return product(self._directions.T, sum_of_products(self._weighted, rows))

    def coefficients(self, right: Floats, penalty: float) -> Floats:
        """(p, d)."""
        return product(self._directions, right * self._inverse(penalty)[:, None])

    def left_out(self, rows: Floats, right: Floats, penalty: float) -> Floats:
        """(n, d) what the residual of each row would be if it were not in the fit."""
        inverse = self._inverse(penalty)[:, None]
        # the row's own part in its fit, that in the weighted mean included
        leverage = self._weight[:, None] * (product(self._squared, inverse) + 1.0 / self._weight.sum())
        residuals = rows - product(self._turned, right * inverse)
        residuals /= np.maximum(1.0 - leverage, 1e-9)
        return residuals

    def _inverse(self, penalty: float) -> Floats:
        found: Floats = 1.0 / (self._lengths + penalty * self._weight.mean())
        return found


def fit_metadata(ratings: Ratings, factors: Factors, features: Floats, side: SideName = "movie") -> MetadataModel:
    """The model of one side's rows; ``features`` (n_rows, p), finite.

    Rows without a rating are not learnt from. Raises ValueError where the number of rows is another.
    """
    counts = counts_of_side(ratings, side)
    rows, (n, p) = rows_of_side(factors, side), features.shape
    if n != len(rows):
        raise ValueError(f"There are features of {n} rows, and {len(rows)} rows of weights.")
    trained = counts > 0
    known, told, weight = rows[trained], features[trained], counts[trained].astype(np.float64)
    if len(known) < FEWEST_ROWS or not p:
        mean = known.mean(axis=0) if len(known) else np.zeros(rows.shape[1])
        return _by_the_mean(mean, p, 0.0, len(known))
    mean, root = known.mean(axis=0), _metric_root(ratings, factors, side)
    plain = _squares(product((known - mean) * (len(known) / (len(known) - 1)), root))  # the mean without the row itself
    centre, scale = _spread(told, weight)
    base = np.average(known, axis=0, weights=weight)
    fits = _Fits((told - centre) / scale, weight)
    penalty, errors, weighted = _best_penalty(fits, product(known - base, root), weight)
    if not all(_is_better(errors, other, weight) for other in (plain, weighted)):
        return _by_the_mean(mean, p, _average(plain, weight), len(known))
    right = fits.right(known - base)
    left_out = fits.left_out(known - base, right, penalty)
    unexplained = _average(_squares(left_out), weight)
    return MetadataModel(
        mean=mean,
        base=base,
        centre=centre,
        scale=scale,
        coefficients=fits.coefficients(right, penalty),
        penalty=penalty,
        error=_average(errors, weight),
        mean_error=_average(plain, weight),
        r_squared=1.0 - unexplained / _average(_squares(known - base), weight),
        n_rows=len(known),
        helps=True,
        covariance=spread_of(left_out)[1],
    )


def _spread(told: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(p,) mean and standard deviation of features (n, p), each row counted ``weight`` (n,) times."""
    centre = np.average(told, axis=0, weights=weight)
    scale = np.sqrt(np.average(np.square(told - centre), axis=0, weights=weight))
    return centre, np.where(scale > 1e-9 * (1.0 + np.abs(centre)), scale, np.inf)  # a column of equals says nothing


def _best_penalty(fits: _Fits, seen: Floats, weight: Floats) -> tuple[float, Floats, Floats]:
    """The penalty under which rows ``seen`` (n, d) are predicted best when left out, and their (n,) squared errors.

    Last, (n,) those of the mean that counts rows as often as they were rated: of a penalty without end.
    """
    right = fits.right(seen)
    errors = [_squares(fits.left_out(seen, right, penalty)) for penalty in PENALTIES]
    best = int(np.argmin([weight @ each for each in errors]))
    return PENALTIES[best], errors[best], _squares(fits.left_out(seen, right, np.inf))


def _by_the_mean(mean: Floats, p: int, error: float, n_rows: int) -> MetadataModel:
    """The model that predicts the mean row whatever the ``p`` features are."""
    nothing = np.zeros((p, len(mean)))
    return MetadataModel(mean, mean, np.zeros(p), np.ones(p), nothing, np.inf, error, error, 0.0, n_rows, helps=False)


def _metric_root(ratings: Ratings, factors: Factors, side: SideName) -> Floats:
    """(d, d) L with |e L|^2 the mean square of what an error e of a row does to the scores; I for a net."""
    if factors.layers:
        return np.eye(rows_of_side(factors, side).shape[1])
    counts = counts_of_side(ratings, "user" if side == "movie" else "movie")
    features, _ = linear_part(factors, side, slice(None))
    metric = sum_of_products(features * (counts / counts.sum())[:, None], features)
    return cholesky(metric + 1e-12 * (1.0 + np.trace(metric)) * np.eye(len(metric)))


def _squares(rows: Floats) -> Floats:
    """(n,) squared lengths of rows (n, d)."""
    found: Floats = np.einsum("ij,ij->i", rows, rows)
    return found


def _average(values: Floats, weight: Floats) -> float:
    return float((values * weight).sum() / weight.sum())


def _is_better(errors: Floats, others: Floats, weight: Floats) -> bool:
    """Whether errors are below the others by more than two standard errors of the difference."""
    gains = (others - errors) * weight
    return bool(gains.sum() > 2.0 * np.sqrt(np.square(gains - gains.mean()).sum()))
