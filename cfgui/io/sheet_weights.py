"""Finding the weights on the sheet of a model: tables beside and above the predictions, layers on the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cfgui.core.factors import Factors, Layer
from cfgui.core.models import MODELS
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Floats
from cfgui.core.structure import MAX_CLASSES
from cfgui.io.cell_address import a1
from cfgui.io.cell_text import id_text, is_blank
from cfgui.io.crosstab_layout import SETTINGS_GAP
from cfgui.io.errors import WorkbookError
from cfgui.io.grid import Grid
from cfgui.io.sheet_reader import Crosstab

_TITLE = re.compile(r"layer \d+\b", re.IGNORECASE)
_RANGES = tuple(kind for kind in OPTION_BY_NAME["range"].choices if kind != "none")
_LARGEST_END = OPTION_BY_NAME["high"].high
_SETTINGS = ("range", "low", "high", "mean")


@dataclass(frozen=True)
class Weights:
    """The lower part of a sheet: the factors, and remarks about them."""

    factors: Factors
    remarks: tuple[str, ...]


def read_weights(grid: Grid, crosstab: Crosstab, model: str) -> Weights | None:
    """The weights of a model's sheet, None where it has none; their number is what stands there.

    Raises WorkbookError when tables do not fit each other or a cell holds no number.
    """
    header, n_rows = crosstab.header, crosstab.n_weights
    if header is None:
        return None
    n_columns = _columns_of_weights(grid, crosstab, header)
    if n_rows == 0 and n_columns == 0:
        return None
    if MODELS[model].net:
        return _read_net(grid, crosstab, header, n_columns, model)
    bias = MODELS[model].bias
    if n_rows != n_columns:
        raise WorkbookError(
            f"{grid.file}, sheet {grid.sheet}: the movies have {n_rows} rows of weights over"
            f" {a1(header, crosstab.column + 1)} and the users {n_columns} columns beside"
            f" {a1(header + 1, crosstab.column)}. Give both the same number."
        )
    if n_rows - bias < 1:
        raise WorkbookError(f"{grid.file}, sheet {grid.sheet}: has biases but no factors. Add a row and a column.")
    users, movies = _tables(grid, crosstab, header, n_columns)
    factors = Factors(users[:, 1:], movies[1:].T, users[:, 0], movies[0]) if bias else Factors(users, movies.T)
    mean = _setting(grid, crosstab, header, "mean")
    factors = replace(
        factors, range=_range(grid, crosstab, header), global_mean=0.0 if mean is None or not bias else mean
    )
    return Weights(factors.copy(), _id_remarks(grid, crosstab, header))


def _tables(grid: Grid, crosstab: Crosstab, header: int, n_columns: int) -> tuple[Floats, Floats]:
    """(n_users, n_columns) weights of users and (rows, n_movies) of movies."""
    n_rows, n, m = crosstab.n_weights, len(crosstab.user_ids), len(crosstab.movie_ids)
    movies = grid.numbers(header - n_rows, crosstab.column + 1, n_rows, m, "a weight of a movie")
    return grid.numbers(header + 1, crosstab.column - n_columns, n, n_columns, "a weight of a user"), movies


def _read_net(grid: Grid, crosstab: Crosstab, header: int, n_columns: int, model: str) -> Weights | None:
    """The weights of a net's sheet; None where no layers stand right of the crosstab."""
    places = _layer_places(grid, crosstab)
    if not places or not n_columns or not crosstab.n_weights:
        return None
    users, movies = _tables(grid, crosstab, header, n_columns)
    layers, n_in = [], users.shape[1] + movies.shape[0]
    for number, place in enumerate(places, start=1):
        layers.append(_read_layer(grid, place, n_in, number))
        n_in = layers[-1].bias.size
    row, column = places[-1]
    classes = _read_classes(grid, row + layers[-1].weights.shape[0] + 4, column, n_in) if model == "ordinal" else ()
    if not classes and n_in != 1:
        raise grid.error(row, column, f"has {n_in} outputs and the net one. Delete the columns beyond the first.")
    rating_range = NO_RANGE if classes else _range(grid, crosstab, header)
    factors = Factors(users, movies.T, layers=tuple(layers), classes=classes, range=rating_range).copy()
    return Weights(factors, _id_remarks(grid, crosstab, header))


