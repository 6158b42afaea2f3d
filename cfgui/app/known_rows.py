"""Known rows: what was shown and held out of tables with other users and movies, for undo to come back to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.holding import Holding
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.moved_rows import moved_between, moved_ratings, moved_view
from cfgui.core.ratings import Ratings
from cfgui.core.view import View, indices_of

MOST = 100
"""Tables remembered: more than undo goes back in practice."""

Ids = tuple[tuple[str, ...], tuple[str, ...]]
"""The ids of users and of movies."""


@dataclass(frozen=True, eq=False)
class _Known:
    """The ids of a table, kept so that no other object takes their place, with its view and its split."""

    ids: Ids
    view: View | None
    holding: Holding | None


class KnownRows:
    """Remembers, for each table by its very ids, the view and the split that were in force."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], _Known] = {}

    def note(self, ratings: Ratings, view: View, holding: Holding | None) -> None:
        """Remember what is in force before the rows change."""
        ids = ratings.user_ids, ratings.movie_ids
        self._known.pop(_key(ratings), None)
        self._known[_key(ratings)] = _Known(ids, view, holding)
        if len(self._known) > MOST:
            self._known.pop(next(iter(self._known)))

    def forget_views(self) -> None:
        """Another part is shown from now on."""
        self._known = {key: replace(known, view=None) for key, known in self._known.items()}

    def forget_holdings(self) -> None:
        """Other ratings are held out from now on."""
        self._known = {key: replace(known, holding=None) for key, known in self._known.items()}

    def view(self, old: Ratings, new: Ratings, view: View, added: Ids) -> View:
        """The view of ``new``: the one it had, or that of ``old``, with ``added`` at its end.

        Where everybody was shown, so is who came back.
        """
        known = self._known.get(_key(new))
        if known is not None and known.view is not None:
            return known.view
        users = moved_between(old.user_ids, new.user_ids)
        movies = moved_between(old.movie_ids, new.movie_ids)
        came = tuple(
            np.flatnonzero((moved.sources < 0) & (len(of) == moved.n_old)).astype(np.int32)
            for moved, of in ((users, view.users), (movies, view.movies))
        )
        last = indices_of(new.user_ids, added[0]), indices_of(new.movie_ids, added[1])
        return moved_view(view, users, movies, (came[0], came[1]), last)

    def holding(self, old: Ratings, new: Ratings, holding: Holding) -> Holding | None:
        """The split of ``new``: the one it had, or that of ``old``; None where nothing held out is left of it."""
        known = self._known.get(_key(new))
        if known is not None and known.holding is not None:
            return known.holding
        split = holding.split
        train, held_out = (moved_ratings(part, new.user_ids, new.movie_ids) for part in (split.train, split.held_out))
        if not held_out.n_ratings:
            return None
        base, now = moved_ratings(holding.base, new.user_ids, new.movie_ids), _base(new)
        if holding.base is _base(old) and base.n_ratings == now.n_ratings:  # a small table may have new ratings
            base = now
        return replace(holding, base=base, split=replace(split, train=train, held_out=held_out))


def _key(ratings: Ratings) -> tuple[int, int]:
    return id(ratings.user_ids), id(ratings.movie_ids)


def _base(ratings: Ratings) -> Ratings:
    return ratings.base if isinstance(ratings, EditedRatings) else ratings
