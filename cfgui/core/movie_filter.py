"""Which movies come into question: by genre, by how many ratings they have, by the year in the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cfgui.core.movie_facts import NO_YEAR, MovieFacts, genre_place
from cfgui.core.ratings import Mask


@dataclass(frozen=True)
class MovieFilter:
    """Movies with one of ``genres`` (any where there are none) and none of ``without``, rated ``min_ratings`` times.

    ``from_year`` and ``to_year`` are both included; a movie of no known year fails where either is given. Genres are
    compared without regard to capitals, blanks and hyphens.
    """

    genres: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    min_ratings: int = 0
    from_year: int | None = None
    to_year: int | None = None

    @property
    def lets_all(self) -> bool:
        """Whether it excludes nothing."""
        return self == EVERY_MOVIE

    def candidates(self, facts: MovieFacts) -> Mask:
        """(n_movies,) True for each movie that comes into question. Raises ValueError for a genre no movie has."""
        kept = facts.counts >= self.min_ratings
        if self.genres:
            kept &= facts.has_genre[:, _genre_places(facts, self.genres)].any(axis=1)
        if self.without:
            kept &= ~facts.has_genre[:, _genre_places(facts, self.without)].any(axis=1)
        if self.from_year is not None:
            kept &= facts.years >= self.from_year
        if self.to_year is not None:
            kept &= facts.years <= self.to_year
        if self.from_year is not None or self.to_year is not None:
            kept &= facts.years != NO_YEAR
        return kept

    def objections(self, facts: MovieFacts, movie: int) -> tuple[str, ...]:
        """Why the movie at this index is excluded, a few words each, as "rated 3 times, fewer than 20"."""
        own = set(np.flatnonzero(facts.has_genre[movie]).tolist())
        count, year = int(facts.counts[movie]), int(facts.years[movie])
        said = []
        if self.genres and not own & {genre_place(facts.genres, genre) for genre in self.genres}:
            said.append(f"it is not {_either(self.genres)}")
        if hit := [genre for genre in self.without if genre_place(facts.genres, genre) in own]:
            said.append(f"it is {_either(hit)}, which was ruled out")
        if count < self.min_ratings:
            said.append(f"it has {count:,} rating{'' if count == 1 else 's'}, fewer than {self.min_ratings:,}")
        if year == NO_YEAR and (self.from_year is not None or self.to_year is not None):
            said.append("its title tells no year")
        elif self.from_year is not None and year < self.from_year:
            said.append(f"it is of {year}, before {self.from_year}")
        elif self.to_year is not None and year > self.to_year:
            said.append(f"it is of {year}, after {self.to_year}")
        return tuple(said)


EVERY_MOVIE = MovieFilter()
"""Excludes nothing."""


def _genre_places(facts: MovieFacts, genres: Sequence[str]) -> list[int]:
    """Columns of ``facts.has_genre``. Raises ValueError for a genre that no movie has, naming those there are."""
    found = []
    for genre in genres:
        place = genre_place(facts.genres, genre)
        if place is None:
            known = f"choose among {', '.join(facts.genres)}" if facts.genres else "no genre of any movie is known"
            raise ValueError(f"No movie has the genre {genre!r}: {known}.")
        found.append(place)
    return found


def _either(words: Sequence[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def popular_mask(facts: MovieFacts, share: float) -> Mask:
    """(n_movies,) True for this share of the rated movies, rounded up, with the most ratings; of equals the first."""
    rated = np.flatnonzero(facts.counts > 0)
    order = np.argsort(-facts.counts[rated], kind="stable")
    popular = np.zeros(len(facts.counts), dtype=np.bool_)
    popular[rated[order[: int(np.ceil(share * len(rated)))]]] = True
    return popular
