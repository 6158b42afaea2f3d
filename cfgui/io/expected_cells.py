"""What every formula cell of an exported workbook must hold: its formula and the number the program computes for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import predict_all, rmse
from cfgui.core.ratings import Ratings
from cfgui.io.embedding_values import line_values, needs_exact
from cfgui.io.workbook_layout import EmbeddingLayout, SheetLayout
from cfgui.io.workbook_size import sheet_layouts


class ExpectedCell(NamedTuple):
    """One formula cell: 0-based place on its sheet, formula, value."""

    sheet: str
    row: int
    column: int
    formula: str
    value: float


def expected_cells(document: Document) -> Iterator[ExpectedCell]:
    """Every formula cell of the three sheets, sheet by sheet."""
    for layout in sheet_layouts(document).values():
        if isinstance(layout, SheetLayout):
            yield from _model_cells(layout, document.ratings, document.factors["bias" if layout.bias else "dot"])
        elif isinstance(layout, EmbeddingLayout):
            yield from _embedding_cells(layout, document.ratings, document.factors["dot"])


def _rmse_cells(layout: SheetLayout | EmbeddingLayout, error: float) -> Iterator[ExpectedCell]:
    yield ExpectedCell(layout.sheet, *layout.cell("rmse"), layout.rmse_formula(), error)
    yield ExpectedCell(layout.sheet, *layout.cell("rmse_check"), layout.rmse_check_formula(), error)


def _model_cells(layout: SheetLayout, ratings: Ratings, factors: Factors) -> Iterator[ExpectedCell]:
    with np.errstate(all="ignore"):
        table = np.where(ratings.rated, predict_all(factors), 0.0)
        error = rmse(factors, ratings)
    for user in range(ratings.n_users):
        for movie in range(ratings.n_movies):
            place = layout.cell("predictions", user, movie)
            formula = layout.prediction_formula(user, movie)
            yield ExpectedCell(layout.sheet, *place, formula, float(table[user, movie]))
    yield from _rmse_cells(layout, error)


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
    with np.errstate(all="ignore"):
        error = rmse(factors, ratings)
    yield from _rmse_cells(layout, error)
