"""Single weights: their places, their values and their names in words."""

from __future__ import annotations

from cfgui.app.edits import WeightCell
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings


def weight_value(factors: Factors, cell: WeightCell) -> float:
    """One weight."""
    table, row, factor = cell
    weights = factors.tables[factors.table_names.index(table)]
    if weights.ndim == 2:
        return float(weights[row, factor])
    return float(weights[factor if table.startswith("layer") else row])


def layer_number(table: str) -> int:
    """The number of the layer a table belongs to, from 1; 0 for the factors and biases of users and movies."""
    return int(table.removeprefix("layer").partition(".")[0]) if table.startswith("layer") else 0


def input_name(factors: Factors, number: int, row: int) -> str:
    """What comes into a row of a layer: "user f1", "movie f1", or "hidden 1" of the layer before."""
    if number > 1:
        return f"hidden {row + 1}"
    k = factors.n_factors
    return f"user f{row + 1}" if row < k else f"movie f{row - k + 1}"


def unit_name(factors: Factors, number: int, unit: int) -> str:
    """What a column of a layer makes: "hidden 1", or of the last layer "score", or "rating 3.5" of an ordinal net."""
    if number < len(factors.layers):
        return f"hidden {unit + 1}"
    return f"rating {factors.classes[unit]:g}" if factors.classes else "score"


def layer_name(factors: Factors, number: int) -> str:
    """ "layer 1", or "output" for the last one."""
    return f"layer {number}" if number < len(factors.layers) else "output"


def weight_name(ratings: Ratings, factors: Factors, cell: WeightCell) -> str:
    """A weight in words: "user 14 factor 1", "layer 1 weight user f3 → hidden 4", "output bias of score"."""
    table, row, factor = cell
    number = layer_number(table)
    if number:
        unit = unit_name(factors, number, factor)
        layer = layer_name(factors, number)
        if table.endswith("bias"):
            return f"{layer} bias of {unit}"
        return f"{layer} weight {input_name(factors, number, row)} → {unit}"
    owner = f"user {ratings.user_ids[row]}" if table.startswith("user") else f"movie {ratings.movie_ids[row]}"
    return f"{owner} {'bias' if table.endswith('bias') else f'factor {factor + 1}'}"
