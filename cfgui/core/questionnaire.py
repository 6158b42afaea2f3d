"""Questionnaire: which movie to ask a new user about next, so that the answer says most about all the others.

After the answers so far the user's weights have a posterior covariance C (``fold_in``). One more rating of a movie with
features f takes C f f^T C / (s2 + f^T C f) off it, whatever the rating is, and so takes

    gain = f^T C M C f / (s2 + f^T C f),    M = sum over all movies of share x features features^T

off the mean variance of the predictions; ``share`` is the part of all ratings that a movie has, for those are what the
user is likely to be asked about later. A question nobody can answer is of no use, so the next movie is the one with the
largest share of users who rated it, times its gain. It splits opinions (f^T C f is how far predictions for it lie
apart among such users) and is widely known. Source: sequential optimal design of experiments for a linear model
(Fedorov 1972; Rashid et al., "Getting to know you", IUI 2002, for asking about what people know).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfgui.core.fold_in import FoldedIn, fold_in
from cfgui.core.prior import Prior
from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.row_slopes import bend_of

CANDIDATES = 400
"""The most rated movies that may be asked about; others hardly anybody knows."""

SUMMED = 2_000
"""The most rated movies whose predictions are to become surer; they have nearly all the ratings."""


@dataclass(frozen=True)
class Question:
    """The next movie to ask about.

    ``known`` is the share of trained users who rated it, ``spread`` the standard deviation of its prediction after the
    answers so far, ``gain`` what a rating takes off ``variance``, the mean variance of all predictions now.
    """

    movie: int
    known: float
    spread: float
    gain: float
    variance: float


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """Asks about movies one after another; ``prior`` is that of users (``fold_in.user_prior``), ``ratings`` theirs."""

    prior: Prior
    ratings: Ratings

    def next(self, answers: Mapping[int, float], skipped: Collection[int] = ()) -> Question | None:
        """The best question after ``answers``, ratings by movie index, without movies in ``skipped``, nobody's answer.

        None where there is nothing left to ask. Of equals the movie with more ratings.
        """
        asked = np.array([*answers, *skipped], dtype=np.int64)
        left = self._candidates[~np.isin(self._candidates, asked)]
        if not len(left):
            return None
        folded = self.folded(answers)
        open_ = folded.covariance
        total = self._of_all(folded)
        features = self._slopes(folded, left)
        moves = product(features, open_)
        variances = (moves * features).sum(axis=1)
        gains = (product(moves, total) * moves).sum(axis=1) / (self.prior.noise + variances)
        known = self._counts[left] / self._n_users
        best = int(np.argmax(known * gains))
        spread = float(np.sqrt(max(variances[best], 0.0)))
        variance = float((open_ * total).sum())
        return Question(int(left[best]), float(known[best]), spread, float(gains[best]), variance)

    def folded(self, answers: Mapping[int, float]) -> FoldedIn:
        """The user as the answers leave them."""
        values = np.array([*answers.values()], dtype=np.float64)
        return fold_in(self.prior, np.array([*answers], dtype=np.int32), values)

    def _slopes(self, folded: FoldedIn, movies: NDArray[np.int64]) -> Floats:
        """(n, d) features of movies, or where predictions are bent their slopes at the user's weights."""
        return bend_of(self.prior.factors, self.prior.side, folded.weights, movies.astype(np.int32)).slopes

    def _of_all(self, folded: FoldedIn) -> Floats:
        """M (d, d)."""
        return self._of_linear if self.prior.is_linear else self._summed(folded)

    @cached_property
    def _of_linear(self) -> Floats:
        """M where it is the same for everybody."""
        return self._summed(fold_in(self.prior, np.zeros(0, dtype=np.int32), np.zeros(0)))

    def _summed(self, folded: FoldedIn) -> Floats:
        movies = self._most_rated[:SUMMED]
        share = self._counts[movies] / max(1, int(self._counts[movies].sum()))
        features = self._slopes(folded, movies)
        return sum_of_products(features * share[:, None], features)

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return self.ratings.movie_counts

    @cached_property
    def _n_users(self) -> int:
        return max(1, int((self.ratings.user_counts > 0).sum()))

    @cached_property
    def _most_rated(self) -> NDArray[np.int64]:
        """Movies with a rating, the most rated first."""
        order = np.argsort(-self._counts, kind="stable")
        return order[self._counts[order] > 0]

    @property
    def _candidates(self) -> NDArray[np.int64]:
        return self._most_rated[:CANDIDATES]
