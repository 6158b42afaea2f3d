"""Reasons for a recommendation: the addends that count most, and the rated movies nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cfgui.core.diversity import directions
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices


class Addend(NamedTuple):
    """One addend of a score: "factor 3", "movie bias", "user bias" or "mean rating", and its value."""

    name: str
    value: float


class NearRated(NamedTuple):
    """One rated movie near another: its index, the cosine of their factors, from -1 to 1, and the rating it got."""

    movie: int
    cosine: float
    rating: float


def addends(factors: Factors, user: int, movie: int) -> tuple[Addend, ...]:
    """What adds up to the score of a plain model, in the order of ``models.scores``: added so, bit for bit its sum.

    Products user factor * movie factor, then the biases and the mean where the model has them; none of a net.
    """
    if factors.layers:
        return ()
    with np.errstate(over="ignore", invalid="ignore"):
        products = factors.user_factors[user] * factors.movie_factors[movie]
    found = [Addend(f"factor {number}", value) for number, value in enumerate(products.tolist(), start=1)]
    if factors.user_bias is not None and factors.movie_bias is not None:
        found += [
            Addend("movie bias", float(factors.movie_bias[movie])),
            Addend("user bias", float(factors.user_bias[user])),
        ]
    return (*found, Addend("mean rating", factors.global_mean)) if factors.global_mean else tuple(found)


def largest(found: Sequence[Addend], n: int) -> tuple[Addend, ...]:
    """The ``n`` largest addends above 0 that tell movies apart: neither the user's bias nor the mean does."""
    return tuple(sorted((each for each in _telling(found) if each.value > 0), key=lambda each: -each.value)[:n])


def most_negative(found: Sequence[Addend], n: int) -> tuple[Addend, ...]:
    """The ``n`` lowest addends below 0 that tell movies apart, the lowest first."""
    return tuple(sorted((each for each in _telling(found) if each.value < 0), key=lambda each: each.value)[:n])


def _telling(found: Sequence[Addend]) -> list[Addend]:
    return [each for each in found if each.name not in ("user bias", "mean rating")]


def nearest_rated(
    factors: Factors, movies: Indices, rated: Indices, ratings: Floats, n: int
) -> tuple[tuple[NearRated, ...], ...]:
    """For each of ``movies`` the ``n`` of ``rated`` (with parallel ``ratings``) whose factors point most its way.

    Nearest by cosine first; of equals the one that stands first. A movie is not its own neighbour.
    """
    units = directions(factors.movie_factors[np.concatenate([movies, rated])])
    cosines = units[: len(movies)] @ units[len(movies) :].T
    cosines[np.asarray(movies)[:, None] == np.asarray(rated)[None, :]] = -np.inf
    found = []
    for row in cosines:
        order = [place for place in np.argsort(-row, kind="stable")[:n] if np.isfinite(row[place])]
        found.append(tuple(NearRated(int(rated[i]), float(row[i]), float(ratings[i])) for i in order))
    return tuple(found)
