"""Writing the sheet ``notes``: what the file is, how to go on with it, where its data comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import xlsxwriter

from cfgui import __version__
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.io.appended_layout import HISTORY_SHEET, MAX_HISTORY_POINTS, PREDICTIONS_SHEET
from cfgui.io.net_layout import NetLayout
from cfgui.io.sample import is_sample_data
from cfgui.io.sheet_canvas import SheetCanvas
from cfgui.io.solver_names import MAX_SOLVER_VARIABLES
from cfgui.io.workbook_layout import EMBEDDING_SHEET
from cfgui.io.workbook_size import sheet_layouts

_ACKNOWLEDGEMENT = (
    "The ratings are a transformed part of the MovieLens data set ml-latest-small (2016) of GroupLens Research,"
    " University of Minnesota. F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and"
    " Context. ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872",
    "They may be passed on, changed or not, under the same conditions: acknowledge the source as above, imply no"
    " endorsement by the university or GroupLens, make no commercial use without GroupLens' permission, keep these"
    " conditions with the data. They come without any warranty.",
)

_WIDTH, _LINE_LENGTH = 110.0, 110
"""Width of the column, and how many characters surely fit on one of its lines in any viewer's font."""

Note = tuple[str, str]
"""A line of the sheet: the style it is written in and its text."""


