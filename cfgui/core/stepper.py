"""The stepper: from one position to the next, by the hyperparameters in force and the engine that fits the table."""

from __future__ import annotations

from dataclasses import replace

from cfgui.core.batch_updates import BatchUpdates
from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.decay import has_decay, is_decoupled
from cfgui.core.engines import Engine, rating_loop, updates_between_measures
from cfgui.core.epoch_updates import EpochUpdates
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import penalty
from cfgui.core.objective import Measure
from cfgui.core.optimizers import Optimizer
from cfgui.core.position import Position, sealed
from cfgui.core.preparation import prepare
from cfgui.core.rating_updates import RatingUpdates
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.together import steps_together
from cfgui.core.trial import block_of, sample_of


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
        self._prepared, self._gradient = prepare(ratings, shape, choices, gradient, watch), gradient
        self._by_batch = BatchUpdates(self._prepared)
        self._by_rating = RatingUpdates(self._prepared)
        self._by_epoch: EpochUpdates = EpochUpdates(self._prepared, previous._by_epoch.fast if previous else None)
        self._steady: Stepper | None = None
        objective, schedule = self._prepared.objective, self._prepared.schedule
        self.together = steps_together(
            ratings, choices, objective, schedule, is_decoupled=is_decoupled(choices) and has_decay(choices)
        )
        """What makes many steps of a sheet in one call, if anything does."""

    @property
    def ratings(self) -> Ratings:
        """What is trained on."""
        return self._prepared.ratings

    @property
    def choices(self) -> Hyperparameters:
        """The hyperparameters in force."""
        return self._prepared.choices

    @property
    def engine(self) -> Engine:
        """What computes the updates."""
        return self._prepared.engine

    @property
    def optimizer(self) -> Optimizer:
        """How slopes become updates."""
        return self._prepared.optimizer

    @property
    def by_rating(self) -> bool:
        """Whether a compiled loop makes an update after each rating."""
        return self._prepared.loop != "none"

    def stride(self, seen: int) -> int:
        """Updates to make until the next look at all ratings; never beyond the end of the epoch.

        The fast loop makes a whole pass, wherever in an epoch it begins.
        """
        n, shape = self._prepared.n_ratings, self._prepared.shape
        if self._prepared.loop == "fast":
            return n
        batch = self.choices.batch(n)
        left = -(-(n - seen % n) // batch) if batch < n else 1
        units = sum(layer.weights.size for layer in shape.layers) or shape.n_factors
        return min(left, updates_between_measures(n, units, shape.n_parameters, self.choices))

    def measure(self, vector: Floats, which: slice | None = None) -> Measure:
        """Loss and MSE at these weights, over all ratings or some. Raises Interrupted."""
        objective = self._prepared.objective
        return (objective if which is None else objective.chosen(which)).measure(vector)

    def measure_of(self, vector: Floats, mse: float) -> Measure:
        """The same where the MSE is known."""
        return Measure(mse + penalty(vector, self._prepared.objective.decay), mse)

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
        self._prepared.watch.passed(0)
        position = self.measured(self.updated(position, rate, updates))
        if position.measure is None:
            raise Interrupted
        return position

    def updated(self, position: Position, rate: float, updates: int) -> Position:
        """Where updates at ``rate`` lead to from ``position``, not measured; fewer where a wish to stop comes."""
        if updates < 1:
            return position
        if self._prepared.loop == "fast":
            return self._updated_by_epochs(position, rate, updates)
        way = self._by_rating if self._prepared.loop == "strict" else self._by_batch
        return way.after(position, rate, updates)

    def _updated_by_epochs(self, position: Position, rate: float, updates: int) -> Position:
        """Whole passes by the fast loop; what is left of the updates by the strict one, or else by arrays."""
        it, n, wanted = self._prepared, self._prepared.n_ratings, position.step + updates
        position = self._by_epoch.after(position, rate, updates // n)
        if position.step != wanted - updates % n or position.step == wanted or not position.is_finite:
            return position
        is_strict = rating_loop(n, replace(it.choices, order="rows"), it.slope, it.shape) == "strict"
        return (self._by_rating if is_strict else self._by_batch).after(position, rate, updates % n)

    def of_part(self, good: Position) -> tuple[Stepper, Position]:
        """What steps from ``good`` on a part of the ratings, for trials, and where it starts. Raises Interrupted."""
        ratings, factors = self.ratings, self._prepared.shape.view_of(good.vector)
        if self.by_rating:
            part = block_of(ratings, factors, good.state, good.seen % ratings.n_ratings)
        else:
            part = sample_of(ratings, factors, good.state)
        choices = replace(self.choices, schedule="constant")
        stepper = Stepper(part.ratings, part.factors, choices, self._gradient, self._prepared.watch)
        vector = sealed(part.factors.flat())
        return stepper, Position(vector, part.state, 0, 0, stepper.measure(vector))

    @property
    def steady(self) -> Stepper:
        """What steps in the same way at one rate: a rate must go well at its full height to be worth trying."""
        it = self._prepared
        if it.schedule.is_constant:
            return self
        if self._steady is None:
            choices = replace(it.choices, schedule="constant")
            self._steady = Stepper(it.ratings, it.shape, choices, self._gradient, it.watch, self)
        return self._steady
