"""Reading back what the export appended: the history of each model and the movie titles."""

from __future__ import annotations

import math

from openpyxl.workbook.workbook import Workbook

from cfgui.core.curve import Curve
from cfgui.core.ratings import Ratings
from cfgui.io.appended_layout import HISTORY_FIRST_ROW, HISTORY_MODELS, PredictionsLayout, history_columns
from cfgui.io.cell_text import as_number, id_text, is_blank
from cfgui.io.grid import Grid, read_grid


def read_history(workbook: Workbook, title: str, file: str, remarks: list[str]) -> dict[str, Curve]:
    """The curves on a sheet ``history`` by model; a sheet that is not ours gives none."""
    grid = read_grid(workbook, title, file)
    curves = {}
    for model in HISTORY_MODELS:
        step_column, rmse_column = history_columns(model)
        if (grid.at(1, step_column), grid.at(1, rmse_column)) != ("step", "RMSE"):
            continue
        curve = _read_curve(grid, step_column, rmse_column)
        if curve is None:
            remarks.append(f"On the sheet {title} the steps are not whole numbers that grow: that curve was left out.")
        elif len(curve):
            curves[model] = curve
    return curves


def _read_curve(grid: Grid, step_column: int, rmse_column: int) -> Curve | None:
    label = grid.at(0, rmse_column)
    steps: list[int] = []
    rmses: list[float] = []
    row = HISTORY_FIRST_ROW
    while not grid.blank(row, step_column):
        step, rmse = as_number(grid.at(row, step_column)), as_number(grid.at(row, rmse_column))
        if step is None or not step.is_integer() or abs(step) > 2**53 or (steps and step < steps[-1]):
            return None
        steps.append(int(step))
        rmses.append(math.nan if rmse is None else rmse)
        row += 1
    return Curve("" if label is None else str(label), steps, rmses)


def read_titles(workbook: Workbook, title: str, file: str, ratings: Ratings) -> dict[str, str]:
    """Movie titles by raw id from a sheet ``predictions``; a sheet that is not ours gives none."""
    layout = PredictionsLayout(ratings.n_users, ratings.n_movies, position=0)
    ids, names = layout.movie_ids, layout.titles
    grid = read_grid(workbook, title, file, last_row=names.row + 1)
    if (grid.at(ids.row, ids.column - 1), grid.at(names.row, names.column - 1)) != ("movieId", "title"):
        return {}
    titles = {}
    for movie in range(ratings.n_movies):
        name = grid.at(names.row, names.column + movie)
        if not is_blank(name):
            titles[id_text(grid.at(ids.row, ids.column + movie))] = str(name)
    return {movie_id: titles[movie_id] for movie_id in ratings.movie_ids if movie_id in titles}
