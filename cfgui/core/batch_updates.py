"""Batch updates: one after another by an optimizer, each from the slope of a batch of the ratings, or of all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cfgui.core.batch_gradients import BatchGradient
from cfgui.core.chunks import Interrupted
from cfgui.core.decay import is_by_rows, penalty_decay, row_shares
from cfgui.core.engines import gradient_of
from cfgui.core.objective import Objective
from cfgui.core.optimizer_state import Pace
from cfgui.core.position import Position, sealed
from cfgui.core.preparation import Prepared
from cfgui.core.ratings import Indices


class BatchUpdates:
    """Makes such updates with what is prepared."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared, choices = prepared, prepared.choices
        way = gradient_of(prepared.engine, prepared.slope)
        self._slope = None if prepared.engine == "compiled" else BatchGradient(choices, way)
        self._is_drawn = bool(prepared.shape.layers) and choices.dropout > 0.0

    def after(self, position: Position, rate: float, updates: int) -> Position:
        """Where updates lead to, not measured; fewer where a wish to stop comes or the optimizer has finished."""
        try:
            for done in range(updates):
                if done:
                    self._prepared.watch.passed(0)
                position = self._once(position, rate)
                if position.stop_reason:
                    break
        except Interrupted:
            pass
        return position

    def _once(self, position: Position, rate: float) -> Position:
        it, n = self._prepared, self._prepared.n_ratings
        objective = it.objective if it.choices.batch(n) == n else self._batch(it.visits.block(position.seen))
        if self._is_drawn:
            objective = replace(objective, step=position.step)
        pace = Pace(*it.schedule.at(position.step, rate), it.decay, it.choices.steps_per_epoch(n))
        vector, state, stop_reason = it.optimizer.update(objective, position.vector, position.state, pace)
        if objective.free is not None:
            # Whatever an optimizer remembers from before: frozen weights stay to the bit.
            vector = np.where(objective.free > 0.0, vector, position.vector)
        seen = position.seen + len(objective.values)
        return Position(sealed(vector), state, position.step + 1, seen, None, stop_reason)

    def _batch(self, block: slice | Indices) -> Objective:
        """The loss of some of the ratings, each with its part of the decay."""
        it = self._prepared
        part = it.objective.chosen(block)
        if self._slope is not None:
            return replace(part, slope=self._slope)
        if not is_by_rows(it.choices):
            return part
        shares = row_shares(it.shape, part.users, part.movies)
        return replace(part, decay=penalty_decay(it.shape, it.choices) * shares)
