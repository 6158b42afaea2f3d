"""Rating lines: the ratings a view shows, one a line, put together only for the lines somebody looks at."""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Cell, Floats, Indices, Ratings
from cfgui.core.view import View


class RatingLines:
    """Lines row by row of a view, and by column within a row.

    With ``view`` None the rows and columns are the ratings' own. A view must show all users and all movies, in
    whatever order: of a part, ``visible_ratings`` are lines of their own.
    """

    def __init__(self, ratings: Ratings, view: View | None = None) -> None:
        self._ratings, self._view = ratings, view
        counts = ratings.user_counts if view is None else ratings.user_counts[view.users]
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def row(self, line: int) -> int:
        """The row that a line belongs to."""
        return int(np.searchsorted(self._starts, line, side="right")) - 1

    def cell(self, line: int) -> Cell:
        """(row, column) of a line."""
        row = self.row(line)
        return row, int(self._line(row)[0][line - int(self._starts[row])])

    def part(self, start: int, stop: int) -> tuple[Indices, Indices, Floats]:
        """(rows, columns, values) of the lines from ``start`` to before ``stop``; values are float64."""
        if start >= stop:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0)
        first, last = self.row(start), self.row(stop - 1)
        lines = [self._line(row) for row in range(first, last + 1)]
        rows = np.repeat(np.arange(first, last + 1, dtype=np.int32), [len(columns) for columns, _ in lines])
        shift = int(self._starts[first])
        wanted = slice(start - shift, stop - shift)
        columns = np.concatenate([columns for columns, _ in lines])
        values = np.concatenate([values for _, values in lines]).astype(np.float64)
        return rows[wanted], columns[wanted], values[wanted]

    def _line(self, row: int) -> tuple[Indices, Floats]:
        """(columns, values) of one row, by column."""
        if self._view is None:
            return self._ratings.user_line(row)
        movies, values = self._ratings.user_line(int(self._view.users[row]))
        columns = self._view.movie_columns[movies]
        order = np.argsort(columns)
        return columns[order], values[order]