def write_notes_sheet(canvas: SheetCanvas, document: Document, n_variables: Mapping[str, int]) -> None:
    """One column of text; ``n_variables`` says by sheet how many cells Solver would have to change."""
    canvas.widths([(0, 0, _WIDTH)])
    for row, (kind, text) in enumerate(_notes(document, n_variables, values_only=canvas.values_only)):
        if text:
            canvas.plan_text((row, 0), text, kind)
            n_lines = -(-len(text) // _LINE_LENGTH)
            canvas.worksheet.set_row(row, 22.0 if kind == "heading" else 15.0 * n_lines)
    canvas.draw()
    canvas.worksheet.hide_gridlines(2)
    canvas.print_landscape()


def _notes(document: Document, n_variables: Mapping[str, int], *, values_only: bool) -> Iterator[Note]:
    yield from _section("Collaborative filtering as a spreadsheet", _contents(document))
    yield from _section("The sheets", _sheets(document))
    yield from _section("To go on in Excel", _solver(n_variables, values_only=values_only))
    yield from _section(
        "To go on in cfgui", ["Open this file: ratings, weights and history come back as they are here."]
    )
    thinned = list(_thinning(document))
    if thinned:
        yield from _section("Left out", thinned)
    if is_sample_data(document.ratings):
        yield from _section("Where the ratings come from", _ACKNOWLEDGEMENT)
    yield from _section("Versions", [f"cfgui {__version__}, XlsxWriter {xlsxwriter.__version__}."])


def _section(heading: str, lines: Sequence[str]) -> Iterator[Note]:
    yield "heading", heading
    for line in lines:
        yield "text", line
    yield "text", ""


def _size(factors: Factors) -> str:
    return f"{factors.n_factors} latent factor{'s' if factors.n_factors != 1 else ''}"


def _net_size(factors: Factors) -> str:
    """As "20 latent factors per user, 15 per movie and layers of 10 and 1 units"."""
    movies = f", {factors.n_movie_factors} per movie" if factors.n_movie_factors != factors.n_factors else " and movie"
    units = " and ".join(str(layer.bias.size) for layer in factors.layers)
    return f"{_size(factors)} per user{movies} and {units} units in its layers"


_NUMBER_WORDS = {2: "two", 3: "three", 4: "four"}


def _contents(document: Document) -> list[str]:
    ratings, factors = document.ratings, document.factors
    sizes = [
        f"{MODELS['dot'].sheet} with {_size(factors['dot'])} per user and movie",
        f"{MODELS['bias'].sheet} with {_size(factors['bias'])} and a bias each",
        *(f"{MODELS[name].sheet} with {_net_size(factors[name])}" for name in _nets(document)),
    ]
    return [
        f"{ratings.n_ratings:,} ratings of {ratings.n_movies:,} movies by {ratings.n_users:,} users, and"
        f" {_NUMBER_WORDS[len(sizes)]} models that predict them: {', '.join(sizes)}.",
        "The layout follows the collaborative-filtering workbook of the fast.ai course. Orange cells are weights, the"
        " numbers that training changes. Ratings and predictions run from orange (low) over white to blue (high).",
    ]


def _sheets(document: Document) -> list[str]:
    ratings = document.ratings
    return [
        f"{MODELS['dot'].sheet}: {MODELS['dot'].formula}. Unrated cells predict 0 here, so that they add nothing to the"
        " RMSE.",
        f"{EMBEDDING_SHEET}: the same model as lookups, one line for each of the {ratings.n_ratings:,} ratings.",
        f"{MODELS['bias'].sheet}: {MODELS['bias'].formula}.",
        *_net_sheets(document),
        *_ranges(document),
        f"{HISTORY_SHEET}: the RMSE after each step of training, with a chart.",
        f"{PREDICTIONS_SHEET}: what each model predicts for every cell, rated or not; {MODELS[document.active].sheet},"
        " the open sheet, first.",
        "Under each RMSE stands a check: the same number by a formula that skips unrated cells by itself.",
    ]


def _nets(document: Document) -> list[str]:
    return [name for name, model in MODELS.items() if model.net and name in document.factors]


def _net_sheets(document: Document) -> Iterator[str]:
    """What stands on the sheets of nets."""
    for name in _nets(document):
        model, layout = MODELS[name], sheet_layouts(document)[MODELS[name].sheet]
        text = f"{model.sheet}: {model.formula}. The layers' weights stand right of the crosstab"
        if isinstance(layout, NetLayout) and layout.has_lines:
            text += "; below it a line for each rating calculates the net from left to right, and the predictions of"
            text += " the crosstab repeat those of the lines"
        yield f"{text}."
        if name == "ordinal":
            yield (
                f"Training lowers the cross-entropy of the rating values on {model.sheet}; the RMSE there is that of"
                " their mean under the probabilities."
            )


def _ranges(document: Document) -> Iterator[str]:
    """The ranges and means that predictions go through."""
    for name, factors in document.factors.items():
        sheet = MODELS[name].sheet
        if factors.range.kind != "none":
            yield (
                f"{sheet}: a prediction is its score, {factors.range.formula}; the cells low and high below the RMSE"
                " are the ends of this range."
            )
        if factors.global_mean:
            yield f"{sheet}: the cell mean below the RMSE, the mean of all ratings, is part of every score."


def _solver(n_variables: Mapping[str, int], *, values_only: bool) -> list[str]:
    if values_only:
        return [
            "This file was written as values only: it has no formulas, so nothing in it recalculates and Solver has"
            " nothing to solve."
        ]
    lines = []
    ready = [sheet for sheet, count in n_variables.items() if count <= MAX_SOLVER_VARIABLES]
    if ready:
        lines.append(
            f"On the sheet {' or '.join(ready)} choose Data > Solver and press Solve: the target, the cells to change"
            " and the method are filled in. Where Data has no Solver, switch it on under File > Options > Add-ins >"
            " Excel Add-ins > Solver Add-in."
        )
    lines += [
        f"{sheet} carries no settings for Solver: it has {count:,} weights, and the Solver that comes with Excel"
        f" changes at most {MAX_SOLVER_VARIABLES} cells."
        for sheet, count in n_variables.items()
        if count > MAX_SOLVER_VARIABLES
    ]
    return lines


def _thinning(document: Document) -> Iterator[str]:
    for model, curve in document.history.items():
        if len(curve) > MAX_HISTORY_POINTS:
            yield (
                f"The history of {MODELS[model].sheet} has {len(curve):,} points; {MAX_HISTORY_POINTS:,} evenly spread"
                " ones, with the first and the last, are written here."
            )
