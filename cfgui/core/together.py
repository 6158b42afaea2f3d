"""Steps together: many steps of a sheet made in one call of a compiled loop, each a position of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.compiled_steps import CompiledSteps
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Measure, Objective
from cfgui.core.optimizer_defaults import SGD_FROM
from cfgui.core.position import Position, sealed
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.schedules import Schedule

OPTIMIZERS_TOGETHER = ("gd", "sgd", "momentum")
"""Optimizers whose steps the loop knows; sgd where its batch is all ratings."""


@dataclass(frozen=True, eq=False)
class Together:
    """Makes steps by ``loop`` at the pace of ``schedule``."""

    loop: CompiledSteps
    schedule: Schedule

    def positions(self, position: Position, rate: float, updates: int) -> list[Position]:
        """The positions after each of some updates, all measured; none from the first on that is not finite.

        The bits are those of the stepper's ``updated`` and ``measured``, one after another.
        """
        state, n = position.state, self.loop.ratings.n_ratings
        paces = [self.schedule.at(position.step + done, rate) for done in range(updates)]
        rates, momenta = np.array(paces).T.copy()
        steps = self.loop.run(position.vector, state.memory[0] if state.memory else np.zeros(0), rates, momenta)
        found: list[Position] = []
        for vector, moving, mse, penalty in zip(*steps, self._penalties(steps.vectors), strict=True):
            done = len(found) + 1
            memory = (sealed(moving),) if state.memory else ()
            after = replace(state, memory=memory, count=state.count + done)
            measure = Measure(float(mse + penalty), float(mse))
            found.append(Position(sealed(vector), after, position.step + done, position.seen + done * n, measure))
        return found

    def _penalties(self, vectors: Floats) -> Floats:
        """(n_steps,) as ``models.penalty``, of each row."""
        decay = self.loop.decay
        penalties: Floats = decay * np.square(vectors).sum(axis=1) if decay else np.zeros(len(vectors))
        return penalties


def steps_together(
    ratings: Ratings, choices: Hyperparameters, objective: Objective, schedule: Schedule, *, is_decoupled: bool
) -> Together | None:
    """What makes many steps in one call; None where the loop does not know all that was chosen.

    ``objective`` is that of all ratings; ``is_decoupled`` says that there is weight decay apart from the loss.
    """
    shape, n, decay = objective.shape, ratings.n_ratings, objective.decay
    is_simple = choices.optimizer in OPTIMIZERS_TOGETHER and choices.batch(n) == n and n < SGD_FROM
    is_plain = shape.range.kind == "none" and not shape.global_mean and objective.loss_kind == "mse"
    is_bare = choices.clip == 0.0 and objective.free is None and not is_decoupled
    if objective.nudge is None or not isinstance(decay, float) or not (is_simple and is_plain and is_bare):
        return None
    return Together(CompiledSteps(ratings, shape, objective.nudge, decay, choices.optimizer == "momentum"), schedule)
