"""From the sheets of one workbook to a document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.workbook.workbook import Workbook

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS, rmse
from cfgui.core.ratings import Ratings
from cfgui.io.appended_layout import HISTORY_SHEET, NOTES_SHEET, PREDICTIONS_SHEET
from cfgui.io.appended_reader import read_history, read_titles
from cfgui.io.cell_address import a1
from cfgui.io.cell_text import as_number
from cfgui.io.errors import WorkbookError
from cfgui.io.grid import Grid, read_grid
from cfgui.io.sample import is_sample_data, sample_ratings
from cfgui.io.sheet_reader import Crosstab, read_crosstab
from cfgui.io.sheet_weights import Weights, read_weights
from cfgui.io.weights_reader import complete_factors, embedding_factors
from cfgui.io.workbook_layout import EMBEDDING_SHEET

_NOT_MODELS = {EMBEDDING_SHEET, HISTORY_SHEET, PREDICTIONS_SHEET, NOTES_SHEET}


@dataclass(frozen=True)
class _ModelSheet:
    """One sheet with a crosstab on it, and its weights where it has some."""

    model: str
    grid: Grid
    crosstab: Crosstab
    weights: Weights | None

    @property
    def ids(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.crosstab.user_ids, self.crosstab.movie_ids


def read_document(path: Path) -> Document:
    """The document in a workbook file. Raises WorkbookError; on a broken file whatever the XML readers raise."""
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        return _read(workbook, path)
    finally:
        workbook.close()


def _read(workbook: Workbook, path: Path) -> Document:
    names = {sheet.title.strip().casefold(): sheet.title for sheet in workbook.worksheets}
    opened = "" if workbook.active is None else workbook.active.title.strip().casefold()
    sheets = _model_sheets(workbook, names, path.name)
    main = sheets.get(_opened_model(opened)) or next(iter(sheets.values()))
    ratings = main.crosstab.ratings()
    if not ratings.n_ratings:
        raise WorkbookError(f"{path.name}, sheet {main.grid.sheet}: has no ratings in it. Type some and save.")
    _refuse_uncalculated(path, main)
    remarks: list[str] = []
    sheets = {model: sheet for model, sheet in sheets.items() if _fits(sheet, main, remarks)}
    read = {model: sheet.weights.factors for model, sheet in sheets.items() if sheet.weights is not None}
    for sheet in sheets.values():
        _remark_on_sheet(sheet, ratings, remarks)
    if EMBEDDING_SHEET in names and "dot" in read:
        found = embedding_factors(workbook, names[EMBEDDING_SHEET], path.name, ratings, read["dot"])
        if found is not None and not found.equals(read["dot"]):
            read["dot"] = _choose(read["dot"], found, opened == EMBEDDING_SHEET, remarks)
    factors = complete_factors(read, ratings, remarks)
    titles = read_titles(workbook, names[PREDICTIONS_SHEET], path.name, ratings) if PREDICTIONS_SHEET in names else {}
    if not titles and is_sample_data(ratings):
        titles = dict(sample_ratings().titles)
        remarks.append("The movie titles are those of the built-in sample, whose users and movies these are.")
    history = read_history(workbook, names[HISTORY_SHEET], path.name, remarks) if HISTORY_SHEET in names else {}
    active = main.model if main.model in factors else "dot"
    history = {model: curve for model, curve in history.items() if model in factors}
    return Document(replace(ratings, titles=titles), factors, history, active, tuple(remarks))


def _opened_model(title: str) -> str:
    """The model of the sheet that a workbook was saved at."""
    if "bias" in title:
        return "bias"
    return next((name for name, model in MODELS.items() if model.sheet == title), "dot")


def _model_sheets(workbook: Workbook, names: Mapping[str, str], file: str) -> dict[str, _ModelSheet]:
    """The sheets with a crosstab by model, dot first: those with the original's names, else any."""
    found: dict[str, _ModelSheet] = {}
    for model in MODELS.values():
        if model.sheet in names and (sheet := _model_sheet(workbook, names[model.sheet], model.name, file)):
            found[model.name] = sheet
    if found:
        return found
    for key, title in names.items():
        name = "bias" if "bias" in key else "dot"
        if key in _NOT_MODELS or name in found:
            continue
        if sheet := _model_sheet(workbook, title, name, file):
            found[name] = sheet
    if not found:
        raise WorkbookError(
            f"{file} has no ratings in it: no sheet has a cell movieId with movie ids to its right and user ids below."
            " Choose a workbook laid out like the fast.ai one."
        )
    return {model: found[model] for model in MODELS if model in found}


