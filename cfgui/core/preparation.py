"""Preparation: what all updates of these weights, on these ratings and by these choices, have in common; made once."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.core.chunks import Watch
from cfgui.core.decay import decoupled_decay, is_by_rows, is_decoupled, penalty_decay, row_shares
from cfgui.core.engines import (
    Engine,
    Loop,
    engine_name,
    gradient_of,
    is_shuffled,
    looks_by_loops,
    nudge,
    rating_loop,
)
from cfgui.core.factors import Decay, Factors
from cfgui.core.freezing import free_weights
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.losses import check_targets
from cfgui.core.objective import Objective
from cfgui.core.optimizers import Optimizer, make_optimizer
from cfgui.core.ratings import Ratings
from cfgui.core.schedules import Schedule, make_schedule
from cfgui.core.visits import Visits


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is at hand for every update; ``watch`` is looked at between two pieces of work."""

    ratings: Ratings
    shape: Factors
    """Weights laid out as those that are trained."""
    choices: Hyperparameters
    slope: str
    """The entry of ``GRADIENTS`` that is meant, whatever computes it."""
    watch: Watch
    engine: Engine
    loop: Loop
    optimizer: Optimizer
    schedule: Schedule
    visits: Visits
    objective: Objective
    """The loss of all ratings."""
    decay: Decay
    """Weight decay apart from the loss."""

    @property
    def n_ratings(self) -> int:
        """How many ratings there are."""
        return self.ratings.n_ratings


def prepare(ratings: Ratings, shape: Factors, choices: Hyperparameters, gradient: str | None, watch: Watch) -> Prepared:
    """Make all of it; ``gradient`` names an entry of ``GRADIENTS`` in place of the hyperparameters' choice.

    Raises ValueError, with a sentence for a person, for choices that these ratings or weights cannot be trained by.
    """
    if choices.loss == "bce" and not shape.classes:
        check_targets(shape.range, ratings.scale)
    n, slope = ratings.n_ratings, gradient or choices.gradient
    optimizer, schedule = make_optimizer(choices), make_schedule(choices, n)
    engine = engine_name(n, choices, slope, shape)
    objective = _objective(ratings, shape, choices, slope, engine, watch)
    decay = decoupled_decay(shape, choices)
    if objective.free is not None and is_decoupled(choices):
        decay = decay * objective.free
    return Prepared(
        ratings,
        shape,
        choices,
        slope,
        watch,
        engine,
        rating_loop(n, choices, slope, shape),
        optimizer,
        schedule,
        Visits(n, choices.batch(n), choices.seed, shuffled=is_shuffled(n, choices, slope, shape)),
        objective,
        decay,
    )


def _objective(
    ratings: Ratings, shape: Factors, choices: Hyperparameters, slope: str, engine: Engine, watch: Watch
) -> Objective:
    """The loss of all ratings."""
    penalty = penalty_decay(shape, choices)
    if is_by_rows(choices):
        penalty = penalty * row_shares(shape, ratings.users, ratings.movies)
    return Objective(
        shape,
        ratings.users,
        ratings.movies,
        ratings.values,
        GRADIENTS[gradient_of(engine, slope)](choices, penalty),
        penalty,
        watch,
        nudge(choices, slope) if engine == "compiled" else None,
        choices.loss,
        free_weights(shape, choices),
        looks_by_loops=looks_by_loops(ratings.n_ratings, choices, shape),
    )


def check(ratings: Ratings, factors: Factors) -> None:
    """Raise ValueError, with a sentence for a person, where these ratings cannot train these weights."""
    if not ratings.n_ratings:
        raise ValueError("There are no ratings to train on.")
    if (factors.n_users, factors.n_movies) != (ratings.n_users, ratings.n_movies):
        raise ValueError(
            f"The weights are for {factors.n_users} users and {factors.n_movies} movies, the ratings for"
            f" {ratings.n_users} and {ratings.n_movies}: reset the weights."
        )
