"""What facts about users say of a new one, before the first rating: fitted once for the weights of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cfgui.core.factors import Factors
from cfgui.core.fold_in import Prior
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.ratings import Ratings
from cfgui.core.user_features import UserFeatures, facts_in, user_features


@dataclass(frozen=True, eq=False)
class UserFactsPrior:
    """``features`` of the users of a table, and the ``model`` of their weights."""

    features: UserFeatures
    model: MetadataModel

    def told(self, prior: Prior, facts: str) -> Prior:
        """``prior``, that of any new user, as it is for one with these facts; itself where they do not help."""
        row, _ = self.features.of(facts_in(facts))
        return prior if row is None else self.model.prior(prior, row)


def user_facts_prior(part: Ratings, ratings: Ratings, factors: Factors) -> UserFactsPrior | None:
    """Learnt from the users with a rating in ``part``, those trained on; None where ``ratings`` have no facts."""
    if not ratings.user_facts:
        return None
    features = user_features(replace(part, user_facts=ratings.user_facts))
    return UserFactsPrior(features, fit_metadata(part, factors, features.table, "user")) if features.facts else None
