"""What every formula cell of an exported workbook must hold: its formula and the number the program computes for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import rmse
from cfgui.core.ratings import Ratings
from cfgui.io.crosstab_layout import CrosstabLayout
from cfgui.io.embedding_values import end_values, line_values, needs_exact
from cfgui.io.model_sheet import crosstab_values
from cfgui.io.net_layout import NetLayout
from cfgui.io.net_lines import NetLines
from cfgui.io.workbook_layout import EmbeddingLayout, Layout, SheetLayout
from cfgui.io.workbook_size import model_of, sheet_layouts


class ExpectedCell(NamedTuple):
    """One formula cell: 0-based place on its sheet, formula, value."""

    sheet: str
    row: int
    column: int
    formula: str
    value: float


def expected_cells(document: Document) -> Iterator[ExpectedCell]:
    """Every formula cell of the sheets of models, sheet by sheet."""
    for layout in sheet_layouts(document).values():
        factors = document.factors[model_of(layout.sheet)]
        if isinstance(layout, SheetLayout):
            yield from _crosstab_cells(layout, document.ratings, factors, layout.prediction_formula)
        elif isinstance(layout, EmbeddingLayout):
            yield from _embedding_cells(layout, document.ratings, factors)
        elif isinstance(layout, NetLayout):
            yield from _net_cells(layout, document.ratings, factors)


def _rmse_cells(layout: Layout, ratings: Ratings, factors: Factors) -> Iterator[ExpectedCell]:
    with np.errstate(all="ignore"):
        error = rmse(factors, ratings)
    for name in ("rmse", "rmse_check"):
        yield ExpectedCell(layout.sheet, *layout.cell(name), layout.formula(name), error)


def _crosstab_cells(
    layout: CrosstabLayout, ratings: Ratings, factors: Factors, formula: Callable[[int, int], str]
) -> Iterator[ExpectedCell]:
    table = crosstab_values(ratings, factors)
    for user in range(ratings.n_users):
        for movie in range(ratings.n_movies):
            place = layout.cell("predictions", user, movie)
            yield ExpectedCell(layout.sheet, *place, formula(user, movie), float(table[user, movie]))
    yield from _rmse_cells(layout, ratings, factors)


def _net_cells(layout: NetLayout, ratings: Ratings, factors: Factors) -> Iterator[ExpectedCell]:
    lines = NetLines(layout, ratings, factors)
    yield from _crosstab_cells(layout, ratings, factors, lines.prediction_formula)
    if not layout.has_lines:
        return
    for line in range(ratings.n_ratings):
        for column, (name, kind, *_) in enumerate(layout.line_columns):
            if kind != "id":
                place, value = layout.cell("lines", line, column), float(lines.values[name][line])
                yield ExpectedCell(layout.sheet, *place, lines.formula(line, column), value)


def _embedding_cells(layout: EmbeddingLayout, ratings: Ratings, factors: Factors) -> Iterator[ExpectedCell]:
    values = line_values(layout, ratings, factors)
    exact = {"user idx": needs_exact(ratings.user_ids), "movie idx": needs_exact(ratings.movie_ids)}
    rows = {"user idx": ratings.users, "movie idx": ratings.movies}
    for line in range(ratings.n_ratings):
        for column, name in enumerate(layout.line_columns):
            if name in values:
                formula = layout.line_formula(line, column, exact=name in exact and exact[name][rows[name][line]])
                place = layout.cell("lookups", line, column)
                yield ExpectedCell(layout.sheet, *place, formula, float(values[name][line]))
    for end, number in end_values(layout, factors).items():
        yield ExpectedCell(layout.sheet, *layout.cell(end), layout.end_formula(end), number)
    yield from _rmse_cells(layout, ratings, factors)
