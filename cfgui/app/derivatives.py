"""The slope of the loss by one weight, as the explanation shows it: estimated by a nudge, and exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cfgui.app.edits import WeightCell
from cfgui.app.explanation import Derivative
from cfgui.app.scope import Scope, work_of
from cfgui.app.session import Session
from cfgui.app.weights import layer_number, weight_name, weight_value
from cfgui.core.decay import penalty_decay
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import Scheme
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.network_gradients import costs_with, network_gradient
from cfgui.core.one_weight import slopes_by_weight
from cfgui.core.ratings import Floats, Indices
from cfgui.core.view import View, part_of_factors

MAX_WORK = 1_000_000
"""Ratings of a net times the work of one (``work_of``) up to which a derivative is shown: some 20 ms."""

Some = tuple[Factors, Indices, Indices, Floats]
"""Weights, and the parallel users, movies and values of some ratings by their places in them."""


def derivative(session: Session, model: str, cell: WeightCell) -> Derivative | None:
    """d loss / d weight estimated by finite differences and exactly.

    None while nothing is rated, where the loss has no meaning for the sheet's range, and where so many ratings depend
    on a weight of a net that it would take longer than a moment. The scheme is the chosen one, or forward where
    autograd is chosen; the loss is that of training without dropout, penalty included. Only the ratings that the weight
    takes part in are looked at: the others do not change with it.
    """
    factors, choices, scope = session.sheet(model).factors, session.hyperparameters, session.scope
    n_all = scope.ratings.n_ratings
    if not n_all or not loss_has_meaning(choices, factors):
        return None
    choices = replace(choices, gradient=choices.gradient if choices.gradient == "central" else "forward")
    some = _all_ratings(scope, factors) if layer_number(cell[0]) else _ratings_of(scope, factors, cell)
    if some is None:
        return None
    part, _users, _movies, values = some
    place = cell if layer_number(cell[0]) else (cell[0], 0, cell[2])
    index = part.flat_index(*place)
    decays = penalty_decay(part, choices)
    decay = decays if isinstance(decays, float) else float(decays[index])
    slopes = [2.0 * decay * weight_value(factors, cell)] * 2
    if choices.gradient == "forward":
        slopes[0] += decay * choices.epsilon  # ((w + h)^2 - w^2) / h = 2 w + h
    if len(values):
        share = len(values) / n_all
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
            found = (_slopes_of_net if part.layers else _slopes)(some, place, choices)
        slopes = [slope + share * own for slope, own in zip(slopes, found, strict=True)]
    name = weight_name(session.ratings, factors, cell)
    return Derivative(name, slopes[0], choices.gradient, choices.epsilon, slopes[1])


def loss_has_meaning(choices: Hyperparameters, factors: Factors) -> bool:
    """Whether the chosen loss is one of this sheet: binary cross-entropy needs the sigmoid range."""
    return choices.loss != "bce" or bool(factors.classes) or factors.range.kind == "sigmoid"


def _slopes(some: Some, place: WeightCell, choices: Hyperparameters) -> list[float]:
    """Of the mean loss of these ratings by one weight: estimated and exact."""
    scheme: Scheme = "central" if choices.gradient == "central" else "forward"
    return [*slopes_by_weight(*some, place[0], place[2], h=choices.epsilon, scheme=scheme, loss=choices.loss)]


def _slopes_of_net(some: Some, place: WeightCell, choices: Hyperparameters) -> list[float]:
    """The same for a net, by nudging this weight alone: nudging all of them in turn would take seconds."""
    part, values = some[0], some[3]
    table, row, factor = place
    number, h = part.table_names.index(table), choices.epsilon
    at = (row, factor) if part.tables[number].ndim == 2 else (factor,)
    nudges = (-h, h) if choices.gradient == "central" else (0.0, h)
    low, high = (costs_with(part, number, at, nudge, some[1:], choices.loss) for nudge in nudges)
    exact = network_gradient(part, some[1], some[2], values, loss=choices.loss)
    return [float(np.mean(high - low)) / (nudges[1] - nudges[0]), float(exact[part.flat_index(*place)])]


def _all_ratings(scope: Scope, factors: Factors) -> Some | None:
    """The ratings a layer takes part in: all that train, unless they are many."""
    ratings = scope.ratings
    if ratings.n_ratings * work_of(factors) > MAX_WORK:
        return None
    return scope.factors(factors), ratings.users, ratings.movies, ratings.values.astype(np.float64)


def _ratings_of(scope: Scope, factors: Factors, cell: WeightCell) -> Some | None:
    """The ratings one user's or movie's weight takes part in, and the weights with that owner first."""
    by_user, owner = cell[0].startswith("user"), cell[1]
    places = None if scope.view is None else scope.view.user_rows if by_user else scope.view.movie_columns
    line = owner if places is None else int(places[owner])
    if line < 0:
        partners, values = np.zeros(0, dtype=np.int32), np.zeros(0)
    else:
        partners, values = scope.ratings.user_line(line) if by_user else scope.ratings.movie_line(line)
    if factors.layers and len(values) * work_of(factors) > MAX_WORK:
        return None
    if scope.view is not None:
        partners = (scope.view.movies if by_user else scope.view.users)[partners]
    alone, others = np.array([owner], dtype=np.int32), np.arange(len(partners), dtype=np.int32)
    view = View(alone, partners, 0, 0) if by_user else View(partners, alone, 0, 0)
    first = np.zeros(len(partners), dtype=np.int32)
    users, movies = (first, others) if by_user else (others, first)
    return part_of_factors(factors, view), users, movies, values.astype(np.float64)
