"""Writing a document as an Excel workbook: the original's three sheets, nets, then history, predictions and notes."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from cfgui import __version__
from cfgui.core.document import Document
from cfgui.core.models import MODELS
from cfgui.io.appended_layout import HISTORY_SHEET, NOTES_SHEET, PREDICTIONS_SHEET
from cfgui.io.appended_sheets import write_history_sheet, write_predictions_sheet
from cfgui.io.atomic import atomic_write
from cfgui.io.embedding_sheet import write_embedding_sheet
from cfgui.io.errors import TooLargeForExcel
from cfgui.io.model_sheet import write_model_sheet
from cfgui.io.net_layout import NetLayout
from cfgui.io.net_sheet import write_net_sheet
from cfgui.io.notes_sheet import write_notes_sheet
from cfgui.io.sheet_canvas import PlainWorksheet, SheetCanvas
from cfgui.io.solver_names import MAX_SOLVER_VARIABLES, define_solver_names
from cfgui.io.workbook_layout import EmbeddingLayout, SheetLayout
from cfgui.io.workbook_size import check_size, model_of, sheet_layouts
from cfgui.io.workbook_styles import Styles

__all__ = ["TooLargeForExcel", "fill_workbook", "write_workbook"]

_CONSTANT_MEMORY_CELLS = 400_000
"""Ratings table above which rows go to the disk as they are written, so that memory stays small."""


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

    Raises OSError when the disk refuses.
    """
    large = document.ratings.n_users * document.ratings.n_movies > _CONSTANT_MEMORY_CELLS
    options = {"constant_memory": large, "in_memory": not large, "tmpdir": str(scratch) if scratch else None}
    workbook = xlsxwriter.Workbook(str(path), options)
    _write_sheets(workbook, document, values_only=values_only)
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error


def _write_sheets(workbook: xlsxwriter.Workbook, document: Document, *, values_only: bool) -> None:
    styles, layouts, ratings = Styles(workbook), sheet_layouts(document), document.ratings
    workbook.set_properties(
        {"title": "Collaborative filtering as a spreadsheet", "comments": f"Written by cfgui {__version__}"}
    )
    workbook.set_size(2400, 1500)
    names = [*layouts, HISTORY_SHEET, PREDICTIONS_SHEET, NOTES_SHEET]
    canvases = {
        name: SheetCanvas(workbook.add_worksheet(name, PlainWorksheet), styles, values_only=values_only)
        for name in names
    }
    for name, layout in layouts.items():
        factors = document.factors[model_of(name)]
        if isinstance(layout, SheetLayout):
            write_model_sheet(canvases[name], layout, ratings, factors)
        elif isinstance(layout, EmbeddingLayout):
            write_embedding_sheet(canvases[name], layout, ratings, factors)
        elif isinstance(layout, NetLayout):
            write_net_sheet(canvases[name], layout, ratings, factors)
    write_history_sheet(canvases[HISTORY_SHEET], workbook, document)
    write_predictions_sheet(canvases[PREDICTIONS_SHEET], document)
    n_variables = {name: document.factors[model_of(name)].n_parameters for name in layouts}
    write_notes_sheet(canvases[NOTES_SHEET], document, n_variables)
    for name, layout in layouts.items():
        if n_variables[name] <= MAX_SOLVER_VARIABLES and not values_only:
            define_solver_names(workbook, layout)
    canvases[MODELS[document.active].sheet].worksheet.activate()
