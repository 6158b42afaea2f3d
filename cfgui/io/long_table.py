"""Long tables, one rating a row: text of every kind and Parquet, to ratings and a report of what was left out.

Ids keep their text: "007" is not "7", and a quoted or unquoted blank around an id belongs to it, except where blanks or
"::" separate the fields. Users and movies are numbered in the order in which they first appear with a rating.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal, cast

import numpy as np

from cfgui.core.import_report import REASONS, ImportReport
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.io.child import Cancelled as WorkCancelled
from cfgui.io.id_coding import MAX_IDS, IdCoder, TooManyIds
from cfgui.io.id_guard import unguarded
from cfgui.io.parsed_block import IdColumn, ParsedBlock
from cfgui.io.rating_order import Ordered, RatingCollector, RepeatedPair
from cfgui.io.rejections import RejectionLog
from cfgui.io.table_options import Cancelled, Progress, Report, TableError, TableOptions, never, no_report
from cfgui.io.text_source import FileState, check_unchanged, file_state
from cfgui.io.text_table import ParsedPart, parsed_text

N_WORKERS = 2
"""Threads that parse and sort; what takes long there lets go of the interpreter."""

_FORMATS = {
    ",": "CSV, one rating a line",
    "\t": "TSV, one rating a line",
    ";": "CSV with semicolons, one rating a line",
    "|": "text with bars, one rating a line",
    "::": "text with two colons, one rating a line",
    "whitespace": "text with blanks, one rating a line",
}

_CHECK_COLUMNS = "check which columns hold the users, movies and ratings"


def read_long(
    path: Path, options: TableOptions, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport]:
    """The ratings of a text table or a Parquet file, and what became of its rows.

    ``values`` are float32 above a million ratings where that holds each exactly, else float64. Progress counts bytes
    of the file, for Parquet rows. Raises TableError, one plain sentence, and Cancelled.
    """
    state = file_state(path)
    try:
        with ThreadPoolExecutor(N_WORKERS, "cfgui-table") as workers:
            ratings, import_report = _Reading(path, options, state, report, cancelled, workers).read()
    except TableError:
        check_unchanged(path, state)  # whatever is wrong may be due to that
        raise
    check_unchanged(path, state)
    return ratings, import_report


@dataclass
class _Reading:
    """One file being read."""

    path: Path
    options: TableOptions
    state: FileState
    report: Report
    cancelled: Cancelled
    workers: Executor
    users: IdCoder = field(default_factory=IdCoder)
    movies: IdCoder = field(default_factory=IdCoder)
    log: RejectionLog = field(default_factory=RejectionLog)
    progress: Progress = field(default_factory=lambda: Progress(0, 0))

    def read(self) -> tuple[Ratings, ImportReport]:
        """Everything, from the first row to the report."""
        collector = RatingCollector(self.options.duplicates, self.workers)
        with closing(self._parts()) as parts:
            for part in parts:
                for block in part.blocks:
                    self._take(block, collector)
                self.progress = Progress(part.position, self.progress.total, collector.n_rows)
                self.tick()
        if not collector.n_rows:
            raise TableError(self._nothing_left())
        ordered = self._ordered(collector)
        return self._ratings(ordered), self._report(collector.n_rows, ordered)

    def tick(self) -> None:
        """A sign of life, and a look whether it is still wanted."""
        if self.cancelled():
            raise WorkCancelled
        self.report(self.progress)

    def _parts(self) -> Generator[ParsedPart, None, None]:
        if self.options.kind == "parquet":
            from cfgui.io.parquet_table import n_rows_of, parsed_parquet

            self.progress = Progress(0, n_rows_of(self.path))
            return parsed_parquet(self.path, self.options, self.tick)
        self.progress = Progress(0, self.state.n_bytes)
        return parsed_text(self.path, self.options, self.tick, self.workers)

    def _take(self, block: ParsedBlock, collector: RatingCollector) -> None:
        self.log.extend(block.rejected)
        collector.add(
            self._coded(self.users, block.users, "users"),
            self._coded(self.movies, block.movies, "movies"),
            block.values,
        )

    def _coded(self, coder: IdCoder, column: IdColumn, what: Literal["users", "movies"]) -> Indices:
        try:
            return coder.code(column)
        except TooManyIds as error:
            raise TableError(
                f"{self.path.name} has more than {MAX_IDS:,} {what}: check which column holds them, or open a part of"
                " the file."
            ) from error

    def _ordered(self, collector: RatingCollector) -> Ordered:
        try:
            return collector.finish(self.tick)
        except RepeatedPair as error:
            raise TableError(self._repeated(error)) from error

    def _ratings(self, ordered: Ordered) -> Ratings:
        user_ids, movie_ids = self.users.ids(), self.movies.ids()
        if self.options.kind == "text":
            user_ids, movie_ids = unguarded(user_ids), unguarded(movie_ids)
        self.tick()
        return Ratings(user_ids, movie_ids, ordered.users, ordered.movies, cast(Floats, ordered.values))

    def _report(self, n_good: int, ordered: Ordered) -> ImportReport:
        is_text = self.options.kind == "text"
        words = _FORMATS[self.options.separator] if is_text else "Parquet, one rating a row"
        return ImportReport(
            self.path.name,
            f"gzipped {words}" if self.options.gzipped and is_text else words,
            self.options.encoding if is_text else "",
            n_good + self.log.count,
            ordered.n_duplicates,
            self.options.duplicates,
            self.log.rows(),
        )

    def _nothing_left(self) -> str:
        where = "line" if self.options.kind == "text" else "row"
        reason = self.log.sentence(where)
        detail = f": {reason}" if reason else ""
        advice = "choose another encoding" if REASONS["bad_text"] in reason else _CHECK_COLUMNS
        return f"{self.path.name} has no ratings{detail}; {advice}."

    def _repeated(self, pair: RepeatedPair) -> str:
        """The sentence that names both lines, which a second look at the file finds."""
        user, movie = self.users.ids()[pair.user], self.movies.ids()[pair.movie]
        where = "lines" if self.options.kind == "text" else "rows"
        self.users, self.movies = IdCoder(), IdCoder()
        found: list[int] = []
        with closing(self._parts()) as parts:
            for block in chain.from_iterable(part.blocks for part in parts):
                users, movies = self.users.code(block.users), self.movies.code(block.movies)
                hits = np.flatnonzero((users == pair.user) & (movies == pair.movie))
                found += [block.line(int(hit)) for hit in hits[:2]]
                if len(found) > 1:
                    break
        return (
            f'{self.path.name} rates movie "{movie}" by user "{user}" twice, in {where} {found[0]} and {found[1]}:'
            " choose to keep the last or the mean of such ratings, or remove one."
        )
