"""Text into rows of fields, and which separator does that best."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from cfgui.io.rating_text import is_number
from cfgui.io.table_options import SEPARATORS, WHITESPACE, TableError
from cfgui.io.text_blocks import BLANKS

Rows = list[list[str]]

SAMPLE_ROWS = 1000
"""Rows that are looked at."""


@dataclass(frozen=True)
class Split:
    """Text as rows of fields; blank lines are left out, ``lines`` says where each row begins, from 1.

    ``open_quote`` is the line of a quote that never ends, 0 where there is none.
    """

    rows: Rows
    lines: list[int]
    open_quote: int = 0

    @property
    def width(self) -> int:
        """Fields of most rows; of those equally frequent, the larger number."""
        counts = Counter(len(row) for row in self.rows)
        return max(counts, key=lambda width: (counts[width], width), default=0)

    @property
    def steadiness(self) -> float:
        """The part of the rows that have ``width`` fields, or one less or more."""
        width = self.width
        return sum(abs(len(row) - width) <= 1 for row in self.rows) / max(len(self.rows), 1)


def split_text(text: str, separator: str, *, whole: bool = True) -> Split:
    """The first rows of ``text``. Quotes hold fields together, but not where two colons separate."""
    if separator == "::":
        return _split_plainly(text, separator)
    if separator == WHITESPACE:
        kept = text.splitlines()[: 2 * SAMPLE_ROWS]
        whole &= len(kept) < 2 * SAMPLE_ROWS
        text, separator = "\n".join(BLANKS.sub("\t", line.strip()) for line in kept), "\t"
    # A line that ends in a lone carriage return is one too, as in files of old Macs.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: Rows = []
    lines: list[int] = []
    begin = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append(row)
                lines.append(begin)
            begin = reader.line_num + 1
            if len(rows) > SAMPLE_ROWS:
                return Split(rows, lines)
    except csv.Error:  # a field longer than any: what a quote that never ends begins
        return Split(rows, lines, begin if '"' in text else 0)
    if lines and _is_open(text, lines[-1], separator):
        if whole or reader.line_num - lines[-1] > SAMPLE_ROWS // 2:
            return Split(rows[:-1], lines[:-1], lines[-1])
        return Split(rows[:-1], lines[:-1])
    return Split(rows, lines)


def _split_plainly(text: str, separator: str) -> Split:
    rows, lines = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            rows.append(line.split(separator))
            lines.append(number)
        if len(rows) > SAMPLE_ROWS:
            break
    return Split(rows, lines)


def _is_open(text: str, line: int, separator: str) -> bool:
    """Whether the row that begins in ``line`` holds a quote that the text does not end."""
    last = "".join(io.StringIO(text, newline="").readlines()[line - 1 :])
    if '"' not in last:
        return False
    try:
        for _row in csv.reader(io.StringIO(last, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def guess_separator(text: str, name: str, *, whole: bool = True) -> tuple[str, Split]:
    """The separator that gives most fields most steadily, and the rows.

    Raises TableError, naming the file, where none separates anything or a quote never ends.
    """
    splits = {separator: split_text(text, separator, whole=whole) for separator in SEPARATORS}
    found = [item for item in splits.items() if item[1].rows and item[1].width > 1]
    strong = [item for item in found if item[0] != WHITESPACE and item[1].steadiness >= 0.9]
    if _blanks_alone(splits[WHITESPACE]) and max((split.width for _, split in strong), default=0) < 3:
        strong = []  # tabs and spaces both separate
    for candidates in (strong, [item for item in found if item[0] == WHITESPACE and item[1].steadiness >= 0.9], found):
        if candidates:
            separator, split = max(candidates, key=lambda item: (item[1].steadiness >= 0.9, _rank(*item)))
            refuse_open_quote(split, name)
            return separator, split
    for split in splits.values():
        refuse_open_quote(split, name)
    raise TableError(
        f"{name} has only one column: a table of ratings needs a user, a movie and a rating in each line, separated by"
        " commas, semicolons, tabs or the like."
    )


def _blanks_alone(split: Split) -> bool:
    """Whether runs of blanks give the same three fields or more in every row."""
    return split.width > 2 and all(len(row) == split.width for row in split.rows)


def _rank(separator: str, split: Split) -> tuple[float, ...]:
    # More fields win first: a comma may be a decimal mark, a bar may stand within a list of genres.
    return (float(min(split.width, 3)), _cleanness(separator, split.rows[:50]), split.steadiness, float(split.width))


def _cleanness(separator: str, rows: Rows) -> float:
    """The part of the fields in which no other separator stands, numbers with a comma aside."""
    fields = [field for row in rows for field in row]
    others = [other for other in ("::", "\t", ";", ",", "|") if other != separator]
    clean = sum(is_number(field, ",") or not any(other in field for other in others) for field in fields)
    return clean / max(len(fields), 1)


def refuse_open_quote(split: Split, name: str) -> None:
    """Raise TableError where a quote never ends."""
    if split.open_quote:
        raise TableError(
            f'{name}, line {split.open_quote}: a quote (") begins there and never ends. Close it or take it out.'
        )
