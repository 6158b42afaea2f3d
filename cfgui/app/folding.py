"""Folding in: the weights of new users and movies follow their ratings, edit by edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.row_edits import FOLD_IN, warm_counts
from cfgui.app.sheet_state import State
from cfgui.app.warm_prior import WarmPrior, prior_from, warm_part, warm_prior
from cfgui.core.factors import Factors
from cfgui.core.fold_in import FoldedIn, fold_in
from cfgui.core.models import PLAIN_MODELS
from cfgui.core.one_side import SIDES, SideName, ids_of_side
from cfgui.core.prior import Prior
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.side_rows import with_rows_at
from cfgui.core.view import indices_of

IsHeldOut = Callable[[int, int], bool]
"""Whether the rating of (user, movie) is held out: then no fold-in may see it."""

Row = tuple[SideName, int]
"""("user" or "movie", index)."""


def nothing_held_out(_user: int, _movie: int) -> bool:
    """As ``IsHeldOut``, for a table all of whose ratings train."""
    return False


def folded(state: State, prior: Prior, index: int, is_held_out: IsHeldOut = nothing_held_out) -> FoldedIn:
    """The user or movie at ``index``, of the side of ``prior``, as its ratings leave it."""
    is_user = prior.side == "user"
    partners, values = state.ratings.user_line(index) if is_user else state.ratings.movie_line(index)
    learnt = np.array(
        [not (is_held_out(index, other) if is_user else is_held_out(other, index)) for other in partners.tolist()],
        dtype=np.bool_,
    )
    return fold_in(prior, partners[learnt], values[learnt])


@dataclass(frozen=True)
class FoldIn:
    """Put the most probable weights of users or movies, given their ratings and all others' weights, on one sheet.

    ``side`` is "user" or "movie", ``ids`` whom it is about. Other sheets stay as they are.
    """

    model: str
    side: SideName
    ids: tuple[str, ...]
    is_held_out: IsHeldOut = nothing_held_out

    @property
    def text(self) -> str:
        """What was done."""
        return f"fold in {self.side} {self.ids[0]}" if len(self.ids) == 1 else f"fold in {len(self.ids)} {self.side}s"

    def apply(self, state: State) -> State:
        """The state after this edit. Raises ValueError where nobody is left to learn a prior from."""
        ratings = state.ratings
        places = indices_of(ids_of_side(ratings, self.side), self.ids).tolist()
        prior = warm_prior(state, self.model, self.side, places)
        if not prior.plain.n_rows:
            raise ValueError(f"To fold a {self.side} in, another {self.side} with ratings is needed.")
        sheet = state.sheets[self.model]
        factors = sheet.factors
        for place in places:
            found = folded(state, prior.told(ratings, place), place, self.is_held_out)
            factors = with_rows_at(factors, self.side, place, found.weights)
        return state.with_sheet(self.model, replace(sheet, factors=factors, before=sheet.factors))


@dataclass(frozen=True, eq=False)
class _Known:
    """A prior with what it was made of: the ratings ``part``, and weights that led to ``factors`` by new rows alone."""

    prior: WarmPrior
    part: Ratings
    factors: Factors

    def holds_for(self, part: Ratings, factors: Factors) -> bool:
        """Whether it is the prior of this part of the ratings and these weights."""
        mine, theirs = self.part, part
        pairs = (mine.users, theirs.users), (mine.movies, theirs.movies), (mine.values, theirs.values)
        return self.factors is factors and all(np.array_equal(a, b) for a, b in pairs)


class Following:
    """Lets new rows follow their ratings; remembers priors, so that one edit after another takes a moment."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = {}

    def follow(self, before: State, after: State, active: str, is_held_out: IsHeldOut = nothing_held_out) -> State:
        """``after``, with everybody new whose ratings differ from those in ``before`` folded in.

        That is on the sheets whose score is a sum of products, and on the sheet of the model ``active``. For somebody
        who has just come, what the first rating will need is worked out already.
        """
        rows = _changed_rows(before, after)
        came = _new_sides(before, after)
        if not rows and not came:
            return after
        warm = tuple(counts > 0 for counts in warm_counts(after))
        part, warm_of = warm_part(after.ratings, *warm), dict(zip(SIDES, warm, strict=True))
        for model in dict.fromkeys((*PLAIN_MODELS, active)):
            old = after.sheets[model].factors
            for side, index in rows:
                prior = self._prior(after, model, side, part, warm_of[side])
                if prior.plain.n_rows:
                    found = folded(after, prior.told(after.ratings, index), index, is_held_out)
                    after = self._put(after, model, (side, index), found.weights)
            if rows:
                after = after.with_sheet(model, replace(after.sheets[model], before=None if came else old))
            for side in came:
                last = len(ids_of_side(after.ratings, side)) - 1  # who has just come stands there
                self._prior(after, model, side, part, warm_of[side]).told(after.ratings, last)
        return after

    def _prior(self, state: State, model: str, side: SideName, part: Ratings, warm: Mask) -> WarmPrior:
        """The prior of a sheet, with the weights it has at present."""
        factors = state.sheets[model].factors
        known = self._known.get((model, side))
        if known is None or not known.holds_for(part, factors):
            known = self._known[model, side] = _Known(prior_from(state, model, side, part, warm), part, factors)
        return known.prior._replace(plain=replace(known.prior.plain, factors=factors))

    def _put(self, state: State, model: str, row: Row, vector: Floats) -> State:
        """The state with a new row's weights; priors of the sheet stay known, for they are of the others alone."""
        sheet = state.sheets[model]
        factors = with_rows_at(sheet.factors, *row, vector)
        for key, known in self._known.items():
            if key[0] == model and known.factors is sheet.factors:
                self._known[key] = replace(known, factors=factors)
        return state.with_sheet(model, replace(sheet, factors=factors))


