"""Writing a document as an Excel workbook: the original's three sheets, then history, predictions and notes."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from cfgui import __version__
from cfgui.core.document import Document
from cfgui.core.models import MODELS
from cfgui.io.appended_layout import HISTORY_SHEET, NOTES_SHEET, PREDICTIONS_SHEET, PredictionsLayout
from cfgui.io.appended_sheets import write_history_sheet, write_predictions_sheet
from cfgui.io.atomic import atomic_write, save_error
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS
from cfgui.io.embedding_sheet import write_embedding_sheet
from cfgui.io.model_sheet import write_model_sheet
from cfgui.io.notes_sheet import write_notes_sheet
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.solver_names import MAX_SOLVER_VARIABLES, define_solver_names
from cfgui.io.workbook_layout import BIAS_SHEET, DOT_SHEET, EMBEDDING_SHEET, EmbeddingLayout, Layout, SheetLayout
from cfgui.io.workbook_styles import Styles

MAX_FORMULAS = 200_000
"""Formula cells above which Excel opens and recalculates too slowly to be of use."""
_CONSTANT_MEMORY_CELLS = 400_000
"""Ratings table above which rows go to the disk as they are written, so that memory stays small."""


class TooLargeForExcel(ValueError):  # noqa: N818 - it names a state of the data, not a fault
    """The crosstab does not fit a workbook; the text says what would.

    ``values_only_fits`` tells whether writing values only is a way out.
    """

    def __init__(self, message: str, *, values_only_fits: bool) -> None:
        super().__init__(message)
        self.values_only_fits = values_only_fits


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


def write_workbook(document: Document, path: Path, *, values_only: bool = False) -> None:
    """Write ``document`` to ``path`` as an .xlsx file, atomically.

    Every formula cell stores the number the program computed, bit for bit; ``values_only`` leaves the formulas out.
    Raises TooLargeForExcel, or SaveError when the file cannot be written; what stood at ``path`` then stays.
    """
    check_size(document, values_only=values_only)
    with atomic_write(path) as temporary:
        fill_workbook(document, temporary, values_only=values_only)


def fill_workbook(document: Document, path: Path, *, values_only: bool, scratch: Path | None = None) -> None:
    """Write the workbook straight into ``path``, not atomically; ``scratch`` is a folder for XlsxWriter's own files.

    Raises SaveError when the disk refuses.
    """
    large = document.ratings.n_users * document.ratings.n_movies > _CONSTANT_MEMORY_CELLS
    options = {"constant_memory": large, "in_memory": not large, "tmpdir": str(scratch) if scratch else None}
    workbook = xlsxwriter.Workbook(str(path), options)
    _write_sheets(workbook, document, values_only=values_only)
    try:
        workbook.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        cause = error if isinstance(error, OSError) else OSError(str(error))
        raise save_error(path, cause) from error


def _write_sheets(workbook: xlsxwriter.Workbook, document: Document, *, values_only: bool) -> None:
    styles, layouts, ratings = Styles(workbook), sheet_layouts(document), document.ratings
    workbook.set_properties(
        {"title": "Collaborative filtering as a spreadsheet", "comments": f"Written by cfgui {__version__}"}
    )
    workbook.set_size(2400, 1500)
    names = [*layouts, HISTORY_SHEET, PREDICTIONS_SHEET, NOTES_SHEET]
    canvases = {name: SheetCanvas(workbook.add_worksheet(name), styles, values_only=values_only) for name in names}
    for name, layout in layouts.items():
        if isinstance(layout, SheetLayout):
            model = "bias" if layout.bias else "dot"
            write_model_sheet(canvases[name], layout, ratings, document.factors[model])
        elif isinstance(layout, EmbeddingLayout):
            write_embedding_sheet(canvases[name], layout, ratings, document.factors["dot"])
    write_history_sheet(canvases[HISTORY_SHEET], workbook, document)
    write_predictions_sheet(canvases[PREDICTIONS_SHEET], document)
    n_variables = {name: _n_variables(document, name) for name in layouts}
    write_notes_sheet(canvases[NOTES_SHEET], document, n_variables)
    for name, layout in layouts.items():
        if n_variables[name] <= MAX_SOLVER_VARIABLES and not values_only:
            define_solver_names(workbook, layout)
    canvases[MODELS[document.active].sheet].worksheet.activate()


def _n_variables(document: Document, sheet: str) -> int:
    return document.factors["bias" if sheet == BIAS_SHEET else "dot"].n_parameters