def _model_sheet(workbook: Workbook, title: str, model: str, file: str) -> _ModelSheet | None:
    grid = read_grid(workbook, title, file)
    crosstab = read_crosstab(grid)
    if crosstab is None:
        return None
    return _ModelSheet(model, grid, crosstab, read_weights(grid, crosstab, model))


def _fits(sheet: _ModelSheet, main: _ModelSheet, remarks: list[str]) -> bool:
    """Whether a sheet is about the users and movies of the main one; adds to ``remarks`` what differs."""
    if sheet.ids != main.ids:
        remarks.append(
            f"The sheet {sheet.grid.sheet} has other users or movies than {main.grid.sheet}: it was left out."
        )
        return False
    differing = (sheet.crosstab.rated != main.crosstab.rated) | (sheet.crosstab.values != main.crosstab.values)
    if differing.any():
        count = int(np.count_nonzero(differing))
        remarks.append(
            f"{count} {'rating differs' if count == 1 else 'ratings differ'} between the sheets {sheet.grid.sheet} and"
            f" {main.grid.sheet}: those on {main.grid.sheet} were read."
        )
    return True


def _choose(dot: Factors, embedding: Factors, embedding_is_open: bool, remarks: list[str]) -> Factors:
    """The weights of the sheet that the workbook was saved at: that is where somebody was working."""
    chosen, other = (
        (EMBEDDING_SHEET, MODELS["dot"].sheet) if embedding_is_open else (MODELS["dot"].sheet, EMBEDDING_SHEET)
    )
    remarks.append(
        f"The sheets {chosen} and {other} hold different weights of the same model: those of {chosen} were read."
    )
    return embedding if embedding_is_open else dot


def _remark_on_sheet(sheet: _ModelSheet, ratings: Ratings, remarks: list[str]) -> None:
    """What a person should know about one sheet: odd ids, numbers typed as text, an RMSE cell that does not agree."""
    grid, crosstab = sheet.grid, sheet.crosstab
    if sheet.weights is not None:
        remarks.extend(sheet.weights.remarks)
    if grid.typed_as_text:
        count, first = len(grid.typed_as_text), grid.typed_as_text[0]
        what = "number was" if count == 1 else "numbers were"
        remarks.append(f"On the sheet {grid.sheet} {count} {what} typed as text and read as numbers, first in {first}.")
    if sheet.weights is None or crosstab.header is None:
        return
    row, column = crosstab.header + ratings.n_users + 2, crosstab.column + ratings.n_movies
    stored = as_number(grid.at(row, column))
    with np.errstate(all="ignore"):
        own = rmse(sheet.weights.factors, ratings)
    if stored is not None and not math.isclose(stored, own, rel_tol=1e-6, abs_tol=1e-6):
        remarks.append(
            f"The RMSE cell {a1(row, column)} of the sheet {grid.sheet} shows {stored:.6g}, the weights give {own:.6g}:"
            " the weights count."
        )


def _refuse_uncalculated(path: Path, sheet: _ModelSheet) -> None:
    """A formula that was never calculated looks like an unrated cell; it must not be taken for one."""
    crosstab = sheet.crosstab
    if crosstab.rated.all():
        return
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    try:
        grid = read_grid(workbook, sheet.grid.sheet, path.name, last_row=crosstab.row + 1 + len(crosstab.user_ids))
    finally:
        workbook.close()
    for user, movie in zip(*np.nonzero(~crosstab.rated), strict=True):
        place = crosstab.row + 1 + int(user), crosstab.column + 1 + int(movie)
        if not grid.blank(*place):
            raise grid.error(
                *place, "holds a formula that was never calculated. Let Excel calculate and save the file."
            )
