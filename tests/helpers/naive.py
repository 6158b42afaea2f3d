"""The engine's arithmetic in its plainest form, as the reference that the fast forms are held against."""

import math

import numpy as np

from cfgui.core.factors import Factors


def naive_prediction(factors: Factors, user: int, movie: int) -> float:
    """One prediction by a loop over the factors."""
    total = sum(factors.user_factors[user, k] * factors.movie_factors[movie, k] for k in range(factors.n_factors))
    if factors.has_bias:
        total += factors.user_bias[user] + factors.movie_bias[movie]
    return float(total)


def naive_loss(factors: Factors, users, movies, values, weight_decay: float = 0.0, objective: str = "mse") -> float:
    """The objective by a loop over the ratings."""
    triples = zip(users, movies, values, strict=True)
    squares = [(value - naive_prediction(factors, user, movie)) ** 2 for user, movie, value in triples]
    mean = math.fsum(squares) / len(squares)
    return (mean if objective == "mse" else math.sqrt(mean)) + weight_decay * math.fsum(factors.flat() ** 2)


def naive_differences(factors, users, movies, values, *, h, scheme, objective="mse", weight_decay=0.0):
    """Every parameter nudged in turn and the whole loss computed anew: what finite_differences must equal."""
    vector = factors.flat()

    def loss(changed):
        return naive_loss(factors.view_of(changed), users, movies, values, weight_decay, objective)

    slopes = np.empty_like(vector)
    for index in range(len(vector)):
        up, down = vector.copy(), vector.copy()
        up[index] += h
        if scheme == "central":
            down[index] -= h
        slopes[index] = (loss(up) - loss(down)) / (2 * h if scheme == "central" else h)
    return slopes
