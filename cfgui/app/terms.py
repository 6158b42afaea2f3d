"""The terms of one prediction: what the model adds up, and what it makes of the sum."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cfgui.app.explanation import Term
from cfgui.app.weights import input_name
from cfgui.core import networks
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats

MAX_UNITS = 12
"""Hidden units shown one by one; of more only those that count most."""


class Sum(NamedTuple):
    """``terms`` in the order in which they are added, and ``total``, to which they add up."""

    terms: tuple[Term, ...]
    total: float


def terms_of(factors: Factors, user: int, movie: int) -> Sum:
    """The terms of the score of a user and a movie, or of an ordinal net those of the prediction."""
    with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
        if factors.classes:
            return _shares(factors, user, movie)
        return _units(factors, user, movie) if factors.layers else _products(factors, user, movie)


def _products(factors: Factors, user: int, movie: int) -> Sum:
    """Products of factors, the biases and the mean, as ``models.scores`` adds them."""
    left, right = factors.user_factors[user], factors.movie_factors[movie]
    terms = [
        Term(f"factor {f + 1}", (u, m), u * m, weight=("user_factors", user, f))
        for f, (u, m) in enumerate(zip(left.tolist(), right.tolist(), strict=True))
    ]
    if factors.user_bias is not None and factors.movie_bias is not None:
        for side, owner, table in (("movie", movie, factors.movie_bias), ("user", user, factors.user_bias)):
            value = float(table[owner])
            terms.append(Term(f"{side} bias", (value,), value, weight=(f"{side}_bias", owner, 0)))
    if factors.global_mean:
        mean = factors.global_mean
        terms.append(Term("mean rating", (mean,), mean, "the mean of the ratings that train: it is not trained itself"))
    total = 0.0
    for term in terms:
        total += term.value
    return Sum(tuple(terms), total)


def _units(factors: Factors, user: int, movie: int) -> Sum:
    """What each unit before the output adds to the score of a neural net: its value times its weight, and the bias."""
    before, sums = _last_inputs(factors, user, movie)
    number, last = len(factors.layers), factors.layers[-1]
    weights = last.weights[:, 0]
    values = before * weights
    shown = list(range(len(values)))
    if len(values) > MAX_UNITS:
        shown = sorted(np.argsort(-np.abs(values), kind="stable")[:MAX_UNITS].tolist())
    terms = [
        Term(
            input_name(factors, number, unit),
            (float(before[unit]), float(weights[unit])),
            float(values[unit]),
            _unit_detail(factors, unit, before, sums),
            (f"layer{number}.weights", unit, 0),
        )
        for unit in shown
    ]
    if len(terms) < len(values):
        rest = float(np.delete(values, shown).sum())
        terms.append(Term(f"{len(values) - len(terms)} others", (rest,), rest, "the units that count least, together"))
    bias = float(last.bias[0])
    terms.append(Term("output bias", (bias,), bias, weight=(f"layer{number}.bias", 0, 0)))
    return Sum(tuple(terms), math.fsum(term.value for term in terms))


def _last_inputs(factors: Factors, user: int, movie: int) -> tuple[Floats, Floats]:
    """(units,) values that go into the last layer, and the sums they are the relu of; both the same where one layer."""
    values = np.concatenate([factors.user_factors[user], factors.movie_factors[movie]])
    sums = values
    for layer in factors.layers[:-1]:
        sums = values @ layer.weights + layer.bias
        values = np.maximum(sums, 0.0)
    return values, sums


def _unit_detail(factors: Factors, unit: int, values: Floats, sums: Floats) -> str:
    if len(factors.layers) == 1:
        return "an embedding, straight into the output"
    off = ": it is off for this pair" if sums[unit] <= 0.0 else ""
    return f"the unit's input adds up to {sums[unit]:.4f}, its relu is {values[unit]:.4f}{off}"


def _shares(factors: Factors, user: int, movie: int) -> Sum:
    """Probability times rating value, for each value an ordinal net tells apart."""
    pair = np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32)
    outputs = networks.outputs(factors, *pair)[0]
    shares, number = networks.softmax(outputs), len(factors.layers)
    terms = tuple(
        Term(
            f"{value:g}",
            (share, value),
            share * value,
            f"probability {share:.2%} = exp({output:.4f}) ÷ sum of all exp(outputs)",
            (f"layer{number}.bias", 0, place),
        )
        for place, (value, share, output) in enumerate(
            zip(factors.classes, shares.tolist(), outputs.tolist(), strict=True)
        )
    )
    return Sum(terms, math.fsum(term.value for term in terms))
