"""Writing the sheets ``neural`` and ``ordinal``."""

from __future__ import annotations

import numpy as np
from xlsxwriter.format import Format

from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.io.layout_base import Block
from cfgui.io.model_sheet import colour, plan_crosstab, plan_weights, set_view, set_widths
from cfgui.io.net_columns import Column
from cfgui.io.net_layout import NetLayout
from cfgui.io.net_lines import NetLines
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.workbook_styles import MEDIUM, THIN

_NOTE = (
    "Random numbers to begin with: training changes these,",
    "and the layers on the right, until the RMSE is low.",
)
_LINES_NOTE = "The net, calculated for one rating after another from left to right"
_LABEL_WIDTH = 10.0

_KINDS = {
    "index": "index",
    "user": "weight",
    "movie": "weight",
    "unit": "weight",
    "max": "weight",
    "sum": "weight",
    "p": "weight",
    "predict": "output",
    "error^2": "output",
    "rating": "bold",
}
"""The style of each kind of column."""


def write_net_sheet(canvas: SheetCanvas, layout: NetLayout, ratings: Ratings, factors: Factors) -> None:
    """Write the sheet of a net whole: crosstab, embeddings, layers and, where it has them, the lines."""
    lines = NetLines(layout, ratings, factors)
    plan_crosstab(canvas, layout, ratings, factors, lines.prediction_formula)
    for place, text in enumerate(_NOTE):
        canvas.plan_text((layout.n_users + 1 + place, 0), text, "note")
    _plan_layers(canvas, layout, factors)
    if layout.has_lines and ratings.n_ratings:
        _plan_line_headers(canvas, layout)
        _plan_lines(canvas, layout, ratings, lines)
    canvas.draw()
    set_widths(canvas, layout, ratings)
    labels = layout.blocks["layer1.inputs"].column
    canvas.widths([(labels, labels, _LABEL_WIDTH)])
    colour(canvas, layout, ratings)
    set_view(canvas, layout)


def _plan_layers(canvas: SheetCanvas, layout: NetLayout, factors: Factors) -> None:
    for number, layer in enumerate(factors.layers, start=1):
        blocks = {part: layout.blocks[f"layer{number}.{part}"] for part in ("title", "units", "inputs", "bias_label")}
        size = f"{layer.weights.shape[0]} x {layer.weights.shape[1]}"
        what = "output" if number == len(factors.layers) else "hidden, ReLU"
        canvas.plan_text(_corner(blocks["title"]), f"layer {number}: {size} weights and a bias each ({what})", "bold")
        _plan_numbers(canvas, blocks["units"], "column_head")
        names = _input_names(layout) if number == 1 else [f"unit {unit + 1}" for unit in range(len(layer.weights))]
        for row, name in enumerate(names):
            canvas.plan_text((blocks["inputs"].row + row, blocks["inputs"].column), name, "id")
        canvas.plan_text(_corner(blocks["bias_label"]), "bias", "id")
        plan_weights(canvas, layout.blocks[f"layer{number}.weights"], layer.weights)
        plan_weights(canvas, layout.blocks[f"layer{number}.bias"], layer.bias[None, :], MEDIUM)
    if factors.classes:
        classes = np.array(factors.classes)
        canvas.plan_text(layout.cell("classes_label"), "classes", "id")
        canvas.plan(
            layout.blocks["classes"],
            "setting",
            lambda row, column, _i, j, style: canvas.number(row, column, float(classes[j]), style),
            line=THIN,
        )


def _corner(block: Block) -> tuple[int, int]:
    return block.row, block.column


def _input_names(layout: NetLayout) -> list[str]:
    users = [f"user {factor + 1}" for factor in range(layout.n_factors)]
    return users + [f"movie {factor + 1}" for factor in range(layout.n_movie_factors)]


def _plan_numbers(canvas: SheetCanvas, block: Block, kind: str) -> None:
    canvas.plan(block, kind, lambda row, column, _i, j, style: canvas.number(row, column, j + 1, style))


def _plan_line_headers(canvas: SheetCanvas, layout: NetLayout) -> None:
    groups, header = layout.blocks["line_groups"], layout.blocks["line_header"]
    canvas.plan_text((groups.row - 1, groups.column), _LINES_NOTE, "note")
    for place, column in enumerate(layout.line_columns):
        where = header.column + place
        if (column.number == 0 or column.kind == "index") and (title := _group_title(layout, column)):
            canvas.plan_text((groups.row, where), title, "group")
        if column.kind in ("user", "movie", "unit", "p"):
            _plan_number(canvas, (header.row, where), column.number + 1)
        elif column.kind == "index":
            canvas.plan_text((header.row, where), "idx", "centred")
        else:
            canvas.plan_text((header.row, where), column.name, "label" if column.kind != "id" else "bold")


def _plan_number(canvas: SheetCanvas, cell: tuple[int, int], number: int) -> None:
    canvas.plan(
        Block(*cell, 1, 1), "italic", lambda row, column, _i, _j, style: canvas.number(row, column, number, style)
    )


def _group_title(layout: NetLayout, column: Column) -> str:
    """What stands over the first of several columns that belong together."""
    if column.kind == "unit":
        return f"hidden layer {column.layer}" if column.layer < len(layout.sizes) else "output"
    if column.kind == "index":
        return column.name.split()[0]
    named = {"id": "original data", "user": "user embedding", "movie": "movie embedding", "p": "probability"}
    return named.get(column.kind, "")


def _plan_lines(canvas: SheetCanvas, layout: NetLayout, ratings: Ratings, lines: NetLines) -> None:
    block = layout.blocks["lines"]
    owners = [ratings.user_ids[user] for user in ratings.users], [ratings.movie_ids[movie] for movie in ratings.movies]
    for place, column in enumerate(layout.line_columns):
        part = Block(block.row, block.column + place, block.n_rows, 1)
        if column.kind == "id":
            canvas.plan_ids(part, owners[column.number], "italic_left")
        else:
            _plan_column(canvas, part, lines, place, column)


def _plan_column(canvas: SheetCanvas, block: Block, lines: NetLines, place: int, column: Column) -> None:
    numbers = lines.values[column.name]

    def put(row: int, at: int, line: int, _j: int, style: Format) -> None:
        canvas.formula(row, at, lines.formula(line, place), numbers[line], style)

    canvas.plan(block, _KINDS[column.kind], put, line=THIN if column.kind in ("predict", "error^2") else 0)
