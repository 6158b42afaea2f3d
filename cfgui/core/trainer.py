"""The trainer: one update of the weights after another, with an eye on every number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cfgui.core.chunks import Stop, Watch, never
from cfgui.core.divergence import Diverged
from cfgui.core.engines import Engine
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.position import Position, StepReport, sealed
from cfgui.core.preparation import check
from cfgui.core.ratings import Ratings
from cfgui.core.slopes import check_slope
from cfgui.core.stepper import Stepper
from cfgui.core.suggestion import suggested_rate

NEAR_LOWEST = 1.1
"""A step is good when its loss is at most this many times the lowest so far; small batches go up and down."""


class Trainer:
    """Trains the weights of one model on one set of ratings, step by step, in float64.

    One step is one update. Mini-batches are consecutive blocks of the ratings in row order; the last of an epoch may be
    smaller, and the next epoch begins at the first rating again. A batch of all ratings is all of them wherever in the
    epoch it falls. ``seen`` counts the ratings used, so ``seen // n_ratings`` epochs are complete.

    The loss is MSE + weight_decay * sum(p ** 2) over all weights. When a step leaves the finite numbers, the trainer
    goes back to the *last good step*: the latest whose loss was within a tenth of the lowest so far (steps after it
    were already on the way up), at the worst to the start itself.

    The same ratings, weights, hyperparameters and calls give the same bits. ``gradient`` names an entry of
    ``GRADIENTS`` to use in place of the hyperparameters' choice; large tables are trained by compiled loops that
    compute the same slope (``engine`` says so). ``optimizer_state`` is another trainer's; one that does not fit the
    optimizer or the number of weights is set aside. Raises ValueError, with a sentence for a person, when there are no
    ratings, when the weights are for another crosstab, when their loss is not finite or a clip leaves it no slope, and
    Interrupted where ``stop`` says so while the loss of many ratings is measured.
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
        stop: Stop = never,
    ) -> None:
        check(ratings, factors)
        self._ratings, self._gradient, self._watch = ratings, gradient, Watch(stop)
        self._shape = factors
        self._choose(hyperparameters)
        vector = sealed(factors.flat())
        state = self._stepper.optimizer.start(len(vector))
        if isinstance(optimizer_state, OptimizerState) and optimizer_state.fits(hyperparameters.optimizer, len(vector)):
            state = optimizer_state
        with np.errstate(all="ignore"):
            self._now = Position(vector, state, step, seen, self._stepper.measure(vector))
        self._watch.stop = never
        if not self._now.is_finite:
            raise ValueError("The loss of these weights is not a finite number: reset them or type smaller ones.")
        check_slope(ratings, factors, hyperparameters)
        self._good, self._lowest = self._now, self._now.loss

    def _choose(self, hyperparameters: Hyperparameters) -> None:
        """Take over the hyperparameters and make what steps by them."""
        previous: Stepper | None = getattr(self, "_stepper", None)
        self._stepper = Stepper(self._ratings, self._shape, hyperparameters, self._gradient, self._watch, previous)
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
        self._lowest = self._good.loss
        self._take_if_good(self._now)

    def _reconsidered(self, position: Position) -> Position:
        """A position kept from before, seen by the hyperparameters in force now."""
        optimizer = self._hyperparameters.optimizer
        state, measure = position.state, position.measure
        if not state.fits(optimizer, len(position.vector)):
            state = self._stepper.optimizer.start(len(position.vector))
        if measure is not None:
            measure = self._stepper.measure_of(position.vector, measure.mse)
        return position._replace(state=state, measure=measure, stop_reason="")

    @property
    def engine(self) -> Engine:
        """What computes the updates: "numpy", "torch" or "compiled"."""
        return self._stepper.engine

    @property
    def stride(self) -> int:
        """How many updates to make until the next look at all ratings: 1 for sheets, for large tables more.

        Never beyond the end of the epoch; looking takes about a third of the time then.
        """
        return self._stepper.stride(self._now.seen)

    @property
    def n_done(self) -> int:
        """Ratings gone through in ``advance`` so far, for learning or measuring; for a look from its ``stop``."""
        return self._watch.n_done

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
        """MSE over all ratings + penalty at the current weights; NaN where a stop left them unmeasured."""
        return self._now.loss

    @property
    def rmse(self) -> float:
        """RMSE over all ratings at the current weights, as the sheet's cell shows it; NaN where unmeasured."""
        return self._now.rmse

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

    def advance(self, updates: int = 1, stop: Stop = never) -> StepReport:
        """Some updates and then one look at all ratings.

        A wish to stop ends it after the last whole update, measured where that takes but a moment. Raises Diverged,
        with weights, step, seen and optimizer already back at the last good step. A finished trainer stays where it is.
        The step in which lbfgs finds that nothing lower can be found counts.
        """
        if self.finished:
            return self._report()
        self._watch.stop, self._watch.n_done = stop, 0
        try:
            with np.errstate(all="ignore"):
                self._move(updates)
        finally:
            self._watch.stop = never
        return self._report()

    @property
    def at_once(self) -> int:
        """Steps of a sheet that ``advance_each`` makes in one call at most; 1 but for the compiled engine."""
        together = self._stepper.together
        return 1 if together is None else together.loop.at_once

    def advance_each(self, updates: int, stop: Stop = never) -> list[StepReport]:
        """The reports of so many calls of ``advance``, at most ``at_once``: the same bits, sooner.

        Fewer where the step after them diverges, which the next call says: raises Diverged as ``advance``. ``stop`` is
        asked within a step only.
        """
        rate, updates = self._hyperparameters.rate, min(updates, self.at_once)
        together = self._stepper.together
        positions = together.positions(self._now, rate, updates) if together is not None and updates > 1 else []
        if not positions:
            return [self.advance(1, stop)]
        for position in positions:
            self._take_if_good(position)
        self._now = positions[-1]
        n = self._ratings.n_ratings
        return [StepReport(it.step, it.seen // n, it.loss, it.rmse) for it in positions]

    def measure(self) -> StepReport:
        """Look at all ratings now, where a stop came before that. Raises Diverged."""
        return self.advance(0)

    def _move(self, updates: int) -> None:
        rate = self._hyperparameters.rate
        position = self._stepper.measured(self._stepper.updated(self._now, rate, updates))
        if not position.is_finite:
            self._now = self._good
            raise Diverged(position.step, self._now.step, rate, suggested_rate(self._stepper, self._good, rate))
        self._now = position
        self._take_if_good(position)

    def _take_if_good(self, position: Position) -> None:
        """Remember a position to go back to, unless its loss is on the way up or not known."""
        if position.measure is not None:
            self._lowest = min(self._lowest, position.loss)
            if position.loss <= NEAR_LOWEST * self._lowest:
                self._good = position

    def steps(self) -> Iterator[StepReport]:
        """Advance until finished, for ever with most optimizers. Raises Diverged."""
        while not self.finished:
            yield self.advance()

    def _report(self) -> StepReport:
        return StepReport(self.step, self.epoch, self.loss, self.rmse)
