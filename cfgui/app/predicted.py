"""Predictions as the sheet shows them: of the present weights, or the mean over the samples of a Bayesian model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cfgui.app.session import Session
from cfgui.core import models, networks
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices

Posterior = Callable[[Indices, Indices], tuple[Floats, Floats]]
"""(users, movies) -> (mean, standard deviation) of the predictions for parallel index arrays."""


def one_prediction(session: Session, model: str, user: int, movie: int) -> tuple[float, float | None]:
    """The prediction shown for a user and a movie, and its standard deviation where the sheet has samples."""
    posterior = session.posterior(model)
    if posterior is None:
        return session.prediction(model, user, movie), None
    mean, spread = posterior(np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32))
    return float(mean[0]), float(spread[0])


def predictions_of(session: Session, model: str, users: Indices, movies: Indices) -> Floats:
    """The predictions shown for parallel index arrays."""
    posterior = session.posterior(model)
    if posterior is not None:
        return posterior(users, movies)[0]
    with np.errstate(over="ignore", invalid="ignore"):
        return models.predict(session.sheet(model).factors, users, movies)


def block_of_factors(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """(len(users), len(movies)) predictions of some weights, infinite or NaN where they overflow."""
    with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
        return models.predict_block(factors, users, movies)


def posterior_block(posterior: Posterior, users: Indices, movies: Indices) -> tuple[Floats, Floats]:
    """(len(users), len(movies)) means and standard deviations."""
    shape = len(users), len(movies)
    mean, spread = posterior(np.repeat(users, len(movies)), np.tile(movies, len(users)))
    return mean.reshape(shape), spread.reshape(shape)


def shares_block(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """(len(users), len(movies), n_classes) probabilities of each rating value by an ordinal net."""
    with np.errstate(over="ignore", invalid="ignore"):
        return networks.softmax(networks.block_outputs(factors, users, movies))
