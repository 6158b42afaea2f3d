"""Weight decay: how much of it each table of weights has, in the loss or apart from it."""

from __future__ import annotations

import numpy as np

from cfgui.core.factors import Decay, Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.ratings import Floats, Indices

DECOUPLED_BY_NATURE = ("adamw", "fastai-adam")
"""Optimizers whose decay is apart from the loss whatever the choices say."""

DECAY_IN_LOSS_ONLY = ("als", "gibbs", "lbfgs")
"""Optimizers that minimise the loss in ways of their own: there is no update that decay could be taken out of."""


def is_decoupled(choices: Hyperparameters) -> bool:
    """Whether each update shrinks the weights by rate x decay, and the loss has no penalty."""
    if choices.optimizer in DECAY_IN_LOSS_ONLY:
        return False
    return choices.optimizer in DECOUPLED_BY_NATURE or choices.decay_kind == "decoupled"


def decay_vector(shape: Factors, choices: Hyperparameters) -> Decay:
    """The decay of every weight: one number where all have the same, else one each in the order of ``Factors.flat``.

    Movie factors, biases and layers have that of ``weight_decay`` where none of their own is given.
    """
    own = [decay for _size, decay in _tables(shape, choices)]
    if len(set(own)) == 1:
        return float(own[0])
    return np.concatenate([np.full(size, decay) for size, decay in _tables(shape, choices)])


def _tables(shape: Factors, choices: Hyperparameters) -> list[tuple[int, float]]:
    """How many weights each table has, and their decay, in the order of ``Factors.flat``."""
    usual = choices.weight_decay
    movies, biases, layers = (
        usual if own is None else own for own in (choices.movie_decay, choices.bias_decay, choices.layer_decay)
    )
    tables = [(shape.user_factors.size, usual), (shape.movie_factors.size, movies)]
    if shape.user_bias is not None and shape.movie_bias is not None:
        tables += [(shape.user_bias.size, biases), (shape.movie_bias.size, biases)]
    return tables + [(layer.weights.size + layer.bias.size, layers) for layer in shape.layers]


def penalty_decay(shape: Factors, choices: Hyperparameters) -> Decay:
    """The decay that the loss charges, as ``decay_vector`` gives it: 0.0 where it is decoupled.

    0.0 too for ALS and Gibbs sampling, whose lambda and priors stand in its place.
    """
    return 0.0 if is_decoupled(choices) or choices.optimizer in SOLVING_ROWS else decay_vector(shape, choices)


def decoupled_decay(shape: Factors, choices: Hyperparameters) -> Decay:
    """The decay of ``Pace``, as ``decay_vector`` gives it: 0.0 where it is in the loss."""
    return decay_vector(shape, choices) if is_decoupled(choices) else 0.0


def is_by_rows(choices: Hyperparameters) -> bool:
    """Whether each rating is charged for the rows it touches, so that rows with many ratings have more decay."""
    return choices.decay_kind == "rows" and not is_decoupled(choices) and has_decay(choices)


def row_shares(shape: Factors, users: Indices, movies: Indices) -> Floats:
    """The share of these ratings that touches each weight's row, in the order of ``Factors.flat``; 1 for layers.

    The mean over ratings of what each is charged for its rows is a penalty in which every weight has this share.
    """
    n = max(len(users), 1)
    of_users = np.bincount(users, minlength=shape.n_users) / n
    of_movies = np.bincount(movies, minlength=shape.n_movies) / n
    parts = [np.repeat(of_users, shape.n_factors), np.repeat(of_movies, shape.n_movie_factors)]
    parts += [of_users, of_movies] if shape.has_bias else []
    return np.concatenate([*parts, *(np.ones(layer.n_parameters) for layer in shape.layers)])


def has_decay(choices: Hyperparameters) -> bool:
    """Whether any weight may have a decay."""
    own = (choices.weight_decay, choices.movie_decay, choices.bias_decay, choices.layer_decay)
    return any(own)


def has_one_decay(choices: Hyperparameters) -> bool:
    """Whether every weight has the decay of ``weight_decay``, whatever the model."""
    own = (choices.movie_decay, choices.bias_decay, choices.layer_decay)
    return all(decay is None or decay == choices.weight_decay for decay in own)
