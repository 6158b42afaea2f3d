"""Models of every kind with random weights, and their loss in its plainest form."""

from __future__ import annotations

import math

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.starts import random_factors
from cfgui.core.structure import new_layers
from tests.helpers.naive import naive_prediction

N_USERS, N_MOVIES = 6, 5

CLASSES = (1.0, 2.5, 3.0, 4.5)


def random_ratings(seed: int = 0, n: int = 14):
    """(users, movies, values): ``n`` different cells of the 6 x 5, the last user and movie unrated."""
    rng = np.random.default_rng(seed)
    users, movies = np.divmod(rng.choice((N_USERS - 1) * (N_MOVIES - 1), n, replace=False), N_MOVIES - 1)
    return users.astype(np.int32), movies.astype(np.int32), rng.choice(CLASSES, n)


def random_model(name: str, kind: str = "none", *, hidden=(4,), k=(3, 3), mean: float = 0.0, seed: int = 1) -> Factors:
    """A model of 6 users and 5 movies, its range from 0.5 to 5.5, all its weights different from 0."""
    rng = np.random.default_rng(seed)
    bent = NO_RANGE if kind == "none" else RatingRange(kind, 0.5, 5.5)
    if name in ("dot", "bias"):
        plain = random_factors(N_USERS, N_MOVIES, k[0], bias=name == "bias", seed=seed)
        tables = (plain.user_factors, plain.movie_factors, plain.user_bias, plain.movie_bias)
        return Factors(*tables, global_mean=mean, range=bent)
    users, movies = rng.normal(0.0, 0.8, (N_USERS, k[0])), rng.normal(0.0, 0.8, (N_MOVIES, k[1]))
    classes = CLASSES if name == "ordinal" else ()
    layers = new_layers((sum(k), *hidden, max(1, len(classes))), rng)
    factors = Factors(users, movies, layers=layers, classes=classes, range=NO_RANGE if classes else bent)
    vector = factors.flat()
    # The last bias moves scores into the range.
    vector = np.where(vector == 0.0, rng.normal(2.0 if kind == "clip" else 0.0, 0.5, vector.shape), vector)
    return factors.view_of(vector)


def plain_range(score: float, factors: Factors) -> float:
    low, high = factors.range.low, factors.range.high
    return {
        "none": lambda: score,
        "clip": lambda: min(max(score, low), high),
        "sigmoid": lambda: (high - low) / (1.0 + math.exp(-score)) + low,
        "tanh": lambda: math.tanh(score) * (high - low) / 2.0 + (high + low) / 2.0,
    }[factors.range.kind]()


def plain_outputs(factors: Factors, user: int, movie: int) -> list[float]:
    """What a net gives for one pair, unit by unit."""
    values = [*factors.user_factors[user].tolist(), *factors.movie_factors[movie].tolist()]
    for number, layer in enumerate(factors.layers):
        values = [max(value, 0.0) for value in values] if number else values
        columns = zip(layer.weights.T.tolist(), layer.bias.tolist(), strict=True)
        values = [math.fsum(w * v for w, v in zip(ws, values, strict=True)) + bias for ws, bias in columns]
    return values


def plain_score(factors: Factors, user: int, movie: int) -> float:
    if factors.layers:
        return plain_outputs(factors, user, movie)[0]
    return naive_prediction(factors, user, movie) + factors.global_mean


def plain_prediction(factors: Factors, user: int, movie: int) -> float:
    """The prediction of any model for one pair."""
    if factors.classes:
        raised = [math.exp(output) for output in plain_outputs(factors, user, movie)]
        return math.fsum(r * c for r, c in zip(raised, factors.classes, strict=True)) / math.fsum(raised)
    return plain_range(plain_score(factors, user, movie), factors)


def plain_loss(factors: Factors, users, movies, values, loss: str = "mse", decay=0.0) -> float:
    """Mean cost + penalty of any model, rating by rating."""
    costs = []
    for user, movie, value in zip(users, movies, values, strict=True):
        if factors.classes:
            outputs = plain_outputs(factors, user, movie)
            place = int(np.argmin(np.abs(np.array(factors.classes) - value)))
            costs.append(math.log(math.fsum(math.exp(o) for o in outputs)) - outputs[place])
        elif loss == "bce":
            target = (value - factors.range.low) / (factors.range.high - factors.range.low)
            p = 1.0 / (1.0 + math.exp(-plain_score(factors, user, movie)))
            costs.append(-target * math.log(p) - (1.0 - target) * math.log(1.0 - p))
        else:
            costs.append((value - plain_prediction(factors, user, movie)) ** 2)
    return math.fsum(costs) / len(costs) + math.fsum(decay * factors.flat() ** 2)


def plain_differences(factors: Factors, ratings, *, h: float, scheme: str, loss: str = "mse", decay=0.0):
    """Every weight nudged in turn and the whole loss computed anew."""
    vector = factors.flat()
    slopes = np.empty_like(vector)
    for index in range(len(vector)):
        up, down = vector.copy(), vector.copy()
        up[index] += h
        down[index] -= h if scheme == "central" else 0.0
        rise = plain_loss(factors.view_of(up), *ratings, loss, decay) - plain_loss(
            factors.view_of(down), *ratings, loss, decay
        )
        slopes[index] = rise / (2.0 * h if scheme == "central" else h)
    return slopes


CASES = [
    (name, kind, loss, hidden, k)
    for name, kind, loss, hidden, k in (
        *[(name, kind, "mse", (), (3, 3)) for name in ("dot", "bias") for kind in ("none", "clip", "sigmoid", "tanh")],
        *[(name, "sigmoid", "bce", (), (3, 3)) for name in ("dot", "bias")],
        *[("neural", kind, "mse", (4,), (3, 3)) for kind in ("none", "clip", "sigmoid", "tanh")],
        ("neural", "sigmoid", "bce", (4,), (3, 3)),
        ("neural", "sigmoid", "mse", (), (3, 3)),
        ("neural", "none", "mse", (7, 5), (2, 4)),
        ("neural", "tanh", "mse", (10,), (4, 1)),
        ("ordinal", "none", "mse", (4,), (3, 3)),
        ("ordinal", "none", "mse", (), (2, 3)),
        ("ordinal", "none", "mse", (7, 5), (3, 2)),
    )
]
"""(model, range, loss, hidden layers, factors of users and movies): every kind of loss there is."""


def case_model(case) -> Factors:
    """The model of one of ``CASES``; a bias model with the mean added."""
    name, kind, _loss, hidden, k = case
    return random_model(name, kind, hidden=hidden, k=k, mean=0.375 if name == "bias" else 0.0)


def case_id(case) -> str:
    name, kind, loss, hidden, k = case
    return "-".join([name, kind, loss, *map(str, hidden), f"{k[0]}+{k[1]}"])
