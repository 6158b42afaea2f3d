"""Crosstabs in text files: user ids in the first column, movie ids in the first row, a blank where unrated.

All cells of a block of lines are found and parsed by array arithmetic, so a large crosstab never holds up a window.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.io.cell_grid import CellGrid, Places, cell_grid, has_bad_bytes
from cfgui.io.cell_values import REASON_NAMES, CellValues
from cfgui.io.file_watch import unchanged
from cfgui.io.left_out import LeftOut
from cfgui.io.rating_text import shortened
from cfgui.io.table_options import SEPARATORS, Cancelled, Report, TableError, TableOptions, never, no_report
from cfgui.io.text_blocks import OddQuoteError, TextBlocks
from cfgui.io.wide_labels import NO_CORNER_REMARK, MovieLabels, lacks_corner, refuse_repeated_users

MAX_IDS = 5_000_000
"""Users, or movies, that a table may have."""

_FORMATS = {",": "CSV", "\t": "Tab-separated text"}


def read_wide(
    source: Path | bytes, options: TableOptions, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport]:
    """The ratings of a crosstab, users and movies in the order of the file, and what was left out.

    ``options.user`` is the column of the user ids; columns left of it do not count. A 0 is a rating of 0. A cell that
    is no rating stays unrated and is reported. Raises TableError, one plain sentence, or Cancelled.
    """
    path = source if isinstance(source, Path) else None
    if path is None:
        return _read(source, options, report, cancelled)
    with unchanged(path):
        return _read(path, options, report, cancelled)


def _read(
    source: Path | bytes, options: TableOptions, report: Report, cancelled: Cancelled
) -> tuple[Ratings, ImportReport]:
    try:
        return _WideReader(TextBlocks(source, options, report, cancelled), options).read()
    except OddQuoteError:
        return _WideReader(TextBlocks(source, options, report, cancelled, tidy=True), options).read()


class _WideReader:
    """Goes through the blocks of one crosstab."""

    def __init__(self, blocks: TextBlocks, options: TableOptions) -> None:
        self._blocks, self._options = blocks, options
        self._parsed = CellValues(options.decimal)
        self._left_out = LeftOut()
        self._labels: MovieLabels | None = None
        self._movie_of: NDArray[np.int64] = np.zeros(0, np.int64)
        self._n_columns, self._n_short, self._n_cells = 0, 0, 0
        self._user_ids: list[str] = []
        self._user_lines: list[int] = []
        self._users: list[Indices] = []
        self._movies: list[Indices] = []
        self._values: list[Floats] = []
        self._remarks: list[str] = []

    def read(self) -> tuple[Ratings, ImportReport]:
        name = self._blocks.name
        for block in self._blocks:
            grid = cell_grid(block, self._options.separator)
            begin = 0
            if self._labels is None:
                begin = self._read_header(grid)
            if self._labels is not None:
                self._read_rows(grid, begin)
            if len(self._user_ids) > MAX_IDS:
                raise TableError(f"{name} has more than {MAX_IDS:,} users: choose a smaller table.")
        if self._labels is None or not self._user_ids:
            raise TableError(f"{name} has a first row of movie ids but no users below it: choose another table.")
        refuse_repeated_users(self._user_ids, self._user_lines, name)
        ratings = self._ratings(self._labels)
        if not ratings.n_ratings:
            why = f": {self._left_out.count:,} cells were left out" if self._left_out.count else ""
            raise TableError(f"{name} has no ratings in its cells{why}. Choose another table or layout.")
        return ratings, self._report()

    def _ratings(self, labels: MovieLabels) -> Ratings:
        users, movies = np.concatenate(self._users), np.concatenate(self._movies)
        return Ratings(tuple(self._user_ids), labels.ids, users, movies, np.concatenate(self._values))

    def _report(self) -> ImportReport:
        if self._n_short:
            what = "row ends" if self._n_short == 1 else "rows end"
            self._remarks.append(f"{self._n_short:,} {what} early: the cells missing there were taken as unrated.")
        separator = self._options.separator
        format_name = _FORMATS.get(separator, f"Text separated by {SEPARATORS.get(separator, separator)}")
        return ImportReport(
            self._blocks.name,
            f"{format_name}, crosstab{', gzip' if self._options.gzipped else ''}",
            self._options.encoding,
            self._n_cells,
            duplicates=self._options.duplicates,
            rejected=self._left_out.rejected(),
            remarks=tuple(self._remarks),
        )

    def _read_header(self, grid: CellGrid) -> int:
        """Take the movie ids from the first row that is not blank; where it is, the number of the row after it."""
        filled = np.flatnonzero(grid.filled)
        if not len(filled):
            return 0
        row = int(grid.rows[filled[0]])
        first, width = int(grid.firsts[row]), int(grid.widths[row])
        cells = range(first, first + width)
        header = [grid.text(cell) for cell in cells]
        line = self._blocks.n_lines + int(grid.lines[row]) + 1
        if any(map(has_bad_bytes, header)):
            raise TableError(
                f"{self._blocks.name}, line {line}: holds bytes that are no text. Choose another encoding."
            )
        while header and not header[-1]:
            header.pop()
        if lacks_corner(header, *_row_widths(grid, row + 1)):
            header.insert(0, "")
            self._remarks.append(NO_CORNER_REMARK)
        self._labels = MovieLabels.read(header, self._options.user + 1, line, self._blocks.name)
        if not self._labels.ids:
            raise TableError(f"{self._blocks.name}, line {line}: has no movie ids. Choose another table or layout.")
        self._n_columns = len(header)
        self._movie_of = np.array(self._labels.by_column, np.int64)
        return row + 1

    def _read_rows(self, grid: CellGrid, begin: int) -> None:
        """Users and ratings of the rows from ``begin`` on."""
        label_column = self._options.user
        cells = np.flatnonzero(grid.filled & (grid.rows >= begin) & (grid.columns >= label_column))
        rows_used = np.unique(grid.rows[cells])
        user_of = np.full(len(grid.firsts), -1, np.int64)
        widths, line_of = grid.widths, self._blocks.n_lines + grid.lines + 1
        for row in rows_used.tolist():
            cell = int(grid.firsts[row]) + label_column
            raw_id = grid.text(cell) if label_column < widths[row] else ""
            if has_bad_bytes(raw_id):
                raise TableError(
                    f"{self._blocks.name}, line {line_of[row]}: holds bytes that are no text. Choose another encoding."
                )
            if raw_id:
                user_of[row] = len(self._user_ids)
                self._user_ids.append(raw_id)
                self._user_lines.append(int(line_of[row]))
        self._n_short += int(np.count_nonzero(widths[rows_used] < self._n_columns))
        self._read_cells(grid, cells[grid.columns[cells] > label_column], user_of, line_of)
        self._blocks.n_rows = len(self._user_ids)

    def _read_cells(self, grid: CellGrid, cells: Places, user_of: Places, line_of: Places) -> None:
        self._n_cells += len(cells)
        users, columns = user_of[grid.rows[cells]], grid.columns[cells]
        values, reasons = self._parsed.parse(grid, cells)
        movies = self._movie_of[np.minimum(columns, len(self._movie_of) - 1)]
        for reason, hit in (
            ("too_many_fields", columns >= self._n_columns),
            ("missing_movie", (movies < 0) & (columns < self._n_columns)),
            ("missing_user", users < 0),
        ):
            reasons[hit] = REASON_NAMES.index(reason)
        good = reasons == 0
        self._users.append(users[good].astype(np.int32))
        self._movies.append(movies[good].astype(np.int32))
        self._values.append(values[good])
        for code in np.unique(reasons[~good]).tolist():
            hits = np.flatnonzero(reasons == code)
            example = self._example(grid, int(cells[hits[0]]), int(users[hits[0]]), int(movies[hits[0]]))
            self._left_out.add(REASON_NAMES[code], line_of[grid.rows[cells[hits]]], example)

    def _example(self, grid: CellGrid, cell: int, user: int, movie: int) -> str:
        assert self._labels is not None
        who = f"user {shortened(self._user_ids[user], 8)}" if user >= 0 else "no user"
        inside = movie >= 0 and grid.columns[cell] < self._n_columns
        what = f"movie {shortened(self._labels.ids[movie], 8)}" if inside else f"column {int(grid.columns[cell]) + 1}"
        return f"{shortened(grid.text(cell), 15)} ({who}, {what})"


def _row_widths(grid: CellGrid, begin: int, n_rows: int = 1000) -> tuple[list[int], list[int]]:
    """(fields, place after the last filled field) of the first rows from ``begin`` on that are not blank."""
    cells = np.flatnonzero(grid.filled & (grid.rows >= begin))
    rows, first = np.unique(grid.rows[cells][::-1], return_index=True)
    last = grid.columns[cells][::-1][first] + 1
    return grid.widths[rows][:n_rows].tolist(), last[:n_rows].tolist()
