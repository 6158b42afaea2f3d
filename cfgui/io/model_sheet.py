"""Writing the sheets ``dotprod`` and ``bias``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.models import predict_all, rmse
from cfgui.core.ratings import Floats, Ratings
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.workbook_layout import Block, SheetLayout
from cfgui.io.workbook_styles import HIGH, LOW, MEDIUM, MIDDLE, THIN, WEIGHT_HIGH, WEIGHT_LOW

ZOOM = 120
"""Per cent, as the original opens."""

MAX_RANGES = 500
"""Ranges in one colour rule; more would make the file slow to open."""

_NOTE = (
    "Random numbers to begin with:",
    "Data > Solver then changes them until",
    "the RMSE below is as low as it gets.",
)
_SHORT_NOTE = " ".join(_NOTE) + " \N{DOWNWARDS ARROW}"


def write_model_sheet(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings, factors: Factors) -> None:
    """Write one model sheet whole: cells, widths, colour scales, frozen panes, the printed page."""
    _plan_ids(canvas, layout, ratings)
    _plan_weights(canvas, layout, factors)
    _plan_ratings(canvas, layout, ratings)
    _plan_predictions(canvas, layout, ratings, factors)
    _plan_note(canvas, layout)
    canvas.draw()
    _set_widths(canvas, layout, ratings)
    _colour(canvas, layout, ratings)
    _set_view(canvas, layout)


def _plan_ids(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings) -> None:
    for block in ("movie_label_top", "movie_label"):
        canvas.plan_text(layout.cell(block), "movieId", "user_id")
    for block in ("user_label_top", "user_label"):
        canvas.plan_text(layout.cell(block), "userId", "id")
    for block in ("movie_ids_top", "movie_ids"):
        canvas.plan_ids(layout.blocks[block], ratings.movie_ids)
    for block in ("user_ids_top", "user_ids"):
        canvas.plan_ids(layout.blocks[block], ratings.user_ids, "user_id")


def _plan_weights(canvas: SheetCanvas, layout: SheetLayout, factors: Factors) -> None:
    def plan(block: str, table: Floats, line: int) -> None:
        canvas.plan(
            layout.blocks[block],
            "weight",
            lambda row, column, i, j, style: canvas.number(row, column, table[i, j], style),
            line=line,
        )

    plan("movie_factors", factors.movie_factors.T, THIN)
    plan("user_factors", factors.user_factors, THIN)
    if factors.movie_bias is not None and factors.user_bias is not None:
        plan("movie_bias", factors.movie_bias[None, :], MEDIUM)
        plan("user_bias", factors.user_bias[:, None], MEDIUM)


def _plan_ratings(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings) -> None:
    rated, crosstab = ratings.rated, ratings.crosstab
    canvas.plan(
        layout.blocks["ratings"],
        "rating",
        lambda row, column, user, movie, style: (
            canvas.number(row, column, crosstab[user, movie], style)
            if rated[user, movie]
            else canvas.blank(row, column, style)
        ),
        line=THIN,
    )


def _plan_predictions(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings, factors: Factors) -> None:
    with np.errstate(all="ignore"):
        values = np.where(ratings.rated, predict_all(factors), 0.0)
        error = rmse(factors, ratings)
    canvas.plan(
        layout.blocks["predictions"],
        "prediction",
        lambda row, column, user, movie, style: canvas.formula(
            row, column, layout.prediction_formula(user, movie), values[user, movie], style
        ),
        line=THIN,
    )
    canvas.plan_text(layout.cell("rmse_label"), "RMSE", "label")
    canvas.plan_text(layout.cell("rmse_check_label"), "check", "check_label")
    plan_rmse(canvas, layout.blocks["rmse"], layout.rmse_formula(), error, "rmse")
    plan_rmse(canvas, layout.blocks["rmse_check"], layout.rmse_check_formula(), error, "check")


def plan_rmse(canvas: SheetCanvas, block: Block, formula: str, error: float, kind: str) -> None:
    """Have an RMSE cell written; without ratings it shows #DIV/0! as Excel would (``error`` NaN)."""
    canvas.plan(
        block,
        kind,
        lambda row, column, _i, _j, style: canvas.formula(row, column, formula, error, style),
        line=THIN if kind == "rmse" else 0,
    )


