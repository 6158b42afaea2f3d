"""The trainer: one update of the weights after another, with an eye on every number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cfgui.core.divergence import Diverged, smaller_rate
from cfgui.core.factors import Factors
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Measure, Objective
from cfgui.core.optimizers import OPTIMIZERS, OptimizerState
from cfgui.core.ratings import Floats, Ratings

__all__ = ["Diverged", "StepReport", "Trainer"]

NEAR_LOWEST = 1.1
"""A step is good when its loss is at most this many times the lowest so far; small batches go up and down."""

TRIAL_STEPS = 100
"""Updates a rate must survive before it is suggested; with small batches as many as two epochs have, if more."""

TRIAL_RATINGS = 2_000_000
"""Predictions made in such a trial at most (but 10 updates at least), so that a suggestion does not take long."""


@dataclass(frozen=True)
class StepReport:
    """Where one step ended: its number, complete passes so far, and loss and RMSE over all ratings after it."""

    step: int
    epoch: int
    loss: float
    rmse: float


class _Position(NamedTuple):
    """All there is to know after one step; nothing in it is ever written to, so keeping one costs nothing."""

    vector: Floats
    state: OptimizerState
    step: int
    seen: int
    measure: Measure
    stop_reason: str = ""

    @property
    def is_finite(self) -> bool:
        """Whether the loss, every weight and all that the optimizer remembers are finite."""
        arrays = (self.vector, *self.state.memory)
        return math.isfinite(self.measure.loss) and all(bool(np.isfinite(array).all()) for array in arrays)


class Trainer:
    """Trains the weights of one model on one set of ratings, step by step, in float64.

    One step is one update. Mini-batches are consecutive blocks of the ratings in row order; the last of an epoch may be
    smaller, and the next epoch begins at the first rating again. A batch of all ratings is all of them wherever in the
    epoch it falls. ``seen`` counts the ratings used, so ``seen // n_ratings`` epochs are complete.

    The loss is MSE + weight_decay * sum(p ** 2) over all weights. When a step leaves the finite numbers, the trainer
    goes back to the *last good step*: the latest whose loss was within a tenth of the lowest so far (steps after it
    were already on the way up), at the worst to the start itself.

    The same ratings, weights and hyperparameters give the same bits. ``gradient`` names an entry of ``GRADIENTS`` to
    use in place of the hyperparameters' choice. ``optimizer_state`` is another trainer's; one that does not fit the
    optimizer or the number of weights is set aside. Raises ValueError, with a sentence for a person, when there are no
    ratings, when the weights are for another crosstab, or when their loss is not finite.
    """

    def __init__(
        self,
        ratings: Ratings,
        factors: Factors,
        hyperparameters: Hyperparameters,
        *,
        step: int = 0,
        seen: int = 0,
        optimizer_state: object = None,
        gradient: str | None = None,
    ) -> None:
        _check(ratings, factors)
        self._ratings, self._gradient = ratings, gradient
        self._shape = factors
        self._choose(hyperparameters)
        vector = _sealed(factors.flat())
        state = OPTIMIZERS[hyperparameters.optimizer].start(len(vector))
        if isinstance(optimizer_state, OptimizerState) and optimizer_state.fits(hyperparameters.optimizer, len(vector)):
            state = optimizer_state
        with np.errstate(all="ignore"):
            self._now = _Position(vector, state, step, seen, self._objective.measure(vector))
        if not self._now.is_finite:
            raise ValueError("The loss of these weights is not a finite number: reset them or type smaller ones.")
        self._good, self._lowest = self._now, self._now.measure.loss

    def _choose(self, hyperparameters: Hyperparameters) -> None:
        """Take over the hyperparameters and make the gradient they ask for."""
        make = GRADIENTS[self._gradient or hyperparameters.gradient]
        users, movies, values = self._ratings.users, self._ratings.movies, self._ratings.values
        self._objective = Objective(
            self._shape, users, movies, values, make(hyperparameters), hyperparameters.weight_decay
        )
        self._hyperparameters = hyperparameters

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The choices in force; set them between two steps to go on with others.

        The weights stay. What the optimizer remembers stays until another optimizer is chosen. The model, the number of
        factors, the way weights start and the seed have no effect here.
        """
        return self._hyperparameters

    @hyperparameters.setter
    def hyperparameters(self, hyperparameters: Hyperparameters) -> None:
        self._choose(hyperparameters)
        with np.errstate(all="ignore"):
            self._now, self._good = self._reconsidered(self._now), self._reconsidered(self._good)
        self._lowest = min(self._now.measure.loss, self._good.measure.loss)
        self._take_if_good(self._now)

    def _reconsidered(self, position: _Position) -> _Position:
        """A position kept from before, seen by the hyperparameters in force now."""
        optimizer = self._hyperparameters.optimizer
        state = position.state
        if not state.fits(optimizer, len(position.vector)):
            state = OPTIMIZERS[optimizer].start(len(position.vector))
        measure = self._objective.measure(position.vector)
        return position._replace(state=state, measure=measure, stop_reason="")

    @property
    def factors(self) -> Factors:
        """The current weights, read-only; later steps do not change them."""
        return self._shape.view_of(self._now.vector)

    @property
    def step(self) -> int:
        """Updates made so far, those before this trainer included."""
        return self._now.step

    @property
    def seen(self) -> int:
        """Ratings used so far, counted once for each time."""
        return self._now.seen

    @property
    def epoch(self) -> int:
        """Complete passes over the ratings so far."""
        return self._now.seen // self._ratings.n_ratings

    @property
    def loss(self) -> float:
        """MSE over all ratings + penalty at the current weights."""
        return self._now.measure.loss

    @property
    def rmse(self) -> float:
        """RMSE over all ratings at the current weights, as the sheet's cell shows it."""
        return math.sqrt(self._now.measure.mse)

    @property
    def optimizer_state(self) -> OptimizerState:
        """What the optimizer remembers, for a later trainer; never changes."""
        return self._now.state

    @property
    def finished(self) -> bool:
        """Whether the optimizer has nothing left to do; only lbfgs ever does."""
        return bool(self._now.stop_reason)

    @property
    def stop_reason(self) -> str:
        """Why it has finished, such as "gradient is zero to 1e-9"; empty while it has not."""
        return self._now.stop_reason

    def advance(self) -> StepReport:
        """One update. Raises Diverged, with weights, step, seen and optimizer already back at the last good step.

        A finished trainer stays where it is. The step in which lbfgs finds that nothing lower can be found counts.
        """
        if self.finished:
            return self._report()
        with np.errstate(all="ignore"):
            position = self._after(self._now, self._hyperparameters.rate)
            if not position.is_finite:
                self._now = self._good
                rate = self._hyperparameters.rate
                raise Diverged(
                    position.step, self._now.step, rate, smaller_rate(rate, self.loss, self._loss_after_trial)
                )
        self._now = position
        self._take_if_good(position)
        return self._report()

    def _take_if_good(self, position: _Position) -> None:
        """Remember a position to go back to, unless its loss is on the way up."""
        self._lowest = min(self._lowest, position.measure.loss)
        if position.measure.loss <= NEAR_LOWEST * self._lowest:
            self._good = position

    def steps(self) -> Iterator[StepReport]:
        """Advance until finished, for ever with most optimizers. Raises Diverged."""
        while not self.finished:
            yield self.advance()

    def _report(self) -> StepReport:
        return StepReport(self.step, self.epoch, self.loss, self.rmse)

    def _after(self, position: _Position, rate: float) -> _Position:
        """Where one update at ``rate`` leads to from ``position``."""
        n = self._ratings.n_ratings
        batch = self._hyperparameters.batch(n)
        start = 0 if batch == n else position.seen % n
        stop = min(start + batch, n)
        objective = self._objective if batch == n else self._objective.part(start, stop)
        optimizer = OPTIMIZERS[self._hyperparameters.optimizer]
        vector, state, stop_reason = optimizer.update(objective, position.vector, position.state, rate)
        measure = self._objective.measure(_sealed(vector))
        return _Position(vector, state, position.step + 1, position.seen + stop - start, measure, stop_reason)

    def _loss_after_trial(self, rate: float) -> float:
        """The loss after some updates at ``rate`` from the last good step; infinite if they diverge."""
        n = self._ratings.n_ratings
        wanted = max(TRIAL_STEPS, 2 * self._hyperparameters.steps_per_epoch(n))
        position = self._good
        for _ in range(min(wanted, max(10, TRIAL_RATINGS // n))):
            position = self._after(position, rate)
            if not position.is_finite:
                return math.inf
        return position.measure.loss


def _check(ratings: Ratings, factors: Factors) -> None:
    if not ratings.n_ratings:
        raise ValueError("There are no ratings to train on.")
    if (factors.n_users, factors.n_movies) != (ratings.n_users, ratings.n_movies):
        raise ValueError(
            f"The weights are for {factors.n_users} users and {factors.n_movies} movies, the ratings for"
            f" {ratings.n_users} and {ratings.n_movies}: reset the weights."
        )


def _sealed(vector: Floats) -> Floats:
    """The same vector, from now on read-only."""
    vector.flags.writeable = False
    return vector
