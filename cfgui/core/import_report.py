"""What reading a table came to: how much was read, and what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_LINES = 100_000
"""Line numbers kept for one reason; the count beside them is always exact."""

REASONS: Mapping[str, str] = {
    "missing_user": "no user id",
    "missing_movie": "no movie id",
    "missing_rating": "no rating",
    "rating_not_a_number": "the rating is not a number",
    "rating_not_finite": "the rating is not a finite number",
    "too_few_fields": "fewer fields than the columns need",
    "too_many_fields": "more fields than the header names",
    "bad_text": "bytes that are no text in this encoding",
}
"""Every reason for leaving a row out, by the name that ``info --json`` prints."""


@dataclass(frozen=True, eq=False)
class RejectedRows:
    """Rows left out for one reason, a key of ``REASONS``.

    ``lines`` are their line numbers in the file (rows of the sheet), from 1, ascending, the first ``MAX_LINES`` at
    most; ``example`` is the offending text of the first of them, cut to 40 characters.
    """

    reason: str
    count: int
    lines: NDArray[np.int64]
    example: str = ""


@dataclass(frozen=True, eq=False)
class ImportReport:
    """How a file was understood and what became of its rows.

    ``format`` is a few words, as "CSV, one rating a line"; ``encoding`` a codec's name, "" where there is none.
    ``n_rows`` counts the data rows (the rated cells of a crosstab). ``n_duplicates`` counts the rows whose user and
    movie stood there before, and ``duplicates`` says what was done with them: "last", "mean" or "refuse".
    """

    file: str
    format: str
    encoding: str = ""
    n_rows: int = 0
    n_duplicates: int = 0
    duplicates: str = "last"
    rejected: tuple[RejectedRows, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def n_rejected(self) -> int:
        """Rows left out, for whatever reason."""
        return sum(rows.count for rows in self.rejected)
