"""The inner loops of reading a large text table, compiled by numba when they are first needed.

``parse_clean`` takes whole numbers as ids and plain decimals as ratings, a third of pyarrow's time, and refuses any
other row without a guess. numba takes a third of a second to load, so small files do without.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_ID_DIGITS = 9
"""Digits of an id, so that it fits int32."""

MAX_DIGITS = 15
"""Digits of a rating: so many are exact in float64, and then so is their division by a power of ten."""

_ZERO, _NINE, _NEWLINE, _RETURN = 48, 57, 10, 13
_POWERS = 10.0 ** np.arange(MAX_DIGITS + 1)

Bytes = NDArray[np.uint8]
Codes = NDArray[np.int32]


class Loops(NamedTuple):
    """The compiled forms of the functions below that have these names."""

    parse_clean: Callable[..., int]
    code_direct: Callable[..., int]


@cache
def loops() -> Loops:
    """Both loops, compiled or taken from where an earlier start kept them. Imports numba."""
    from numba import float64, int32, int64, njit, types, uint8

    text = types.Array(uint8, 1, "C", readonly=True)
    signatures = (
        (
            parse_clean,
            int64(text, uint8, int64, uint8, int64, int64, int64, int64, int32[::1], int32[::1], float64[::1]),
        ),
        (code_direct, int64(int32[::1], int32[::1], int64, int32[::1], int32[::1])),
    )

    def compiled(function: Callable[..., int], signature: object) -> Callable[..., int]:
        try:
            made: Callable[..., int] = njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:  # numba found no folder to keep it in
            made = njit(signature, nogil=True)(function)
        return made

    return Loops(*(compiled(function, signature) for function, signature in signatures))


def parse_clean(  # noqa: PLR0912 - one loop over the bytes, which calls would slow down
    data: Bytes,
    separator: int,
    width: int,
    mark: int,
    n_fields: int,
    user: int,
    movie: int,
    rating: int,
    users: Codes,
    movies: Codes,
    values: NDArray[np.float64],
) -> int:
    """Fill the columns from ``data``: lines of ``n_fields`` fields each; the number of rows, or -1 where not sure.

    Fields end at ``width`` (1 or 2) times the byte ``separator``; ``mark`` is the decimal mark. There must be neither a
    quote nor a return without a newline in ``data``. Ids are "0" or digits without a leading zero.
    """
    n = len(data)
    place, row = 0, 0
    while place < n:
        for field in range(n_fields):
            if field != user and field != movie and field != rating:  # noqa: PLR1714 - a tuple here is slow
                while place < n and data[place] != _NEWLINE:
                    if data[place] == separator and (width == 1 or (place + 1 < n and data[place + 1] == separator)):
                        break
                    place += 1
            else:
                start, number = place, 0
                while place < n and _ZERO <= data[place] <= _NINE:
                    number = number * 10 + (data[place] - _ZERO)
                    place += 1
                length, decimals = place - start, 0
                if length == 0 or (
                    field != rating and (length > MAX_ID_DIGITS or (length > 1 and data[start] == _ZERO))
                ):
                    return -1
                if field == user:
                    users[row] = number
                elif field == movie:
                    movies[row] = number
                else:
                    if place < n and data[place] == mark and mark != separator:
                        place += 1
                        while place < n and _ZERO <= data[place] <= _NINE:
                            number = number * 10 + (data[place] - _ZERO)
                            place += 1
                        decimals = place - start - length - 1
                    if length + decimals > MAX_DIGITS:
                        return -1
                    values[row] = number / _POWERS[decimals]
            if field < n_fields - 1:
                if place + width > n or data[place] != separator or data[place + width - 1] != separator:
                    return -1
                place += width
        if place < n and data[place] == _RETURN:
            place += 1
        if place < n and data[place] != _NEWLINE:  # a field too many, or an id that goes on
            return -1
        place += 1
        row += 1
    return row


def code_direct(numbers: Codes, table: Codes, n_ids: int, codes: Codes, new: Codes) -> int:
    """Look each number up in ``table`` (-1: not met yet) and give new ones the next codes from ``n_ids``.

    Returns how many are new; they are written into ``new``. All numbers are positions of ``table``.
    """
    n_new = 0
    for row in range(len(numbers)):
        code = table[numbers[row]]
        if code < 0:
            code = n_ids + n_new
            table[numbers[row]] = code
            new[n_new] = numbers[row]
            n_new += 1
        codes[row] = code
    return n_new
