"""What a run from start to end leaves behind: its curves, its best weights and how long the arithmetic took."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from cfgui.core.curve import Curve
from cfgui.core.early_stopping import BestSoFar
from cfgui.core.evaluation import Onlooker
from cfgui.core.factors import Factors
from cfgui.core.position import StepReport
from cfgui.core.trainer import Trainer

OnLook = Callable[[int, float], None]
"""Told (step, RMSE over the held-out ratings) after every look at them."""


class Standing(NamedTuple):
    """Where a trainer stands: weights that nobody writes to, and what was measured of them."""

    factors: Factors
    step: int
    epoch: int
    loss: float
    rmse: float


class Looks:
    """Advances a trainer, and looks at it after each advance; by a ``watcher`` at the held-out ratings too."""

    def __init__(
        self, trainer: Trainer, watcher: Onlooker | None = None, patience: int = 0, on_look: OnLook | None = None
    ) -> None:
        self._trainer, self._watcher, self._on_look = trainer, watcher, on_look
        self._best: BestSoFar[Standing] = BestSoFar(patience)
        self._seen = trainer.seen
        self._points = [(trainer.step, trainer.rmse)]
        self._held_out: list[tuple[int, float]] = []
        self.stopped_early = False
        self.seconds = 0.0
        self._look()

    def advance(self, updates: int, stop: Callable[[], bool]) -> StepReport:
        """Some updates and a look at where they lead. Raises Diverged."""
        began = time.perf_counter()
        try:
            report = self._trainer.advance(updates, stop)
            if math.isnan(report.rmse):
                report = self._trainer.measure()
        finally:
            self.seconds += time.perf_counter() - began
        if report.step > self._points[-1][0]:
            self._points.append((report.step, report.rmse))
            self._look()
        return report

    def advance_each(self, updates: int, stop: Callable[[], bool]) -> list[StepReport]:
        """Some updates, each with a look, of a sheet many in one call. Only without a watcher. Raises Diverged."""
        began = time.perf_counter()
        try:
            reports = self._trainer.advance_each(updates, stop)
        finally:
            self.seconds += time.perf_counter() - began
        self._points += [(report.step, report.rmse) for report in reports]
        return reports

    def _look(self) -> None:
        if self._watcher is None:
            return
        trainer, rmse = self._trainer, self._watcher.look(self._trainer)
        if math.isnan(rmse):
            return
        self._held_out.append((trainer.step, rmse))
        here = Standing(trainer.factors, trainer.step, trainer.epoch, trainer.loss, trainer.rmse)
        self.stopped_early = self._best.look(trainer.step, rmse, here)
        if self._on_look is not None:
            self._on_look(trainer.step, rmse)

    def cut_after(self, step: int) -> None:
        """Drop the points beyond ``step``: the weights of that step are back."""
        self._points = [point for point in self._points if point[0] <= step]
        self._held_out = [point for point in self._held_out if point[0] <= step]

    @property
    def here(self) -> Standing:
        """Where the trainer stands now."""
        trainer = self._trainer
        return Standing(trainer.factors, trainer.step, trainer.epoch, trainer.loss, trainer.rmse)

    @property
    def best(self) -> Standing | None:
        """Where the held-out RMSE was lowest; None without a watcher."""
        return self._best.payload

    @property
    def best_step(self) -> int | None:
        """The step of the lowest point of the held-out curve, the first of equals; None without one."""
        return min(self._held_out, key=lambda point: point[1])[0] if self._held_out else None

    @property
    def curve(self) -> Curve:
        """RMSE over the ratings learnt from, from the start on."""
        return Curve("run 1", *zip(*self._points, strict=True))

    @property
    def held_out(self) -> Curve | None:
        """RMSE over the held-out ratings; None without a watcher."""
        if self._watcher is None:
            return None
        return Curve("run 1, held out", *zip(*self._held_out, strict=True)) if self._held_out else Curve("")

    @property
    def ratings_per_second(self) -> float:
        """Ratings learnt from in a second of training and looking at them; NaN before any."""
        return (self._trainer.seen - self._seen) / self.seconds if self.seconds else math.nan
