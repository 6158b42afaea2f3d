"""Writing the sheet ``movielens_emb``: dotprod's model as lookups, one line per rating."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xlsxwriter.format import Format

from cfgui.core.factors import Factors
from cfgui.core.models import rmse
from cfgui.core.ratings import Floats, Mask, Ratings
from cfgui.io.embedding_values import end_values, line_values, needs_exact
from cfgui.io.model_sheet import ZOOM, id_width, plan_rmse
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.workbook_layout import Block, EmbeddingLayout
from cfgui.io.workbook_styles import MEDIUM, THIN


def write_embedding_sheet(canvas: SheetCanvas, layout: EmbeddingLayout, ratings: Ratings, factors: Factors) -> None:
    """Write the sheet whole: both tables, the lines, RMSE, widths, frozen panes."""
    _plan_table(canvas, layout, "user", ratings.user_ids, factors.user_factors)
    _plan_table(canvas, layout, "movie", ratings.movie_ids, factors.movie_factors)
    _plan_headers(canvas, layout)
    if ratings.n_ratings:
        _plan_lines(canvas, layout, ratings, factors)
    with np.errstate(all="ignore"):
        error = rmse(factors, ratings)
    canvas.plan_text(layout.cell("rmse_label"), "rmse", "bold")
    canvas.plan_text(layout.cell("rmse_check_label"), "check", "check")
    plan_rmse(canvas, layout.blocks["rmse"], layout.rmse_formula(), error, "rmse")
    plan_rmse(canvas, layout.blocks["rmse_check"], layout.rmse_check_formula(), error, "check")
    _plan_ends(canvas, layout, factors)
    canvas.draw()
    _set_widths(canvas, layout, ratings)
    canvas.worksheet.set_zoom(ZOOM)
    canvas.worksheet.freeze_panes(2, 0)
    canvas.worksheet.repeat_rows(0, 1)
    canvas.print_landscape()


def _plan_ends(canvas: SheetCanvas, layout: EmbeddingLayout, factors: Factors) -> None:
    """The ends of the range, which repeat those on dotprod."""
    for end, number in end_values(layout, factors).items():
        canvas.plan_text(layout.cell(f"{end}_label"), end, "check")
        plan_rmse(canvas, layout.blocks[end], layout.end_formula(end), number, "setting")


def _plan_table(canvas: SheetCanvas, layout: EmbeddingLayout, side: str, raw_ids: Sequence[str], table: Floats) -> None:
    header = layout.blocks[f"{side}_header"]
    canvas.plan_text((header.row, 1), f"{side.capitalize()}s", "bold")
    canvas.plan_text((header.row, 2), "Embeddings", "bold")
    canvas.plan_text((header.row + 1, 0), "idx", "bold")
    canvas.plan_text((header.row + 1, 1), f"{side}Id", "bold")
    _plan_factor_numbers(canvas, Block(header.row + 1, 2, 1, layout.n_factors), "italic_left")
    canvas.plan(
        layout.blocks[f"{side}_index"],
        "index",
        lambda row, column, i, _j, style: canvas.number(row, column, i + 1, style),
    )
    canvas.plan_ids(layout.blocks[f"{side}_ids"], raw_ids, "table_id", line=MEDIUM)
    canvas.plan(
        layout.blocks[f"{side}s"],
        "input",
        lambda row, column, i, j, style: canvas.number(row, column, table[i, j], style),
        line=THIN,
    )


def _plan_factor_numbers(canvas: SheetCanvas, block: Block, kind: str) -> None:
    canvas.plan(block, kind, lambda row, column, _i, j, style: canvas.number(row, column, j + 1, style))


def _plan_headers(canvas: SheetCanvas, layout: EmbeddingLayout) -> None:
    groups, header = layout.blocks["lookup_groups"], layout.blocks["lookup_header"]
    for text, name in (("original data", "userId"), ("user embedding", "user 1"), ("movie embedding", "movie 1")):
        canvas.plan_text((groups.row, groups.column + layout.line_column(name)), text, "group")
    for column, name in enumerate(layout.line_columns):
        if name in ("user 1", "movie 1"):
            _plan_factor_numbers(canvas, Block(header.row, header.column + column, 1, layout.n_factors), "italic")
        elif not name.startswith(("user ", "movie ")) or name.endswith("idx"):
            kind = "centred" if name.endswith("idx") else "bold" if name.endswith("Id") else "label"
            canvas.plan_text((header.row, header.column + column), name, kind)


def _plan_lines(canvas: SheetCanvas, layout: EmbeddingLayout, ratings: Ratings, factors: Factors) -> None:
    values = line_values(layout, ratings, factors)
    exact = {
        "user idx": np.array(needs_exact(ratings.user_ids))[ratings.users],
        "movie idx": np.array(needs_exact(ratings.movie_ids))[ratings.movies],
    }
    lines = layout.blocks["lookups"]
    for position, name in enumerate(layout.line_columns):
        block = Block(lines.row, lines.column + position, lines.n_rows, 1)
        if name == "userId":
            canvas.plan_ids(block, [ratings.user_ids[user] for user in ratings.users], "italic_left")
        elif name == "movieId":
            canvas.plan_ids(block, [ratings.movie_ids[movie] for movie in ratings.movies], "italic_left")
        elif name == "rating":
            _plan_typed(canvas, block, ratings.values)
        else:
            _plan_formulas(canvas, layout, block, values[name], exact.get(name))


def _plan_typed(canvas: SheetCanvas, block: Block, numbers: Floats) -> None:
    canvas.plan(block, "bold", lambda row, column, line, _j, style: canvas.number(row, column, numbers[line], style))


def _plan_formulas(
    canvas: SheetCanvas, layout: EmbeddingLayout, block: Block, numbers: Floats, exact: Mask | None
) -> None:
    position = block.column - layout.blocks["lookups"].column
    name = layout.line_columns[position]
    result = name in ("predict", "error^2")
    kind = "output" if result else "index" if name.endswith("idx") else "weight"

    def put(row: int, column: int, line: int, _j: int, style: Format) -> None:
        formula = layout.line_formula(line, position, exact=exact is not None and bool(exact[line]))
        canvas.formula(row, column, formula, numbers[line], style)

    canvas.plan(block, kind, put, line=THIN if result else 0)


def _set_widths(canvas: SheetCanvas, layout: EmbeddingLayout, ratings: Ratings) -> None:
    k, left = layout.n_factors, layout.blocks["lookups"].column
    ids = [*ratings.user_ids, *ratings.movie_ids]
    user_factors, movie_factors = left + layout.line_column("user 1"), left + layout.line_column("movie 1")
    predict_column = left + layout.line_column("predict")
    canvas.widths(
        [
            (0, 0, 4.6640625),
            (1, 1, id_width(ids, 8.7)),
            (2, k + 1, 5.5),
            (left, left, id_width(ratings.user_ids, 7.4)),
            (left + 1, left + 1, id_width(ratings.movie_ids, 7.9)),
            (left + 2, left + 2, 6.2),
            (left + 3, left + 3, 7.9),
            (user_factors, user_factors + k - 1, 5.5),
            (movie_factors - 1, movie_factors - 1, 9.0),
            (movie_factors, movie_factors + k - 1, 5.5),
            (predict_column, predict_column + 1, 8.0),
            (predict_column + 2, predict_column + 2, 4.46484375),
        ]
    )
