"""Cold start: predictions for somebody, or for a movie, that the model has never seen, by several methods side by side.

"mean" takes the mean of all trained rows, biases too, whatever the ratings; "average" the trained row nearest to that
mean, a real user, or one that was picked; "fold-in" solves for a row from the ratings (``fold_in``); "bayesian"
averages over what the ratings leave open: with the draws of Gibbs sampling it folds in once per draw, without them its
spread is that of the fold-in. The item mean, the movie's mean rating whoever asks, is the plain baseline beside them.

Where facts about the new row are known, and were found to help, the last two begin from what they say
(``metadata_model``) instead of from the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfgui.core.baselines import movie_mean, user_mean
from cfgui.core.factors import Factors
from cfgui.core.fold_in import FoldedIn, fold_in
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.one_side import SideName, counts_of_side
from cfgui.core.prior import NOISE, SMALLEST_NOISE, Prior, prior_of
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.row_slopes import predict_row
from cfgui.core.samples import Samples
from cfgui.core.side_rows import rows_of_side

METHODS: dict[str, str] = {
    "mean": "Mean of all vectors",
    "average": "Average taste",
    "fold-in": "Fold-in",
    "bayesian": "Bayesian",
}
"""The label of each method, the plainest first."""

WELL_KNOWN = 20
"""Ratings of a row that may stand for average taste, where any has so many: one with few is near the mean anyhow."""

DRAWS_ASKED = 30
"""Draws that are folded in at most, evenly chosen; twice as many change the MSE by less than .001."""


@dataclass(frozen=True, eq=False)
class Guess:
    """What one method says: ``weights`` (d,) for the sheet's own model, ``predictions`` (n,) for all partners.

    ``sd`` (n,) is their standard deviation where the method has one. ``row`` is whose weights the average-taste row
    borrows, None otherwise. ``n_draws`` counts the draws of Gibbs sampling asked, 0 where none were.
    """

    method: str
    weights: Floats
    predictions: Floats
    sd: Floats | None = None
    row: int | None = None
    n_draws: int = 0


@dataclass(frozen=True, eq=False)
class ColdStart:
    """All that the methods need of a model, worked out once and asked often; for new rows of ``side``.

    ``ratings`` are those the weights were trained on; ``samples`` the draws where there are any. ``features``
    (n_rows, p) are those of the trained rows, where such are known, and ``told`` (p,) those of the new one.
    """

    ratings: Ratings
    factors: Factors
    samples: Samples | None = None
    side: SideName = "user"
    features: Floats | None = None
    told: Floats | None = None

    def of(self, told: Floats | None) -> ColdStart:
        """The same for a new row with these features, or none; what does not depend on them is worked out once."""
        _ = self.plain_prior, self.metadata, self._plain_drawn, self._drawn_metadata if told is not None else ()
        found = replace(self, told=told)
        worked_out = {name: value for name, value in vars(self).items() if name in _SHARED}
        vars(found).update(worked_out)
        return found

    @cached_property
    def metadata(self) -> MetadataModel | None:
        """What the features say of rows; None where none are known."""
        if self.features is None:
            return None
        return fit_metadata(self.ratings, self.factors, self.features, self.side)

    @cached_property
    def plain_prior(self) -> Prior:
        """What the trained rows say of a new one of which nothing else is known."""
        return prior_of(self.ratings, self.factors, self.side)

    @cached_property
    def prior(self) -> Prior:
        """What they say of a new one with the features it has."""
        if self.told is None or self.metadata is None:
            return self.plain_prior
        return self.metadata.prior(self.plain_prior, self.told)

    @cached_property
    def drawn_priors(self) -> tuple[Prior, ...]:
        """The same of the draws; empty where there are none."""
        if self.told is None or self.metadata is None or not self.metadata.helps:
            return self._plain_drawn
        pairs = zip(self._drawn_metadata, self._plain_drawn, strict=True)
        return tuple(model.prior(prior, self.told) for model, prior in pairs)

    @cached_property
    def _plain_drawn(self) -> tuple[Prior, ...]:
        draws = () if self.samples is None else self.samples.draws
        chosen = draws[:: -(-len(draws) // DRAWS_ASKED)] if draws else ()
        return tuple(_drawn_prior(self.ratings, draw, self.side) for draw in chosen)

    @cached_property
    def _drawn_metadata(self) -> tuple[MetadataModel, ...]:
        if self.features is None:
            return ()
        return tuple(fit_metadata(self.ratings, it.factors, self.features, self.side) for it in self._plain_drawn)

    @cached_property
    def average(self) -> int:
        """The index of the row whose weights are nearest to the mean, of those with ``WELL_KNOWN`` ratings."""
        return nearest_to(self.plain_prior.mean, rows_of_side(self.factors, self.side), self._counts)

    @cached_property
    def item_mean(self) -> Floats:
        """(n,) each partner's mean rating, the mean of all where it has none; NaN where there are no ratings."""
        n = self.ratings.n_movies if self.side == "user" else self.ratings.n_users
        if not self.ratings.n_ratings:
            return np.full(n, np.nan)
        baseline = movie_mean(self.ratings) if self.side == "user" else user_mean(self.ratings)
        bias = baseline.movie_bias if self.side == "user" else baseline.user_bias
        return np.clip(baseline.mean + bias, baseline.low, baseline.high)

    def guess(
        self,
        method: str,
        partners: Indices | Sequence[int] = (),
        values: Floats | Sequence[float] = (),
        *,
        row: int | None = None,
        among: Indices | None = None,
    ) -> Guess:
        """What ``method`` says after ratings: ``partners`` (n,) indices and ``values`` (n,).

        ``row`` picks whose weights "average" borrows. Predictions are for all partners, or those ``among``. Raises
        ValueError as ``fold_in``, IndexError where there is no such row, and KeyError for an unknown method.
        """
        if method not in METHODS:
            raise KeyError(method)
        if method == "mean":
            return self._plain(method, self.plain_prior.mean, among)
        if method == "average":
            chosen = self.average if row is None else row
            if not 0 <= chosen < len(self._counts):
                raise IndexError(f"There is no {self.side} number {chosen}.")
            return self._plain(method, rows_of_side(self.factors, self.side)[chosen], among, chosen)
        at, given = np.asarray(partners, dtype=np.int32), np.asarray(values, dtype=np.float64)
        folded = fold_in(self.prior, at, given)
        if method == "fold-in":
            return Guess(method, folded.weights, folded.predictions(among))
        if not self.drawn_priors:
            return Guess(method, folded.weights, folded.predictions(among), folded.sd(among))
        found = [fold_in(prior, at, given) for prior in self.drawn_priors]
        mean, sd = averaged(found, among)
        return Guess(method, folded.weights, self._clipped(mean), sd, n_draws=len(found))

    def _plain(self, method: str, weights: Floats, among: Indices | None, row: int | None = None) -> Guess:
        return Guess(method, weights, predict_row(self.factors, self.side, weights, among), row=row)

    def _clipped(self, predictions: Floats) -> Floats:
        return predictions if self.samples is None else np.clip(predictions, *self.samples.scale)

    @property
    def _counts(self) -> NDArray[np.int64]:
        return counts_of_side(self.ratings, self.side)


