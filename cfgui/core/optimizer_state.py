"""What an optimizer is given and what it gives back: pace, state and update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cfgui.core.ratings import Floats

Memory = tuple[Floats, ...]
"""What an optimizer keeps from step to step: arrays whose last axis runs over the weights. Not to be written to."""


class Pace(NamedTuple):
    """How fast to move in one update: learning rate, share of the last move kept, and decay apart from the loss.

    ``momentum`` is for the optimizers that have one. ``decay`` multiplies the weights by 1 - rate * decay: one number
    for all weights, or one per weight in the order of ``Factors.flat``; it must be a float where it is one number.
    ``n_updates`` is how many updates make a pass over the ratings, for rules that change from pass to pass.
    """

    rate: float
    momentum: float = 0.9
    decay: float | Floats = 0.0
    n_updates: int = 1


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """What the optimizer of this name remembers after ``count`` updates."""

    optimizer: str
    memory: Memory
    count: int = 0

    def fits(self, optimizer: str, n_parameters: int) -> bool:
        """Whether that optimizer can go on from here with that many weights."""
        return self.optimizer == optimizer and all(array.shape[-1] == n_parameters for array in self.memory)


class Update(NamedTuple):
    """The weights and the state after one update; ``stop_reason`` says why nothing is left to do, if nothing is."""

    vector: Floats
    state: OptimizerState
    stop_reason: str = ""
