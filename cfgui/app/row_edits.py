"""Edits of rows: a user or a movie comes into the table, or goes, on every sheet at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cfgui.app.sheet_state import KEPT, SheetState, State
from cfgui.app.words import counted
from cfgui.core.edited_ratings import edited
from cfgui.core.factors import Factors
from cfgui.core.moved_rows import (
    Moved,
    moved_between,
    moved_factors,
    moved_ratings,
    moved_view,
)
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.side_rows import mean_row

Counts = NDArray[np.int64]
"""Numbers of ratings."""

FOLD_IN = "fold-in"
"""The method by which the row of somebody new follows the ratings."""

MAX_ID_LETTERS = 100
"""How long the name of a new user or movie may be."""


def free_id(ids: Iterable[str]) -> str:
    """ "new 1", "new 2", …: the first of these names that nobody among ``ids`` has."""
    taken, number = set(ids), 1
    while f"new {number}" in taken:
        number += 1
    return f"new {number}"


def _checked_id(raw_id: str, ids: Sequence[str], kind: str) -> str:
    """The name of a new user or movie (``kind``), blanks around it away; ``free_id`` where it is blank.

    Raises ValueError for one that is taken, too long, or has signs that no sheet can hold.
    """
    wanted = raw_id.strip()
    if not wanted:
        return free_id(ids)
    if len(wanted) > MAX_ID_LETTERS or not wanted.isprintable():
        raise ValueError(f"The name of a {kind} needs up to {MAX_ID_LETTERS} letters, digits or signs on one line.")
    if wanted in ids:
        raise ValueError(f"There is a {kind} {wanted} already: choose another name.")
    return wanted


@dataclass(frozen=True)
class AddUser:
    """A new user at the end of the table, on every sheet.

    ``ratings`` are by movie index. ``vectors`` (n_factors [+ 1 for the bias]) by model are the new weights; where a
    model has none, the mean of all user vectors. ``method`` says how the row follows its ratings from then on: with
    ``FOLD_IN`` it is folded in after each edit (``cfgui.app.folding``), with any other name it stays as it is.
    ``facts`` are what is known of the user besides, joined by "|".
    """

    raw_id: str = ""
    ratings: Mapping[int, float] = field(default_factory=dict)
    vectors: Mapping[str, Floats] = field(default_factory=dict)
    method: str = FOLD_IN
    facts: str = ""

    @property
    def text(self) -> str:
        """What was done."""
        return f"add user {self.raw_id}".rstrip()

    def apply(self, state: State) -> State:
        """Raises ValueError for a name that cannot be, and a rating that is not a finite number."""
        old = state.ratings
        raw_id = _checked_id(self.raw_id, old.user_ids, "user")
        _check_ratings(self.ratings)
        facts = {**old.user_facts, raw_id: self.facts} if self.facts else None
        moved = moved_ratings(old, (*old.user_ids, raw_id), old.movie_ids, user_facts=facts)
        cells = {(old.n_users, movie): value for movie, value in self.ratings.items()}
        added = MappingProxyType({**state.added_users, raw_id: self.method})
        return _moved_state(state, edited(moved, cells) if cells else moved, added, state.added_movies, self.vectors)


@dataclass(frozen=True)
class AddMovie:
    """A new movie at the end of the table, on every sheet; as ``AddUser``, with ``ratings`` by user index.

    ``genres`` are joined by "|" as MovieLens writes them.
    """

    raw_id: str = ""
    title: str = ""
    genres: str = ""
    ratings: Mapping[int, float] = field(default_factory=dict)
    vectors: Mapping[str, Floats] = field(default_factory=dict)
    method: str = FOLD_IN

    @property
    def text(self) -> str:
        """What was done."""
        return f"add movie {self.raw_id or self.title}".rstrip()

    def apply(self, state: State) -> State:
        """Raises ValueError as ``AddUser``."""
        old = state.ratings
        raw_id = _checked_id(self.raw_id, old.movie_ids, "movie")
        _check_ratings(self.ratings)
        title, genres = self.title.strip(), self.genres.strip()
        moved = moved_ratings(
            old,
            old.user_ids,
            (*old.movie_ids, raw_id),
            {**old.titles, raw_id: title} if title else None,
            {**old.genres, raw_id: genres} if genres else None,
        )
        cells = {(user, old.n_movies): value for user, value in self.ratings.items()}
        added = MappingProxyType({**state.added_movies, raw_id: self.method})
        ratings = edited(moved, cells) if cells else moved
        return _moved_state(state, ratings, state.added_users, added, movie_vectors=self.vectors)


@dataclass(frozen=True)
class RemoveRows:
    """Take users and movies, by raw id, out of the table, with all their ratings and weights."""

    users: tuple[str, ...] = ()
    movies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What was done."""
        parts = [(len(self.users), "user"), (len(self.movies), "movie")]
        return "remove " + " and ".join(counted(n, noun) for n, noun in parts if n)

    def apply(self, state: State) -> State:
        """Raises ValueError for somebody who is not there, and where no user or no movie would be left."""
        old = state.ratings
        user_ids, movie_ids = _without(old.user_ids, self.users, "user"), _without(old.movie_ids, self.movies, "movie")
        titles, genres = (_left_texts(texts, self.movies) for texts in (old.titles, old.genres))
        moved = moved_ratings(old, user_ids, movie_ids, titles, genres, _left_texts(old.user_facts, self.users))
        users, movies = (
            {raw_id: method for raw_id, method in added.items() if raw_id not in gone}
            for added, gone in ((state.added_users, self.users), (state.added_movies, self.movies))
        )
        return _moved_state(state, moved, users, movies)


