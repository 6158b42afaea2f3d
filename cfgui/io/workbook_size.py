"""What a document would need of Excel, known before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from cfgui.core.document import Document
from cfgui.core.models import MODELS
from cfgui.io.appended_layout import PredictionsLayout
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS
from cfgui.io.errors import TooLargeForExcel
from cfgui.io.net_layout import NetLayout
from cfgui.io.workbook_layout import (
    BIAS_SHEET,
    DOT_SHEET,
    EMBEDDING_SHEET,
    EmbeddingLayout,
    Layout,
    SheetLayout,
    embedding_layout,
)

MAX_FORMULAS = 200_000
"""Formula cells above which Excel opens and recalculates too slowly to be of use."""
MAX_LAYER_CELLS = 1_000_000
"""Weights of a net's layers above which a workbook takes too long to write and to open."""


def sheet_layouts(document: Document) -> dict[str, Layout]:
    """The layout of each sheet of a model by its name, in order; each model with its own structure.

    The original's three sheets, then those of the nets that the document has.
    """
    ratings, factors = document.ratings, document.factors
    n, m, count = ratings.n_users, ratings.n_movies, ratings.n_ratings
    if not n or not m:
        raise ValueError("a workbook needs at least one user and one movie")
    layouts: dict[str, Layout] = {
        DOT_SHEET: SheetLayout.of(n, m, factors["dot"]),
        EMBEDDING_SHEET: embedding_layout(n, m, count, factors["dot"]),
        BIAS_SHEET: SheetLayout.of(n, m, factors["bias"]),
    }
    nets = [factors[name] for name, model in MODELS.items() if model.net and name in factors]
    return layouts | {MODELS[net.model].sheet: NetLayout.of(n, m, count, net) for net in nets}


def model_of(sheet: str) -> str:
    """The model whose weights a sheet of ``sheet_layouts`` shows."""
    return next((name for name, model in MODELS.items() if model.sheet == sheet), "dot")


def count_formulas(document: Document) -> int:
    """Formula cells of the whole workbook; those of a net's lines also where they are too many to be written."""
    ratings, count = document.ratings, 0
    for layout in sheet_layouts(document).values():
        count += 2  # RMSE and check
        if isinstance(layout, EmbeddingLayout):
            count += ratings.n_ratings * (2 * layout.n_factors + 4) + len(layout.ends)
        else:
            count += ratings.n_users * ratings.n_movies
        if isinstance(layout, NetLayout):
            count += layout.n_line_formulas
    return count


def check_size(document: Document, *, values_only: bool = False) -> None:
    """Raise TooLargeForExcel when the document does not fit, ValueError when it has no user or no movie."""
    ratings = document.ratings
    layouts = sheet_layouts(document)
    tables = PredictionsLayout(ratings.n_users, ratings.n_movies, position=len(document.factors) - 1)
    n_rows = max(tables.n_rows, *(layout.n_rows for layout in layouts.values()))
    n_columns = max(layout.n_columns for layout in layouts.values())
    for needed, limit, what in ((n_columns, MAX_COLUMNS, "columns"), (n_rows, MAX_ROWS, "rows")):
        if needed > limit:
            raise TooLargeForExcel(
                f"This crosstab needs {needed:,} {what} and a sheet of Excel has {limit:,}: export only the users and"
                " movies with the most ratings.",
                values_only_fits=False,
            )
    _check_nets(layouts, values_only=values_only)
    n_formulas = count_formulas(document)
    if n_formulas > MAX_FORMULAS and not values_only:
        raise TooLargeForExcel(
            f"This crosstab needs {n_formulas:,} formulas and Excel stays usable up to {MAX_FORMULAS:,}: export values"
            " only, or only the users and movies with the most ratings.",
            values_only_fits=True,
        )


def _check_nets(layouts: Mapping[str, Layout], *, values_only: bool) -> None:
    """Raise TooLargeForExcel for layers that no sheet should hold, or whose calculation takes too many columns."""
    for layout in layouts.values():
        if not isinstance(layout, NetLayout):
            continue
        n_weights = sum((n_in + 1) * n_out for n_in, n_out in pairwise((layout.n_inputs, *layout.sizes)))
        if n_weights > MAX_LAYER_CELLS:
            raise TooLargeForExcel(
                f"The layers of the sheet {layout.sheet} have {n_weights:,} weights and Excel stays usable up to"
                f" {MAX_LAYER_CELLS:,}: choose fewer hidden units, or export all factors as NumPy arrays.",
                values_only_fits=False,
                by_layers=True,
            )
        n_columns = layout.n_factors + 1 + len(layout.line_columns)
        if n_columns > MAX_COLUMNS and not values_only:
            raise TooLargeForExcel(
                f"A line of formulas of the sheet {layout.sheet} needs {n_columns:,} columns for its hidden units and a"
                f" sheet of Excel has {MAX_COLUMNS:,}: export values only, or choose fewer hidden units.",
                values_only_fits=True,
                by_layers=True,
            )
