"""Suggestions: the smaller rate to try where training has exploded."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from cfgui.core.chunks import Interrupted
from cfgui.core.divergence import smaller_rate
from cfgui.core.position import Position
from cfgui.core.stepper import Stepper
from cfgui.core.trial import WHOLE_TRIAL

TRIAL_STEPS = 100
"""Updates a rate must survive before it is suggested; with small batches as many as two epochs have, if more."""

TRIAL_RATINGS = 2_000_000
"""Predictions made in such a trial at most (but 10 updates at least), so that a suggestion does not take long."""

PART_TRIAL_STEPS = 20
"""Updates of a trial on a part of a large table."""


class _Plan(NamedTuple):
    """A trial: so many looks at the loss, each after so many updates."""

    looks: int
    updates: int


def suggested_rate(stepper: Stepper, good: Position, rate: float) -> float | None:
    """A rate below ``rate`` that goes well from ``good``; 0 where none does, None where a stop came first.

    Of a large table some ratings have to do, and are gone through only a few times.
    """
    n = stepper.ratings.n_ratings
    try:
        if n > WHOLE_TRIAL:
            part, start = stepper.of_part(good)
            return smaller_rate(rate, start.loss, partial(_loss_after, part, start, _plan(part, PART_TRIAL_STEPS)))
        wanted = max(TRIAL_STEPS, 2 * stepper.choices.steps_per_epoch(n))
        plan = _plan(stepper, min(wanted, max(10, TRIAL_RATINGS // n)))
        return smaller_rate(rate, good.loss, partial(_loss_after, stepper.steady, good, plan))
    except Interrupted:
        return None


def _plan(stepper: Stepper, steps: int) -> _Plan:
    """A trial of so many steps; rating by rating that is nothing, so then it is two epochs."""
    return _Plan(1, 2 * stepper.ratings.n_ratings) if stepper.by_rating else _Plan(steps, 1)


def _loss_after(stepper: Stepper, start: Position, plan: _Plan, rate: float) -> float:
    """The loss after a trial at ``rate``; infinite where it diverges. Raises Interrupted."""
    position = start
    for _ in range(plan.looks):
        position = stepper.after(position, rate, plan.updates)
        if not position.is_finite:
            return math.inf
    return position.loss
