"""The compiled parser of text tables at work: for blocks of the plainest kind, and only where it is sure."""

from __future__ import annotations

import numpy as np

from cfgui.io.compiled_rows import Loops
from cfgui.io.id_coding import DIRECT_LIMIT
from cfgui.io.parsed_block import IdColumn, ParsedBlock, compact
from cfgui.io.table_options import WHITESPACE
from cfgui.io.text_shape import TextShape


def parse_clean_block(data: bytes, shape: TextShape, first_line: int, n_lines: int, loops: Loops) -> ParsedBlock | None:
    """All rows of whole lines of text without quotes, or None where one of them is not of the plainest kind."""
    odd_columns = shape.last_needed >= shape.n_written or len(set(_needed(shape))) < 3
    if odd_columns or shape.separator == WHITESPACE or shape.n_written > shape.n_fields:
        return None
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    users, movies = np.empty(n_lines, dtype=np.int32), np.empty(n_lines, dtype=np.int32)
    values = np.empty(n_lines)
    n_rows = loops.parse_clean(
        np.frombuffer(data, dtype=np.uint8),
        ord(shape.separator[0]),
        len(shape.separator),
        ord(shape.decimal),
        shape.n_written,
        *_needed(shape),
        users,
        movies,
        values,
    )
    # A line without fields is refused, so rows and lines are the same.
    if n_rows != n_lines or not n_rows or max(int(users.max()), int(movies.max())) >= DIRECT_LIMIT:
        return None
    return ParsedBlock(IdColumn(numbers=users), IdColumn(numbers=movies), compact(values), first_line)


def _needed(shape: TextShape) -> tuple[int, int, int]:
    return shape.user, shape.movie, shape.rating
