"""Schedules: how the learning rate, and with one-cycle the momentum, change from step to step.

Pure functions of the step, counted from 0. After the end of its schedule the last rate stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from cfgui.core.hyperparameters import Hyperparameters

RISING_SHARE = 0.25
"""One-cycle: the part of the schedule in which the rate rises (fastai's pct_start)."""

START_DIVISOR = 25.0
"""One-cycle: the rate starts at this part of the highest one (fastai's div)."""

END_DIVISOR = 1e5
"""One-cycle: and ends at this part of it (fastai's div_final)."""

MOST_MOMENTUM, LEAST_MOMENTUM = 0.95, 0.85
"""One-cycle: momentum at both ends, and where the rate is highest (fastai's moms)."""

UNSCHEDULED = ("als", "gibbs", "lbfgs")
"""Optimizers that find out by themselves how far to move."""

Shape = Callable[[float, float], tuple[float, float | None]]
"""(place in the schedule from 0 to 1, highest rate) -> (rate, momentum or None for the one chosen)."""


def _constant(_place: float, rate: float) -> tuple[float, float | None]:
    return rate, None


def _step(place: float, rate: float) -> tuple[float, float | None]:
    """A tenth after the first third, a hundredth after the second; that one stays."""
    third = min(int(3.0 * place), 2)
    return rate / (1.0, 10.0, 100.0)[third], None


def _cosine(place: float, rate: float) -> tuple[float, float | None]:
    """Half a cosine down to 0 (Loshchilov & Hutter, ICLR 2017, without restarts)."""
    return _half_wave(rate, 0.0, place), None


def _one_cycle(place: float, rate: float) -> tuple[float, float | None]:
    """Smith 2018 as fastai's fit_one_cycle has it: two half cosines, momentum going the other way."""
    if place < RISING_SHARE:
        part = place / RISING_SHARE
        return _half_wave(rate / START_DIVISOR, rate, part), _half_wave(MOST_MOMENTUM, LEAST_MOMENTUM, part)
    part = (place - RISING_SHARE) / (1.0 - RISING_SHARE)
    return _half_wave(rate, rate / END_DIVISOR, part), _half_wave(LEAST_MOMENTUM, MOST_MOMENTUM, part)


def _half_wave(start: float, end: float, part: float) -> float:
    """From ``start`` to ``end`` along half a cosine; exactly those at the ends."""
    if part >= 1.0:
        return end
    return end + (start - end) * (1.0 + math.cos(math.pi * part)) / 2.0


SHAPES: dict[str, Shape] = {"constant": _constant, "step": _step, "cosine": _cosine, "one-cycle": _one_cycle}
"""Every schedule by its name in the options."""


@dataclass(frozen=True)
class Schedule:
    """A schedule of ``n_steps`` updates; ``kind`` is one of ``SHAPES``, ``momentum`` what is used where it has none."""

    kind: str
    n_steps: int
    momentum: float

    @property
    def is_constant(self) -> bool:
        """Whether every step has the same rate."""
        return self.kind == "constant"

    def at(self, step: int, rate: float) -> tuple[float, float]:
        """Learning rate and momentum of the update made after ``step`` others, where ``rate`` is the highest rate."""
        rate, momentum = SHAPES[self.kind](min(step / self.n_steps, 1.0), rate)
        return rate, self.momentum if momentum is None else momentum


def make_schedule(choices: Hyperparameters, n_ratings: int) -> Schedule:
    """The chosen schedule over ``schedule_epochs`` passes over so many ratings."""
    kind = "constant" if choices.optimizer in UNSCHEDULED else choices.schedule
    return Schedule(kind, choices.schedule_epochs * choices.steps_per_epoch(n_ratings), choices.momentum)
