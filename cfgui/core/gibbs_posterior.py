"""The posterior mean: predictions averaged over the draws of Gibbs sampling, and how far the draws lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.models import predict
from cfgui.core.ratings import Floats, Indices

BURN_IN = 20
"""Draws that are still on their way from the starting weights and are left out of the posterior mean."""

KEPT_SAMPLES = 200
"""Draws that are kept at most for cells asked for later."""

KEPT_BYTES = 256 * 2**20
"""What the kept draws may take together."""


class Posterior(NamedTuple):
    """``mean`` and standard deviation ``sd`` of each prediction, both of the shape of the pairs asked for."""

    mean: Floats
    sd: Floats


class Moments(NamedTuple):
    """What a mean over draws has taken in: ``n_seen`` draws, burn-in included, of which every ``stride``-th is kept.

    ``mean`` and ``squares``, (n_pairs,), are of the predictions of the pairs: their mean and the sum of the squared
    distances from it.
    """

    n_seen: int
    stride: int
    mean: Floats
    squares: Floats


class PosteriorMean:
    """Averages predictions over draws: of given pairs as they come, of any cell from the draws that are kept.

    ``users`` and ``movies`` are parallel indices of the pairs; ``scale``, such as the lowest and the highest rating,
    is what means are clipped to. The first ``burn_in`` draws are left out. Sums are float64. Draws are kept in float32,
    at most ``n_kept`` and ``kept_bytes``: where there are more, every second, fourth, eighth ... one.
    """

    def __init__(
        self,
        users: Indices,
        movies: Indices,
        *,
        scale: tuple[float, float] | None = None,
        burn_in: int = BURN_IN,
        n_kept: int = KEPT_SAMPLES,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._users, self._movies, self._scale = users, movies, scale
        self._burn_in, self._n_kept, self._kept_bytes = burn_in, n_kept, kept_bytes
        self._n_seen, self._stride = 0, 1
        self._mean, self._squares = np.zeros(len(users)), np.zeros(len(users))
        self._kept: list[Factors] = []

    @property
    def n_samples(self) -> int:
        """Draws averaged over so far."""
        return max(0, self._n_seen - self._burn_in)

    @property
    def samples(self) -> tuple[Factors, ...]:
        """The draws kept, of float32 arrays, oldest first."""
        return tuple(self._kept)

    @property
    def pairs(self) -> tuple[Indices, Indices]:
        """(users, movies) of the given pairs."""
        return self._users, self._movies

    @property
    def moments(self) -> Moments:
        """All but the draws kept; arrays not to be written to."""
        return Moments(self._n_seen, self._stride, self._mean, self._squares)

    @classmethod
    def resumed(
        cls,
        pairs: tuple[Indices, Indices],
        moments: Moments,
        samples: Sequence[Factors],
        scale: tuple[float, float] | None = None,
    ) -> PosteriorMean:
        """The mean that had these ``pairs``, ``moments`` and ``samples``, ready for the next draw."""
        mean = cls(*pairs, scale=scale)
        mean._n_seen, mean._stride, mean._mean, mean._squares = moments
        mean._kept = list(samples)
        return mean

    def copied(self) -> PosteriorMean:
        """The same, to which draws can be added while this object stays as it is; the arrays are shared."""
        other = copy(self)
        other._kept = list(self._kept)
        return other

    def add(self, factors: Factors) -> None:
        """Take in the next draw."""
        self._n_seen += 1
        if not self.n_samples:
            return
        predictions = predict(factors, self._users, self._movies)
        before = predictions - self._mean
        self._mean = self._mean + before / self.n_samples
        self._squares = self._squares + before * (predictions - self._mean)
        self._keep(factors)

    def posterior(self) -> Posterior:
        """Mean and standard deviation of each pair. Raises ValueError while all draws so far are burn-in."""
        if not self.n_samples:
            raise ValueError(f"The first {self._burn_in} samples are left out: sample more before asking for a mean.")
        mean = self._mean.copy() if self._scale is None else np.clip(self._mean, *self._scale)
        return Posterior(mean, np.sqrt(self._squares / self.n_samples))

    def _keep(self, factors: Factors) -> None:
        """Keep every ``_stride``-th draw, and of those only every second when they become too many."""
        room = min(self._n_kept, self._kept_bytes // (4 * factors.n_parameters))
        if room < 1 or (self.n_samples - 1) % self._stride:
            return
        if len(self._kept) == room:
            self._kept, self._stride = self._kept[::2], 2 * self._stride
            if (self.n_samples - 1) % self._stride or len(self._kept) == room:
                return
        self._kept.append(factors.view_of(_single(factors.flat())))


def _single(vector: Floats) -> Floats:
    """The vector in float32: half the memory, and far more digits than a draw has."""
    single: NDArray[np.float32] = vector.astype(np.float32)
    single.flags.writeable = False
    return single  # type: ignore[return-value]


def predict_samples(
    samples: Sequence[Factors], users: Indices, movies: Indices, scale: tuple[float, float] | None = None
) -> Posterior:
    """Mean and standard deviation of the predictions of parallel index arrays over ``samples``, in float64.

    Means are clipped to ``scale`` where it is given. Raises ValueError where there are no samples.
    """
    if not samples:
        raise ValueError("There are no samples yet: sample before asking for a mean.")
    posterior = PosteriorMean(users, movies, scale=scale, burn_in=0, n_kept=0)
    for factors in samples:
        posterior.add(factors)
    return posterior.posterior()
