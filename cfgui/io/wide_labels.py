"""The labels of a crosstab: its first row, what lies under which of them, and that none stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cfgui.io.rating_text import shortened
from cfgui.io.table_options import TableError

NO_CORNER_REMARK = "The first row has one cell less than the others: its movie ids stand over the later columns."


def lacks_corner(header: Sequence[str], widths: Sequence[int], filled: Sequence[int]) -> bool:
    """Whether nothing stands over the user ids, so that the header is one short, as R writes it.

    ``widths`` are the fields of the rows below, ``filled`` the place after the last field of each that holds something.
    """
    if not widths or not header or not header[0].strip():
        return False
    longer = sum(width == len(header) + 1 for width in widths)
    return longer >= 0.9 * len(widths) and max(filled) == len(header) + 1


@dataclass(frozen=True)
class MovieLabels:
    """Movie ids in the order of the columns; ``by_column`` holds a column's movie, -1 where no id stands over it."""

    ids: tuple[str, ...]
    by_column: tuple[int, ...]

    @classmethod
    def read(cls, header: Sequence[str], first: int, line: int, name: str) -> MovieLabels:
        """From the first row, whose movie ids begin at the place ``first``. Raises TableError for a repeated id."""
        places: dict[str, int] = {}
        by_column = [-1] * min(first, len(header))
        for place in range(first, len(header)):
            raw_id = header[place].strip()
            if raw_id in places:
                raise TableError(
                    f"{name}, line {line}: the movie id {shortened(raw_id)} stands in column {places[raw_id] + 1} and"
                    f" again in column {place + 1}. Give each movie its own id."
                )
            by_column.append(len(places) if raw_id else -1)
            if raw_id:
                places[raw_id] = place
        return cls(tuple(places), tuple(by_column))


def refuse_repeated_users(ids: Sequence[str], lines: Sequence[int], name: str) -> None:
    """Raise TableError where a user id stands twice, naming both lines."""
    if len(set(ids)) == len(ids):
        return
    raw_id = next(raw_id for raw_id, count in Counter(ids).items() if count > 1)
    first, second = [line for other, line in zip(ids, lines, strict=True) if other == raw_id][:2]
    raise TableError(
        f"{name}, line {second}: repeats the user id {shortened(raw_id)} of line {first}. Give each user one line, or"
        " read the table as one rating a line."
    )
