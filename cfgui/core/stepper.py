"""The stepper: from one position to the next, by the hyperparameters in force and the engine that fits the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cfgui.core.batch_gradients import BatchGradient
from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.decay import decoupled_decay, has_decay, is_by_rows, is_decoupled, penalty_decay, row_shares
from cfgui.core.engines import (
    Engine,
    engine_name,
    gradient_of,
    is_shuffled,
    looks_by_loops,
    nudge,
    rating_loop,
    updates_between_measures,
)
from cfgui.core.factors import Factors
from cfgui.core.fast_epochs import FastEpochs, decays_of
from cfgui.core.freezing import free_weights
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.losses import check_targets
from cfgui.core.models import penalty
from cfgui.core.objective import Measure, Objective
from cfgui.core.optimizers import Pace, make_optimizer
from cfgui.core.position import OVERFLOWED, Position, sealed
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.schedules import make_schedule
from cfgui.core.together import steps_together
from cfgui.core.trial import block_of, sample_of
from cfgui.core.visits import Visits

STRETCHES = 200
"""Updates of compiled loops follow a schedule in so many stretches of one rate each."""


class Plan(NamedTuple):
    """A trial: so many looks at the loss, each after so many updates."""

    looks: int
    updates: int


class Stepper:
    """Makes updates of the weights of ``shape`` on ``ratings``; ``watch`` is looked at between two pieces of work.

    ``gradient`` names an entry of ``GRADIENTS`` in place of the hyperparameters' choice. Large tables are worked on by
    compiled loops, which compute the same slope; ``by_rating`` says whether those make an update after each rating.
    """

    def __init__(
        self,
        ratings: Ratings,
        shape: Factors,
        choices: Hyperparameters,
        gradient: str | None,
        watch: Watch,
        previous: Stepper | None = None,
    ) -> None:
        """``previous`` did the same by other choices: what of its preparations still fits is used.

        Raises ValueError, with a sentence for a person, for choices that these ratings or weights cannot be trained by.
        """
        self._ratings, self._shape, self._choices, self._gradient = ratings, shape, choices, gradient
        self._watch, n = watch, ratings.n_ratings
        if choices.loss == "bce" and not shape.classes:
            check_targets(shape.range, ratings.scale)
        self.optimizer, self._schedule = make_optimizer(choices), make_schedule(choices, n)
        self._penalty, self._decay = penalty_decay(shape, choices), decoupled_decay(shape, choices)
        if is_by_rows(choices):
            self._penalty = self._penalty * row_shares(shape, ratings.users, ratings.movies)
        self._slope = gradient or choices.gradient
        self.engine: Engine = engine_name(n, choices, self._slope, shape)
        self._loop = rating_loop(n, choices, self._slope, shape)
        self.by_rating = self._loop != "none"
        shuffled = is_shuffled(n, choices, self._slope, shape)
        self._visits = Visits(n, choices.batch(n), choices.seed, shuffled=shuffled)
        way = gradient_of(self.engine, self._slope)
        self._objective = Objective(
            shape,
            ratings.users,
            ratings.movies,
            ratings.values,
            GRADIENTS[way](choices, self._penalty),
            self._penalty,
            watch,
            nudge(choices, self._slope) if self.engine == "compiled" else None,
            choices.loss,
            free_weights(shape, choices),
            looks_by_loops=looks_by_loops(n, choices, shape),
        )
        if self._objective.free is not None and is_decoupled(choices):
            self._decay = self._decay * self._objective.free
        self._batch_slope = None if self.engine == "compiled" else BatchGradient(choices, way)
        self._is_drawn = bool(shape.layers) and choices.dropout > 0.0
        self._fast: FastEpochs | None = None if previous is None else previous._fast
        self._steady: Stepper | None = None
        self._permuted: tuple[int, Objective] | None = None
        self.together = steps_together(
            ratings, choices, self._objective, self._schedule, is_decoupled=is_decoupled(choices) and has_decay(choices)
        )
        """What makes many steps of a sheet in one call, if anything does."""

    def stride(self, seen: int) -> int:
        """Updates to make until the next look at all ratings; never beyond the end of the epoch.

        The fast loop makes a whole pass, wherever in an epoch it begins.
        """
        n, shape = self._ratings.n_ratings, self._shape
        if self._loop == "fast":
            return n
        batch = self._choices.batch(n)
        left = -(-(n - seen % n) // batch) if batch < n else 1
        units = sum(layer.weights.size for layer in shape.layers) or shape.n_factors
        return min(left, updates_between_measures(n, units, shape.n_parameters, self._choices))

    def measure(self, vector: Floats, which: slice | None = None) -> Measure:
        """Loss and MSE at these weights, over all ratings or some. Raises Interrupted."""
        return (self._objective if which is None else self._objective.chosen(which)).measure(vector)

    def measure_of(self, vector: Floats, mse: float) -> Measure:
        """The same where the MSE is known."""
        return Measure(mse + penalty(vector, self._penalty), mse)

    def measured(self, position: Position) -> Position:
        """The position with its measure, unless a wish to stop comes first."""
        if position.measure is not None:
            return position
        try:
            return position._replace(measure=self.measure(position.vector))
        except Interrupted:
            return position

    def after(self, position: Position, rate: float, updates: int = 1) -> Position:
        """Where updates lead to, measured, or Interrupted where a wish to stop comes first."""
        self._watch.passed(0)
        position = self.measured(self.updated(position, rate, updates))
        if position.measure is None:
            raise Interrupted
        return position

    def updated(self, position: Position, rate: float, updates: int) -> Position:
        """Where updates at ``rate`` lead to from ``position``, not measured; fewer where a wish to stop comes."""
        if updates < 1:
            return position
        if self._loop == "fast":
            return self._updated_by_epochs(position, rate, updates)
        if self._loop == "strict":
            return self._updated_by_rating(position, rate, updates)
        return self._updated_one_by_one(position, rate, updates)

    def _updated_one_by_one(self, position: Position, rate: float, updates: int) -> Position:
        try:
            for done in range(updates):
                if done:
                    self._watch.passed(0)
                position = self._updated_once(position, rate)
                if position.stop_reason:
                    break
        except Interrupted:
            pass
        return position

    def _updated_once(self, position: Position, rate: float) -> Position:
        n = self._ratings.n_ratings
        batch = self._choices.batch(n)
        objective = self._objective if batch == n else self._batch(self._visits.block(position.seen))
        if self._is_drawn:
            objective = replace(objective, step=position.step)
        pace = Pace(*self._schedule.at(position.step, rate), self._decay, self._choices.steps_per_epoch(n))
        vector, state, stop_reason = self.optimizer.update(objective, position.vector, position.state, pace)
        if objective.free is not None:
            # Whatever an optimizer remembers from before: frozen weights stay to the bit.
            vector = np.where(objective.free > 0.0, vector, position.vector)
        seen = position.seen + len(objective.values)
        return Position(sealed(vector), state, position.step + 1, seen, None, stop_reason)

    def _batch(self, block: slice | Indices) -> Objective:
        """The loss of some of the ratings, each with its part of the decay."""
        part = self._objective.chosen(block)
        if self._batch_slope is not None:
            return replace(part, slope=self._batch_slope)
        if not is_by_rows(self._choices):
            return part
        shares = row_shares(self._shape, part.users, part.movies)
        return replace(part, decay=penalty_decay(self._shape, self._choices) * shares)

    def _updated_by_epochs(self, position: Position, rate: float, updates: int) -> Position:
        """Whole passes by the fast loop; what is left of the updates by the strict one, or else by arrays."""
        n, wanted = self._ratings.n_ratings, position.step + updates
        position = self._passed_over(position, rate, updates // n)
        if position.step != wanted - updates % n or position.step == wanted or not position.is_finite:
            return position
        in_rows = replace(self._choices, order="rows")
        if rating_loop(n, in_rows, self._slope, self._shape) == "strict":
            return self._updated_by_rating(position, rate, updates % n)
        return self._updated_one_by_one(position, rate, updates % n)

    def _passed_over(self, position: Position, rate: float, epochs: int) -> Position:
        """After some passes of the fast loop, fewer where a stop comes: one it comes into is given up."""
        shape, seed = self._shape, self._choices.seed
        if self._fast is None or not self._fast.is_for(self._ratings, shape, seed):
            self._fast = FastEpochs(self._ratings, shape, seed)
        try:
            for done in range(epochs):
                before = position
                if (done and self._is_stopped(0)) or not position.is_finite:
                    break
                position = self._passed_once(position, rate, self._fast)
                if position is before:
                    break
        finally:
            self._fast.rest()
        return position

    def _passed_once(self, position: Position, rate: float, fast: FastEpochs) -> Position:
        """After one pass, or the same position where a stop ended it."""
        n = self._ratings.n_ratings
        rates = self._schedule.at(position.step, rate)[0], self._schedule.at(position.step + n, rate)[0]
        number = position.seen // n
        vector, met = fast.run(position.vector, number, rates, decays_of(self._choices), self._watch.stop)
        if met.stopped:
            return position
        self._watch.n_done += met.n_updates
        done = met.n_updates
        state = replace(position.state, count=position.state.count + done)
        measure = None if met.finite else OVERFLOWED
        return Position(sealed(vector), state, position.step + done, position.seen + done, measure)

    def _updated_by_rating(self, position: Position, rate: float, updates: int) -> Position:
        """The same by compiled loops, on a copy of the weights, in stretches of one rate each."""
        vector, n, done, finite = position.vector.copy(), self._ratings.n_ratings, 0, True
        # A penalty of d * p ** 2 shrinks p by 2 * rate * d in an update, decoupled decay by rate * d.
        decay = 0.5 * self._choices.weight_decay if is_decoupled(self._choices) else self._choices.weight_decay
        stopped = False
        while finite and not stopped and done < updates:
            wanted, now = self._stretch(position.step + done, rate, updates - done)
            epoch, first = divmod(position.seen + done, n)
            objective = self._objective
            if self._visits.shuffled:
                wanted, objective = min(wanted, n - first), self._shuffled(epoch)
            counted = self._watch.n_done
            passed = objective.engine.sgd(vector, first, wanted, now, decay)
            done, finite = done + passed.n_updates, passed.finite
            counted += passed.n_updates - self._watch.n_done
            stopped = passed.n_updates < wanted or (done < updates and self._is_stopped(counted))
        state = replace(position.state, count=position.state.count + done)
        measure = None if finite else OVERFLOWED
        return Position(sealed(vector), state, position.step + done, position.seen + done, measure)

    def _shuffled(self, epoch: int) -> Objective:
        """All ratings in the order of an epoch; the last one is kept."""
        if self._permuted is None or self._permuted[0] != epoch:
            self._permuted = epoch, self._objective.chosen(self._visits.order(epoch))
        return self._permuted[1]

    def _is_stopped(self, n_ratings: int) -> bool:
        """Whether there is a wish to stop after so many more ratings."""
        try:
            self._watch.passed(n_ratings)
        except Interrupted:
            return True
        return False

    def _stretch(self, step: int, rate: float, updates: int) -> tuple[int, float]:
        """How many updates to make at one rate from ``step`` on, and that rate: the one half-way through the stretch.

        Stretches begin at the same steps however many updates are asked for at a time.
        """
        if self._schedule.is_constant:
            return updates, rate
        length = max(1, self._schedule.n_steps // STRETCHES)
        start = step // length * length
        return min(updates, start + length - step), self._schedule.at(start + length // 2, rate)[0]

    def of_part(self, good: Position) -> tuple[Stepper, Position]:
        """What steps from ``good`` on a part of the ratings, for trials, and where it starts. Raises Interrupted."""
        factors = self._shape.view_of(good.vector)
        if self.by_rating:
            part = block_of(self._ratings, factors, good.state, good.seen % self._ratings.n_ratings)
        else:
            part = sample_of(self._ratings, factors, good.state)
        choices = replace(self._choices, schedule="constant")
        stepper = Stepper(part.ratings, part.factors, choices, self._gradient, self._watch)
        vector = sealed(part.factors.flat())
        return stepper, Position(vector, part.state, 0, 0, stepper.measure(vector))

    @property
    def steady(self) -> Stepper:
        """What steps in the same way at one rate: a rate must go well at its full height to be worth trying."""
        if self._schedule.is_constant:
            return self
        if self._steady is None:
            choices = replace(self._choices, schedule="constant")
            self._steady = Stepper(self._ratings, self._shape, choices, self._gradient, self._watch, self)
        return self._steady

    def trial(self, steps: int) -> Plan:
        """A trial of so many steps; rating by rating that is nothing, so then it is two epochs."""
        return Plan(1, 2 * self._ratings.n_ratings) if self.by_rating else Plan(steps, 1)


def loss_after(after: Callable[..., Position], start: Position, plan: Plan, rate: float) -> float:
    """The loss after a trial at ``rate``; infinite where it diverges. ``after`` is that of a stepper."""
    position = start
    for _ in range(plan.looks):
        position = after(position, rate) if plan.updates == 1 else after(position, rate, plan.updates)
        if not position.is_finite:
            return math.inf
    return position.loss


def check(ratings: Ratings, factors: Factors) -> None:
    """Raise ValueError, with a sentence for a person, where these ratings cannot train these weights."""
    if not ratings.n_ratings:
        raise ValueError("There are no ratings to train on.")
    if (factors.n_users, factors.n_movies) != (ratings.n_users, ratings.n_movies):
        raise ValueError(
            f"The weights are for {factors.n_users} users and {factors.n_movies} movies, the ratings for"
            f" {ratings.n_users} and {ratings.n_movies}: reset the weights."
        )
