"""NumberRows: which rows of a table are shown, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfgui.app.number_columns import Column, Places, matching, searchable
from cfgui.core.ratings import Mask


class NumberRows:
    """Columns of one length, sorted by one of them, searched, and cut down to some rows.

    ``shown`` are the rows that are shown, from top to bottom.
    """

    def __init__(self) -> None:
        self.columns: tuple[Column, ...] = ()
        self.shown: Places = np.zeros(0, dtype=np.intp)
        self._kept: Mask | None = None
        self._text = ""
        self._found: Mask | None = None
        self._sorted_by: tuple[int, bool] | None = None
        self._searchable: list[str] | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def take(self, columns: Sequence[Column]) -> None:
        """Other columns, sorted by the one of the same title as before, and cut as before where they are as many.

        Raises ValueError where they differ in length.
        """
        if len({len(column) for column in columns}) > 1:
            raise ValueError("Columns of a table must be of one length.")
        before, n_before = self.columns, len(self)
        self.columns = _with_ranks(tuple(columns), before)
        self._sorted_by = _same_place(self._sorted_by, before, self.columns)
        if len(self) != n_before:
            self._kept = None
        if _texts(self.columns) != _texts(before):
            self._searchable, self._found = None, None
        self._arrange()

    def search(self, text: str) -> None:
        """Show only rows that have every word of ``text`` in a text column."""
        self._text, self._found = text, None
        self._arrange()

    def keep(self, mask: Mask | None) -> None:
        """Show only rows for which ``mask`` (n_rows,) is True; all of them with None."""
        self._kept = mask
        self._arrange()

    def sort(self, place: int, *, descending: bool) -> None:
        """Sort by the column at ``place``; as they were given where there is none."""
        self._sorted_by = (place, descending) if 0 <= place < len(self.columns) else None
        self._arrange()

    @property
    def sorted_by(self) -> tuple[int, bool] | None:
        """The place of the column that the rows are sorted by, and whether downwards; None as they were given."""
        return self._sorted_by

    def place_of(self, row: int) -> int | None:
        """Where a row stands among those shown; None where it does not."""
        places = np.flatnonzero(self.shown == row)
        return int(places[0]) if len(places) else None

    def _arrange(self) -> None:
        order = np.arange(len(self))
        if self._sorted_by is not None:
            place, descending = self._sorted_by
            order = self.columns[place].order(descending=descending)
        mask = self._mask()
        self.shown = order if mask is None else order[mask[order]]

    def _mask(self) -> Mask | None:
        if self._text.strip() and self._found is None:
            if self._searchable is None:
                self._searchable = searchable(self.columns)
            self._found = matching(self._searchable, self._text)
        if self._found is None or self._kept is None:
            return self._kept if self._found is None else self._found
        return self._found & self._kept


def _same_place(
    sorted_by: tuple[int, bool] | None, before: Sequence[Column], columns: Sequence[Column]
) -> tuple[int, bool] | None:
    """Where the column of the same title stands now; None where there is none."""
    if sorted_by is None:
        return None
    titles = [column.title for column in columns]
    title = before[sorted_by[0]].title
    return (titles.index(title), sorted_by[1]) if title in titles else None


def _texts(columns: Sequence[Column]) -> list[int]:
    """Which texts these are, by identity: comparing tens of thousands takes longer than a moment."""
    return [id(column.values) for column in columns if column.is_text]


def _with_ranks(columns: tuple[Column, ...], before: tuple[Column, ...]) -> tuple[Column, ...]:
    """The same, but text columns as before where their texts are the same: those know their ranks."""
    known = {(column.title, id(column.values)): column for column in before if column.is_text}
    return tuple(
        known.get((column.title, id(column.values)), column) if column.is_text else column for column in columns
    )
