"""What those that a sheet was trained on say of a new user or movie, who must not have a part in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cfgui.app.facts_prior import FactsPrior, movie_facts_prior, user_facts_prior
from cfgui.app.row_edits import warm_counts
from cfgui.app.sheet_state import KEPT, State
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.one_side import SideName
from cfgui.core.prior import Prior, prior_of
from cfgui.core.ratings import Mask, Ratings

NOISE_RATINGS = 200_000
"""About how many ratings tell how noisy ratings are; of a larger table evenly spread ones are asked."""


class WarmPrior(NamedTuple):
    """``plain`` is the prior of any new row, ``facts`` what is known besides ratings, None where the table has none."""

    plain: Prior
    facts: FactsPrior | None

    def told(self, ratings: Ratings, index: int) -> Prior:
        """The prior of the user, or movie, at ``index``: with what its facts say, where such are known."""
        return self.plain if self.facts is None else self.facts.told(self.plain, ratings, index)


def warm_part(ratings: Ratings, warm_users: Mask, warm_movies: Mask) -> Ratings:
    """The ratings of warm users for warm movies, evenly spread ones of many; edits of a large table left aside."""
    base = ratings.base if isinstance(ratings, EditedRatings) else ratings
    step = slice(None, None, base.n_ratings // NOISE_RATINGS + 1)
    users, movies, values = base.users[step], base.movies[step], base.values[step]
    warm = warm_users[users] & warm_movies[movies]
    if warm.all():
        return Ratings(base.user_ids, base.movie_ids, users, movies, values)
    return Ratings(base.user_ids, base.movie_ids, users[warm], movies[warm], values[warm])


def warm_prior(state: State, model: str, side: SideName, without: Iterable[int] = ()) -> WarmPrior:
    """What the users, or movies (``side``), that a sheet was trained on say of a new one.

    Those that are new and those at the indices ``without`` are left out.
    """
    warm = tuple(counts > 0 for counts in warm_counts(state))
    warm[side == "movie"][list(without)] = False
    return prior_from(state, model, side, warm_part(state.ratings, *warm), warm[side == "movie"])


def prior_from(state: State, model: str, side: SideName, part: Ratings, warm: Mask) -> WarmPrior:
    """The same from ``part`` of the ratings, of the users, or movies, that ``warm`` (n_rows,) marks."""
    ratings, factors = state.ratings, state.sheets[model].factors
    plain = prior_of(part, factors, side, warm)
    if side == "user":
        return WarmPrior(plain, user_facts_prior(part, ratings, factors))
    new = [raw_id for raw_id, how in state.added_movies.items() if how != KEPT]
    return WarmPrior(plain, movie_facts_prior(part, ratings, new, factors))
