"""Splits: which ratings a model learns from and which are held out to see how well it predicts.

Every split keeps the users and movies of the whole crosstab, so that the same weights, and the same cells of the sheet,
belong to both parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Mask, Ratings
from cfgui.core.split_file import joined

SPLIT_KINDS = ("none", "random", "leave-k-out", "file", "folds")
"""Every way to hold ratings out."""


@dataclass(frozen=True)
class SplitChoice:
    """How a person wants ratings held out; the same choice of the same ratings gives the same split.

    ``kind`` is one of ``SPLIT_KINDS``: "random" holds out the share ``fraction`` of all ratings, "leave-k-out" ``k``
    ratings of each user, "file" those of the file ``path``, "folds" each rating once in ``n_folds`` turns. Raises
    ValueError with one plain sentence where a number is not possible.
    """

    kind: str = "none"
    fraction: float = 0.2
    k: int = 1
    n_folds: int = 5
    seed: int = 42
    path: str = ""

    def __post_init__(self) -> None:
        if self.kind not in SPLIT_KINDS:
            raise ValueError(f"Held-out ratings must be one of {', '.join(SPLIT_KINDS)}, not {self.kind!r}.")
        if not 0.0 < self.fraction < 1.0:
            raise ValueError(f"The share of held-out ratings must lie between 0 and 1, not {self.fraction:g}.")
        if self.k < 1:
            raise ValueError(f"At least one rating of each user must be held out, not {self.k}.")
        if self.n_folds < 2:
            raise ValueError(f"There must be at least two folds, not {self.n_folds}.")
        if self.seed < 0:
            raise ValueError(f"The seed must be 0 or more, not {self.seed}.")


@dataclass(frozen=True, eq=False)
class Split:
    """Ratings in two parts over the same users and movies.

    ``train`` is what a model learns from, ``held_out`` what it is measured by; no cell is in both, and both are sorted
    by user and then by movie as every ``Ratings``. ``n_kept_users`` counts the users who had too few ratings to leave
    any out. Of a given file, ``n_new_users`` and ``n_new_movies`` count the users and movies that stand in it alone:
    they are the last of the crosstab; ``n_moved`` counts its ratings that were taken out of the training part.
    """

    train: Ratings
    held_out: Ratings
    n_kept_users: int = 0
    n_new_users: int = 0
    n_new_movies: int = 0
    n_moved: int = 0

    @cached_property
    def cold(self) -> Mask:
        """(held_out.n_ratings,) True where the user or the movie has no rating to learn from."""
        return self.cold_users | self.cold_movies

    @cached_property
    def cold_users(self) -> Mask:
        """(held_out.n_ratings,) True where the user has no rating to learn from."""
        return without_ratings(self.train.user_counts)[self.held_out.users]

    @cached_property
    def cold_movies(self) -> Mask:
        """(held_out.n_ratings,) True where the movie has no rating to learn from."""
        return without_ratings(self.train.movie_counts)[self.held_out.movies]

    @cached_property
    def n_cold_users(self) -> int:
        """Users of held-out ratings who have no rating to learn from."""
        return len(np.unique(self.held_out.users[self.cold_users]))

    @cached_property
    def n_cold_movies(self) -> int:
        """Movies of held-out ratings which have no rating to learn from."""
        return len(np.unique(self.held_out.movies[self.cold_movies]))

    @property
    def n_held_out_users(self) -> int:
        """Users of held-out ratings."""
        return int((self.held_out.user_counts > 0).sum())

    def is_held_out(self, user: int, movie: int) -> bool:
        """Whether the rating at these indices is held out; False where unrated."""
        return self.held_out.rating(user, movie) is not None


class ColdCounts(NamedTuple):
    """Held-out ratings with nothing to learn from about their user or movie, and these users and movies."""

    n_cold: int
    n_cold_users: int
    n_cold_movies: int


def cold_counts(splits: Iterable[Split]) -> ColdCounts:
    """Those of some splits, such as folds, added up."""
    counts = [(int(split.cold.sum()), split.n_cold_users, split.n_cold_movies) for split in splits]
    return ColdCounts(*map(sum, zip(*counts, strict=True)))


def make_split(ratings: Ratings, choice: SplitChoice, given: Ratings | None = None) -> Split:
    """The split of a choice; with kind "folds" its first fold, with "none" nothing is held out.

    ``given`` are the ratings of the file, for kind "file". Raises ValueError, with a sentence for a person, where one
    of the parts would be empty.
    """
    if choice.kind == "none":
        return _parted(ratings, np.zeros(ratings.n_ratings, dtype=np.bool_))
    if choice.kind == "random":
        return random_split(ratings, choice.fraction, choice.seed)
    if choice.kind == "leave-k-out":
        return leave_k_out(ratings, choice.k, choice.seed)
    if choice.kind == "file":
        if given is None:
            raise ValueError("The ratings of the file that are to be held out are missing.")
        return given_split(ratings, given)
    return next(make_folds(ratings, choice.n_folds, choice.seed))


def random_split(ratings: Ratings, fraction: float, seed: int) -> Split:
    """Hold out the share ``fraction`` of all ratings, rounded: the first ones of a random permutation of the rows.

    Raises ValueError where a part would be empty.
    """
    n = ratings.n_ratings
    n_held = round(fraction * n)
    if not 0 < n_held < n:
        raise ValueError(f"{_counted(n)} cannot be split with a share of {fraction:g} held out: one part is empty.")
    return _parted(ratings, _mask(n, _permutation(n, seed)[:n_held]))


def leave_k_out(ratings: Ratings, k: int, seed: int) -> Split:
    """Hold out ``k`` random ratings of each user; users with ``k`` or fewer keep all and are counted.

    Raises ValueError where no user has more than ``k``.
    """
    order = _permutation(ratings.n_ratings, seed)
    order = order[np.argsort(ratings.users[order], kind="stable")]  # by user, at random within each
    users = ratings.users[order]
    rank = np.arange(len(order)) - ratings.user_starts[users]
    has_enough = ratings.user_counts > k
    if not has_enough.any():
        raise ValueError(f"No user has more than {k} ratings, so none can be held out of each.")
    held = order[(rank < k) & has_enough[users]]
    n_kept = int(((ratings.user_counts > 0) & ~has_enough).sum())
    return _parted(ratings, _mask(ratings.n_ratings, held), n_kept_users=n_kept)


def make_folds(ratings: Ratings, n_folds: int, seed: int) -> Iterator[Split]:
    """``n_folds`` splits that hold out every rating exactly once: the pieces of one random permutation of the rows.

    Sizes differ by one at most. Raises ValueError where there are fewer ratings than folds.
    """
    n = ratings.n_ratings
    if n < n_folds:
        raise ValueError(f"{_counted(n)} cannot be split into {n_folds} folds.")
    for held in np.array_split(_permutation(n, seed), n_folds):
        yield _parted(ratings, _mask(n, held))


def given_split(ratings: Ratings, given: Ratings) -> Split:
    """Hold out the ratings of a given table; users and movies are the same where their raw ids are.

    A user or movie that only the given table has is added at the end of the crosstab, without a rating to learn from.
    A cell that both tables have is held out with the given rating, and not learnt from. Raises ValueError where
    nothing is given, or nothing is left to learn from.
    """
    if not given.n_ratings:
        raise ValueError("The file with the held-out ratings holds no rating.")
    whole, held_out, is_given = joined(ratings, given)
    train = rows_of(whole, ~is_given)
    if not train.n_ratings:
        raise ValueError("Every rating is in the file with the held-out ratings: none is left to learn from.")
    return Split(
        train,
        held_out,
        n_new_users=whole.n_users - ratings.n_users,
        n_new_movies=whole.n_movies - ratings.n_movies,
        n_moved=int(is_given.sum()),
    )


def without_ratings(counts: NDArray[np.int64]) -> Mask:
    """True where a user or movie has no rating."""
    return np.equal(counts, 0)


def cells_of(ratings: Ratings) -> NDArray[np.int64]:
    """(n_ratings,) the number of each rated cell, counted row by row; ascending."""
    return ratings.users.astype(np.int64) * ratings.n_movies + ratings.movies


def _permutation(n: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(n)


def _mask(n: int, chosen: NDArray[np.int64]) -> Mask:
    mask = np.zeros(n, dtype=np.bool_)
    mask[chosen] = True
    return mask


def _parted(ratings: Ratings, held: Mask, *, n_kept_users: int = 0) -> Split:
    if not held.any():  # no copy of a large table for nothing
        return Split(ratings, rows_of(ratings, held), n_kept_users=n_kept_users)
    return Split(rows_of(ratings, ~held), rows_of(ratings, held), n_kept_users=n_kept_users)


def rows_of(ratings: Ratings, chosen: Mask) -> Ratings:
    """The ratings that ``chosen`` (n_ratings,) marks, over the same users and movies."""
    return Ratings(
        ratings.user_ids,
        ratings.movie_ids,
        ratings.users[chosen],
        ratings.movies[chosen],
        ratings.values[chosen],
        ratings.titles,
        ratings.genres,
        ratings.user_facts,
    )


def _counted(n: int) -> str:
    return f"{n:,} rating{'' if n == 1 else 's'}"
