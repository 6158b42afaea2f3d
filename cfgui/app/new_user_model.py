"""What predictions for a new user need of a sheet, worked out once and asked after every rating typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cfgui.app.learnt_ratings import OfReading, learnt_ratings
from cfgui.app.reading import Reading
from cfgui.app.told_facts import ToldFacts, cold_start_told
from cfgui.core.cold_start import ColdStart
from cfgui.core.questionnaire import Questionnaire
from cfgui.core.user_features import UserFeatures, user_features

MOST_TOLD = 20
"""Users with different facts who are remembered."""

QUICK_WORK = 500_000
"""Movies times factors up to which an answer takes less than 10 ms."""


@dataclass(frozen=True, eq=False)
class ToldModel:
    """What answers need for a user of whom something is known, or nothing: ``told`` is what came of the facts.

    ``spreads`` remembers how uncertain predictions are after some ratings.
    """

    told: ToldFacts
    cold: ColdStart
    questionnaire: Questionnaire
    spreads: dict[tuple[tuple[int, float], ...], float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class NewUserModel(OfReading):
    """What answers need of one reading; worked out once.

    ``features`` are those of the users, without a column where no facts about them are known.
    """

    cold: ColdStart
    features: UserFeatures
    _told: dict[str, ToldModel] = field(default_factory=dict)

    def told(self, facts: str) -> ToldModel:
        """The model for a user with these facts, joined by "|"; the last ones are remembered."""
        if facts not in self._told:
            cold, told = cold_start_told(self.cold, self.features, facts)
            if len(self._told) > MOST_TOLD:
                self._told.clear()
            self._told[facts] = ToldModel(told, cold, Questionnaire(cold.prior, cold.ratings))
        return self._told[facts]

    @property
    def is_quick(self) -> bool:
        """Whether an answer takes a few milliseconds, once there was one: a window may wait for that."""
        factors = self.reading.factors
        is_plain = not factors.layers and self.reading.samples is None
        return is_plain and factors.n_movies * factors.n_factors <= QUICK_WORK

    @cached_property
    def names(self) -> list[str]:
        """What each movie is called."""
        ratings = self.reading.ratings
        return [ratings.movie_name(movie) for movie in range(ratings.n_movies)]


def new_user_model(reading: Reading, added_users: Mapping[str, str], added_movies: Mapping[str, str]) -> NewUserModel:
    """For any thread."""
    learnt = learnt_ratings(reading.ratings, added_users, added_movies)
    features = user_features(learnt)
    table = features.table if features.facts else None
    cold = ColdStart(learnt, reading.factors, reading.samples, features=table)
    _ = cold.metadata
    return NewUserModel(reading, added_users, added_movies, cold, features)
