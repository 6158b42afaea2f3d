"""What becomes of a block of rows on its way from a file to index arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfgui.io.rejections import RejectionLog


@dataclass(frozen=True, eq=False)
class IdColumn:
    """The ids of a block's rows.

    Either ``numbers`` alone: the ids themselves, whole numbers from 0 whose plain digits are the text in the file. Or
    ``codes``, positions in a list of distinct ids, which is ``numbers`` or ``texts`` then. Only the compiled parser
    gives numbers as int32.
    """

    numbers: NDArray[np.int64] | NDArray[np.int32] | None = None
    texts: list[str] | None = None
    codes: NDArray[np.int32] | None = None


@dataclass(frozen=True, eq=False)
class ParsedBlock:
    """The good rows of a block as parallel columns, and the others as rejections; both in the order of the file.

    ``values`` are float32 where that holds each of them exactly. Good row ``i`` stands in line ``lines[i]``, or in
    line ``first_line + i`` where ``lines`` is None.
    """

    users: IdColumn
    movies: IdColumn
    values: NDArray[np.floating]
    first_line: int
    lines: NDArray[np.int64] | None = None
    rejected: RejectionLog = field(default_factory=RejectionLog)

    def line(self, row: int) -> int:
        """The line of a good row."""
        return self.first_line + row if self.lines is None else int(self.lines[row])


def compact(values: NDArray[np.float64]) -> NDArray[np.floating]:
    """The same numbers as float32 where that holds each of them exactly."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = values.astype(np.float32)
    return short if bool((short == values).all()) else values
