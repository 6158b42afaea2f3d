"""A block: one of the rectangles a sheet is made of, as a table of numbers with addresses, texts and edits.

A sheet of n users, m movies and k factors stands as on the workbook: ratings (n x m) above, movie weights (k x m) over
the predictions (n x m), user weights (n x k) left of them. On the bias sheet the movie bias is the first row of the
movie weights and the user bias the first column of the user weights.

Rows and columns are those of the session's view: n and m are the users and movies shown. Numbers are asked for by
rectangles, so that a table of any size costs what is seen of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from cfgui.app.edits import Edit
from cfgui.app.facts import movie_facts, user_facts
from cfgui.app.layouts import layout_of
from cfgui.app.session import Session
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.core.ratings import Cell, Floats, Mask
from cfgui.core.view import View
from cfgui.io.workbook_layout import Layout


def rating_text(value: float) -> str:
    """A rating as a person types it: 4, 3.5, 3.25."""
    return f"{value:.15g}"


def weight_text(value: float) -> str:
    """A weight or a prediction to two decimals, as the sheet's number format shows it."""
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    return f"{value:,.2f}"


ALL = slice(None)
"""All rows, or all columns, of a block."""


class Block(ABC):
    """One rectangle of cells of one model's sheet."""

    name: str
    title: str
    editable: bool
    accepts_blank = False
    """Whether a cell may be left without a number."""

    def __init__(self, session: Session, model: str) -> None:
        self.session = session
        self.model = model

    @property
    def factors(self) -> Factors:
        """The present weights of this block's model."""
        return self.session.sheet(self.model).factors

    @property
    def bias_lines(self) -> int:
        """1 where the first row or column of the weights is a bias, else 0."""
        return int(MODELS[self.model].bias)

    @property
    def layout(self) -> Layout:
        """The addresses of this sheet at its present size."""
        n_ratings = self.session.visible.n_ratings if self.factors.layers else 0
        return layout_of(len(self.view.users), len(self.view.movies), n_ratings, self.factors)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def view(self) -> View:
        """The users and movies shown."""
        return self.session.view

    def user(self, row: int) -> int:
        """The index of the user shown in a row."""
        return int(self.view.users[row])

    def movie(self, column: int) -> int:
        """The index of the movie shown in a column."""
        return int(self.view.movies[column])

    @abstractmethod
    def part(self, rows: slice, columns: slice) -> Floats:
        """The values of a rectangle, (rows, columns); NaN marks a blank cell. For painting and statistics."""

    def filled(self, rows: slice, columns: slice) -> Mask:
        """Which cells of a rectangle hold a number, (rows, columns)."""
        return ~np.isnan(self.part(rows, columns))

    def values(self) -> Floats:
        """All values, (rows, columns). For blocks of which all can be seen."""
        return self.part(ALL, ALL)

    def address(self, row: int, column: int) -> str:
        """The A1 address of a cell in the exported workbook."""
        return self.layout.address(self.name, row, column)

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """Where a place of the layout (block, row, column) lies in this block; None when it lies elsewhere."""
        return (row, column) if name == self.name else None

    def value(self, row: int, column: int) -> float | None:
        """One value, None where blank."""
        value = float(self.part(slice(row, row + 1), slice(column, column + 1))[0, 0])
        return None if np.isnan(value) else value

    def text(self, row: int, column: int) -> str:
        """What the cell shows."""
        value = self.value(row, column)
        return "" if value is None else weight_text(value)

    def texts(self, rows: slice, columns: slice) -> list[list[str]]:
        """What the cells of a rectangle show."""
        row_range, column_range = (range(*part.indices(n)) for part, n in zip((rows, columns), self.shape, strict=True))
        return [[self.text(row, column) for column in column_range] for row in row_range]

    def full_text(self, row: int, column: int) -> str:
        """The value with every digit, as the formula bar shows and copying gives it."""
        value = self.value(row, column)
        return "" if value is None else repr(value).removesuffix(".0")

    def can_edit(self, row: int, column: int) -> bool:
        """Whether a person may type here."""
        return self.editable

    def row_header(self, row: int) -> str:
        """The label left of a row."""
        return self.session.ratings.user_ids[self.user(row)]

    def column_header(self, column: int) -> str:
        """The label above a column."""
        return self.session.ratings.movie_ids[self.movie(column)]

    def row_tip(self, row: int) -> str:
        """What hovering over a row's label says."""
        return f"user {self.row_header(row)}"

    def column_tip(self, column: int) -> str:
        """What hovering over a column's label says."""
        return self.session.ratings.movie_label(self.movie(column))

    def row_facts(self, row: int) -> str:
        """More about a row, beside what ``row_tip`` says; "" where there is nothing."""
        return user_facts(self.session, self.user(row)) if self.name in ("ratings", "predictions") else ""

    def column_facts(self, column: int) -> str:
        """More about a column, beside what ``column_tip`` says; "" where there is nothing."""
        return movie_facts(self.session, self.movie(column)) if self.name in ("ratings", "predictions") else ""

    def tip(self, row: int, column: int) -> str:
        """What hovering over a cell says."""
        return f"{self.row_tip(row)} · {self.column_tip(column)}"

    def tip_more(self, row: int, column: int) -> str:
        """What hovering over a cell says beside ``tip``, and a screen reader does not repeat; "" for nothing."""
        return ""

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """The edit that sets these cells. Raises ValueError with a sentence where that is not possible."""
        raise ValueError("Predictions are computed from the factors: edit a factor or a rating instead.")

    def changed(self, rows: slice = ALL, columns: slice = ALL) -> Floats | None:
        """new - old for each cell of a rectangle that the last change moved, or None where nothing is known."""
        return None
