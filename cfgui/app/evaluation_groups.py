"""Held-out errors of each user, and of each movie, as a table to sort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.metrics import GroupErrors
from cfgui.core.one_side import SideName
from cfgui.core.ratings import Floats
from cfgui.core.split import Split

Places = NDArray[np.intp]


class GroupColumn(NamedTuple):
    """One column: its key, what stands above it, and the sentence that teaches it."""

    key: str
    title: str
    tip: str


NUMBER_COLUMNS = (
    GroupColumn("n_ratings", "Ratings", "All ratings there are: with few of them, little can be learnt."),
    GroupColumn("n_held_out", "Held out", "Ratings that were predicted and compared."),
    GroupColumn("rmse", "RMSE", "Root of the mean squared residual of these ratings, in stars."),
    GroupColumn("mae", "MAE", "Mean of the misses of these ratings without their sign, in stars."),
    GroupColumn(
        "mean_residual", "Mean residual",
        "Mean of rating - prediction: above 0 where the ratings are higher than predicted, below where lower.",
    ),
)  # fmt: skip

ID_COLUMNS: dict[SideName, GroupColumn] = {
    "user": GroupColumn("user", "User", "The user's id. A double click, or Enter, goes to the user on the sheet."),
    "movie": GroupColumn("movie", "Movie", "The movie's id. A double click, or Enter, goes to the movie on the sheet."),
}
TITLE_COLUMN = GroupColumn("title", "Title", "The movie's title.")


@dataclass(frozen=True, eq=False)
class GroupTable:
    """One row for each user, or each movie, with a held-out rating.

    ``texts`` are the columns of words: ids, and the titles of movies; ``numbers`` those of numbers, each (n_rows,).
    ``ranks`` (n_rows,) of every column says what a row sorts by, so that sorting needs no look at a text. ``errors``
    are those of all users or movies, for files.
    """

    side: SideName
    columns: tuple[GroupColumn, ...]
    texts: tuple[tuple[str, ...], ...]
    numbers: tuple[Floats, ...]
    ranks: tuple[Floats, ...]
    errors: GroupErrors

    @property
    def n_rows(self) -> int:
        """How many users or movies have a held-out rating."""
        return len(self.texts[0])

    def shown(self, row: int, column: int) -> str:
        """What stands in a cell: counts whole, figures with four digits."""
        n_texts = len(self.texts)
        if column < n_texts:
            return self.texts[column][row]
        number = float(self.numbers[column - n_texts][row])
        return f"{number:,.0f}" if self.columns[column].key.startswith("n_") else f"{number:.4f}"

    def full(self, row: int, column: int) -> str:
        """The same with every digit."""
        n_texts = len(self.texts)
        if column < n_texts:
            return self.texts[column][row]
        number = float(self.numbers[column - n_texts][row])
        return str(int(number)) if self.columns[column].key.startswith("n_") else repr(number)

    def order(self, column: int, *, descending: bool) -> Places:
        """Places of the rows sorted by a column; equals stay in the order of the table."""
        rank = self.ranks[column]
        return np.argsort(-rank if descending else rank, kind="stable")


def user_table(split: Split, errors: GroupErrors) -> GroupTable:
    """The users."""
    counts = split.train.user_counts + split.held_out.user_counts
    return _table("user", split.train.user_ids, None, counts, errors)


def movie_table(split: Split, errors: GroupErrors) -> GroupTable:
    """The movies, with titles where there are any."""
    counts = split.train.movie_counts + split.held_out.movie_counts
    return _table("movie", split.train.movie_ids, split.train.titles or None, counts, errors)


def _table(
    side: SideName,
    ids: Sequence[str],
    titles: Mapping[str, str] | None,
    n_ratings: NDArray[np.int64],
    errors: GroupErrors,
) -> GroupTable:
    chosen = np.flatnonzero(errors.counts > 0)
    names = tuple(ids[place] for place in chosen.tolist())
    counts = (n_ratings[chosen].astype(np.float64), errors.counts[chosen].astype(np.float64))
    numbers = (*counts, errors.rmse[chosen], errors.mae[chosen], errors.mean[chosen])
    if titles is None:
        return GroupTable(
            side, (ID_COLUMNS[side], *NUMBER_COLUMNS), (names,), numbers, (_id_ranks(names), *numbers), errors
        )
    texts = (names, tuple(titles.get(name, "") for name in names))
    ranks = (_id_ranks(names), _text_ranks(texts[1]), *numbers)
    return GroupTable(side, (ID_COLUMNS[side], TITLE_COLUMN, *NUMBER_COLUMNS), texts, numbers, ranks, errors)


def _id_ranks(ids: Sequence[str]) -> Floats:
    """Ids that are numbers come first, by their size; sorted by numpy, which lets the window work meanwhile."""
    sizes = np.array([float(id_) if id_.isdecimal() else np.inf for id_ in ids])
    return _places(np.lexsort((np.array(ids, dtype=np.str_), sizes)))


def _text_ranks(texts: Sequence[str]) -> Floats:
    return _places(np.argsort(np.array([text.casefold() for text in texts], dtype=np.str_), kind="stable"))


def _places(order: Places) -> Floats:
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    return ranks
