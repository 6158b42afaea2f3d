"""What a document would need of Excel, known before anything is written."""

from __future__ import annotations

from cfgui.core.document import Document
from cfgui.io.appended_layout import PredictionsLayout
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS
from cfgui.io.errors import TooLargeForExcel
from cfgui.io.workbook_layout import BIAS_SHEET, DOT_SHEET, EMBEDDING_SHEET, EmbeddingLayout, Layout, SheetLayout

MAX_FORMULAS = 200_000
"""Formula cells above which Excel opens and recalculates too slowly to be of use."""


def sheet_layouts(document: Document) -> dict[str, Layout]:
    """The layout of each of the original's sheets by its name, in order; each model with its own number of factors."""
    n, m = document.ratings.n_users, document.ratings.n_movies
    k_dot, k_bias = document.factors["dot"].n_factors, document.factors["bias"].n_factors
    return {
        DOT_SHEET: SheetLayout.for_model("dot", n, m, k_dot),
        EMBEDDING_SHEET: EmbeddingLayout(n, m, k_dot, document.ratings.n_ratings),
        BIAS_SHEET: SheetLayout.for_model("bias", n, m, k_bias),
    }


def count_formulas(document: Document) -> int:
    """Formula cells of the whole workbook."""
    ratings = document.ratings
    lookups = ratings.n_ratings * (2 * document.factors["dot"].n_factors + 4)
    return 2 * ratings.n_users * ratings.n_movies + lookups + 6


def check_size(document: Document, *, values_only: bool = False) -> None:
    """Raise TooLargeForExcel when the document does not fit, ValueError when it has no user or no movie."""
    ratings = document.ratings
    layouts = sheet_layouts(document)
    tables = PredictionsLayout(ratings.n_users, ratings.n_movies, position=1)
    n_rows = max(tables.n_rows, *(layout.n_rows for layout in layouts.values()))
    n_columns = max(layout.n_columns for layout in layouts.values())
    for needed, limit, what in ((n_columns, MAX_COLUMNS, "columns"), (n_rows, MAX_ROWS, "rows")):
        if needed > limit:
            raise TooLargeForExcel(
                f"This crosstab needs {needed:,} {what} and a sheet of Excel has {limit:,}: export only the users and"
                " movies with the most ratings.",
                values_only_fits=False,
            )
    n_formulas = count_formulas(document)
    if n_formulas > MAX_FORMULAS and not values_only:
        raise TooLargeForExcel(
            f"This crosstab needs {n_formulas:,} formulas and Excel stays usable up to {MAX_FORMULAS:,}: export values"
            " only, or only the users and movies with the most ratings.",
            values_only_fits=True,
        )
