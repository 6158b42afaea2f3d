"""A1 addresses: 0-based (row, column) to text and back."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_ROWS = 1_048_576
"""Rows of an Excel sheet."""
MAX_COLUMNS = 16_384
"""Columns of an Excel sheet."""

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@lru_cache(maxsize=MAX_COLUMNS)
def column_letters(column: int) -> str:
    """The letters of a 0-based column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def a1(row: int, column: int, *, absolute: bool = False, fix_row: bool = False, fix_column: bool = False) -> str:
    """The address of a 0-based cell; ``fix_row`` and ``fix_column`` put in single dollar signs, ``absolute`` both."""
    left, right = "$" * (absolute or fix_column), "$" * (absolute or fix_row)
    return f"{left}{column_letters(column)}{right}{row + 1}"


def parse_a1(address: str) -> tuple[int, int] | None:
    """0-based (row, column) of an address such as ``H25`` or ``$h$25``; None when it is not one on an Excel sheet."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(match[2])
    return (row - 1, column - 1) if row <= MAX_ROWS and column <= MAX_COLUMNS else None
