"""Neural nets on the embeddings of a user and of a movie side by side.

An output is L_n(relu(... relu(L_1([user factors, movie factors])))), L being linear layers. The neural model has one
output, the score; the ordinal one has an output per rating value, and its prediction is the mean of those values under
the softmax of the outputs. Sources: the course's ``EmbeddingNet``; fastai ``EmbeddingNN``.
"""

from __future__ import annotations

import numpy as np

from cfgui.core.factors import Factors, Layer
from cfgui.core.products import product
from cfgui.core.ratings import Floats, Indices

PAIRS_AT_ONCE = 262_144
"""Numbers of a hidden layer held in memory at once by ``block_outputs``."""


def outputs(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """(len(users), n_outputs) outputs for parallel index arrays, without dropout."""
    pairs = np.concatenate([factors.user_factors[users], factors.movie_factors[movies]], axis=1)
    return _through(factors.layers, product(pairs, factors.layers[0].weights) + factors.layers[0].bias)


def block_outputs(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """(len(users), len(movies), n_outputs) outputs of these users for all of these movies."""
    first, k = factors.layers[0], factors.n_factors
    by_user = product(factors.user_factors[users], first.weights[:k]) + first.bias
    by_movie = product(factors.movie_factors[movies], first.weights[k:])
    n_outputs = factors.layers[-1].bias.size
    table = np.empty((len(users), len(movies), n_outputs))
    rows = max(1, PAIRS_AT_ONCE // max(by_movie.size, 1))
    for start in range(0, len(users), rows):
        sums = by_user[start : start + rows, None, :] + by_movie
        outputs_of = _through(factors.layers, sums.reshape(-1, first.bias.size))
        table[start : start + rows] = outputs_of.reshape(*sums.shape[:2], n_outputs)
    return table


def _through(layers: tuple[Layer, ...], values: Floats) -> Floats:
    """What comes out at the end when the first layer gives ``values``, before its relu."""
    for layer in layers[1:]:
        values = product(np.maximum(values, 0.0), layer.weights) + layer.bias
    return values


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def class_places(classes: tuple[float, ...], values: Floats) -> Indices:
    """Which class each rating is, the nearest where it is none of them."""
    known = np.array(classes)
    right = np.clip(np.searchsorted(known, values), 1, max(len(known) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(known) - 1)
    return np.where(values - known[left] <= known[right] - values, left, right).astype(np.int32)


def cross_entropy(logits: Floats, places: Indices) -> Floats:
    """-log p of the class at ``places`` for each row of ``logits``."""
    highest = logits.max(axis=1)
    total = np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    costs: Floats = total - (logits[np.arange(len(places)), places] - highest)
    return costs


def predictions_of(factors: Factors, values: Floats) -> Floats:
    """Predictions of outputs (..., n_outputs): shape (...)."""
    if factors.classes:
        means: Floats = (softmax(values) * np.array(factors.classes)).sum(axis=-1)
        return means
    return factors.range.apply(values[..., 0])


def probabilities(factors: Factors, user: int, movie: int) -> Floats:
    """(n_classes,) probability of each of ``factors.classes`` by an ordinal net."""
    pair = np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32)
    shares: Floats = softmax(outputs(factors, *pair))[0]
    return shares
