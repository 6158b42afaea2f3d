"""Feedback loops: rounds of recommending, rating and training anew, in a world whose truth is known.

A model learns from the ratings of what it recommended before, so what it shows decides what it will know. Few
enthusiasts who rate everything in one genre can then set what everybody is shown (Howard & Gugger, "Deep learning for
coders with fastai and PyTorch", 2020, chapter 8, on anime), the more so where people come to like what they are shown;
exploration slows it (Jiang, Chiappa, Lattimore, György & Kohli, "Degenerate feedback loops in recommender systems",
AIES 2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cfgui.core import models
from cfgui.core.als_systems import N_THREADS
from cfgui.core.chunks import Stop, Watch, never
from cfgui.core.factors import Factors
from cfgui.core.feedback_choosing import best_unseen, chosen
from cfgui.core.feedback_measures import (
    Counts,
    coverage,
    gini,
    popularity_share,
    recommendation_counts,
    rmse,
    shares_by_genre,
)
from cfgui.core.feedback_model import (
    FIRST_SWEEPS,
    SWEEPS,
    Observed,
    even_weights,
    propensity_weights,
    retrained,
    untrained,
)
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.feedback_world import World
from cfgui.core.ratings import Floats, Indices
from cfgui.core.recommend_search import NO_MOVIE

START_RATINGS = 15
"""Ratings everybody begins with, of at most half of the movies; the enthusiasts besides have those of their genre."""

SAMPLED_CELLS = 20_000
"""Cells, drawn once, at which predictions are compared with the truth."""


@dataclass(frozen=True, eq=False)
class RoundReport:
    """One round, as seen by everybody but the enthusiasts.

    ``number`` counts from 1; ``n_ratings`` those the model was trained on, ``n_new`` those given in answer.
    ``genre_shares`` (n_genres,) of the recommendations, ``favourite_share`` that of the enthusiasts' genre; ``counts``
    (n_movies,) how often each movie was recommended, from which ``gini``, ``coverage`` and ``popularity_share`` come.
    ``truth_rmse`` is that of predictions against what people really think, over a fixed sample of cells;
    ``observed_rmse`` against the ratings the model was trained on; ``liking`` is what people really think, in stars, of
    what they are shown, on average.
    """

    number: int
    n_ratings: int
    n_new: int
    genre_shares: Floats
    favourite_share: float
    counts: Counts
    gini: float
    coverage: float
    popularity_share: float
    truth_rmse: float
    observed_rmse: float
    liking: float


def simulate(
    world: World, choices: FeedbackChoices, *, stop: Stop = never, n_threads: int = N_THREADS
) -> Iterator[RoundReport]:
    """Play the rounds one after another; the same seed gives the same bits on any number of threads.

    Whatever is drawn belongs to the seed and not to the choices, as far as can be: two simulations that differ in
    exploration begin with the same ratings, and a person says the same of a movie in both, but for changed habits.
    Raises Interrupted, between two pieces of work, where ``stop`` says so.
    """
    state = _State(world, choices)
    factors = untrained(world.n_users, world.n_movies, choices.model_factors, choices.world_seed)
    for number in range(1, choices.rounds + 1):
        watch = Watch(stop)
        n_sweeps = FIRST_SWEEPS if number == 1 else SWEEPS
        observed = state.observed()
        factors = _trained(factors, observed, state, n_sweeps, watch, n_threads)
        scores = models.predict_block(factors, *_everything(world))
        watch.passed(0)
        spread = float(np.std(observed.values))
        shown = chosen(scores, state.rated, state.movie_counts, spread, choices, state.rng_showing)
        report = _Measuring(world, state, shown, observed)
        liking = report.liking()
        fit = rmse(_clipped(scores[observed.users, observed.movies], world), observed.values)
        truth_rmse, popular = state.truth_rmse(scores), report.popularity_share()
        n_new = state.answer(shown)
        yield RoundReport(
            number,
            len(observed.values),
            n_new,
            report.genre_shares,
            float(report.genre_shares[world.favourite]),
            report.counts,
            gini(report.counts),
            coverage(report.counts),
            popular,
            truth_rmse,
            fit,
            liking,
        )


def _everything(world: World) -> tuple[Indices, Indices]:
    return np.arange(world.n_users, dtype=np.int32), np.arange(world.n_movies, dtype=np.int32)


def _clipped(stars: Floats, world: World) -> Floats:
    return np.asarray(np.clip(stars, *world.scale))


def _trained(
    factors: Factors, observed: Observed, state: _State, n_sweeps: int, watch: Watch, n_threads: int
) -> Factors:
    choices = state.choices
    weights = even_weights(factors.n_users, factors.n_movies)
    if choices.debiasing == "weights":
        counts = state.rated.sum(axis=1), state.movie_counts
        weights = propensity_weights(observed, *counts, choices.debiasing_strength)
    return retrained(factors, observed, weights, choices.model_lambda, n_sweeps, watch, n_threads=n_threads)


class _Measuring:
    """What a round is measured by before anybody has answered."""

    def __init__(self, world: World, state: _State, shown: Indices, observed: Observed) -> None:
        self._world, self._state = world, state
        self._others = world.others
        self._shown = shown[self._others]
        self.counts = recommendation_counts(self._shown, world.n_movies)
        self.genre_shares = shares_by_genre(self.counts, world.genre_shares)

    def popularity_share(self) -> float:
        """The share of recommendations that are of the tenth of movies with the most ratings."""
        return popularity_share(self.counts, self._state.movie_counts)

    def liking(self) -> float:
        """What the others really think of what they are shown, on average."""
        rows, ranks = np.nonzero(self._shown != NO_MOVIE)
        users, movies = self._others[rows], self._shown[rows, ranks]
        return float(np.mean(self._state.opinions(users, movies))) if len(users) else float("nan")


class _State:
    """What changes from round to round: who has rated what, and which habits they have taken on."""

    def __init__(self, world: World, choices: FeedbackChoices) -> None:
        self.world, self.choices = world, choices
        self.values = np.zeros(world.truth.shape)
        self.rated = np.zeros(world.truth.shape, dtype=np.bool_)
        self.gained = np.zeros((world.n_users, len(world.genres)))
        self._average = float(world.truth.mean())
        self.rng_showing = np.random.default_rng([choices.world_seed, 2])
        self._rng_answers = np.random.default_rng([choices.world_seed, 3])
        # One draw a cell, whatever happens: what somebody says of a movie hangs on no other rating.
        self._noise = np.random.default_rng([choices.world_seed, 4]).normal(0.0, choices.noise, world.truth.shape)
        self._sample = _sampled_cells(world, choices.world_seed)
        self._rate(*_start_cells(world, choices.world_seed))

    @property
    def movie_counts(self) -> Counts:
        """(n_movies,) ratings of each movie so far."""
        return np.asarray(self.rated.sum(axis=0))

    def observed(self) -> Observed:
        """The ratings so far."""
        users, movies = np.nonzero(self.rated)
        return Observed(users.astype(np.int32), movies.astype(np.int32), self.values[users, movies])

    def opinions(self, users: Indices, movies: Indices) -> Floats:
        """What these users really think of these movies now, within the scale."""
        # Genre by genre, so that no bit depends on how a library multiplies matrices.
        habits = (self.gained[users] * self.world.genre_shares[movies]).sum(axis=1)
        return _clipped(self.world.truth[users, movies] + habits, self.world)

    def truth_rmse(self, scores: Floats) -> float:
        """How far the predictions are from what people really think, at the sampled cells."""
        users, movies = self._sample
        return rmse(_clipped(scores[users, movies], self.world), self.opinions(users, movies))

    def answer(self, shown: Indices) -> int:
        """Everybody watches and rates some of what is shown; how many ratings that makes."""
        rows, ranks = np.nonzero(shown != NO_MOVIE)
        users, movies = rows.astype(np.int32), shown[rows, ranks]
        low, high = self.world.scale
        above = (self.opinions(users, movies) - self._average) / ((high - low) or 1.0)
        chances = self.choices.response + self.choices.pickiness * above
        draws = self._rng_answers.random(shown.shape)[rows, ranks]
        watched = draws < chances
        self._rate(users[watched], movies[watched])
        if self.choices.habit:
            learnt = self.choices.habit * self.world.genre_shares[movies[watched]]
            np.add.at(self.gained, users[watched], learnt)
        return int(np.count_nonzero(watched))

    def _rate(self, users: Indices, movies: Indices) -> None:
        stars = _clipped(self.opinions(users, movies) + self._noise[users, movies], self.world)
        if self.world.step:
            low = self.world.scale[0]
            stars = low + np.rint((stars - low) / self.world.step) * self.world.step
        self.values[users, movies] = stars
        self.rated[users, movies] = True


def _start_cells(world: World, seed: int) -> tuple[Indices, Indices]:
    """What is rated before the first round: by chance, the popular more often, and by enthusiasts their whole genre."""
    n = max(min(START_RATINGS, world.n_movies // 2), 1)
    # The n largest of log popularity + Gumbel noise are a draw without replacement.
    luck = np.random.default_rng([seed, 6]).gumbel(size=world.truth.shape)
    nothing = np.zeros(world.truth.shape, dtype=np.bool_)
    drawn = best_unseen(np.log(world.popularity) + luck, nothing, n)
    nothing[np.arange(world.n_users)[:, None], drawn] = True
    nothing[np.ix_(world.enthusiasts, np.flatnonzero(world.favourite_movies))] = True
    users, movies = np.nonzero(nothing)
    return users.astype(np.int32), movies.astype(np.int32)


def _sampled_cells(world: World, seed: int) -> tuple[Indices, Indices]:
    rng = np.random.default_rng([seed, 7])
    n = min(SAMPLED_CELLS, world.truth.size)
    cells = rng.choice(world.truth.size, n, replace=False)
    return (cells // world.n_movies).astype(np.int32), (cells % world.n_movies).astype(np.int32)
