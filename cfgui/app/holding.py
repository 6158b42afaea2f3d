"""Holding ratings out: the split of the open table, through edits, and for the part of it that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cfgui.core.chunks import Stop, never
from cfgui.core.edited_ratings import EditedRatings, edited
from cfgui.core.ratings import Cell, Indices, Mask, Ratings
from cfgui.core.split import Split, SplitChoice, cells_of, given_split, make_split, rows_of
from cfgui.core.view import View, visible_ratings

if TYPE_CHECKING:
    from cfgui.core.evaluation import HeldOutWatcher

NONE_HELD_OUT = SplitChoice()
"""The choice of a session in which every rating trains."""


READY_AT_ONCE = 20_000
"""Ratings up to which what measures held-out ones is made ready at once."""


class HeldOut:
    """A split that is in force, with what looks at its held-out ratings, worked out once."""

    def __init__(self, split: Split) -> None:
        self.split = split

    @property
    def ratings(self) -> Ratings:
        """The ratings held out."""
        return self.split.held_out

    @property
    def is_ready(self) -> bool:
        """Whether the watcher has been made already."""
        return "_watcher" in self.__dict__

    @property
    def n_cold(self) -> int | None:
        """Held-out ratings of a user or movie without a rating to learn from; of many None until all is ready."""
        is_known = self.is_ready or self.ratings.n_ratings <= READY_AT_ONCE
        return self._n_cold if is_known else None

    @cached_property
    def _n_cold(self) -> int:
        return int(self.split.cold.sum())

    @cached_property
    def _watcher(self) -> HeldOutWatcher:
        from cfgui.core.evaluation import HeldOutWatcher  # late: with it comes all that trains

        _ = self._n_cold
        return HeldOutWatcher(self.split)

    def watcher(self, stop: Stop = never) -> HeldOutWatcher:
        """What measures weights by the held-out ratings; on large tables the first call takes a while."""
        return self._watcher.asking(stop)


@dataclass(frozen=True, eq=False)
class Holding:
    """A choice of ratings to hold out, and the split it made of ``base``.

    ``n_left_out`` counts the ratings of a file whose user or movie the table does not have.
    """

    choice: SplitChoice
    base: Ratings
    split: Split
    n_left_out: int = 0

    def after_edits(self, ratings: Ratings) -> Split:
        """The split of ``ratings``, which is ``base`` with some cells edited.

        The same cells are held out; a rating that is new is learnt from. Of a large table that is a moment's work.
        """
        if ratings is self.base:
            return self.split
        if isinstance(ratings, EditedRatings) and ratings.base is self.base:
            return self._with_changes(ratings.changes)
        cells, held_cells = cells_of(ratings), cells_of(self.split.held_out)
        held = np.isin(cells, held_cells, assume_unique=True)
        held_out = self.split.held_out if self.choice.kind == "file" else rows_of(ratings, held)
        return replace(self.split, train=rows_of(ratings, ~held), held_out=held_out)

    def _with_changes(self, changes: Mapping[Cell, float | None]) -> Split:
        held = {cell: value for cell, value in changes.items() if self.split.is_held_out(*cell)}
        learnt = {cell: value for cell, value in changes.items() if cell not in held}
        held_out = self.split.held_out if self.choice.kind == "file" else edited(self.split.held_out, held)
        return replace(self.split, train=edited(self.split.train, learnt), held_out=held_out)

    def shown(self, view: View, base: Ratings) -> Holding:
        """The same for the part of the table a view shows; ``base`` are the ratings it shows of ``self.base``."""
        return replace(self, base=base, split=shown_split(self.split, view))


def hold_out(ratings: Ratings, choice: SplitChoice, given: Ratings | None = None) -> Holding:
    """Make the split of a choice; for any thread. ``given`` are the ratings of the file, for kind "file".

    Of the file only users and movies of the table count. Raises ValueError, with a sentence for a person, where one of
    the parts would be empty.
    """
    base = ratings.base if isinstance(ratings, EditedRatings) else ratings
    if choice.kind != "file" or given is None:
        return Holding(choice, base, _prepared(make_split(base, choice, given)))
    own = _own_part(base, given)
    if not own.n_ratings:
        raise ValueError("No rating of the file has both a user and a movie of this table.")
    return Holding(choice, base, _prepared(given_split(base, own)), given.n_ratings - own.n_ratings)


@dataclass(frozen=True, eq=False)
class PreparedHolding:
    """A holding, and the same for what ``view`` shows; None where it shows everything."""

    holding: Holding
    view: View | None = None
    shown: Holding | None = None


def prepare_holding(
    ratings: Ratings,
    choice: SplitChoice,
    view: View | None = None,
    visible: Ratings | None = None,
    cancelled: Stop = never,
) -> PreparedHolding:
    """All that holding ratings out of an open table needs, the file read included; for any thread.

    ``visible`` are the ratings that ``view`` shows of the table as it was read. Raises ValueError as ``hold_out``, and
    as ``documents.open_document`` for the file.
    """
    given = None
    if choice.kind == "file":
        from cfgui.app.evaluating import read_held_out  # late: it loads what reads files

        given = read_held_out(Path(choice.path), cancelled=cancelled)
    holding = hold_out(ratings, choice, given)
    if view is None or visible is None or view.is_whole:
        return PreparedHolding(holding)
    return PreparedHolding(holding, view, holding.shown(view, visible))


def shown_split(split: Split, view: View) -> Split:
    """The split of what a view shows, over its rows and columns."""
    return _prepared(
        replace(split, train=visible_ratings(split.train, view), held_out=visible_ratings(split.held_out, view))
    )


def _prepared(split: Split) -> Split:
    """With all counted that a window would have to wait for."""
    for ratings in (split.train, split.held_out):
        _ = ratings.scale, ratings.user_counts, ratings.movie_counts
    return split


def _own_part(ratings: Ratings, given: Ratings) -> Ratings:
    """The ratings of ``given`` whose user and movie ``ratings`` has too, over the users and movies of ``ratings``."""
    users, movies = _places(ratings.user_ids, given.user_ids), _places(ratings.movie_ids, given.movie_ids)
    rows, columns = users[given.users], movies[given.movies]
    own: Mask = (rows >= 0) & (columns >= 0)
    rows, columns, values = rows[own], columns[own], given.values[own]
    order = np.lexsort((columns, rows))
    ids = ratings.user_ids, ratings.movie_ids
    return Ratings(*ids, rows[order], columns[order], values[order], ratings.titles, ratings.genres, ratings.user_facts)


def _places(own: tuple[str, ...], others: tuple[str, ...]) -> Indices:
    place = {raw_id: index for index, raw_id in enumerate(own)}
    return np.array([place.get(raw_id, -1) for raw_id in others], dtype=np.int32)
