"""A column that a person names, found."""

from __future__ import annotations

from collections.abc import Sequence

from cfgui.io.table_options import TableError


def chosen_place(choice: str, columns: Sequence[str], role: str, name: str) -> int:
    """The 0-based place of the column ``choice``: its header, also in other capitals, or its number from 1.

    Raises TableError, naming the file ``name`` and the columns there are.
    """
    if choice in columns:
        return columns.index(choice)
    folded = [column.casefold() for column in columns]
    if choice.casefold() in folded:
        return folded.index(choice.casefold())
    if choice.isdecimal() and 1 <= int(choice) <= len(columns):
        return int(choice) - 1
    listed = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
    raise TableError(f"{name} has no column {choice} for the {role}: choose one of {listed}, or a number from 1.")
