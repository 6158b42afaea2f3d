"""What title and genres say of a new movie, before the first rating: fitted for the weights of a sheet when asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from cfgui.core.factors import Factors
from cfgui.core.fold_in import Prior
from cfgui.core.metadata_features import MovieFeatures, movie_features
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.movie_facts import NO_YEAR, facts_of, year_of
from cfgui.core.ratings import Ratings
from cfgui.core.user_features import facts_in


@dataclass(frozen=True, eq=False)
class MovieFactsPrior:
    """``learnt`` are the ratings of those trained on, with their titles and genres, ``factors`` a sheet's weights."""

    learnt: Ratings
    factors: Factors

    @cached_property
    def _features(self) -> MovieFeatures:
        return movie_features(facts_of(self.learnt))

    @cached_property
    def _model(self) -> MetadataModel:
        return fit_metadata(self.learnt, self.factors, self._features.table)

    def told(self, prior: Prior, title: str, genres: str) -> Prior:
        """``prior``, that of any new movie, as it is for one of this title and these genres, joined by "|".

        Itself where neither a year nor a genre is known, and where they do not help.
        """
        known, year = facts_in(genres), year_of(title)
        if not known and year == NO_YEAR:
            return prior
        row, _ = self._features.of(known, year)
        return self._model.prior(prior, row)


def movie_facts_prior(part: Ratings, ratings: Ratings, new: Collection[str], factors: Factors) -> MovieFactsPrior:
    """Learnt from the movies with a rating in ``part``; titles and genres are those of ``ratings``.

    Those of the movies ``new`` are left aside, so that what is learnt is the same whoever comes.
    """
    titles, genres = dict(ratings.titles), dict(ratings.genres)
    for raw_id in new:
        titles.pop(raw_id, None)
        genres.pop(raw_id, None)
    return MovieFactsPrior(replace(part, titles=titles, genres=genres), factors)
