"""What is known of movies besides their ratings: the year in the title, and genres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Mask, Ratings

NO_YEAR = 0
"""The year of a movie whose title tells none."""

_YEAR = re.compile(r"\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\)")


@dataclass(frozen=True, eq=False)
class MovieFacts:
    """``years`` (n_movies,) or ``NO_YEAR``; ``has_genre`` (n_movies, n_genres) of ``genres``, in the alphabet's order.

    ``counts`` (n_movies,) is how many ratings each movie has.
    """

    years: NDArray[np.int32]
    genres: tuple[str, ...]
    has_genre: Mask
    counts: NDArray[np.int64]

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last year there is; None where no title tells one."""
        known = self.years[self.years != NO_YEAR]
        return (int(known.min()), int(known.max())) if len(known) else None

    def genres_of(self, movie: int) -> tuple[str, ...]:
        """The genres of the movie at this index."""
        return tuple(self.genres[place] for place in np.flatnonzero(self.has_genre[movie]))


def genre_place(genres: Sequence[str], wanted: str) -> int | None:
    """The place of a genre among ``genres``, None where it is none of them; "sci fi" is "Sci-Fi"."""
    for key_of in (str.casefold, _letters):
        keys = [key_of(genre) for genre in genres]
        if key_of(wanted.strip()) in keys:
            return keys.index(key_of(wanted.strip()))
    return None


def _letters(genre: str) -> str:
    """Letters and digits alone, small; of a genre without any, the genre."""
    return "".join(filter(str.isalnum, genre.casefold())) or genre


def year_of(title: str) -> int:
    """The last year in brackets: 1995 of "Toy Story (1995)", 1975 of "Fawlty Towers (1975-1979)", else ``NO_YEAR``."""
    found = _YEAR.findall(title)
    return int(found[-1]) if found else NO_YEAR


def facts_of(ratings: Ratings) -> MovieFacts:
    """The facts of all movies; some 0.1 s for 60,000 of them."""
    years = np.array([year_of(ratings.titles.get(raw_id, "")) for raw_id in ratings.movie_ids], dtype=np.int32)
    listed = [ratings.genres.get(raw_id, "") for raw_id in ratings.movie_ids]
    kinds = {text: tuple(filter(None, map(str.strip, text.split("|")))) for text in set(listed)}
    genres = tuple(sorted({genre for each in kinds.values() for genre in each}, key=str.casefold))
    place_of = {genre: place for place, genre in enumerate(genres)}
    rows = {text: np.zeros(len(genres), dtype=np.bool_) for text in kinds}
    for text, row in rows.items():
        row[[place_of[genre] for genre in kinds[text]]] = True
    has_genre = np.array([rows[text] for text in listed], dtype=np.bool_).reshape(len(listed), len(genres))
    return MovieFacts(years, genres, has_genre, ratings.movie_counts)
