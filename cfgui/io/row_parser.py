"""The exact parser of text tables: any row, however odd, becomes a rating or a rejection with its line number.

It is slow, a microsecond or two a row, and so it sees only what ``column_parser`` cannot vouch for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from cfgui.io.number_text import parse_rating
from cfgui.io.parsed_block import IdColumn, ParsedBlock, compact
from cfgui.io.rejections import RejectionLog
from cfgui.io.table_options import WHITESPACE
from cfgui.io.text_shape import TextShape

ROWS_A_TICK = 500
"""So many rows stand between two calls of ``tick``."""

MAX_FIELD = 131_072
"""Characters of a field; a longer one has an opening quote that nobody closed."""

Tick = Callable[[], None]


class OpenQuote(ValueError):  # noqa: N818 - the reader turns it into its sentence
    """A quote is opened in ``line`` and closed nowhere, or where no field can end."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class Row(NamedTuple):
    """The fields of one row and the line it begins in; ``complete`` is False when the text ended inside quotes."""

    line: int
    fields: list[str]
    complete: bool
    n_lines: int = 1


def decoded(data: bytes) -> str:
    """UTF-8 as text; bytes that are none become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def is_bad(text: str) -> bool:
    """Whether ``decoded`` found bytes in it that are no text."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def rows_of(text: str, separator: str, first_line: int) -> Iterator[Row]:
    """The rows of a text that begins at a row, blank lines left out. Raises OpenQuote."""
    lines = io.StringIO(text, newline="")
    if separator == "::":
        return _colon_rows(lines, first_line)
    return _quoted_rows(lines, separator, first_line)


def _colon_rows(lines: io.StringIO, first_line: int) -> Iterator[Row]:
    for line, text in enumerate(lines, first_line):
        if text.strip():
            yield Row(line, [field.strip() for field in text.split("::")], True)


class _Lines:
    """Lines for csv.reader that remembers what it gave since the last row, and whether it is at its end."""

    def __init__(self, lines: io.StringIO, blanks: bool) -> None:
        self.ended = False
        self.since: list[str] = []
        self._lines = lines
        self._blanks = blanks

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.since.append(line)
            yield line.strip(" \t\r\n").replace("\t", " ") + "\n" if self._blanks else line
        self.ended = True


def _quoted_rows(lines: io.StringIO, separator: str, first_line: int) -> Iterator[Row]:
    blanks = separator == WHITESPACE
    delimiter = " " if blanks else separator
    source = _Lines(lines, blanks)
    # "::" apart, the separators are single characters; a run of blanks is one to csv when it skips initial spaces.
    reader = csv.reader(iter(source), delimiter=delimiter, skipinitialspace=blanks)
    strict = _strict_row(delimiter)
    line = first_line
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:  # a field beyond the limit
            raise OpenQuote(line) from error
        if fields is None:
            return
        n_lines = len(source.since)
        if n_lines > 1 and not source.ended and strict.fullmatch("".join(source.since)) is None:
            raise OpenQuote(line)
        if len(fields) > 1 or (fields and fields[0].strip()):
            yield Row(line, fields, not source.ended, n_lines)
        source.since.clear()
        line += n_lines


def _strict_row(delimiter: str) -> re.Pattern[str]:
    """A row in which every quote opens a field, closes one, or stands doubled inside one."""
    plain = f'[^"{re.escape(delimiter)}\r\n][^{re.escape(delimiter)}\r\n]*'
    one = f'(?:"(?:[^"]|"")*"|{plain})?'
    return re.compile(f"{one}(?:{re.escape(delimiter)}{one})*(?:\r\n|\r|\n)?")


class RowCollector:
    """Turns rows into the columns of a ``ParsedBlock``."""

    def __init__(self, shape: TextShape) -> None:
        self._shape = shape
        self._users: dict[str, int] = {}
        self._movies: dict[str, int] = {}
        self._numbers: dict[str, float | str] = {}
        self._user_codes: list[int] = []
        self._movie_codes: list[int] = []
        self._values: list[float] = []
        self._lines: list[int] = []
        self._rejected = RejectionLog()

    def add(self, row: Row) -> None:
        """Take the row in, as a rating or as a rejection. Raises OpenQuote."""
        shape = self._shape
        try:
            user, movie, rating = row.fields[shape.user], row.fields[shape.movie], row.fields[shape.rating]
        except IndexError:
            self._reject(row, "too_few_fields")
            return
        if len(row.fields) > shape.n_fields and any(field.strip() for field in row.fields[shape.n_fields :]):
            self._reject(row, "too_many_fields")
            return
        if row.n_lines > 1 and any("\n" in field or "\r" in field for field in (user, movie, rating)):
            raise OpenQuote(row.line)  # no id or rating goes on in the next line
        value = self._numbers.get(rating)
        if value is None:
            value = self._numbers[rating] = parse_rating(rating, shape.decimal)
        if isinstance(value, str) or not user.strip() or not movie.strip() or is_bad(user) or is_bad(movie):
            self._reject_field(row.line, (user, movie, rating), value)
            return
        self._user_codes.append(self._users.setdefault(user, len(self._users)))
        self._movie_codes.append(self._movies.setdefault(movie, len(self._movies)))
        self._values.append(value)
        self._lines.append(row.line)

    def block(self, first_line: int) -> ParsedBlock:
        """All rows so far."""
        return ParsedBlock(
            IdColumn(texts=list(self._users), codes=np.array(self._user_codes, dtype=np.int32)),
            IdColumn(texts=list(self._movies), codes=np.array(self._movie_codes, dtype=np.int32)),
            compact(np.array(self._values, dtype=np.float64)),
            first_line,
            np.array(self._lines, dtype=np.int64),
            self._rejected,
        )

    def _reject_field(self, line: int, texts: tuple[str, str, str], value: float | str) -> None:
        bad = next((text for text in texts if is_bad(text)), None)
        user, movie, rating = texts
        if bad is not None:
            self._rejected.add(line, "bad_text", bad)
        elif not user.strip() or not movie.strip():
            self._rejected.add(line, "missing_movie" if user.strip() else "missing_user", "")
        else:
            self._rejected.add(line, str(value), rating.strip())

    def _reject(self, row: Row, reason: str) -> None:
        separator = " " if self._shape.separator == WHITESPACE else self._shape.separator
        self._rejected.add(row.line, reason, separator.join(row.fields))


def parse_rows(data: bytes, shape: TextShape, first_line: int, tick: Tick) -> tuple[ParsedBlock, int]:
    """Every row of UTF-8 text that begins at a row, and the bytes at its end that are left.

    Those are a row whose quotes are still open; it must be tried again with what follows. ``tick`` is called often.
    Raises OpenQuote.
    """
    collector = RowCollector(shape)
    text = decoded(data)
    for count, row in enumerate(rows_of(text, shape.separator, first_line)):
        if count % ROWS_A_TICK == 0:
            tick()
        if not row.complete:
            return collector.block(first_line), _bytes_of_last_lines(text, row.n_lines)
        collector.add(row)
    return collector.block(first_line), 0


def _bytes_of_last_lines(text: str, n_lines: int) -> int:
    lines = list(io.StringIO(text, newline=""))
    return len("".join(lines[-n_lines:]).encode("utf-8", "surrogateescape"))
