"""The tables of the Movies and Users pages: one row each, in columns; and in words the biases at both ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cfgui.app.number_columns import Column
from cfgui.app.reading import Reading
from cfgui.app.standings_report import HIGHEST_CODE, LOWEST_CODE, ends
from cfgui.app.subjects import subject_name
from cfgui.app.words import counted
from cfgui.core.one_side import SideName, ids_of_side
from cfgui.core.ratings import Ratings
from cfgui.core.standings import Places, Standings, standings

N_ENDS = 5
"""Lowest and highest biases that are named, as in the lesson."""


@dataclass(frozen=True, eq=False)
class StandingsTable:
    """Every user, or every movie, of a reading: ``found`` in numbers, ``columns`` as the table shows them."""

    reading: Reading
    found: Standings
    columns: tuple[Column, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Raw ids, in the order of the rows."""
        return ids_of_side(self.reading.ratings, self.found.side)

    def name(self, index: int) -> str:
        """ "user 14", "Toy Story (1995)", or "movie 1019" where no title is known."""
        return subject_name(self.reading.ratings, self.found.side, index)


def standings_table(
    reading: Reading, side: SideName, before: StandingsTable | None = None, min_ratings: int | None = None
) -> StandingsTable:
    """All users or movies in columns; texts are taken over from ``before`` where users and movies are the same.

    ``min_ratings`` as in ``standings``.
    Some 20 ms for 60,000 of them, more the first time: for a thread.
    """
    found = standings(reading.ratings, reading.factors, side, min_ratings)
    if before is not None and _same_texts(reading.ratings, before.reading.ratings, side):
        texts = {column.title: column for column in before.columns if column.is_text}
    else:
        texts = _texts(reading.ratings, side)
    front = [texts[title] for title in ("id", "title") if title in texts]
    back = [texts[title] for title in ("genres", "facts") if title in texts]
    return StandingsTable(reading, found, (*front, *_numbers(found), *back))


def _same_texts(ratings: Ratings, before: Ratings, side: SideName) -> bool:
    if side == "user":
        return ratings.user_ids is before.user_ids and ratings.user_facts is before.user_facts
    same_texts = ratings.titles is before.titles and ratings.genres is before.genres
    return ratings.movie_ids is before.movie_ids and same_texts


def _texts(ratings: Ratings, side: SideName) -> dict[str, Column]:
    """The columns of text by title; all but the ids only where anything is known."""
    if side == "user":
        columns = [Column("id", ratings.user_ids, None, "The user's id, as in the file.")]
        if ratings.user_facts:
            tip = "What is known of the user besides ratings. The model was not told of it."
            columns.append(_known("facts", ratings.user_facts, ratings.user_ids, tip))
        return {column.title: column for column in columns}
    columns = [Column("id", ratings.movie_ids, None, "The movie's id, as in the file.")]
    if ratings.titles:
        columns.append(_known("title", ratings.titles, ratings.movie_ids, "The movie's title.", wide=True))
    if ratings.genres:
        tip = "The movie's genres. The model was not told of them."
        columns.append(_known("genres", ratings.genres, ratings.movie_ids, tip))
    return {column.title: column for column in columns}


def _known(title: str, known: Mapping[str, str], ids: tuple[str, ...], tip: str, *, wide: bool = False) -> Column:
    return Column(title, [known.get(id_, "").replace("|", ", ") for id_ in ids], None, tip, wide)


def _numbers(found: Standings) -> list[Column]:
    side = found.side
    columns = [
        Column("ratings", found.counts, 0, f"How many ratings the {side} has."),
        Column("mean", found.means, 2, f"The mean of the {side}'s ratings; nothing where there are none."),
    ]
    if found.bias is not None:
        tip = f"What is added to every prediction of this {side}, whatever the taste. It is not the mean."
        columns.append(Column("bias", found.bias, 2, tip))
    columns += [
        Column(f"f{number}", values, 2, f"The {side}'s factor {number}.")
        for number, values in enumerate(np.ascontiguousarray(found.factors.T), start=1)
    ]
    return columns


def end_words(table: StandingsTable, min_ratings: int = 0, n: int = N_ENDS) -> tuple[str, str]:
    """The lowest and the highest biases, each after the classroom's line of code; "" and "" in a model without.

    They are of those with ``min_ratings`` or more, which is said where not all are meant.
    """
    found = table.found
    if found.bias is None:
        return "", ""
    which = f" of those with {counted(min_ratings, 'rating')} or more" if min_ratings else ""
    codes = LOWEST_CODE[found.side].format(n=n), HIGHEST_CODE[found.side].format(n=n)
    low, high = ends(found, "bias", n, min_ratings)
    return f"{codes[0]}{which} →  {_named(table, low)}", f"{codes[1]}{which} →  {_named(table, high)}"


def _named(table: StandingsTable, places: Places) -> str:
    bias = table.found.bias
    assert bias is not None
    numbers = (f"{bias[place]:+.2f}".replace("-", "−") for place in places.tolist())
    return "  ·  ".join(f"{table.name(place)} {number}" for place, number in zip(places.tolist(), numbers, strict=True))
