"""Training that explodes: what is said about it, and the search for a rate that does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

DECADES = 12
"""How far below the rate that exploded a smaller one is looked for."""


class Diverged(ArithmeticError):  # noqa: N818 - what happened, in the word the status bar uses
    """Training left the finite numbers in step ``step``; the weights of ``good_step`` are back.

    ``learning_rate`` is the rate that did it. ``suggestion`` is a smaller one, tried out from the restored weights and
    found to bring the loss down without diverging, 0 where there is none, or None where nobody waited for the trials.
    The text is what to tell a person.
    """

    def __init__(self, step: int, good_step: int, learning_rate: float, suggestion: float | None) -> None:
        super().__init__(step, good_step, learning_rate, suggestion)
        self.step = step
        self.good_step = good_step
        self.learning_rate = learning_rate
        self.suggestion = suggestion

    def __str__(self) -> str:
        if self.suggestion == 0.0:
            return (
                f"Step {self.step} gave a loss that is not a finite number, and no smaller rate helps: the weights of"
                f" step {self.good_step} are back; reset them."
            )
        smaller = "a smaller one" if self.suggestion is None else f"{self.suggestion:g}"
        return (
            f"Step {self.step} gave a loss that is not a finite number: the rate {self.learning_rate:g} is too large."
            f" The weights of step {self.good_step} are back; try {smaller}."
        )


def smaller_rate(rate: float, start_loss: float, loss_after: Callable[[float], float]) -> float:
    """Of 5, 2, 1, 0.5, 0.2 ... below ``rate``, the one that gets lowest in a trial; 0 where none gets lower.

    ``loss_after`` gives the loss after a trial at a rate, infinite where it diverges. From large rates to small, the
    search ends at the first that does worse than a larger one.
    """
    best, lowest = 0.0, start_loss
    for smaller in _rates_below(rate):
        loss = loss_after(smaller)
        if loss < lowest:
            best, lowest = smaller, loss
        elif best:
            break
    return best


def _rates_below(rate: float) -> Iterator[float]:
    """5, 2 and 1 times powers of ten below ``rate``, falling; none below 0."""
    if rate <= 0.0:
        return
    exponent = math.floor(math.log10(rate))
    for power in range(exponent, exponent - DECADES, -1):
        yield from (candidate for digit in (5, 2, 1) if (candidate := float(f"{digit}e{power}")) < rate)