_SHARED = ("metadata", "plain_prior", "_plain_drawn", "_drawn_metadata", "average", "item_mean")
"""What ``ColdStart`` works out whoever the new row is: names of its cached properties, which keep values under them."""


def averaged(found: Sequence[FoldedIn], partners: Indices | None = None) -> tuple[Floats, Floats]:
    """(n,) mean and standard deviation of predictions over draws, each folded in with its own uncertainty.

    The variance is the mean of the draws' variances plus the variance of their means (the law of total variance).
    """
    predictions = np.stack([folded.predictions(partners) for folded in found])
    variances = np.stack([np.square(folded.sd(partners)) for folded in found])
    return predictions.mean(axis=0), np.sqrt(predictions.var(axis=0) + variances.mean(axis=0))


def nearest_to(mean: Floats, rows: Floats, counts: NDArray[np.int64]) -> int:
    """The index of the row (n, d) nearest to ``mean`` (d,), of those with ``WELL_KNOWN`` ratings, or of those with any.

    Of equals the first. Raises ValueError where there is no row.
    """
    if not len(rows):
        raise ValueError("There is nobody yet whose taste could be average.")
    known = counts >= min(WELL_KNOWN, int(counts.max(initial=0)))
    distances = np.square(rows - mean).sum(axis=1)
    return int(np.argmin(np.where(known, distances, np.inf)))


def _drawn_prior(ratings: Ratings, draw: Factors, side: SideName) -> Prior:
    """The prior of one draw: its rows, and its own noise, are draws themselves, so nothing is added to either."""
    prior = prior_of(ratings, draw, side)
    return replace(prior, noise=max(prior.noise / NOISE, SMALLEST_NOISE))
