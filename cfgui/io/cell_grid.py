"""A block of separated text as cells: where each begins and ends, in which row and column, by array arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.io.table_options import WHITESPACE
from cfgui.io.text_blocks import BLANKS, OddQuoteError

Places = NDArray[np.int64]

_QUOTE, _NEWLINE, _STAND_IN = 34, 10, 31
_BLANKS = re.compile(BLANKS.pattern.encode())
_SURROGATE = re.compile("[\ud800-\udfff]")
_TRIMMED = 64
"""Blanks taken off one end of a cell; one with more of them is handled by itself."""


@dataclass(frozen=True)
class CellGrid:
    """``starts`` and ``ends`` of the cells in ``data``, blanks and quotes around them taken off; those that hold
    nothing have equal ones. ``rows`` count from the beginning of the block; ``firsts`` are the cells that begin a row,
    ``lines`` the number of newlines before each row.
    """

    data: NDArray[np.uint8]
    starts: Places
    ends: Places
    rows: Places
    columns: Places
    firsts: Places
    lines: Places

    @property
    def widths(self) -> Places:
        """Fields of each row."""
        return np.diff(np.append(self.firsts, len(self.starts)))

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which cells hold something."""
        return self.ends > self.starts

    def text(self, cell: int) -> str:
        """What one cell holds."""
        return decoded(self.data[self.starts[cell] : self.ends[cell]].tobytes())


def decoded(text: bytes) -> str:
    """A cell's bytes as text, doubled quotes made single; bytes that are no text become halves of surrogates."""
    return text.decode("utf-8", "surrogateescape").replace('""', '"').strip()


def has_bad_bytes(text: str) -> bool:
    """Whether a cell held bytes that are no text in the file's encoding."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def cell_grid(block: bytes, separator: str) -> CellGrid:
    """The cells of whole lines of UTF-8. Raises OddQuoteError for a quote in the middle of a cell."""
    block, sign, quoted = _with_one_sign(block, separator)
    data = np.frombuffer(block, np.uint8)
    is_end = (data == _NEWLINE) | (data == sign)
    newlines = np.flatnonzero(data == _NEWLINE)
    if quoted and b'"' in block:
        odd = np.cumsum(data == _QUOTE, dtype=np.uint8) & 1
        is_end &= odd == 0
        _refuse_odd_quotes(data, odd, sign)
    ends = np.flatnonzero(is_end)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    last = data[ends] == _NEWLINE
    rows = np.cumsum(last) - last
    firsts = np.concatenate([np.zeros(1, np.int64), np.flatnonzero(last)[:-1] + 1])
    columns = np.arange(len(ends)) - firsts[rows]
    lines = np.searchsorted(newlines, starts[firsts])
    ends = ends.copy()
    _trim(data, starts, ends, quoted=quoted)
    return CellGrid(data, starts, ends, rows, columns, firsts, lines)


def _with_one_sign(block: bytes, separator: str) -> tuple[bytes, int, bool]:
    """(the block with a separator of one byte, that byte, whether quotes count)."""
    if separator == WHITESPACE:
        lines = (_BLANKS.sub(b"\t", line.strip(b" \t")) for line in block.split(b"\n"))
        return b"\n".join(lines), 9, True
    sign = separator.encode()
    if len(sign) == 1:
        return block, sign[0], True
    return block.replace(sign, bytes([_STAND_IN])), _STAND_IN, separator != "::"


def _refuse_odd_quotes(data: NDArray[np.uint8], odd: NDArray[np.integer[Any]], sign: int) -> None:
    """A quote that opens must stand at the beginning of a cell or be the second of two."""
    opening = np.flatnonzero((data == _QUOTE) & (odd == 1))
    before = data[np.maximum(opening - 1, 0)]
    good = (opening == 0) | (before == sign) | (before == _NEWLINE) | (before == _QUOTE)
    if not good.all():
        raise OddQuoteError


def _trim(data: NDArray[np.uint8], starts: Places, ends: Places, *, quoted: bool) -> None:
    """Move the places in ``starts`` and ``ends`` inwards over blanks and over one pair of quotes."""
    _trim_blanks(data, starts, ends)
    if quoted:
        long = np.flatnonzero(ends - starts >= 2)
        held = long[(data[starts[long]] == _QUOTE) & (data[ends[long] - 1] == _QUOTE)]
        starts[held] += 1
        ends[held] -= 1
        if len(held):
            _trim_blanks(data, starts, ends)


def _trim_blanks(data: NDArray[np.uint8], starts: Places, ends: Places) -> None:
    active = np.flatnonzero(ends > starts)
    for _ in range(_TRIMMED):
        begins = data[starts[active]]
        active = active[(begins == 32) | (begins == 9)]
        if not len(active):
            break
        starts[active] += 1
        active = active[ends[active] > starts[active]]
    active = np.flatnonzero(ends > starts)
    for _ in range(_TRIMMED):
        finishes = data[ends[active] - 1]
        active = active[(finishes == 32) | (finishes == 9)]
        if not len(active):
            break
        ends[active] -= 1
        active = active[ends[active] > starts[active]]
