"""Epoch updates: SGD with an update after each rating, whole passes at a time by the fast loop of ``fast_sgd``."""

from __future__ import annotations

from cfgui.core.fast_epochs import FastEpochs, decays_of
from cfgui.core.position import Position, moved_on
from cfgui.core.preparation import Prepared


class EpochUpdates:
    """Makes such passes with what is prepared; ``fast`` is what others have laid out, used where it fits."""

    def __init__(self, prepared: Prepared, fast: FastEpochs | None) -> None:
        self._prepared, self.fast = prepared, fast

    def after(self, position: Position, rate: float, epochs: int) -> Position:
        """Where some passes lead to, not measured; fewer where a stop comes: one it comes into is given up."""
        fast = self._laid_out()
        try:
            for done in range(epochs):
                before = position
                if (done and self._prepared.watch.ends_after(0)) or not position.is_finite:
                    break
                position = self._once(position, rate, fast)
                if position is before:
                    break
        finally:
            fast.rest()
        return position

    def _laid_out(self) -> FastEpochs:
        """The ratings as the fast loop goes through them."""
        ratings, shape, seed = self._prepared.ratings, self._prepared.shape, self._prepared.choices.seed
        if self.fast is None or not self.fast.is_for(ratings, shape, seed):
            self.fast = FastEpochs(ratings, shape, seed)
        return self.fast

    def _once(self, position: Position, rate: float, fast: FastEpochs) -> Position:
        """After one pass, or the same position where a stop ended it."""
        it, n = self._prepared, self._prepared.n_ratings
        rates = it.schedule.at(position.step, rate)[0], it.schedule.at(position.step + n, rate)[0]
        number = position.seen // n
        vector, met = fast.run(position.vector, number, rates, decays_of(it.choices), it.watch.stop)
        if met.stopped:
            return position
        it.watch.n_done += met.n_updates
        return moved_on(position, vector, met.n_updates, is_finite=met.finite)
