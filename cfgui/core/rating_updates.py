"""Rating updates: SGD with an update after each rating, by the strict compiled loop of ``compiled_sgd``."""

from __future__ import annotations

from cfgui.core.decay import is_decoupled
from cfgui.core.objective import Objective
from cfgui.core.position import Position, moved_on
from cfgui.core.preparation import Prepared

STRETCHES = 200
"""Updates of compiled loops follow a schedule in so many stretches of one rate each."""


class RatingUpdates:
    """Makes such updates with what is prepared."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._permuted: tuple[int, Objective] | None = None

    def after(self, position: Position, rate: float, updates: int) -> Position:
        """Where updates lead to, not measured; fewer where a wish to stop comes or a number is not finite.

        They are made on a copy of the weights, in stretches of one rate each.
        """
        choices, watch, n = self._prepared.choices, self._prepared.watch, self._prepared.n_ratings
        vector, done, finite, stopped = position.vector.copy(), 0, True, False
        # A penalty of d * p ** 2 shrinks p by 2 * rate * d in an update, decoupled decay by rate * d.
        decay = 0.5 * choices.weight_decay if is_decoupled(choices) else choices.weight_decay
        while finite and not stopped and done < updates:
            wanted, now = self._stretch(position.step + done, rate, updates - done)
            epoch, first = divmod(position.seen + done, n)
            objective = self._prepared.objective
            if self._prepared.visits.shuffled:
                wanted, objective = min(wanted, n - first), self._shuffled(epoch)
            counted = watch.n_done
            passed = objective.engine.sgd(vector, first, wanted, now, decay)
            done, finite = done + passed.n_updates, passed.finite
            counted += passed.n_updates - watch.n_done
            stopped = passed.n_updates < wanted or (done < updates and watch.ends_after(counted))
        return moved_on(position, vector, done, is_finite=finite)

    def _shuffled(self, epoch: int) -> Objective:
        """All ratings in the order of an epoch; the last one is kept."""
        if self._permuted is None or self._permuted[0] != epoch:
            self._permuted = epoch, self._prepared.objective.chosen(self._prepared.visits.order(epoch))
        return self._permuted[1]

    def _stretch(self, step: int, rate: float, updates: int) -> tuple[int, float]:
        """How many updates to make at one rate from ``step`` on, and that rate: the one half-way through the stretch.

        Stretches begin at the same steps however many updates are asked for at a time.
        """
        schedule = self._prepared.schedule
        if schedule.is_constant:
            return updates, rate
        length = max(1, schedule.n_steps // STRETCHES)
        start = step // length * length
        return min(updates, start + length - step), schedule.at(start + length // 2, rate)[0]
