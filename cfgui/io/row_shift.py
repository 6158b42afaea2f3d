"""Tables whose rows are all longer than their header: which name belongs to which column."""

from __future__ import annotations

from itertools import pairwise

from cfgui.io.column_guess import column, guess_decimal, named_roles
from cfgui.io.rating_text import numbers_in
from cfgui.io.separator_guess import Rows
from cfgui.io.table_options import TableError


def shifted_header(names: list[str], body: Rows, name: str, remarks: list[str]) -> list[str]:
    """A name for every column, "" for one without; adds to ``remarks`` what was assumed.

    The names move by one when a column of row numbers or row names stands before them, as pandas and R write it, and
    the ratings stand below theirs then. Blank fields at the end of every row are no column. Raises TableError where
    nobody can tell.
    """
    width = max(len(row) for row in body)
    if all(not cell.strip() for row in body for cell in row[len(names) :]):
        return names
    if width == len(names) + 1 and _is_index(column(body, 0)) and _fits(["", *names], body):
        remarks.append(
            "Every row has one field more than the header: the first column was taken for row numbers without a name."
        )
        return ["", *names]
    raise TableError(
        f"{name}: the rows have {width} fields, but the first line names only {len(names)}, so nobody can tell which"
        " column is which: complete the first line, or say that there is no header."
    )


def _fits(names: list[str], body: Rows) -> bool:
    """Whether what stands in the column of ratings, if one is named so, could be ratings."""
    place = named_roles(names).get("rating")
    if place is None:
        return True
    cells = [cell for cell in column(body, place) if cell.strip()]
    numbers = numbers_in(cells, guess_decimal(cells))
    return len(numbers) > len(cells) / 2 and max(map(abs, numbers)) <= 1000


def _is_index(cells: list[str]) -> bool:
    """Whether the cells number or name the rows: no two alike, whole numbers counting up where they are numbers."""
    if len(set(cells)) < len(cells) or not all(cell.strip() for cell in cells):
        return False
    if not all(cell.isdecimal() for cell in cells):
        return True
    return all(later - earlier == 1 for earlier, later in pairwise(map(int, cells)))
