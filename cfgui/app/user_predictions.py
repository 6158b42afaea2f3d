"""What one user, known or not, has rated and is predicted to, by the weights of one moment."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from cfgui.core import models
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import predict_samples
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.samples import Samples
from cfgui.core.unknown import UNKNOWN, with_mean_user

MOVIES_AT_ONCE = 4096
"""Movies predicted between two looks at a wish to stop."""


class UserPredictions:
    """Predictions for any user; immutable, for any thread.

    Where there are ``samples``, the mean of their predictions counts, as on the sheet. For somebody whom the table does
    not have, the mean of all users stands.
    """

    def __init__(self, ratings: Ratings, factors: Factors, samples: Samples | None = None) -> None:
        self.ratings, self.factors = ratings, factors
        self.samples = samples if samples is not None and samples.draws else None

    def index_of(self, user_id: str) -> int:
        """The user's index, ``UNKNOWN`` where the table does not have the id."""
        try:
            return self.ratings.user_ids.index(user_id)
        except ValueError:
            return UNKNOWN

    def predictions(self, user: int, stop: Stop = never) -> Floats:
        """(n_movies,) predictions for a user, or for ``UNKNOWN``. Raises Interrupted."""
        found = np.empty(self.factors.n_movies)
        for start in range(0, len(found), MOVIES_AT_ONCE):
            if start and stop():
                raise Interrupted
            movies = np.arange(start, min(start + MOVIES_AT_ONCE, len(found)), dtype=np.int32)
            found[start : start + len(movies)] = self._predicted(user, movies)[0]
        return found

    def prediction(self, user: int, movie: int) -> tuple[float, float | None]:
        """One prediction, and its standard deviation where there are samples."""
        mean, spread = self._predicted(user, np.array([movie], dtype=np.int32))
        return float(mean[0]), None if spread is None else float(spread[0])

    def rated(self, user: int) -> tuple[Indices, Floats]:
        """(movies, ratings) of a user; nothing for ``UNKNOWN``."""
        return (np.zeros(0, np.int32), np.zeros(0)) if user == UNKNOWN else self.ratings.user_line(user)

    def unseen(self, user: int) -> Mask:
        """(n_movies,) True for what the user has not rated."""
        mask = np.ones(self.factors.n_movies, dtype=np.bool_)
        mask[self.rated(user)[0]] = False
        return mask

    def weights_for(self, user: int) -> tuple[Factors, int]:
        """Weights, and the row of the user in them: for ``UNKNOWN`` the mean of all users, behind the last."""
        if user != UNKNOWN:
            return self.factors, user
        return self._with_mean_user, self.factors.n_users

    def _predicted(self, user: int, movies: Indices) -> tuple[Floats, Floats | None]:
        if self.samples is None:
            factors, place = self.weights_for(user)
            with np.errstate(over="ignore", invalid="ignore"):
                return models.predict(factors, np.full(len(movies), place, dtype=np.int32), movies), None
        draws, place = (self.samples.draws, user) if user != UNKNOWN else (self._mean_user_draws, self.factors.n_users)
        return predict_samples(draws, np.full(len(movies), place, dtype=np.int32), movies, self.samples.scale)

    @cached_property
    def _mean_user_draws(self) -> tuple[Factors, ...]:
        draws = () if self.samples is None else self.samples.draws
        return tuple(with_mean_user(draw, self.ratings) for draw in draws)

    @cached_property
    def _with_mean_user(self) -> Factors:
        return with_mean_user(self.factors, self.ratings)
