"""The learning-rate finder: one sweep from tiny rates to large ones, and the rate at which the loss falls best.

Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017; the rate half-way down the longest
slope is fastai's "valley".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from cfgui.core.chunks import Interrupted, Stop, Watch, never
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.position import Position, sealed
from cfgui.core.preparation import check
from cfgui.core.ratings import Ratings
from cfgui.core.schedules import UNSCHEDULED
from cfgui.core.slopes import check_slope
from cfgui.core.stepper import Stepper

LOWEST_RATE = 1e-7
"""Where the sweep begins."""

PER_DECADE = 12.5
"""Rates tried in each power of ten: 100 from 1e-7 to 10. The sweep goes on until the loss explodes."""

EXPLODED = 4.0
"""The sweep ends when the loss is so many times the lowest."""

KEPT = 0.7
"""What smoothing keeps of the losses before."""

LOOKED_AT = 20_000
"""Ratings over which the loss is looked at, at most; evenly spread over all."""

MOST_WORK = 2e6
"""Of one rate: ratings times factors learnt from and weights moved, beyond which it gets one update only."""

TRIAL_UPDATES, TRIAL_EPOCHS = 20, 2
"""A rate is suggested when so many updates of it, or as many epochs as are quickly done, lower the loss."""

TRIALS = 12
"""Where they do not, a third of the rate is tried, so many times."""

FROM_LAST_PASS = ("graddesc-adagrad", "graddesc-adagrad-ann")
"""Optimizers whose rate is made from the gradients of the pass before: they get one before the sweep."""


OnLoss = Callable[[float, float], None]
"""Told (rate, smoothed loss) after each rate of the sweep."""


@dataclass(frozen=True)
class RateFinding:
    """What a sweep found: ``losses`` (smoothed, over the ratings looked at) after updates at each of ``rates``.

    ``suggestion`` is None where no rate lowers the loss. ``diverged_at`` is the rate that ended the sweep by exploding,
    None where none did. ``sentence`` says it to a person.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float | None
    diverged_at: float | None

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if self.suggestion is None:
            return "No rate lowers the loss of these weights: they are as good as this optimizer can make them."
        end = "" if self.diverged_at is None else f"; at {self.diverged_at:.2g} it explodes"
        return f"Try a rate of {self.suggestion:g}: there the loss falls best{end}."


def find_rate(
    ratings: Ratings,
    factors: Factors,
    hyperparameters: Hyperparameters,
    stop: Stop = never,
    gradient: str | None = None,
    on_loss: OnLoss | None = None,
) -> RateFinding:
    """Sweep the learning rate from the present weights, which stay as they are.

    Each rate gets the updates of a hundredth of an epoch, at least one. Schedule and learning rate of the
    hyperparameters have no effect. ``gradient`` is as in ``Trainer``; ``on_loss`` follows the sweep. The same arguments
    give the same bits. Raises ValueError, with a sentence for a person, where the optimizer has no rate to find or the
    ratings cannot train the weights, and Interrupted where ``stop`` says so.
    """
    check(ratings, factors)
    if hyperparameters.optimizer in UNSCHEDULED:
        label = OPTIMIZER_DEFAULTS[hyperparameters.optimizer].label
        raise ValueError(f"{label} finds out by itself how far to move: choose another optimizer to look for a rate.")
    check_slope(ratings, factors, hyperparameters)
    with np.errstate(all="ignore"):
        choices = replace(hyperparameters, schedule="constant")
        return _Sweep(ratings, factors, choices, stop, gradient, on_loss).finding()


