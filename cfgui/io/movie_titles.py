"""Titles and genres by movie id, from the file that each edition of MovieLens keeps beside its ratings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cfgui.core.ratings import Ratings

GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
"""The genres of MovieLens 100K in the order of the flags in ``u.item``, which begin in its sixth field."""

NO_GENRES = "(no genres listed)"

_FIRST_FLAG = 5


@dataclass(frozen=True)
class MovieTitles:
    """``titles`` and ``genres`` (joined by "|") by movie id as text; ``file`` and its ``encoding``."""

    titles: Mapping[str, str]
    genres: Mapping[str, str]
    file: str
    encoding: str

    def joined(self, ratings: Ratings) -> tuple[Ratings, tuple[str, ...]]:
        """The ratings with the titles and genres of their movies, and remarks about what did not fit."""
        ids = ratings.movie_ids
        titles = {raw_id: self.titles[raw_id] for raw_id in ids if raw_id in self.titles}
        genres = {raw_id: self.genres[raw_id] for raw_id in ids if raw_id in self.genres}
        remarks = []
        if self.encoding != "utf-8":
            remarks.append(f"{self.file} is not UTF-8: its titles were read as Western text (Latin-1).")
        if missing := len(ids) - len(titles):
            what = "movie has" if missing == 1 else "movies have"
            remarks.append(f"{missing:,} rated {what} no title in {self.file}: the id stands for it.")
        return replace(ratings, titles=titles, genres=genres), tuple(remarks)


def parse_titles(data: bytes, file: str) -> MovieTitles:
    """From the bytes of movies.csv, movies.dat or u.item, told apart by the name ``file``."""
    encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = data.decode(encoding)
    text = text.removeprefix("\ufeff")
    lower = file.lower()
    rows = _dat_rows(text) if lower.endswith(".dat") else _item_rows(text) if lower == "u.item" else _csv_rows(text)
    titles: dict[str, str] = {}
    genres: dict[str, str] = {}
    for raw_id, title, listed in rows:
        if title.strip():
            titles.setdefault(raw_id, title.strip())
        if listed and listed != NO_GENRES:
            genres.setdefault(raw_id, listed)
    return MovieTitles(titles, genres, file, encoding)


def _csv_rows(text: str) -> Iterator[Sequence[str]]:
    places = [0, 1, 2]
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""))):
            if number == 0:
                names = [name.strip().casefold() for name in row]
                if "movieid" in names and "title" in names:
                    genre = names.index("genres") if "genres" in names else len(names)
                    places = [names.index("movieid"), names.index("title"), genre]
                    continue
            yield [row[place] if place < len(row) else "" for place in places]
    except csv.Error:  # a quote that never ends: what stands before it is good
        return


def _dat_rows(text: str) -> Iterator[Sequence[str]]:
    for line in text.split("\n"):
        parts = line.rstrip("\r").split("::")
        if len(parts) >= 2:
            yield parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _item_rows(text: str) -> Iterator[Sequence[str]]:
    for line in text.split("\n"):
        parts = line.rstrip("\r").split("|")
        if len(parts) >= 2:
            flags = zip(GENRES, parts[_FIRST_FLAG:], strict=False)
            yield parts[0], parts[1], "|".join(genre for genre, flag in flags if flag == "1" and genre != "unknown")
