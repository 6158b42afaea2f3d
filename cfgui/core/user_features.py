"""Features of users for the model of metadata: one column for each fact that is known of several of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from cfgui.core.ratings import Floats, Mask, Ratings

FEWEST_USERS = 5
"""Users with ratings of whom a fact must be known before it is a feature: from fewer there is nothing to learn."""


@dataclass(frozen=True, eq=False)
class UserFeatures:
    """``table`` (n_users, n_facts): 1 where a fact is known of a user, else 0; ``facts`` in the alphabet's order.

    Of whom nothing is known, the row is the mean of the others', which says nothing. ``is_known`` (n_users,) tells who
    has facts.
    """

    facts: tuple[str, ...]
    table: Floats
    is_known: Mask

    def of(self, facts: Collection[str]) -> tuple[Floats | None, tuple[str, ...]]:
        """(n_facts,) of a new user, None where no fact is a feature; and the facts that are none, which are left out.

        Capitals do not count.
        """
        place_of = {fact.casefold(): place for place, fact in enumerate(self.facts)}
        wanted = [fact.strip() for fact in facts if fact.strip()]
        places = [place_of[fact.casefold()] for fact in wanted if fact.casefold() in place_of]
        unknown = tuple(fact for fact in wanted if fact.casefold() not in place_of)
        if not places:
            return None, unknown
        row = np.zeros(len(self.facts))
        row[places] = 1.0
        return row, unknown

    def of_user(self, user: int) -> Floats | None:
        """(n_facts,) of the user at this index; None where nothing is known."""
        return self.table[user] if self.is_known[user] else None


def facts_in(text: str) -> tuple[str, ...]:
    """The facts in a text such as "age 25-34|M|programmer"."""
    return tuple(filter(None, map(str.strip, text.split("|"))))


def user_features(ratings: Ratings) -> UserFeatures:
    """The features of all users; without ``Ratings.user_facts`` there is no column."""
    lists = [facts_in(ratings.user_facts.get(raw_id, "")) for raw_id in ratings.user_ids]
    rated = ratings.user_counts > 0
    seen = Counter(fact for facts, counts in zip(lists, rated.tolist(), strict=True) if counts for fact in set(facts))
    facts = tuple(sorted((fact for fact, n in seen.items() if n >= FEWEST_USERS), key=str.casefold))
    place_of = {fact: place for place, fact in enumerate(facts)}
    table = np.zeros((ratings.n_users, len(facts)))
    for user, own in enumerate(lists):
        table[user, [place_of[fact] for fact in own if fact in place_of]] = 1.0
    is_known: Mask = np.asarray(table.any(axis=1))
    if is_known.any():
        table[~is_known] = table[is_known].mean(axis=0)
    return UserFeatures(facts, table, is_known)
