"""Which users rate which movies in a synthetic table: long-tailed counts, distinct pairs, nobody left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

_SPREAD = 1.25
"""Of the logarithm of the ratings a user gives; MovieLens 25M has about this."""

_DECLINE = 1.2
"""Exponent of a movie's popularity by its rank."""

_CHUNK = 250_000
_DRAWS = 2**22
"""Entries of the table that movies are drawn from; a movie has as many of them as it is popular."""


def ratings_per_user(n_users: int, n_movies: int, n_ratings: int, rng: np.random.Generator) -> Counts:
    """(n_users,) long-tailed counts from 1 to n_movies that sum to n_ratings."""
    wish = rng.lognormal(0.0, _SPREAD, n_users)
    counts = np.ones(n_users, dtype=np.int64)
    left = n_ratings - n_users
    while left:
        room = n_movies - counts
        share = np.where(room > 0, wish, 0.0)
        more = np.minimum((share * (left / share.sum())).astype(np.int64), room)
        if not more.any():  # fewer are left than there are users with room: one each
            open_users = np.flatnonzero(room)
            more[rng.permutation(open_users)[:left]] = 1
        counts += more
        left -= int(more.sum())
    return counts


def movies_to_cover(counts: Counts, n_movies: int, rng: np.random.Generator) -> Counts:
    """(n_movies,) a user for every movie, so that each has a rating; no user gets more movies than ``counts`` allow."""
    slots = rng.choice(int(counts.sum()), n_movies, replace=False, shuffle=True)
    return np.searchsorted(np.cumsum(counts), slots, side="right")


def movies_of_users(
    counts: Counts, planted: Counts, n_movies: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """(users, movies) of all ratings in chunks of whole users, sorted by user and movie; no pair twice.

    Each user rates ``counts`` movies, among them those with this user in ``planted``; the others are drawn by
    popularity.
    """
    ranks = rng.permutation(n_movies) + 1.0 + n_movies / 200
    popularity: NDArray[np.float64] = np.power(ranks, -_DECLINE, dtype=np.float64)
    ends = np.cumsum(popularity)
    draws = np.searchsorted(ends, (np.arange(_DRAWS) + 0.5) * (ends[-1] / _DRAWS))
    cover = np.argsort(planted, kind="stable")
    cover_starts = np.searchsorted(planted[cover], np.arange(len(counts) + 1))
    starts = np.concatenate([[0], np.cumsum(counts)])
    first = 0
    while first < len(counts):
        last = max(int(np.searchsorted(starts, starts[first] + _CHUNK, side="right")) - 1, first + 1)
        given = cover[cover_starts[first] : cover_starts[last]]
        keys = np.sort((planted[given] - first) * n_movies + given)
        keys = _filled(keys, counts[first:last], popularity, draws, rng)
        users, movies = np.divmod(keys, n_movies)
        yield (users + first).astype(np.int32), movies.astype(np.int32)
        first = last


def _filled(
    keys: Counts, counts: Counts, popularity: NDArray[np.float64], draws: Counts, rng: np.random.Generator
) -> Counts:
    """The sorted keys (user x n_movies + movie) with drawn ones added until every user has ``counts`` of them."""
    n_movies = len(popularity)
    # Who wants a good part of all movies would draw the same popular ones again and again.
    greedy = counts * 8 > 1 + np.count_nonzero(np.diff(draws))
    keys = _united(keys, _greedy_keys(keys, counts, greedy, popularity, rng))
    while True:
        missing = counts - np.bincount(keys // n_movies, minlength=len(counts))
        users = np.repeat(np.arange(len(counts)), missing)
        if not len(users):
            return keys
        keys = _united(keys, users * n_movies + draws[rng.integers(0, _DRAWS, len(users))])


def _united(keys: Counts, others: Counts) -> Counts:
    # np.union1d takes three times as long: it looks for equal ones before it sorts.
    both = np.sort(np.concatenate([keys, others]))
    new = np.ones(len(both), dtype=np.bool_)
    np.not_equal(both[1:], both[:-1], out=new[1:])
    return both[new]


def _greedy_keys(
    keys: Counts,
    counts: Counts,
    greedy: NDArray[np.bool_],
    popularity: NDArray[np.float64],
    rng: np.random.Generator,
) -> Counts:
    """Keys for the users who rate a good part of all movies: the first of a race that popular movies tend to win."""
    n_movies = len(popularity)
    found: list[Counts] = [np.empty(0, dtype=np.int64)]
    for user in np.flatnonzero(greedy).tolist():
        arrival = rng.exponential(size=n_movies) / popularity
        own = keys[np.searchsorted(keys, user * n_movies) : np.searchsorted(keys, (user + 1) * n_movies)] % n_movies
        arrival[own] = -1.0
        chosen = np.argpartition(arrival, counts[user] - 1)[: counts[user]]
        found.append(user * n_movies + chosen)
    return np.concatenate(found)
