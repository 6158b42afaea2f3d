"""A part of a large table on which to try how fast training may go, in a moment and a few megabytes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.ratings import Ratings

WHOLE_TRIAL = 200_000
"""Up to so many ratings a rate is tried on all of them."""

BLOCK = 200_000
"""Ratings of a trial rating by rating: consecutive ones, as training meets them."""

SAMPLE = 10_000
"""Ratings of a trial in batches: spread evenly over all, so that a movie has the share it has of all ratings."""


class Part(NamedTuple):
    """Some of the ratings, and of weights and an optimizer's memory what belongs to their users and movies."""

    ratings: Ratings
    factors: Factors
    state: OptimizerState


def block_of(ratings: Ratings, factors: Factors, state: OptimizerState, first: int) -> Part:
    """``BLOCK`` consecutive ratings from about ``first`` on."""
    start = max(0, min(first, ratings.n_ratings - BLOCK))
    return _part(ratings, factors, state, slice(start, start + BLOCK))


def sample_of(ratings: Ratings, factors: Factors, state: OptimizerState) -> Part:
    """About ``SAMPLE`` ratings, each as far from the next."""
    return _part(ratings, factors, state, slice(None, None, max(1, ratings.n_ratings // SAMPLE)))


def _part(ratings: Ratings, factors: Factors, state: OptimizerState, chosen: slice) -> Part:
    users, user_rows = np.unique(ratings.users[chosen], return_inverse=True)
    movies, movie_rows = np.unique(ratings.movies[chosen], return_inverse=True)
    part = Ratings(
        ("",) * len(users),
        ("",) * len(movies),
        user_rows.astype(np.int32),
        movie_rows.astype(np.int32),
        ratings.values[chosen].copy(),
    )
    places = factors.places(users, movies)
    return Part(
        part,
        factors.part(users, movies),
        replace(state, memory=tuple(array[..., places] for array in state.memory)),
    )
