"""What is known of a new user or movie besides ratings, before the first one; fitted once for each sheet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from cfgui.core.factors import Factors
from cfgui.core.metadata_features import MovieFeatures, movie_features
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.movie_facts import NO_YEAR, facts_of, year_of
from cfgui.core.one_side import SideName
from cfgui.core.prior import Prior
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.user_features import UserFeatures, facts_in, user_features


@dataclass(frozen=True, eq=False)
class FactsPrior:
    """What facts about users, or titles and genres of movies (``side``), say of a sheet's rows of weights.

    ``learnt`` are the ratings of those trained on, with what is known of them, ``factors`` the weights. Nothing is
    fitted before it is asked for.
    """

    side: SideName
    learnt: Ratings
    factors: Factors

    def told(self, prior: Prior, ratings: Ratings, index: int) -> Prior:
        """``prior``, that of any new row, as it is for the user or movie at ``index`` of ``ratings``.

        Itself where nothing is known of it, and where what is known does not help.
        """
        row = self._user_row(ratings, index) if self.side == "user" else self._movie_row(ratings, index)
        return prior if row is None else self._model.prior(prior, row)

    def _user_row(self, ratings: Ratings, user: int) -> Floats | None:
        return self._users.of(facts_in(ratings.user_facts.get(ratings.user_ids[user], "")))[0]

    def _movie_row(self, ratings: Ratings, movie: int) -> Floats | None:
        raw_id = ratings.movie_ids[movie]
        genres, year = facts_in(ratings.genres.get(raw_id, "")), year_of(ratings.titles.get(raw_id, ""))
        return self._movies.of(genres, year)[0] if genres or year != NO_YEAR else None

    @cached_property
    def _users(self) -> UserFeatures:
        return user_features(self.learnt)

    @cached_property
    def _movies(self) -> MovieFeatures:
        return movie_features(facts_of(self.learnt))

    @cached_property
    def _model(self) -> MetadataModel:
        features = self._users if self.side == "user" else self._movies
        return fit_metadata(self.learnt, self.factors, features.table, self.side)


def user_facts_prior(part: Ratings, ratings: Ratings, factors: Factors) -> FactsPrior | None:
    """Learnt from the users with a rating in ``part``, those trained on; None where ``ratings`` have no facts."""
    if not ratings.user_facts:
        return None
    return FactsPrior("user", replace(part, user_facts=ratings.user_facts), factors)


def movie_facts_prior(part: Ratings, ratings: Ratings, new: Collection[str], factors: Factors) -> FactsPrior | None:
    """Learnt from the movies with a rating in ``part``; None where ``ratings`` have neither titles nor genres.

    Those of the movies ``new`` are left aside, so that what is learnt is the same whoever comes.
    """
    if not ratings.titles and not ratings.genres:
        return None
    titles, genres = dict(ratings.titles), dict(ratings.genres)
    for raw_id in new:
        titles.pop(raw_id, None)
        genres.pop(raw_id, None)
    return FactsPrior("movie", replace(part, titles=titles, genres=genres), factors)
