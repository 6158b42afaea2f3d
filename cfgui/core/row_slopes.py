"""Row slopes: what one user, or one movie, with given weights predicts, and how that moves with each of the weights.

All other weights stand still. A row (d,) holds factors and, where there is one, the bias last (``side_rows``); its
partners, whom it meets in ratings, are of the other side.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cfgui.core import networks
from cfgui.core.factors import Factors
from cfgui.core.models import predict_block
from cfgui.core.one_side import SideName
from cfgui.core.products import product
from cfgui.core.ratings import Floats, Indices

AT_ONCE = 512
"""Partners predicted at once."""


class Bend(NamedTuple):
    """``predictions`` (n,) for n partners and their ``slopes`` (n, d) by the row's d weights."""

    predictions: Floats
    slopes: Floats


def n_partners(factors: Factors, side: SideName) -> int:
    """Rows of the other side."""
    return factors.n_movies if side == "user" else factors.n_users


def linear_part(factors: Factors, side: SideName, partners: Indices | slice) -> tuple[Floats, Floats]:
    """(n, d) features and (n,) offsets of partners: the score of a row x is features . x + offset. Not for nets."""
    table, bias = (
        (factors.movie_factors, factors.movie_bias) if side == "user" else (factors.user_factors, factors.user_bias)
    )
    features = np.asarray(table[partners], dtype=np.float64)
    if bias is None:
        return features, np.full(len(features), factors.global_mean)
    offsets = np.asarray(bias[partners], dtype=np.float64) + factors.global_mean
    return np.column_stack([features, np.ones(len(features))]), offsets


def bend_of(factors: Factors, side: SideName, row: Floats, partners: Indices | slice) -> Bend:
    """Predictions of a row for its partners, and their slopes. Of a clip those of the score, as ALS takes them."""
    if factors.layers:
        return _net_bend(factors, side, row, partners)
    features, offsets = linear_part(factors, side, partners)
    scores = product(features, row[:, None])[:, 0] + offsets
    if factors.range.kind in ("none", "clip"):
        return Bend(scores, features)
    slopes = np.asarray(factors.range.slope(scores))
    return Bend(factors.range.apply(scores), features * slopes[:, None])


def _net_bend(factors: Factors, side: SideName, row: Floats, partners: Indices | slice) -> Bend:
    """The same through the layers of a net, forward and backward again."""
    others = factors.movie_factors[partners] if side == "user" else factors.user_factors[partners]
    own = np.broadcast_to(row, (len(others), len(row)))
    values = np.concatenate([own, others] if side == "user" else [others, own], axis=1)
    lit = []
    for number, layer in enumerate(factors.layers):
        if number:
            lit.append(values > 0.0)
            values = np.maximum(values, 0.0)
        values = product(values, layer.weights) + layer.bias
    backward = _output_slopes(factors, values)
    for number in range(len(factors.layers) - 1, -1, -1):
        backward = product(backward, factors.layers[number].weights.T)
        if number:
            backward = backward * lit[number - 1]
    k = factors.n_factors
    return Bend(networks.predictions_of(factors, values), backward[:, :k] if side == "user" else backward[:, k:])


def _output_slopes(factors: Factors, outputs: Floats) -> Floats:
    """(n, n_outputs) slopes of the prediction by the outputs of a net."""
    if factors.classes:  # of the mean under a softmax: p (value - mean)
        shares, classes = networks.softmax(outputs), np.array(factors.classes)
        slopes: Floats = shares * (classes - (shares * classes).sum(axis=1, keepdims=True))
        return slopes
    return np.broadcast_to(np.asarray(factors.range.slope(outputs), dtype=np.float64), outputs.shape)


def with_row(factors: Factors, side: SideName, row: Floats) -> Factors:
    """The same model with this one row in place of all of its side; the arrays of the other side are shared."""
    width = factors.n_factors if side == "user" else factors.n_movie_factors
    table, bias = row[None, :width], row[width:] if factors.has_bias else None
    if side == "user":
        return replace(factors, user_factors=table, user_bias=bias)
    return replace(factors, movie_factors=table, movie_bias=bias)


def predict_row(factors: Factors, side: SideName, row: Floats, partners: Indices | None = None) -> Floats:
    """(n,) predictions of a row for partners, by default all of them; bit for bit as a row of the sheet predicts.

    Of a net to about 1e-15.
    """
    if factors.layers:
        return _predict_net_row(factors, side, row, partners)
    where = slice(None) if partners is None else partners
    k = factors.n_factors
    scores = _dots((factors.movie_factors if side == "user" else factors.user_factors)[where], row[:k])
    if factors.user_bias is not None and factors.movie_bias is not None:  # in the order of models.scores
        own, others = row[k], (factors.movie_bias if side == "user" else factors.user_bias)[where]
        for bias in (others, own) if side == "user" else (own, others):
            scores += bias
    if factors.global_mean:
        scores += factors.global_mean
    return factors.range.apply(scores)


def _dots(table: Floats, row: Floats) -> Floats:
    """Products of all rows of a table with one row, added factor by factor; a few rows at once stay in the cache."""
    total = np.empty(len(table))
    for start in range(0, len(table), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        terms = np.array(table[some].T, dtype=np.float64, order="C")  # a copy always: it is multiplied in place
        terms *= row[:, None]
        np.add.reduce(terms, axis=0, out=total[some])
    return total


def _predict_net_row(factors: Factors, side: SideName, row: Floats, partners: Indices | None) -> Floats:
    one = np.zeros(1, dtype=np.int32)
    if partners is None:
        partners = np.arange(n_partners(factors, side), dtype=np.int32)
    alone = with_row(factors, side, row)
    return (predict_block(alone, one, partners) if side == "user" else predict_block(alone, partners, one)).ravel()
