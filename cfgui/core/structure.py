"""Structure: what the choices make of a model besides its numbers - range, global mean, layers, classes, sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from cfgui.core.factors import Factors, Layer
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS, scores
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Floats, Ratings, distinct
from cfgui.core.slopes import has_slope
from cfgui.core.starts import DRAWS, random_factors

MAX_CLASSES = 100
"""Rating values an ordinal net has an output for at most; more are gathered into evenly spaced ones."""

SAMPLED = 20_000
"""Ratings, at most, whose scores are looked at to see whether a clip cuts off all of them; evenly spread over all."""


def fastai_factors(n_rows: int) -> int:
    """fastai's embedding size for a table of so many rows: min(600, round(1.6 n^0.56))."""
    return min(600, round(1.6 * math.pow(n_rows, 0.56)))


def factor_counts(ratings: Ratings, choices: Hyperparameters) -> tuple[int, int]:
    """Factors per user and per movie that the choices ask for."""
    if choices.factor_rule == "fastai":
        return fastai_factors(ratings.n_users), fastai_factors(ratings.n_movies)
    return choices.n_factors, choices.n_factors if choices.n_movie_factors is None else choices.n_movie_factors


def range_of(choices: Hyperparameters, scale: tuple[float, float]) -> RatingRange:
    """The range chosen; an end that is not given is that of the rating ``scale``.

    Raises ValueError where the range would not rise.
    """
    if choices.range == "none":
        return NO_RANGE
    low = scale[0] if choices.low is None else choices.low
    high = scale[1] if choices.high is None else choices.high
    if not low < high:
        raise ValueError(f"The range must rise: its low end {low:g} is not below its high end {high:g}")
    return RatingRange(choices.range, low, high)


def classes_of(values: Floats) -> tuple[float, ...]:
    """The rating values an ordinal net tells apart: each one there is, or evenly spaced ones of very many."""
    found = distinct(values.astype(np.float64))
    if len(found) > MAX_CLASSES:
        found = np.linspace(found[0], found[-1], MAX_CLASSES)
    return tuple(found.tolist())


def mean_of(ratings: Ratings) -> float:
    """The mean rating, summed in float64; 0 where there are none."""
    return float(np.sum(ratings.values, dtype=np.float64)) / ratings.n_ratings if ratings.n_ratings else 0.0


def starting_weights(ratings: Ratings, choices: Hyperparameters) -> Factors:
    """New weights of the chosen model for these ratings, from the seed.

    ``init`` "sheet" counts as "uniform", or as "xavier" for a net. A net's layers start by Xavier, with zero biases,
    however its embeddings do; the score of a neural net without a range starts at the mean rating.
    """
    model = MODELS[choices.model]
    init = ("xavier" if model.net else "uniform") if choices.init == "sheet" else choices.init
    n_factors, n_movie_factors = factor_counts(ratings, choices)
    if not model.net:
        shape = ratings.n_users, ratings.n_movies, n_factors
        factors = random_factors(*shape, bias=model.bias, init=init, seed=choices.seed)
    else:
        rng, draw = np.random.default_rng(choices.seed), DRAWS[init]
        users, movies = draw(rng, (ratings.n_users, n_factors)), draw(rng, (ratings.n_movies, n_movie_factors))
        classes = classes_of(ratings.levels) if choices.model == "ordinal" else ()
        sizes = (n_factors + n_movie_factors, *choices.hidden_sizes, max(1, len(classes)))
        layers = _at_the_mean(new_layers(sizes, rng), ratings, choices)
        factors = Factors(users, movies, layers=layers, classes=classes).copy()
    return with_output(factors, ratings, choices)


NEW_NAME = f"seed {Hyperparameters().seed}'s"
"""Whose the weights are of a model that a document says nothing of."""


def complete(factors: Mapping[str, Factors], ratings: Ratings) -> dict[str, Factors]:
    """Weights of every model: those given, and for the others new ones of the default structure."""
    missing = {name: Hyperparameters(model=name) for name in MODELS if name not in factors}
    return {**factors, **{name: starting_weights(ratings, choices) for name, choices in missing.items()}}


