"""Closed-form gradients of nets: forward through the layers, and backward again."""

from __future__ import annotations

import numpy as np

from cfgui.core import networks
from cfgui.core.factors import Decay, Factors
from cfgui.core.losses import loss_of
from cfgui.core.models import sum_rows_by, with_penalty
from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats, Indices


def dropout_masks(factors: Factors, n_ratings: int, dropout: float, seed: int, step: int) -> list[Floats]:
    """What the embeddings and then each hidden layer's units are multiplied by in one step, (n_ratings, width) each.

    0 with the probability ``dropout``, else 1 / (1 - dropout), drawn from the seed and the number of the step; an empty
    list without dropout. Source: Srivastava et al., JMLR 15, 2014, in the inverted form of torch.
    """
    if dropout <= 0.0:
        return []
    rng, kept = np.random.default_rng((seed, step)), 1.0 - dropout
    widths = [layer.weights.shape[0] for layer in factors.layers]
    return [(rng.random((n_ratings, width)) < kept) / kept for width in widths]


def network_gradient(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    weight_decay: Decay = 0.0,
    *,
    loss: str = "mse",
    dropout: float = 0.0,
    seed: int = 0,
    step: int = 0,
) -> Floats:
    """Gradient of mean loss + L2 penalty over the given ratings, in the order of ``Factors.flat``."""
    masks = dropout_masks(factors, len(values), dropout, seed, step)
    inputs, outputs = _forward(factors, users, movies, masks)
    backward, parts = output_slopes(factors, outputs, values, loss), []
    for number in range(len(factors.layers) - 1, -1, -1):
        layer, values_in = factors.layers[number], inputs[number]
        parts += [backward.sum(axis=0), sum_of_products(values_in, backward).ravel()]
        backward = product(backward, layer.weights.T)
        if masks:
            backward *= masks[number]
        if number:
            backward *= values_in > 0.0
    k = factors.n_factors
    by_user = sum_rows_by(users, backward[:, :k], factors.n_users)
    by_movie = sum_rows_by(movies, backward[:, k:], factors.n_movies)
    return with_penalty(np.concatenate([by_user.ravel(), by_movie.ravel(), *parts[::-1]]), factors, weight_decay)


def _forward(factors: Factors, users: Indices, movies: Indices, masks: list[Floats]) -> tuple[list[Floats], Floats]:
    """What goes into each layer, after relu and dropout, and what comes out of the last."""
    values = np.concatenate([factors.user_factors[users], factors.movie_factors[movies]], axis=1)
    inputs = []
    for number, layer in enumerate(factors.layers):
        values = np.maximum(values, 0.0) if number else values
        values = values * masks[number] if masks else values
        inputs.append(values)
        values = product(values, layer.weights) + layer.bias
    return inputs, values


def output_slopes(factors: Factors, outputs: Floats, values: Floats, loss: str) -> Floats:
    """(n_ratings, n_outputs) slopes of the mean loss by the outputs of a net."""
    if factors.classes:
        shares = networks.softmax(outputs)
        shares[np.arange(len(values)), networks.class_places(factors.classes, values)] -= 1.0
        return shares / len(values)
    slopes: Floats = loss_of(loss, factors.range).slope(outputs, values[:, None]) / len(values)
    return slopes


def network_differences(
    factors: Factors, users: Indices, movies: Indices, values: Floats, *, nudges: tuple[float, float], loss: str
) -> Floats:
    """Sums over the ratings of cost at each weight + nudges[1] less cost at each weight + nudges[0].

    In the order of ``Factors.flat``. A factor of all users is nudged at once, since each rating has one user; so it
    takes one pass over the ratings per factor of either side and per weight of the layers.
    """

    def rise(table: int, place: tuple[int, ...] | tuple[slice, int]) -> Floats:
        low, high = (costs_with(factors, table, place, nudge, (users, movies, values), loss) for nudge in nudges)
        return high - low

    parts = []
    for table, rows, n_rows in ((0, users, factors.n_users), (1, movies, factors.n_movies)):
        columns = [rise(table, (slice(None), f)) for f in range(factors.tables[table].shape[1])]
        parts.append(sum_rows_by(rows, np.stack(columns, axis=1), n_rows).ravel())
    for table in range(2, len(factors.tables)):
        cells = np.ndindex(factors.tables[table].shape)
        parts.append(np.array([float(np.sum(rise(table, cell))) for cell in cells]))
    return np.concatenate(parts)


def costs_with(
    factors: Factors,
    table: int,
    place: tuple[int, ...] | tuple[slice, int],
    nudge: float,
    ratings: tuple[Indices, Indices, Floats],
    loss: str,
) -> Floats:
    """What each of these (users, movies, values) costs with some weights of one of ``factors.tables`` moved."""
    vector = factors.flat()
    moved = factors.view_of(vector)
    moved.tables[table][place] += nudge
    users, movies, values = ratings
    outputs = networks.outputs(moved, users, movies)
    if factors.classes:
        return networks.cross_entropy(outputs, networks.class_places(factors.classes, values))
    return loss_of(loss, factors.range).of(outputs[:, 0], values)
