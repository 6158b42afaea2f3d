"""What a round of recommendations is measured by: shares of genres, Gini coefficient, coverage, popularity share."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ranking_metrics import POPULAR_SHARE
from cfgui.core.ratings import Floats, Indices
from cfgui.core.recommend_search import NO_MOVIE

Counts = NDArray[np.int64]


def recommendation_counts(shown: Indices, n_movies: int) -> Counts:
    """(n_movies,) how often each movie stands in the lists ``shown`` (n_users, n); ``NO_MOVIE`` is not counted."""
    return np.bincount(shown[shown != NO_MOVIE], minlength=n_movies)


def gini(counts: Counts) -> float:
    """The Gini coefficient of counts: 0 where all movies are recommended equally often, near 1 where one gets all.

    sum over i of (2 i - n - 1) x_i / (n sum x) for the counts x in ascending order, i from 1 to n (Gini 1912; for
    recommendations Fleder & Hosanagar, "Blockbuster culture's next rise or fall", Management Science 55(5), 2009). NaN
    where nothing was recommended.
    """
    total = int(counts.sum())
    if not total:
        return math.nan
    n = len(counts)
    places = 2 * np.arange(1, n + 1) - n - 1
    return int((places * np.sort(counts)).sum()) / (n * total)


def coverage(counts: Counts) -> float:
    """The share of movies that anybody was recommended."""
    return float(np.count_nonzero(counts)) / len(counts)


def popularity_share(counts: Counts, n_ratings: Counts) -> float:
    """The share of recommendations which are among the tenth of the movies with the most ratings.

    Of equally many ratings the smaller index comes first. NaN where nothing was recommended.
    """
    total = int(counts.sum())
    n_popular = math.ceil(POPULAR_SHARE * len(counts))
    popular = np.argsort(-n_ratings, kind="stable")[:n_popular]
    return int(counts[popular].sum()) / total if total else math.nan


def shares_by_genre(counts: Counts, genre_shares: Floats) -> Floats:
    """(n_genres,) share of each genre among the recommendations; they add up to 1, NaN where there are none.

    ``genre_shares`` (n_movies, n_genres) has rows that add up to 1: a movie of two genres counts half for each.
    """
    total = int(counts.sum())
    sums: Floats = (counts[:, None] * genre_shares).sum(axis=0)
    return sums / total if total else np.full(genre_shares.shape[1], np.nan)


def rmse(predictions: Floats, targets: Floats) -> float:
    """Root of the mean squared difference, summed in float64; NaN where there are none."""
    residuals = targets.astype(np.float64) - predictions
    return math.sqrt(float(np.mean(residuals * residuals))) if residuals.size else math.nan