def new_layers(sizes: tuple[int, ...], rng: np.random.Generator) -> tuple[Layer, ...]:
    """Layers from each size to the next: Xavier's weights, zero biases."""
    return tuple(Layer(DRAWS["xavier"](rng, (n_in, n_out)), np.zeros(n_out)) for n_in, n_out in pairwise(sizes))


def _at_the_mean(layers: tuple[Layer, ...], ratings: Ratings, choices: Hyperparameters) -> tuple[Layer, ...]:
    """The layers, the output bias of a score without a range at the mean rating.

    From 0 the first steps would all pull the score up, so far that most hidden units fall below zero and stay there.
    """
    if choices.model != "neural" or choices.range != "none":
        return layers
    *first, last = layers
    return *first, Layer(last.weights, last.bias + mean_of(ratings))


def with_output(factors: Factors, ratings: Ratings, choices: Hyperparameters) -> Factors:
    """The same weights with the range and the global mean that the choices ask for.

    A net whose every score a clip would cut off could not learn: its output is shifted to the mean rating.
    """
    mean = mean_of(ratings) if choices.global_mean == "on" and factors.has_bias else 0.0
    rating_range = NO_RANGE if factors.classes else range_of(choices, ratings.scale)
    found = replace(factors, global_mean=mean, range=rating_range)
    return _moved_into_range(found, ratings) if found.layers else found


def _moved_into_range(net: Factors, ratings: Ratings) -> Factors:
    """The net itself where any score of (a sample of) the ratings lies in its clip; else with another output bias."""
    some = slice(None, None, -(-ratings.n_ratings // SAMPLED) or None)
    users, movies = ratings.users[some], ratings.movies[some]
    if not len(users) or has_slope(net, users, movies):
        return net
    last = net.layers[-1]
    shift = float(np.mean(ratings.values[some], dtype=np.float64) - np.mean(scores(net, users, movies)))
    return replace(net, layers=(*net.layers[:-1], Layer(last.weights, last.bias + shift)))


def fitted(factors: Factors, ratings: Ratings, choices: Hyperparameters) -> Factors:
    """Weights of the chosen model brought to the structure that the choices ask for; numbers stay where they fit.

    Other hidden layers start anew from the seed.
    """
    n_factors, n_movie_factors = factor_counts(ratings, choices)
    if (factors.n_factors, factors.n_movie_factors) != (n_factors, n_movie_factors):
        factors = factors.with_n_factors(n_factors, choices.seed, n_movie_factors)
    if factors.layers and hidden_of(factors) != choices.hidden_sizes:
        n_outputs = factors.layers[-1].bias.size
        sizes = (n_factors + n_movie_factors, *choices.hidden_sizes, n_outputs)
        layers = new_layers(sizes, np.random.default_rng(choices.seed))
        factors = replace(factors, layers=_at_the_mean(layers, ratings, choices))
    return with_output(factors, ratings, choices).copy()


def hidden_of(factors: Factors) -> tuple[int, ...]:
    """Units of each hidden layer."""
    return tuple(int(layer.bias.size) for layer in factors.layers[:-1])


def choices_of(factors: Factors) -> dict[str, str | float | int | None]:
    """What these weights say of the options that belong to a sheet, by option name."""
    same = factors.n_movie_factors == factors.n_factors
    bounded = factors.range.kind != "none"
    chosen: dict[str, str | float | int | None] = {
        "model": factors.model,
        "n_factors": factors.n_factors,
        "n_movie_factors": None if same else factors.n_movie_factors,
        "factor_rule": "given",
        "global_mean": "on" if factors.global_mean else "off",
        "range": factors.range.kind,
        "low": factors.range.low if bounded else None,
        "high": factors.range.high if bounded else None,
    }
    if factors.layers:
        chosen["hidden"] = ",".join(map(str, hidden_of(factors)))
    return chosen
