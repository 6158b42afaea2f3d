"""Writing the sheets that the original does not have: ``history``, ``predictions``, ``notes``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.format import Format

from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS, predict_all
from cfgui.core.ratings import Ratings
from cfgui.io.appended_layout import (
    HISTORY_FIRST_ROW,
    HISTORY_MODELS,
    HISTORY_SHEET,
    MAX_HISTORY_POINTS,
    PredictionsLayout,
    history_columns,
)
from cfgui.io.model_sheet import colour_by_rating, id_width
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.workbook_layout import Block, a1
from cfgui.io.workbook_styles import THIN, Edges

CHART_TITLE = "Error by epoch"
_TITLE_HEIGHT = 50.0
_CURVE_COLOURS = {"dot": "#2F6DB5", "bias": "#D9731A", "neural": "#3E8E5A", "ordinal": "#8A5AA8"}


def kept_points(n_points: int) -> NDArray[np.int64]:
    """Which points of a curve go to the workbook: all, or evenly spread ones with the first and the last."""
    if n_points <= MAX_HISTORY_POINTS:
        return np.arange(n_points)
    return np.linspace(0, n_points - 1, MAX_HISTORY_POINTS).round().astype(np.int64)


def write_history_sheet(canvas: SheetCanvas, workbook: xlsxwriter.Workbook, document: Document) -> None:
    """A pair of columns, step and RMSE, for each model, and the chart."""
    shown = [model for model in HISTORY_MODELS if model in document.factors]
    beside = history_columns(shown[-1])[1] + 2
    canvas.widths([(0, beside, 11.0)])
    drawn: list[tuple[str, int]] = []
    for model in shown:
        curve = document.history.get(model, Curve(""))
        step_column, rmse_column = history_columns(model)
        canvas.plan_text((0, step_column), MODELS[model].sheet, "bold")
        canvas.plan_text((0, rmse_column), curve.label, "italic")
        canvas.plan_text((1, step_column), "step", "column_head")
        canvas.plan_text((1, rmse_column), "RMSE", "column_head")
        if len(curve):
            _plan_curve(canvas, curve, step_column)
            drawn.append((model, len(kept_points(len(curve)))))
    canvas.draw()
    canvas.worksheet.freeze_panes(HISTORY_FIRST_ROW, 0)
    _insert_chart(canvas, workbook, drawn, beside)
    canvas.print_landscape()


def _plan_curve(canvas: SheetCanvas, curve: Curve, column: int) -> None:
    keep = kept_points(len(curve))
    steps, rmses = curve.steps[keep], curve.rmses[keep]

    def plan(column: int, numbers: Sequence[float], kind: str) -> None:
        canvas.plan(
            Block(HISTORY_FIRST_ROW, column, len(keep), 1),
            kind,
            lambda row, column, i, _j, style: canvas.number(row, column, numbers[i], style),
        )

    plan(column, steps.tolist(), "plain")
    plan(column + 1, rmses.tolist(), "exact")


def _insert_chart(
    canvas: SheetCanvas, workbook: xlsxwriter.Workbook, drawn: Sequence[tuple[str, int]], column: int
) -> None:
    """Draw the curves of models, each of so many points, in a chart whose left edge is that of a column."""
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight"})
    for model, n_points in drawn:
        step_column, rmse_column = history_columns(model)
        last = HISTORY_FIRST_ROW + n_points - 1
        series = {
            "name": MODELS[model].sheet,
            "categories": [HISTORY_SHEET, HISTORY_FIRST_ROW, step_column, last, step_column],
            "values": [HISTORY_SHEET, HISTORY_FIRST_ROW, rmse_column, last, rmse_column],
            "line": {"color": _CURVE_COLOURS[model], "width": 1.75},
        }
        if n_points == 1:  # a line of one point is invisible
            series["marker"] = {"type": "circle", "size": 6, "fill": {"color": _CURVE_COLOURS[model]}}
        chart.add_series(series)
    if not drawn:
        # Excel refuses a chart without a series; this one fills as soon as somebody types below the headings.
        chart.add_series(
            {
                "name": MODELS["dot"].sheet,
                "categories": [HISTORY_SHEET, HISTORY_FIRST_ROW, 0, HISTORY_FIRST_ROW, 0],
                "values": [HISTORY_SHEET, HISTORY_FIRST_ROW, 1, HISTORY_FIRST_ROW, 1],
            }
        )
    chart.set_title({"name": CHART_TITLE, "name_font": {"size": 13, "bold": False}})
    grid = {"visible": True, "line": {"color": "#E2E2E2", "width": 0.75}}
    chart.set_x_axis({"name": "step", "min": 0, "num_format": "#,##0", "major_gridlines": grid})
    chart.set_y_axis({"name": "RMSE", "num_format": "0.00", "major_gridlines": grid})
    chart.set_legend({"position": "bottom"} if len(drawn) > 1 else {"none": True})
    chart.set_size({"width": 620, "height": 360})
    canvas.worksheet.insert_chart(1, column, chart)


def write_predictions_sheet(canvas: SheetCanvas, document: Document) -> None:
    """What each model predicts for every cell, unrated ones in grey, the open model's table first."""
    ratings = document.ratings
    canvas.widths([(0, 0, id_width(ratings.user_ids, 10.6)), (1, 1, 9.2), (2, ratings.n_movies + 1, 10.0)])
    other = [model for model in document.factors if model != document.active]
    for position, model in enumerate([document.active, *other]):
        layout = PredictionsLayout(ratings.n_users, ratings.n_movies, position)
        _plan_predictions(canvas, layout, model, ratings, document.factors[model])
        colour_by_rating(canvas, _range(layout.values), ratings)
        canvas.worksheet.set_row(layout.titles.row, _TITLE_HEIGHT)
    canvas.draw()
    canvas.worksheet.freeze_panes(0, 2)
    canvas.print_landscape()


def _range(block: Block) -> str:
    last = a1(block.row + block.n_rows - 1, block.column + block.n_columns - 1)
    return f"{a1(block.row, block.column)}:{last}"


def _plan_predictions(
    canvas: SheetCanvas, layout: PredictionsLayout, model: str, ratings: Ratings, factors: Factors
) -> None:
    caption = f"{MODELS[model].sheet}: what the model predicts for every cell. Unrated cells are grey and italic."
    canvas.plan_text((layout.top, 0), caption, "heading")
    canvas.plan_text((layout.movie_ids.row, 1), "movieId", "id")
    canvas.plan_text((layout.titles.row, 0), "userId", "id")
    canvas.plan_text((layout.titles.row, 1), "title", "id")
    canvas.plan_ids(layout.movie_ids, ratings.movie_ids)
    canvas.plan_ids(layout.user_ids, ratings.user_ids)
    titles = [ratings.titles.get(movie_id, "") for movie_id in ratings.movie_ids]
    canvas.plan(
        layout.titles,
        "title",
        lambda row, column, _i, movie, style: canvas.text(row, column, titles[movie], style) if titles[movie] else None,
    )
    _plan_values(canvas, layout.values, ratings, factors)


def _plan_values(canvas: SheetCanvas, block: Block, ratings: Ratings, factors: Factors) -> None:
    with np.errstate(all="ignore"):
        values = predict_all(factors)
    rated = ratings.rated

    def put(row: int, column: int, user: int, movie: int, style: Format) -> None:
        if not rated[user, movie]:
            style = canvas.styles.get("unrated", Edges.of(block, user, movie), THIN)
        canvas.number(row, column, values[user, movie], style)

    canvas.plan(block, "prediction", put, line=THIN)