class _Sweep:
    """Everything one sweep needs."""

    def __init__(
        self,
        ratings: Ratings,
        factors: Factors,
        choices: Hyperparameters,
        stop: Stop,
        gradient: str | None,
        on_loss: OnLoss | None,
    ) -> None:
        self._on_loss = on_loss
        self._stepper = Stepper(ratings, factors, choices, gradient, Watch(stop))
        self._stop, self._sample = stop, slice(None, None, -(-ratings.n_ratings // LOOKED_AT))
        vector = sealed(factors.flat())
        state = self._stepper.optimizer.start(len(vector))
        self._start = Position(vector, state, 0, 0, None)
        n_updates, batch = choices.steps_per_epoch(ratings.n_ratings), choices.batch(ratings.n_ratings)
        work = batch * factors.n_factors + (0 if self._stepper.by_rating else factors.n_parameters)
        self._updates = max(1, min(n_updates // 100, int(MOST_WORK / work)))
        self._trial_updates = max(TRIAL_UPDATES, min(TRIAL_EPOCHS * n_updates, int(10.0 * MOST_WORK / work)))
        if choices.optimizer in FROM_LAST_PASS:
            self._start = self._moved(self._start, LOWEST_RATE, n_updates)
        self._first = self._loss(self._start)
        if not math.isfinite(self._first):
            raise ValueError("The loss of these weights is not a finite number: reset them or type smaller ones.")

    def finding(self) -> RateFinding:
        """The whole sweep, and what comes out of it."""
        rates, losses, diverged_at = self._swept()
        suggestion = self._tried(best_rate(rates, losses))
        return RateFinding(tuple(rates), tuple(losses), suggestion, diverged_at)

    def _swept(self) -> tuple[list[float], list[float], float | None]:
        """Rates, smoothed losses, and the rate that exploded."""
        position, lowest, mean, weight = self._start, self._first, 0.0, 0.0
        rates: list[float] = []
        losses: list[float] = []
        for rate in _rates():
            position = self._moved(position, rate, self._updates)
            loss = self._loss(position) if np.isfinite(position.vector).all() else math.inf
            if not math.isfinite(loss):
                return rates, losses, rate
            mean, weight = KEPT * mean + (1.0 - KEPT) * loss, KEPT * weight + (1.0 - KEPT)
            rates.append(rate)
            losses.append(mean / weight)
            if self._on_loss is not None:
                self._on_loss(rate, losses[-1])
            lowest = min(lowest, losses[-1])
            if losses[-1] > EXPLODED * lowest:
                return rates, losses, rate
        return rates, losses, None

    def _tried(self, rate: float | None) -> float | None:
        """That rate or a smaller one, of two digits, with which the loss falls; None where there is none."""
        for _ in range(TRIALS):
            if rate is None:
                return None
            rate = float(f"{rate:.1e}")
            end = self._moved(self._start, rate, self._trial_updates)
            if np.isfinite(end.vector).all() and self._loss(end) < self._first:
                return rate
            rate /= 3.0
        return None

    def _moved(self, position: Position, rate: float, updates: int) -> Position:
        """Where updates lead to. Raises Interrupted."""
        if self._stop():
            raise Interrupted
        position = self._stepper.updated(position._replace(measure=None), rate, updates)
        if self._stop():
            raise Interrupted
        return position

    def _loss(self, position: Position) -> float:
        return self._stepper.measure(position.vector, self._sample).loss


def _rates() -> list[float]:
    """From ``LOWEST_RATE`` to the highest that may be chosen."""
    highest = OPTION_BY_NAME["learning_rate"].high
    n_rates = math.ceil(PER_DECADE * math.log10(highest / LOWEST_RATE)) + 1
    return [min(LOWEST_RATE * 10.0 ** (number / PER_DECADE), highest) for number in range(n_rates)]


def best_rate(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """The rate half-way down, by loss, the longest run of rates over which the loss falls; None where it never does.

    The longest by how far the loss falls. Half-way by loss rather than by rate: most of the run is nearly flat. Beyond
    the lowest loss the rate is too large, however far the loss falls there between two leaps.
    """
    lowest = int(np.argmin(losses)) if losses else 0
    if lowest > 0:
        losses = losses[: lowest + 1]
    bounds = [0, *(i for i, (one, next_) in enumerate(pairwise(losses), start=1) if next_ >= one), len(losses)]
    runs = [(first, last - 1) for first, last in pairwise(bounds) if last - first > 1]
    if not runs:
        return None
    first, last = max(runs, key=lambda run: losses[run[0]] - losses[run[1]])
    half = (losses[first] + losses[last]) / 2.0
    return next(rate for rate, loss in zip(rates[first:], losses[first:], strict=False) if loss <= half)