def _check_ratings(ratings: Mapping[int, float]) -> None:
    if not all(math.isfinite(value) for value in ratings.values()):
        raise ValueError("A rating must be a finite number.")


def _without(ids: tuple[str, ...], gone: tuple[str, ...], kind: str) -> tuple[str, ...]:
    if not gone:
        return ids
    unknown = set(gone).difference(ids)
    if unknown:
        raise ValueError(f"There is no {kind} {min(unknown)} in the table.")
    left = tuple(raw_id for raw_id in ids if raw_id not in set(gone))
    if not left:
        raise ValueError(f"The last {kind} must stay: a table needs one.")
    return left


def _left_texts(texts: Mapping[str, str], gone: tuple[str, ...]) -> Mapping[str, str] | None:
    """``texts`` by id without those of ``gone``; None where none of these has one."""
    if not any(raw_id in texts for raw_id in gone):
        return None
    return {raw_id: text for raw_id, text in texts.items() if raw_id not in set(gone)}


def _moved_state(
    state: State,
    ratings: Ratings,
    added_users: Mapping[str, str],
    added_movies: Mapping[str, str],
    user_vectors: Mapping[str, Floats] = MappingProxyType({}),
    movie_vectors: Mapping[str, Floats] = MappingProxyType({}),
) -> State:
    """The state of a table with other rows: every sheet has one of weights for each."""
    old = state.ratings
    users = moved_between(old.user_ids, ratings.user_ids)
    movies = moved_between(old.movie_ids, ratings.movie_ids)
    counts = warm_counts(state)

    def moved(name: str, factors: Factors) -> Factors:
        user, movie = user_vectors.get(name), movie_vectors.get(name)
        new_user = mean_row(factors, "user", counts[0]) if user is None else user
        new_movie = mean_row(factors, "movie", counts[1]) if movie is None else movie
        return moved_factors(factors, users, movies, new_user, new_movie)

    sheets = {
        name: _moved_sheet(sheet, lambda factors, name=name: moved(name, factors), users, movies)  # type: ignore[misc]
        for name, sheet in state.sheets.items()
    }
    return State(ratings, MappingProxyType(sheets), added_users, added_movies)


def warm_counts(state: State) -> tuple[Counts, Counts]:
    """(n_users,) and (n_movies,) ratings of each, 0 for who is new: what a model has learnt nothing from."""
    ratings = state.ratings
    counts = []
    for known, ids, added in (
        (ratings.user_counts, ratings.user_ids, state.added_users),
        (ratings.movie_counts, ratings.movie_ids, state.added_movies),
    ):
        new = {raw_id for raw_id, method in added.items() if method != KEPT}
        warm = known.copy()
        if new:
            warm[[index for index, raw_id in enumerate(ids) if raw_id in new]] = 0
        counts.append(warm)
    return counts[0], counts[1]


def _moved_sheet(sheet: SheetState, move: Callable[[Factors], Factors], users: Moved, movies: Moved) -> SheetState:
    """A sheet with other rows; what an optimizer remembers of each weight, and the draws, are of the old ones."""
    factors = move(sheet.factors)
    start = factors if sheet.start is sheet.factors else move(sheet.start)
    best = sheet.best
    if best is not None:
        there = factors if sheet.is_at_best else move(best.factors)
        best = replace(best, factors=there, optimizer_state=None)
    view, nobody = sheet.trained_on, np.zeros(0, dtype=np.int32)
    return replace(
        sheet,
        factors=factors,
        start=start,
        before=None,
        best=best,
        optimizer_state=None,
        samples=None,
        trained_on=None if view is None else moved_view(view, users, movies, (nobody, nobody), (nobody, nobody)),
    )