def _new_sides(before: State, after: State) -> list[SideName]:
    """ "user" and "movie" where somebody of that side came, and will follow its ratings."""
    return [
        side
        for side in SIDES
        if any(how == FOLD_IN and raw_id not in _added(before, side) for raw_id, how in _added(after, side).items())
    ]


def _changed_rows(before: State, after: State) -> list[Row]:
    """Everybody who is new, follows its ratings by fold-in, and has others than before, or has come with facts."""
    if before.ratings is after.ratings:
        return []
    rows: list[Row] = []
    for side in SIDES:
        new = [raw_id for raw_id, method in _added(after, side).items() if method == FOLD_IN]
        if new:
            ids = ids_of_side(after.ratings, side)
            there = [raw_id for raw_id in new if raw_id in _added(before, side)]
            old = dict(zip(there, indices_of(ids_of_side(before.ratings, side), there).tolist(), strict=True))
            rows += [
                (side, index)
                for raw_id, index in zip(new, indices_of(ids, new).tolist(), strict=True)
                if not _same_line(_line(before.ratings, side, old.get(raw_id)), _line(after.ratings, side, index))
                or (side == "user" and raw_id not in old and raw_id in after.ratings.user_facts)
            ]
    return rows


def _added(state: State, side: SideName) -> Mapping[str, str]:
    return state.added_users if side == "user" else state.added_movies


def _line(ratings: Ratings, side: SideName, index: int | None) -> tuple[Indices, Floats] | None:
    if index is None:
        return None
    return ratings.user_line(index) if side == "user" else ratings.movie_line(index)


def _same_line(old: tuple[Indices, Floats] | None, new: tuple[Indices, Floats] | None) -> bool:
    """Whether somebody's ratings are the same; somebody who was not there had none."""
    if new is None or old is None:
        return new is None or not len(new[0])
    return bool(np.array_equal(old[0], new[0]) and np.array_equal(old[1], new[1]))
