"""Folding in: the weights of new users and movies follow their ratings, edit by edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.movie_facts_prior import MovieFactsPrior, movie_facts_prior
from cfgui.app.row_edits import FOLD_IN, warm_counts
from cfgui.app.sheet_state import KEPT, State
from cfgui.app.user_facts_prior import UserFactsPrior, user_facts_prior
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.fold_in import FoldedIn, Prior, fold_in, movie_prior, user_prior
from cfgui.core.models import PLAIN_MODELS
from cfgui.core.one_side import SideName, ids_of_side
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.side_rows import with_rows_at
from cfgui.core.view import indices_of

SIDES: tuple[SideName, ...] = ("user", "movie")

NOISE_RATINGS = 200_000
"""About how many ratings tell how noisy ratings are; of a larger table evenly spread ones are asked."""

IsHeldOut = Callable[[int, int], bool]
"""Whether the rating of (user, movie) is held out: then no fold-in may see it."""

FactsPrior = UserFactsPrior | MovieFactsPrior
"""What is known besides ratings of rows of one side."""

Row = tuple[SideName, int]
"""("user" or "movie", index)."""


def nothing_held_out(_user: int, _movie: int) -> bool:
    """As ``IsHeldOut``, for a table all of whose ratings train."""
    return False


def warm_part(ratings: Ratings, warm_users: Mask, warm_movies: Mask) -> Ratings:
    """The ratings of warm users for warm movies, evenly spread ones of many; edits of a large table left aside."""
    base = ratings.base if isinstance(ratings, EditedRatings) else ratings
    step = slice(None, None, base.n_ratings // NOISE_RATINGS + 1)
    users, movies, values = base.users[step], base.movies[step], base.values[step]
    warm = warm_users[users] & warm_movies[movies]
    if warm.all():
        return Ratings(base.user_ids, base.movie_ids, users, movies, values)
    return Ratings(base.user_ids, base.movie_ids, users[warm], movies[warm], values[warm])


def warm_prior(
    state: State, model: str, side: SideName, without: Iterable[int] = ()
) -> tuple[Prior, FactsPrior | None]:
    """What the users, or movies (``side``), that a sheet was trained on say of a new one, and what facts do.

    Those that are new and those at the indices ``without`` are left out.
    """
    warm = tuple(counts > 0 for counts in warm_counts(state))
    warm[side == "movie"][list(without)] = False
    part = warm_part(state.ratings, *warm)
    factors = state.sheets[model].factors
    prior = user_prior(part, factors, warm[0]) if side == "user" else movie_prior(part, factors, warm[1])
    return prior, _facts_prior(state, part, factors, side)


def _facts_prior(state: State, part: Ratings, factors: Factors, side: SideName) -> FactsPrior | None:
    """What facts say of rows of one side; None where the table has none."""
    ratings = state.ratings
    if side == "user":
        return user_facts_prior(part, ratings, factors)
    new = [raw_id for raw_id, how in state.added_movies.items() if how != KEPT]
    return movie_facts_prior(part, ratings, new, factors) if ratings.titles or ratings.genres else None


def _told(state: State, prior: Prior, facts: FactsPrior | None, index: int) -> Prior:
    """The prior of the user, or movie, at ``index``: with what its facts say, where such are known."""
    ratings = state.ratings
    if isinstance(facts, UserFactsPrior):
        return facts.told(prior, ratings.user_facts.get(ratings.user_ids[index], ""))
    if isinstance(facts, MovieFactsPrior):
        raw_id = ratings.movie_ids[index]
        return facts.told(prior, ratings.titles.get(raw_id, ""), ratings.genres.get(raw_id, ""))
    return prior


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
        places = indices_of(_ids(state.ratings, self.side), self.ids).tolist()
        prior, facts = warm_prior(state, self.model, self.side, places)
        if not prior.n_rows:
            raise ValueError(f"To fold a {self.side} in, another {self.side} with ratings is needed.")
        sheet = state.sheets[self.model]
        factors = sheet.factors
        for place in places:
            told = _told(state, prior, facts, place)
            factors = with_rows_at(factors, self.side, place, folded(state, told, place, self.is_held_out).weights)
        return state.with_sheet(self.model, replace(sheet, factors=factors, before=sheet.factors))


@dataclass(frozen=True, eq=False)
class _Known:
    """A prior with what it was made of: the ratings ``part``, and weights that led to ``factors`` by new rows alone."""

    prior: Prior
    facts: FactsPrior | None
    part: Ratings
    factors: Factors

    def holds_for(self, part: Ratings, factors: Factors) -> bool:
        """Whether it is the prior of this part of the ratings and these weights."""
        mine, theirs = self.part, part
        return self.factors is factors and all(
            np.array_equal(a, b)
            for a, b in (
                (mine.users, theirs.users),
                (mine.movies, theirs.movies),
                (mine.values, theirs.values),
            )
        )


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
        warm_users, warm_movies = (counts > 0 for counts in warm_counts(after))
        part = warm_part(after.ratings, warm_users, warm_movies)
        for model in dict.fromkeys((*PLAIN_MODELS, active)):
            old = after.sheets[model].factors
            for row in rows:
                prior, facts = self._prior(after, model, row[0], part, warm_users if row[0] == "user" else warm_movies)
                if prior.n_rows:
                    told = _told(after, prior, facts, row[1])
                    after = self._put(after, model, row, folded(after, told, row[1], is_held_out).weights)
            sheet = after.sheets[model]
            if rows:
                after = after.with_sheet(model, replace(sheet, before=None if came else old))
            for side in came:
                prior, facts = self._prior(after, model, side, part, warm_users if side == "user" else warm_movies)
                last = len(_ids(after.ratings, side)) - 1  # who has just come stands there
                _told(after, prior, facts, last)
        return after

    def _prior(
        self, state: State, model: str, side: SideName, part: Ratings, warm: Mask
    ) -> tuple[Prior, FactsPrior | None]:
        """The prior of a sheet, with the weights it has at present, and what facts say."""
        factors = state.sheets[model].factors
        known = self._known.get((model, side))
        if known is None or not known.holds_for(part, factors):
            prior = (user_prior if side == "user" else movie_prior)(part, factors, warm)
            facts = _facts_prior(state, part, factors, side)
            known = self._known[model, side] = _Known(prior, facts, part, factors)
        return replace(known.prior, factors=factors), known.facts

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
            ids = _ids(after.ratings, side)
            there = [raw_id for raw_id in new if raw_id in _added(before, side)]
            old = dict(zip(there, indices_of(_ids(before.ratings, side), there).tolist(), strict=True))
            rows += [
                (side, index)
                for raw_id, index in zip(new, indices_of(ids, new).tolist(), strict=True)
                if not _same_line(_line(before.ratings, side, old.get(raw_id)), _line(after.ratings, side, index))
                or (side == "user" and raw_id not in old and raw_id in after.ratings.user_facts)
            ]
    return rows


def _added(state: State, side: SideName) -> Mapping[str, str]:
    return state.added_users if side == "user" else state.added_movies


def _ids(ratings: Ratings, side: SideName) -> tuple[str, ...]:
    return ids_of_side(ratings, side)


def _line(ratings: Ratings, side: SideName, index: int | None) -> tuple[Indices, Floats] | None:
    if index is None:
        return None
    return ratings.user_line(index) if side == "user" else ratings.movie_line(index)


def _same_line(old: tuple[Indices, Floats] | None, new: tuple[Indices, Floats] | None) -> bool:
    """Whether somebody's ratings are the same; somebody who was not there had none."""
    if new is None or old is None:
        return new is None or not len(new[0])
    return bool(np.array_equal(old[0], new[0]) and np.array_equal(old[1], new[1]))
