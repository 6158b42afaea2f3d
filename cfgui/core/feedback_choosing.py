"""What everybody is shown in a round: the best unseen movies, with some exploration and popularity taken off."""

from __future__ import annotations

import numpy as np

from cfgui.core.feedback_measures import Counts
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.ratings import Floats, Indices, Mask
from cfgui.core.recommend_search import NO_MOVIE

DOUBLING_COSTS = 0.3
"""Stars that a movie with twice as many ratings as another loses against it, at strength 1."""


def best_unseen(scores: Floats, rated: Mask, n: int) -> Indices:
    """(n_users, n) the unrated movies with the highest ``scores`` of each row, best first; ``NO_MOVIE`` fills up.

    Of equal scores the smaller index comes first.
    """
    keys = np.where(rated, np.inf, -scores)
    n_movies = keys.shape[1]
    n_found = min(n, n_movies)
    order = np.argsort(keys, axis=1, kind="stable")[:, :n_found]
    found = np.where(np.isinf(np.take_along_axis(keys, order, axis=1)), NO_MOVIE, order)
    return np.pad(found, ((0, 0), (0, n - n_found)), constant_values=NO_MOVIE).astype(np.int32)


def with_random_places(best: Indices, rated: Mask, share: float, rng: np.random.Generator) -> Indices:
    """The lists with about this ``share`` of their places given to unseen movies drawn at random.

    Nothing stands twice in a list. Where somebody has no other unseen movie the place stays as it is.
    """
    taken = rated.copy()
    rows, ranks = np.nonzero(best != NO_MOVIE)
    taken[rows, best[rows, ranks]] = True
    drawn = best_unseen(rng.random(rated.shape), taken, best.shape[1])
    given = (rng.random(best.shape) < share) & (drawn != NO_MOVIE) & (best != NO_MOVIE)
    return np.where(given, drawn, best)


def popularity_penalty(movie_counts: Counts, strength: float) -> Floats:
    """(n_movies,) stars taken off each movie: 0.3 ``strength`` for every doubling of its ratings, 0 at the mean."""
    counts = movie_counts.astype(np.float64)
    return np.asarray(DOUBLING_COSTS * strength / np.log(2.0) * np.log((1.0 + counts) / (1.0 + counts.mean())))


def uncertainty(movie_counts: Counts, spread: float) -> Floats:
    """(n_movies,) how far the score of each movie may be off: ``spread`` of all ratings / sqrt(1 + its ratings)."""
    return np.asarray(spread / np.sqrt(1.0 + movie_counts))


def chosen(
    scores: Floats, rated: Mask, movie_counts: Counts, spread: float, choices: FeedbackChoices, rng: np.random.Generator
) -> Indices:
    """(n_users, shown) what everybody is shown by these choices; ``spread`` is that of the ratings so far."""
    if choices.debiasing == "popularity":
        scores = scores - popularity_penalty(movie_counts, choices.debiasing_strength)
    if not choices.exploration:
        return best_unseen(scores, rated, choices.shown)
    if choices.exploration_kind == "thompson":
        drawn = rng.standard_normal(scores.shape) * uncertainty(movie_counts, spread)
        return best_unseen(scores + choices.exploration * drawn, rated, choices.shown)
    return with_random_places(best_unseen(scores, rated, choices.shown), rated, choices.exploration, rng)
