"""Recommending for one user: the unseen movies with the highest predictions, the reasons, and why not another one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cfgui.app.explain import class_of, step_of
from cfgui.app.explanation import Explanation
from cfgui.app.sorted_terms import sorted_terms
from cfgui.app.terms import terms_of
from cfgui.app.user_predictions import UserPredictions
from cfgui.core.chunks import Stop, never
from cfgui.core.diversity import directions, diverse, list_diversity, pool_size
from cfgui.core.factors import Factors
from cfgui.core.movie_facts import MovieFacts, facts_of
from cfgui.core.movie_filter import EVERY_MOVIE, MovieFilter, popular_mask
from cfgui.core.ranking_metrics import POPULAR_SHARE
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.reasons import Addend, NearRated, addends, largest, nearest_rated
from cfgui.core.samples import Samples
from cfgui.core.unknown import UNKNOWN

N_REASONS, N_NEAR = 2, 3
"""Addends that are named as reasons, and rated movies near each one recommended."""


@dataclass(frozen=True)
class Wish:
    """How many movies, which come into question, and how different they are to be: 0 (not a matter) to 1."""

    n: int = 10
    only: MovieFilter = EVERY_MOVIE
    diversity: float = 0.0


@dataclass(frozen=True)
class Reasons:
    """Why a movie is recommended: the largest addends of its score, and the nearest of the movies the user rated."""

    addends: tuple[Addend, ...]
    near: tuple[NearRated, ...]


@dataclass(frozen=True)
class ListFigures:
    """What a list is like as a whole.

    ``popularity_share`` is the share of it among the tenth of the rated movies with the most ratings, ``diversity`` the
    mean of 1 - cosine over its pairs, ``n_genres`` of the ``all_genres`` there are; NaN where there is nothing to ask.
    """

    popularity_share: float
    diversity: float
    n_genres: int
    all_genres: int


@dataclass(frozen=True, eq=False)
class UserList:
    """The recommendations for one user, best first (by diversity: as they were chosen).

    ``user`` is the index in the table, or ``UNKNOWN``. ``predictions`` (n,) are those of ``movies`` (n,) indices,
    ``reasons`` one for each. ``n_unseen`` movies are not rated by the user, ``n_candidates`` of them pass the filter.
    """

    user_id: str
    user: int
    wish: Wish
    movies: Indices
    predictions: Floats
    reasons: tuple[Reasons, ...]
    figures: ListFigures
    n_unseen: int
    n_candidates: int


class Recommender(UserPredictions):
    """Recommends to any user, and says why; immutable, for any thread.

    ``facts`` are those of the ratings; they are read anew where they are None, 0.1 s for 60,000 movies.
    """

    def __init__(
        self, ratings: Ratings, factors: Factors, samples: Samples | None = None, facts: MovieFacts | None = None
    ) -> None:
        super().__init__(ratings, factors, samples)
        self.facts = facts if facts is not None else facts_of(ratings)

    def for_user(self, user_id: str, wish: Wish, stop: Stop = never) -> UserList:
        """The recommendations.

        Raises ValueError for a genre that no movie has, n < 1 or a diversity outside 0 to 1, and Interrupted where
        ``stop`` says so meanwhile.
        """
        if wish.n < 1:
            raise ValueError("At least one recommendation, please.")
        user = self.index_of(user_id)
        unseen, passing = self.unseen(user), wish.only.candidates(self.facts)
        predictions, candidates = self.predictions(user, stop), unseen & passing
        movies = self._chosen(_best_first(predictions, candidates), predictions, wish)
        return UserList(
            user_id,
            user,
            wish,
            movies,
            predictions[movies],
            self._reasons(user, movies),
            self.figures(movies),
            int(unseen.sum()),
            int(candidates.sum()),
        )

    def figures(self, movies: Indices) -> ListFigures:
        """What a list of movies is like."""
        share = float(self._popular[movies].mean()) if len(movies) else math.nan
        n_genres = int(self.facts.has_genre[movies].any(axis=0).sum())
        return ListFigures(share, list_diversity(self.factors.movie_factors[movies]), n_genres, len(self.facts.genres))

    def explanation(self, user_id: str, movie: int) -> Explanation:
        """The sum that a prediction is: products that count most first, the rest of them together."""
        user = self.index_of(user_id)
        factors, place = self.weights_for(user)
        (prediction, spread), rating = self.prediction(user, movie), self._rating(user, movie)
        terms, total = terms_of(factors, place, movie)
        step, score = step_of(factors, total, prediction, spread)
        return Explanation(
            address="",
            title=f"user {user_id} · {self.ratings.movie_name(movie)}",
            formula="",
            numbers="",
            value=prediction,
            terms=terms if factors.layers else sorted_terms(terms),
            prediction=prediction,
            rating=rating,
            user=None if user == UNKNOWN else user,
            movie=movie,
            score=score,
            step=step,
            shares=bool(factors.classes),
            rated_term=class_of(factors, rating),
            spread=spread,
        )

    def _rating(self, user: int, movie: int) -> float | None:
        return None if user == UNKNOWN else self.ratings.rating(user, movie)

    def _chosen(self, movies: Indices, predictions: Floats, wish: Wish) -> Indices:
        """The first of ``movies``, best first, or a diverse choice among more of them."""
        if not wish.diversity or not len(movies):
            return movies[: wish.n]
        pool = movies[None, : pool_size(wish.n)]
        best, _ = diverse(pool, predictions[pool], self._units, wish.n, wish.diversity)
        return best[best >= 0]

    def _reasons(self, user: int, movies: Indices) -> tuple[Reasons, ...]:
        factors, place = self.weights_for(user)
        near = nearest_rated(factors, movies, *self.rated(user), N_NEAR)
        return tuple(
            Reasons(largest(addends(factors, place, int(movie)), N_REASONS), own)
            for movie, own in zip(movies, near, strict=True)
        )

    @cached_property
    def _units(self) -> Floats:
        return directions(self.factors.movie_factors)

    @cached_property
    def _popular(self) -> Mask:
        return popular_mask(self.facts, POPULAR_SHARE)


def _best_first(predictions: Floats, candidates: Mask) -> Indices:
    """The candidates by prediction, the highest first; of equals the smaller index, what is no number last."""
    movies = np.flatnonzero(candidates).astype(np.int32)
    order: Indices = movies[np.lexsort((movies, -predictions[movies]))]
    return order
