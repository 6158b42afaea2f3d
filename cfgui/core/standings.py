"""Standings: how many ratings each movie (or user) has, their mean, its weights, and how bias and mean disagree.

The bias of a movie is not its mean rating: it is what is left of the mean once the taste and the generosity of those
who rated it are accounted for. fast.ai's fourth lesson sorts by it, ``movie_bias.argsort()[:5]``, to find movies that
even those dislike whose kind of movie they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.one_side import SideName, one_side, usual_minimum
from cfgui.core.products import inner
from cfgui.core.rank_correlation import rank_correlation
from cfgui.core.ratings import Floats, Mask, Ratings

Places = NDArray[np.intp]

LEAST_FOR_A_LINE = 3
"""Points from which on a straight line through them leaves anything over."""


@dataclass(frozen=True)
class Line:
    """The straight line bias = ``intercept`` + ``slope`` * mean, by least squares; both NaN where there is none."""

    slope: float
    intercept: float

    def at(self, means: Floats) -> Floats:
        """(n,) biases that the line gives for (n,) means."""
        return self.intercept + self.slope * means


@dataclass(frozen=True, eq=False)
class Standings:
    """All movies, or all users, of a model; n is their number, and every array is in the order of their indices.

    ``counts`` (n,) numbers of ratings; ``means`` (n,) mean rating, NaN without any; ``bias`` (n,), None in a model
    without; ``factors`` (n, k). ``rank_correlation`` is Spearman's, of bias and mean over all that have a rating;
    NaN where it is not defined. ``line`` goes through those with ``min_ratings`` or more.
    """

    side: SideName
    counts: NDArray[np.int64]
    means: Floats
    bias: Floats | None
    factors: Floats
    rank_correlation: float
    line: Line
    min_ratings: int

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.counts)

    @property
    def n_rated(self) -> int:
        """How many of them have a rating."""
        return int(np.count_nonzero(self.counts))

    @property
    def compared(self) -> Mask:
        """(n,) True for those with ``min_ratings`` or more, at least one, whose bias is a finite number."""
        if self.bias is None:
            return np.zeros(self.n, dtype=np.bool_)
        return (self.counts >= max(self.min_ratings, 1)) & np.isfinite(self.bias)

    @property
    def departures(self) -> Floats:
        """(n,) bias - what the line gives for the mean: above 0 where the bias is higher than the mean lets expect.

        NaN for those without a rating, and everywhere where there is no bias or no line.
        """
        return np.full(self.n, np.nan) if self.bias is None else self.bias - self.line.at(self.means)

    def farthest(self, n: int = 10) -> Places:
        """The ``n`` of ``compared`` whose bias and mean differ most (``departures``), farthest first.

        Equals stay in the order of their indices; fewer than ``n`` where fewer are compared.
        """
        places = np.flatnonzero(self.compared)
        far = np.abs(self.departures[places])
        known = np.isfinite(far)
        places, far = places[known], far[known]
        return places[np.argsort(-far, kind="stable")[:n]]


def standings(ratings: Ratings, factors: Factors, side: SideName, min_ratings: int | None = None) -> Standings:
    """The movies or users of a model in numbers.

    ``min_ratings`` is how many ratings one needs to be named among those whose bias and mean differ most, for a mean of
    few ratings says little; None is ``usual_minimum``. Some 20 ms for 60,000.
    """
    it = one_side(ratings, factors, side)
    means = it.means
    least = usual_minimum(it.counts) if min_ratings is None else min_ratings
    if it.bias is None:
        return Standings(side, it.counts, means, None, it.factors, math.nan, Line(math.nan, math.nan), least)
    among = (it.counts >= max(least, 1)) & np.isfinite(it.bias)
    with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
        line = _line(means[among], it.bias[among])
        return Standings(side, it.counts, means, it.bias, it.factors, rank_correlation(means, it.bias), line, least)


def _line(means: Floats, bias: Floats) -> Line:
    """The line through these by least squares; flat at the mean bias where all means are equal."""
    if len(means) < LEAST_FOR_A_LINE:
        return Line(math.nan, math.nan)
    middle, height = float(means.mean()), float(bias.mean())
    off = means - middle
    spread = inner(off, off)
    slope = inner(off, bias - height) / spread if spread > 0.0 else 0.0
    return Line(slope, height - slope * middle)
