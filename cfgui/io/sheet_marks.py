"""What the first rows of a sheet tell: whether it is laid out like the course's, and where a table on it begins."""

from __future__ import annotations

from cfgui.core.models import MODELS

Rows = list[list[str]]
"""Cells as texts; rows may be shorter than the sheet is wide, and blank ones are empty."""

_OWN_NAMES = {model.sheet for model in MODELS.values()}


def is_label(text: str, label: str) -> bool:
    """Whether a cell reads ``label``, however it is spaced and capitalised."""
    return text.replace(" ", "").replace("_", "").casefold() == label


def is_own_sheet(name: str, rows: Rows) -> bool:
    """Whether a sheet is one of this program's or the course's: ``movieId`` with ``userId`` below and left of it.

    On a sheet of the right name ``movieId`` alone is enough.
    """
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if not is_label(text, "movieid"):
                continue
            below = rows[number + 1] if number + 1 < len(rows) else []
            if 0 < column <= len(below) and is_label(below[column - 1], "userid"):
                return True
            if name.strip().casefold() in _OWN_NAMES:
                return True
    return False


def table_corner(rows: Rows) -> tuple[int, int]:
    """(rows above, columns left of) the table in the first rows: blank margins, and titles of a single cell."""
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    top = next((number for number, row in enumerate(rows) if sum(map(bool, row)) >= min(2, widest)), 0)
    filled = [next(column for column, text in enumerate(row) if text) for row in rows[top:] if any(row)]
    return top, min(filled, default=0)
