"""Finding the crosstab on a sheet by its labels, wherever the sheet was moved or grown to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cfgui.core.ratings import Floats, Mask, Ratings
from cfgui.io.cell_address import a1
from cfgui.io.cell_text import CellValue, as_number, id_text
from cfgui.io.grid import Grid
from cfgui.io.progress_note import note


def _is_label(value: CellValue, label: str) -> bool:
    return isinstance(value, str) and value.replace(" ", "").replace("_", "").casefold() == label


def is_movie_label(value: CellValue) -> bool:
    """Whether a cell reads ``movieId``, however it is written."""
    return _is_label(value, "movieid")


def is_user_label(value: CellValue) -> bool:
    """Whether a cell reads ``userId``, however it is written."""
    return _is_label(value, "userid")


@dataclass(frozen=True)
class Crosstab:
    """The upper part of a sheet: where it begins (the cell ``movieId``) and what it holds.

    ``header`` is the row of the ids over the predictions, None where the sheet has no lower part; ``n_weights`` the
    rows of weights over it. Rows and columns are 0-based.
    """

    row: int
    column: int
    header: int | None
    n_weights: int
    user_ids: tuple[str, ...]
    movie_ids: tuple[str, ...]
    values: Floats
    rated: Mask

    def ratings(self) -> Ratings:
        """As core object, without titles."""
        return Ratings.from_crosstab(self.user_ids, self.movie_ids, self.values, self.rated)


def read_crosstab(grid: Grid) -> Crosstab | None:
    """The ratings below the first cell ``movieId``, None where no cell reads so.

    Raises WorkbookError for an id that is missing or stands twice, a rating without an id, or a cell that holds no
    number.
    """
    corner = next(grid.find(is_movie_label), None)
    if corner is None:
        return None
    row, column = corner
    movies = _run_right(grid, row, column + 1)
    users = _run_down(grid, row + 1, column)
    if not movies or not users:
        return None
    _refuse_repeats(grid, [(row, column + 1 + i) for i in range(len(movies))], movies, "movie")
    _refuse_repeats(grid, [(row + 1 + i, column) for i in range(len(users))], users, "user")
    _refuse_orphans(grid, row, column, len(users), len(movies))
    header = _header_row(grid, row + len(users) + 1, column)
    n_weights = 0 if header is None else _rows_of_weights(grid, row + len(users), header, column, len(movies))
    end = len(grid.rows) if header is None else header - n_weights
    _refuse_gap(grid, range(row + len(users) + 2, end), column, len(movies))
    shape = (len(users), len(movies))
    values, rated = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    noting = note()
    for user in range(shape[0]):
        noting.tell(user, shape[0], user)
        for movie in range(shape[1]):
            place = row + 1 + user, column + 1 + movie
            if not grid.blank(*place):
                values[user, movie] = grid.number(*place, "a rating")
                rated[user, movie] = True
    return Crosstab(row, column, header, n_weights, tuple(users), tuple(movies), values, rated)


def _run_right(grid: Grid, row: int, column: int) -> list[str]:
    ids: list[str] = []
    while not grid.blank(row, column + len(ids)):
        ids.append(id_text(grid.at(row, column + len(ids))))
    for beyond in range(column + len(ids) + 1, grid.n_columns):
        if ids and as_number(grid.at(row, beyond)) is not None:
            raise grid.error(row, column + len(ids), "is empty where a movie id belongs. Fill it or delete the column.")
    return ids


def _run_down(grid: Grid, row: int, column: int) -> list[str]:
    ids: list[str] = []
    while not grid.blank(row + len(ids), column) and not is_movie_label(grid.at(row + len(ids), column)):
        ids.append(id_text(grid.at(row + len(ids), column)))
    return ids


def _refuse_repeats(grid: Grid, places: Sequence[tuple[int, int]], ids: Sequence[str], what: str) -> None:
    first: dict[str, tuple[int, int]] = {}
    for place, raw_id in zip(places, ids, strict=True):
        if raw_id in first:
            text = raw_id if len(raw_id) <= 30 else raw_id[:27] + "..."
            raise grid.error(
                *place, f"repeats the {what} id {text} of {a1(*first[raw_id])}. Give each {what} its own id."
            )
        first[raw_id] = place


def _refuse_orphans(grid: Grid, row: int, column: int, n_users: int, n_movies: int) -> None:
    """Numbers right beside or right below the ratings, where no id says whose they are, must not be lost silently."""
    for user in range(n_users):
        place = row + 1 + user, column + 1 + n_movies
        if as_number(grid.at(*place)) is not None:
            header = a1(row, column + 1 + n_movies)
            raise grid.error(
                *place, f"holds a number, but {header} names no movie. Put an id there or clear the column."
            )
    for movie in range(n_movies):
        place = row + 1 + n_users, column + 1 + movie
        if as_number(grid.at(*place)) is not None:
            header = a1(row + 1 + n_users, column)
            raise grid.error(*place, f"holds a number, but {header} names no user. Put an id there or clear the row.")


def _header_row(grid: Grid, first: int, column: int) -> int | None:
    """The row of ids over the predictions: that of the second ``userId``, or the one below the second ``movieId``."""
    for row in range(first, len(grid.rows)):
        if is_user_label(grid.at(row, column - 1)):
            return row
        if is_movie_label(grid.at(row, column)) and not is_user_label(grid.at(row + 1, column - 1)):
            return row + 1
    return None


def _rows_of_weights(grid: Grid, first: int, header: int, column: int, n_movies: int) -> int:
    """How many rows above ``header``, none above ``first``, hold something under the movies without a blank row."""
    count = 0
    columns = range(column + 1, column + 1 + n_movies)
    while header - 1 - count > first and not all(grid.blank(header - 1 - count, column) for column in columns):
        count += 1
    return count


def _refuse_gap(grid: Grid, rows: range, column: int, n_movies: int) -> None:
    """A blank row among the users would hide all below it."""
    for row in rows:
        numbers = (as_number(grid.at(row, column + 1 + movie)) for movie in range(n_movies))
        if not grid.blank(row, column) and any(number is not None for number in numbers):
            raise grid.error(row, column, "comes after a blank row among the users. Delete the blank row and save.")