def _layer_places(grid: Grid, crosstab: Crosstab) -> list[tuple[int, int]]:
    """The cells right of the crosstab that read "layer 1 …", "layer 2 …", those of the first one's column."""
    found = [
        place
        for place in grid.find(lambda value: isinstance(value, str) and _TITLE.match(value.strip()) is not None)
        if place[1] > crosstab.column + len(crosstab.movie_ids)
    ]
    return [place for place in found if place[1] == found[0][1]]


def _read_layer(grid: Grid, title: tuple[int, int], n_in: int, number: int) -> Layer:
    """The layer below a title: a row of unit numbers, a row for each input, and the biases."""
    top, left = title[0] + 2, title[1] + 1
    n_out = 0
    while not grid.blank(top - 1, left + n_out):
        n_out += 1
    bias = grid.at(top + n_in, left - 1)
    if not n_out or not isinstance(bias, str) or bias.strip().casefold() != "bias":
        raise grid.error(
            *title,
            f"begins layer {number}, which needs unit numbers below, a row for each of its {n_in} inputs and a row"
            " labelled bias. Export the net anew.",
        )
    weights = grid.numbers(top, left, n_in, n_out, "a weight of a layer")
    return Layer(weights, grid.numbers(top + n_in, left, 1, n_out, "a bias of a layer")[0])


def _read_classes(grid: Grid, row: int, column: int, n_outputs: int) -> tuple[float, ...]:
    """The rating values of an ordinal net's outputs, which must rise."""
    values = grid.numbers(row, column + 1, 1, n_outputs, "the rating that an output stands for")[0]
    if n_outputs > MAX_CLASSES or (values[1:] <= values[:-1]).any():
        raise grid.error(row, column, f"needs at most {MAX_CLASSES} ratings in rising order on its right.")
    return tuple(values.tolist())


def _range(grid: Grid, crosstab: Crosstab, header: int) -> RatingRange:
    """The range in the labelled cells below the RMSE; none where they are not there."""
    kind = next((grid.at(*place) for place in _settings(grid, crosstab, header, "range")), None)
    if is_blank(kind):
        return NO_RANGE
    word = str(kind).strip().casefold()
    low, high = (_setting(grid, crosstab, header, end) for end in ("low", "high"))
    place = next(_settings(grid, crosstab, header, "range"))
    if word not in _RANGES:
        raise grid.error(*place, f"holds no range. Type {', '.join(_RANGES)} there, or clear it.")
    if low is None or high is None or not -_LARGEST_END <= low < high <= _LARGEST_END:
        raise grid.error(*place, "needs numbers beside low and high below it, the low one smaller. Type them and save.")
    return RatingRange(word, low, high)


def _settings(grid: Grid, crosstab: Crosstab, header: int, name: str) -> Iterator[tuple[int, int]]:
    """The cell on the right of a label below the RMSE, if there is one."""
    column = crosstab.column + len(crosstab.movie_ids)
    first = header + len(crosstab.user_ids) + 2 + SETTINGS_GAP
    for row in range(first, first + len(_SETTINGS)):
        label = grid.at(row, column - 1)
        if isinstance(label, str) and label.strip().casefold() == name:
            yield row, column


def _setting(grid: Grid, crosstab: Crosstab, header: int, name: str) -> float | None:
    """The number beside a label below the RMSE, None where the label is not there."""
    for place in _settings(grid, crosstab, header, name):
        return grid.number(*place, f"the {name}")
    return None


def _columns_of_weights(grid: Grid, crosstab: Crosstab, header: int) -> int:
    count = 0
    rows = range(header + 1, header + 1 + len(crosstab.user_ids))
    while crosstab.column - 1 - count >= 0 and not all(grid.blank(row, crosstab.column - 1 - count) for row in rows):
        count += 1
    return count


def _id_remarks(grid: Grid, crosstab: Crosstab, header: int) -> tuple[str, ...]:
    movies = [grid.at(header, crosstab.column + 1 + i) for i in range(len(crosstab.movie_ids))]
    users = [grid.at(header + 1 + i, crosstab.column) for i in range(len(crosstab.user_ids))]
    same = all(
        value is None or id_text(value) == raw_id
        for value, raw_id in zip([*movies, *users], [*crosstab.movie_ids, *crosstab.user_ids], strict=True)
    )
    if same:
        return ()
    return (
        f"On the sheet {grid.sheet} the ids beside the weights differ from those beside the ratings; the weights were"
        " taken in the order in which they stand.",
    )