def _plan_note(canvas: SheetCanvas, layout: SheetLayout) -> None:
    """The note stands in the empty corner beside both weight blocks, or over it where the corner is too small."""
    top = layout.blocks["movie_ids"].row - layout.n_factors - layout.bias
    if layout.n_factors < 4:
        canvas.plan_text((top - 1, 0), _SHORT_NOTE, "note")
        return
    for line, text in enumerate(_NOTE):
        canvas.plan_text((top + line, 1), text, "note")
    canvas.plan_text((top + 1, layout.n_factors + 1), "\N{RIGHTWARDS ARROW}", "arrow")
    canvas.plan_text((top + 3, 3), "\N{DOWNWARDS ARROW}", "arrow")


def _set_widths(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings) -> None:
    k = layout.n_factors
    canvas.widths(
        [
            (0, 0, 6.06640625 if layout.bias else 4.19921875),
            (1, k - 1, 6.06640625),
            (k, k, 9.19921875),
            (k + 1, k + 1, id_width(ratings.user_ids, 10.59765625)),
            (k + 2, k + 1 + layout.n_movies, id_width(ratings.movie_ids, 5.9296875)),
        ]
    )


def id_width(raw_ids: Sequence[str], narrowest: float) -> float:
    """A column width that shows these ids in bold, within reason."""
    return max(narrowest, min(24.0, 1.2 * max(map(len, raw_ids)) + 1.5))


def rating_range(ratings: Ratings) -> tuple[float, float]:
    """Lowest and highest rating, never equal: the ends of the colour scale."""
    if not ratings.n_ratings:
        return 0.0, 1.0
    low, high = float(ratings.values.min()), float(ratings.values.max())
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def colour_by_rating(canvas: SheetCanvas, cells: str, ratings: Ratings, *, only: str = "") -> None:
    """Colour a range orange to blue over the range of the ratings; ``only`` some parts of it, apart by spaces."""
    low, high = rating_range(ratings)
    scale = {"min_type": "num", "mid_type": "num", "max_type": "num"}
    values = {"min_value": low, "mid_value": (low + high) / 2, "max_value": high}
    colours = {"min_color": LOW, "mid_color": MIDDLE, "max_color": HIGH}
    parts = {"multi_range": only} if only else {}
    canvas.worksheet.conditional_format(cells, {"type": "3_color_scale"} | scale | values | colours | parts)


def rated_predictions(layout: SheetLayout, ratings: Ratings) -> str:
    """The predictions of rated cells as ranges apart by spaces, row by row; "" where there are too many ranges.

    LibreOffice colours the 0 of an unrated cell like a very low rating, whatever rule stands before the scale, so the
    scale leaves these cells out.
    """
    runs = []
    for user, rated in enumerate(ratings.rated):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], rated, [False]]).astype(np.int8)))
        runs += [(user, int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]
    if len(runs) > MAX_RANGES:
        return ""
    place = partial(layout.address, "predictions")
    return " ".join(f"{place(user, first)}:{place(user, last)}" for user, first, last in runs)


def _colour(canvas: SheetCanvas, layout: SheetLayout, ratings: Ratings) -> None:
    grey = canvas.styles.get("unrated_ink")
    unrated = {"type": "formula", "criteria": f'={layout.address("ratings")}=""', "format": grey, "stop_if_true": True}
    colour_by_rating(canvas, layout.range_of("ratings"), ratings)
    canvas.worksheet.conditional_format(layout.range_of("predictions"), unrated)
    colour_by_rating(canvas, layout.range_of("predictions"), ratings, only=rated_predictions(layout, ratings))
    for block in ("movie_factors", "user_factors", "movie_bias", "user_bias"):
        if block in layout.blocks:
            tint = {"type": "2_color_scale", "min_color": WEIGHT_LOW, "max_color": WEIGHT_HIGH}
            canvas.worksheet.conditional_format(layout.range_of(block), tint)


def _set_view(canvas: SheetCanvas, layout: SheetLayout) -> None:
    canvas.worksheet.set_zoom(ZOOM)
    # A frozen part wider than the window could not be scrolled: with many factors only the ids' row stays.
    canvas.worksheet.freeze_panes(1, layout.n_factors + 2 if layout.n_factors <= 8 else 0)
    canvas.print_landscape()
