"""Samples: what Gibbs sampling leaves on a sheet besides its weights, the draws whose mean it predicts by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import PosteriorMean
from cfgui.core.ratings import Ratings

COMPARED = 200_000
"""Held-out ratings that are compared one by one at most."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The draws of a sheet, while its weights are still ``factors``, the newest draw.

    ``mean`` is never added to. Means are clipped to ``scale``; ``rmse`` is that of the mean over ``held_out``, NaN
    where none are held out.
    """

    factors: Factors
    mean: PosteriorMean
    scale: tuple[float, float]
    rmse: float = math.nan
    held_out: Ratings | None = None

    def tells_of(self, held_out: Ratings | None) -> bool:
        """Whether ``rmse`` is that over ``held_out``."""
        own = self.held_out
        if own is None or held_out is None or own is held_out:
            return own is held_out
        if not own.n_ratings == held_out.n_ratings <= COMPARED:  # first: the arrays of an edited table take long
            return False
        pairs = ((own.users, held_out.users), (own.movies, held_out.movies), (own.values, held_out.values))
        return all(np.array_equal(*pair) for pair in pairs)

    @property
    def draws(self) -> tuple[Factors, ...]:
        """The draws that are kept; none before the end of burn-in."""
        return self.mean.samples
