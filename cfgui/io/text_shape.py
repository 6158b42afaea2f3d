"""The shape of the lines of a text table: how many fields they have, and where the needed ones stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from cfgui.io.table_options import TableError, TableOptions

SAMPLED_ROWS = 100
"""So many rows tell how many fields a row has."""


@dataclass(frozen=True)
class TextShape:
    """What both parsers of lines must know; positions are 0-based fields.

    ``n_fields`` is the number of fields a row may fill, ``n_written`` how many of them most rows write. More than
    ``n_fields`` that are not blank make a row one that cannot be trusted: an unquoted separator has moved its fields.
    """

    separator: str
    decimal: Literal[".", ","]
    user: int
    movie: int
    rating: int
    n_fields: int
    n_written: int

    @property
    def last_needed(self) -> int:
        """The highest position that a row must have."""
        return max(self.user, self.movie, self.rating)

    @property
    def quoted(self) -> bool:
        """Whether quotes may stand around fields; MovieLens' "::" files know none."""
        return self.separator != "::"


def n_filled(row: list[str]) -> int:
    """Fields of a row without blank ones at its end, which many programs write."""
    n = len(row)
    while n and not row[n - 1].strip():
        n -= 1
    return n


def text_shape(name: str, options: TableOptions, header: list[str] | None, rows: list[list[str]]) -> TextShape:
    """The shape after a look at the header (None: there is none) and the first rows, of which there is at least one.

    Positions are counted in the rows. A header one name short is taken for that of a table whose first column has no
    name, as pandas writes them, when that column is not needed. Raises TableError when the columns cannot be trusted:
    the rows are otherwise longer than the header.
    """
    n_written = Counter(len(row) for row in rows).most_common(1)[0][0]
    n_filled_mostly = Counter(n_filled(row) for row in rows).most_common(1)[0][0]
    n_fields = n_filled_mostly if header is None else max(n_filled(header), 1)
    needed = (options.user, options.movie, options.rating)
    if n_filled_mostly > n_fields:
        if n_filled_mostly > n_fields + 1 or min(needed) == 0:
            raise TableError(
                f"{name}: the rows have {n_filled_mostly} fields, but the first line names only {n_fields}, so nobody"
                " can tell which column is which: complete the first line, or say that there is no header."
            )
        n_fields = n_filled_mostly
    if header is None:
        n_fields = max(n_fields, max(needed) + 1)
    return TextShape(options.separator, options.decimal, *needed, n_fields=n_fields, n_written=n_written)
