"""The fast parser of text tables: whole blocks with pyarrow, only where the answer is surely that of ``row_parser``.

Each function here answers None where it cannot be sure; the block is then taken apart and looked at row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfgui.io.arrow_arrays import numbers_of, whole_numbers
from cfgui.io.id_coding import DIRECT_LIMIT
from cfgui.io.parsed_block import IdColumn, ParsedBlock, compact
from cfgui.io.table_options import WHITESPACE
from cfgui.io.text_shape import TextShape

if TYPE_CHECKING:
    import pyarrow as pa

Bytes = NDArray[np.uint8]
Buffer = bytes | memoryview

_ZERO, _ONE, _NINE = ord("0"), ord("1"), ord("9")
MAX_COLUMNS = 4_096
"""Naming more columns for pyarrow would take longer than looking at the rows."""

_MARK = b"\xef\xbb\xbf"
_NEWLINE, _RETURN, _QUOTE, _SPACE, _TAB = b'\n\r" \t'


def parse_columns(data: Buffer, shape: TextShape, first_line: int, n_lines: int) -> ParsedBlock | None:
    """All rows of UTF-8 text of whole lines without odd quotes (``quotes_are_regular``), or None where not sure.

    ``n_lines`` lines begin in ``data``.
    """
    separator, step = shape.separator, 1
    if separator == WHITESPACE:
        data, separator = _single_tabs(data), "\t"
    elif separator == "::":
        separator, step = ":", 2
    table = _read(data, shape, separator, step)
    if table is None:
        return None
    # A line is a row or empty.
    lines = None if table.num_rows == n_lines else _filled_lines(np.frombuffer(data, dtype=np.uint8), first_line)
    if lines is not None and len(lines) != table.num_rows:
        return None
    if not table.num_rows:
        nothing = IdColumn(numbers=np.empty(0, dtype=np.int64))
        return ParsedBlock(nothing, nothing, np.empty(0, dtype=np.float32), first_line)
    users = _ids(_column(table, shape.user), stripped=step == 2)
    movies = _ids(_column(table, shape.movie), stripped=step == 2)
    values = numbers_of(_column(table, shape.rating), np.float64)
    if users is None or movies is None or not bool(np.isfinite(values).all()):
        return None
    return ParsedBlock(users, movies, compact(values), first_line, lines)


def quotes_are_regular(data: Buffer, separator: str) -> bool:
    """Whether every quote opens or closes a whole field of one line, so that each line end is the end of a row."""
    if separator == WHITESPACE:
        return False  # runs of blanks inside quotes are text
    text = np.frombuffer(data, dtype=np.uint8)
    quote = text == _QUOTE
    places = np.flatnonzero(quote)
    if len(places) % 2:
        return False
    opening, closing = places[0::2], places[1::2]
    ends = _is_line_end(text)
    edge = ends | (text == ord(separator))
    inside = np.bitwise_xor.accumulate(quote)
    return bool(
        edge[opening[opening > 0] - 1].all()
        and edge[closing[closing < len(text) - 1] + 1].all()
        and not (ends & inside).any()
    )


def _is_line_end(text: Bytes) -> NDArray[np.bool_]:
    ends: NDArray[np.bool_] = (text == _NEWLINE) | (text == _RETURN)
    return ends


def _single_tabs(data: Buffer) -> Buffer:
    """Lines with one tab for each run of blanks, and none at either end."""
    text = np.frombuffer(data, dtype=np.uint8)
    blank = (text == _SPACE) | (text == _TAB)
    after = np.empty_like(blank)  # what follows is a blank or the end of the line
    after[:-1] = blank[1:] | _is_line_end(text[1:])
    after[-1:] = True
    drop = blank & after
    starts = np.empty_like(blank)
    starts[:1] = True
    starts[1:] = _is_line_end(text[:-1])
    if (blank & starts).any():  # a run at the start of a line keeps its last blank so far
        kept = text[~drop]
        before = np.concatenate([[np.uint8(_NEWLINE)], kept[:-1]])
        kept = kept[~(((kept == _SPACE) | (kept == _TAB)) & _is_line_end(before))]
    else:
        kept = text[~drop] if drop.any() else text
    return np.where(kept == _SPACE, np.uint8(_TAB), kept).tobytes()


def _read(data: Buffer, shape: TextShape, separator: str, step: int) -> pa.Table | None:
    """The needed columns, named by their positions, and those that have to be blank, which they are."""
    import pyarrow as pa
    from pyarrow import csv

    if bytes(data[:3]) == _MARK or shape.n_written > MAX_COLUMNS:
        return None  # pyarrow would take the mark away
    n_columns = (shape.n_written - 1) * step + 1
    needed = {shape.user * step: pa.binary(), shape.movie * step: pa.binary(), shape.rating * step: pa.float64()}
    if max(needed) >= min(n_columns, shape.n_fields * step) or len(needed) < 3:
        return None
    empty = list(range(shape.n_fields * step, n_columns))
    if step == 2:  # "::" is read as ":" with nothing between; further right nothing is needed
        empty += range(1, min(max(needed) + 2, shape.n_fields * step, n_columns), 2)
    types = {str(place): pa.binary() for place in empty} | {str(place): kind for place, kind in needed.items()}
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=[str(place) for place in range(n_columns)]
            ),
            parse_options=csv.ParseOptions(
                delimiter=separator, quote_char='"' if shape.quoted else False, ignore_empty_lines=True
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                null_values=[],
                strings_can_be_null=False,
                decimal_point=shape.decimal,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:  # a row with another number of fields, a rating that is no number
        return None
    if table.num_rows and any(_texts_of(_column(table, place))[1].size for place in empty):
        return None
    if step == 2:
        names = [str(place // 2) if place % 2 == 0 else f"empty {place}" for place in map(int, table.column_names)]
        return table.rename_columns(names)
    return table


def _column(table: pa.Table, place: int) -> pa.Array:
    column = table.column(str(place))
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _texts_of(column: pa.Array) -> tuple[NDArray[np.int32], Bytes]:
    """(offsets, bytes) of a pyarrow array of texts that is no slice."""
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[: len(column) + 1]
    size = int(ends[-1]) if len(ends) else 0
    return ends, np.frombuffer(data, dtype=np.uint8)[:size] if size else np.empty(0, dtype=np.uint8)


def _ids(column: pa.Array, *, stripped: bool) -> IdColumn | None:
    """The ids of a column of bytes; None where one is blank, no text, or has blanks to be ``stripped``."""
    from pyarrow import compute

    offsets, text = _texts_of(column)
    lengths_are_fine = bool((offsets[1:] > offsets[:-1]).all())
    if not lengths_are_fine:
        return None
    numbers = _plain_numbers(column, offsets, text)
    if numbers is not None and int(numbers.max()) < DIRECT_LIMIT:
        return IdColumn(numbers=numbers)
    encoded = compute.dictionary_encode(column if numbers is None else whole_numbers(numbers))
    codes = numbers_of(encoded.indices, np.int32)
    if numbers is not None:
        return IdColumn(numbers=numbers_of(encoded.dictionary, np.int64), codes=codes)
    try:
        texts = [item.decode() for item in encoded.dictionary.to_pylist()]
    except UnicodeDecodeError:
        return None
    if any(item != item.strip() if stripped else not item.strip() for item in texts):
        return None
    return IdColumn(texts=texts, codes=codes)


def _plain_numbers(column: pa.Array, offsets: NDArray[np.int32], text: Bytes) -> NDArray[np.int64] | None:
    """The ids as numbers where each is the digits of one and nothing else: no sign, no leading zero, 18 at most."""
    import pyarrow as pa
    from pyarrow import compute

    first = text[offsets[:-1]]
    if not bool(((first - np.uint8(_ONE)) <= _NINE - _ONE).all()):
        zero = (first == _ZERO) & (offsets[1:] - offsets[:-1] == 1)
        if not bool((zero | ((first - np.uint8(_ONE)) <= _NINE - _ONE)).all()):
            return None
    try:
        # Bytes that are no UTF-8 are no digits either, and the cast says so.
        strings = pa.StringArray.from_buffers(len(column), *column.buffers()[1:])
        numbers: NDArray[np.int64] = numbers_of(compute.cast(strings, pa.int64()), np.int64)
    except pa.ArrowInvalid:
        return None
    return numbers if int(numbers.max()) < 10**18 else None


def _filled_lines(text: Bytes, first_line: int) -> NDArray[np.int64]:
    """The numbers of the lines that are not empty."""
    ends = np.flatnonzero(_is_line_end(text))
    inner = ends[ends < len(text) - 1]
    halves = inner[(text[inner] == _RETURN) & (text[inner + 1] == _NEWLINE)]  # of line ends of two characters
    ends = np.setdiff1d(ends, halves, assume_unique=True)
    starts = np.concatenate([[0], ends + 1])
    stops = np.concatenate([ends, [len(text)]])
    stops -= np.isin(stops - 1, halves, assume_unique=True)
    return np.flatnonzero(stops > starts) + first_line
