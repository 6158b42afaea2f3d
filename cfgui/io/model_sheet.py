"""Writing the sheets ``dotprod`` and ``bias``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.models import predict, rmse
from cfgui.core.ratings import Floats, Ratings
from cfgui.io.crosstab_layout import CrosstabLayout
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
    plan_crosstab(canvas, layout, ratings, factors, layout.prediction_formula)
    _plan_biases(canvas, layout, factors)
    _plan_note(canvas, layout)
    canvas.draw()
    set_widths(canvas, layout, ratings)
    colour(canvas, layout, ratings)
    set_view(canvas, layout)


def plan_crosstab(
    canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings, factors: Factors, formula: Callable[[int, int], str]
) -> None:
    """Have all written that the sheets of every model share; ``formula`` is that of a prediction (user, movie)."""
    _plan_ids(canvas, layout, ratings)
    plan_weights(canvas, layout.blocks["movie_factors"], factors.movie_factors.T)
    plan_weights(canvas, layout.blocks["user_factors"], factors.user_factors)
    _plan_ratings(canvas, layout, ratings)
    _plan_predictions(canvas, layout, ratings, factors, formula)
    _plan_settings(canvas, layout, factors)


def _plan_ids(canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings) -> None:
    for block in ("movie_label_top", "movie_label"):
        canvas.plan_text(layout.cell(block), "movieId", "user_id")
    for block in ("user_label_top", "user_label"):
        canvas.plan_text(layout.cell(block), "userId", "id")
    for block in ("movie_ids_top", "movie_ids"):
        canvas.plan_ids(layout.blocks[block], ratings.movie_ids)
    for block in ("user_ids_top", "user_ids"):
        canvas.plan_ids(layout.blocks[block], ratings.user_ids, "user_id")


def plan_weights(canvas: SheetCanvas, block: Block, table: Floats, line: int = THIN) -> None:
    """Have a table of weights written."""
    canvas.plan(
        block, "weight", lambda row, column, i, j, style: canvas.number(row, column, table[i, j], style), line=line
    )


def _plan_biases(canvas: SheetCanvas, layout: SheetLayout, factors: Factors) -> None:
    if factors.movie_bias is not None and factors.user_bias is not None:
        plan_weights(canvas, layout.blocks["movie_bias"], factors.movie_bias[None, :], MEDIUM)
        plan_weights(canvas, layout.blocks["user_bias"], factors.user_bias[:, None], MEDIUM)


def _plan_ratings(canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings) -> None:
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


def crosstab_values(ratings: Ratings, factors: Factors) -> Floats:
    """(n_users, n_movies) what the predictions of a sheet show: 0 where unrated."""
    values = np.zeros((ratings.n_users, ratings.n_movies))
    with np.errstate(all="ignore"):
        values[ratings.users, ratings.movies] = predict(factors, ratings.users, ratings.movies)
    return values


def _plan_predictions(
    canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings, factors: Factors, formula: Callable[[int, int], str]
) -> None:
    values = crosstab_values(ratings, factors)
    with np.errstate(all="ignore"):
        error = rmse(factors, ratings)
    canvas.plan(
        layout.blocks["predictions"],
        "prediction",
        lambda row, column, user, movie, style: canvas.formula(
            row, column, formula(user, movie), values[user, movie], style
        ),
        line=THIN,
    )
    canvas.plan_text(layout.cell("rmse_label"), "RMSE", "label")
    canvas.plan_text(layout.cell("rmse_check_label"), "check", "check_label")
    plan_rmse(canvas, layout.blocks["rmse"], layout.formula("rmse"), error, "rmse")
    plan_rmse(canvas, layout.blocks["rmse_check"], layout.formula("rmse_check"), error, "check")


def _plan_settings(canvas: SheetCanvas, layout: CrosstabLayout, factors: Factors) -> None:
    """The range and the global mean, to which the formulas of the predictions point."""
    numbers = {"low": factors.range.low, "high": factors.range.high, "mean": factors.global_mean}
    if "range" in layout.blocks:
        canvas.plan_text(layout.cell("range_label"), "range", "check_label")
        canvas.plan_text(layout.cell("range"), factors.range.kind, "setting")
    for name in [name for name in numbers if name in layout.blocks]:
        canvas.plan_text(layout.cell(f"{name}_label"), name, "check_label")
        plan_number(canvas, layout.blocks[name], numbers[name], "setting")


def plan_number(canvas: SheetCanvas, block: Block, number: float, kind: str) -> None:
    """Have one number written into a block of one cell."""
    canvas.plan(block, kind, lambda row, column, _i, _j, style: canvas.number(row, column, number, style))


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


def set_widths(canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings) -> None:
    """Set the widths of the columns that the crosstab and the user weights take."""
    k = layout.n_factors
    canvas.widths(
        [
            (0, 0, 6.06640625 if "user_bias" in layout.blocks else 4.19921875),
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


def rated_predictions(layout: CrosstabLayout, ratings: Ratings) -> str:
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


def colour(canvas: SheetCanvas, layout: CrosstabLayout, ratings: Ratings) -> None:
    """Colour ratings and predictions by their value, and weights orange."""
    grey = canvas.styles.get("unrated_ink")
    unrated = {"type": "formula", "criteria": f'={layout.address("ratings")}=""', "format": grey, "stop_if_true": True}
    colour_by_rating(canvas, layout.range_of("ratings"), ratings)
    canvas.worksheet.conditional_format(layout.range_of("predictions"), unrated)
    colour_by_rating(canvas, layout.range_of("predictions"), ratings, only=rated_predictions(layout, ratings))
    for block in layout.blocks:
        if block.endswith(("_factors", "_bias", ".weights", ".bias")):
            tint = {"type": "2_color_scale", "min_color": WEIGHT_LOW, "max_color": WEIGHT_HIGH}
            canvas.worksheet.conditional_format(layout.range_of(block), tint)


def set_view(canvas: SheetCanvas, layout: CrosstabLayout) -> None:
    """Zoom, frozen panes and the printed page."""
    canvas.worksheet.set_zoom(ZOOM)
    # A frozen part wider than the window could not be scrolled: with many factors only the ids' row stays.
    canvas.worksheet.freeze_panes(1, layout.n_factors + 2 if layout.n_factors <= 8 else 0)
    canvas.print_landscape()
