"""What a training run has come to so far: its curves, its sheet and its speed."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from cfgui.app.run_looks import RunLooks
from cfgui.app.sheet_state import SheetState, up_to_date
from cfgui.app.snapshots import Snapshot
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.position import StepReport
from cfgui.core.trainer import Trainer


def described(hyperparameters: Hyperparameters) -> str:
    """A way of training in a few words: "adam, rate 0.05"."""
    label = OPTIMIZER_DEFAULTS[hyperparameters.optimizer].label
    if hyperparameters.optimizer in ("lbfgs", "als", "gibbs"):  # they take no rate
        return label
    if not any(letter.isupper() for letter in label[1:]):  # unlike SGD, RMSprop and AdamW
        label = label.lower()
    return f"{label}, rate {hyperparameters.rate:g}"


class RunProgress:
    """The curve of a run so far, the weights before its newest step, and how fast it goes. For the worker only."""

    def __init__(self, start: SheetState, hyperparameters: Hyperparameters, n_ratings: int) -> None:
        self._sheet, self._n_ratings = start, n_ratings
        self._curve = start.curve
        self._steps: list[int] = []
        self._rmses: list[float] = []
        self._ahead: Factors | None = None
        self._before: Factors | None = start.factors
        self._start_step = self._step = start.step
        self._began = time.perf_counter()
        self._engine, self._speed = "", 0.0
        self._marked, self._marked_seen = self._began, start.seen
        self._look_began, self._expected = self._began, 1
        self._hyperparameters = hyperparameters
        self._looks: RunLooks | None = None
        self.n_steps = 0

    @property
    def stopped_early(self) -> bool:
        """Whether patience with the held-out ratings is at its end."""
        return self._looks is not None and self._looks.stopped_early

    def begin(self, trainer: Trainer, looks: RunLooks) -> None:
        """Let the curves begin where the trainer does."""
        self._curve = up_to_date(self._curve, trainer.step, trainer.rmse)
        self._looks = looks
        looks.begin(trainer, self._hyperparameters)
        self._marked = time.perf_counter()
        self.describe(self._hyperparameters)

    def describe(self, hyperparameters: Hyperparameters) -> None:
        """Let the curve's label say how the run goes on."""
        self._hyperparameters = hyperparameters
        if self._looks is not None:
            self._looks.choose(hyperparameters)
        self._flush()
        self._curve = self._curve.extended([], [], f"run {self._sheet.run} · {described(hyperparameters)}")

    def look(self, trainer: Trainer, updates: int) -> None:
        """Remember where the trainer stands before some updates."""
        self._ahead, self._engine = trainer.factors, trainer.engine
        batch = self._hyperparameters.batch(self._n_ratings)
        self._look_began, self._expected = time.perf_counter(), updates * batch + self._n_ratings

    def add(self, report: StepReport, trainer: Trainer) -> None:
        """Take in how those updates ended."""
        if report.step == self._step:
            return
        if not math.isnan(report.rmse):
            self._steps.append(report.step)
            self._rmses.append(report.rmse)
            if self._looks is not None:
                self._looks.look(trainer)
        self.n_steps += report.step - self._step
        self._step, self._before = report.step, self._ahead

    def cut_after(self, step: int) -> None:
        """Drop the points beyond ``step``: the weights of that step are back."""
        self._flush()
        self._curve = self._curve.up_to(step)
        if self._looks is not None:
            self._looks.cut_after(step)
        self._before = None

    def _flush(self) -> None:
        if self._steps:
            self._curve = self._curve.extended(self._steps, self._rmses)
            self._steps, self._rmses = [], []

    def snapshot(self, trainer: Trainer | None = None) -> Snapshot:
        """Where the run stands; without a trainer, where it stood when last asked."""
        self._flush()
        now = time.perf_counter()
        if trainer is not None:
            self._show(trainer)
            if trainer.seen > self._marked_seen:
                self._speed = (trainer.seen - self._marked_seen) / (now - self._marked)
                self._marked, self._marked_seen = now, trainer.seen
        return Snapshot(
            self._sheet,
            seconds=now - self._began,
            # Counted from the sheet shown: after a failure that is an earlier one than the last step's.
            n_steps=self._sheet.step - self._start_step,
            engine=self._engine,
            ratings_per_second=self._speed,
            stopped_early=self.stopped_early,
        )

    def _show(self, trainer: Trainer) -> None:
        """Bring the sheet up to date; one that is stays the same object."""
        is_new = self._sheet.step != trainer.step or self._sheet.curve is not self._curve
        if is_new:
            self._sheet = replace(
                self._sheet,
                factors=trainer.factors,
                step=trainer.step,
                seen=trainer.seen,
                curve=self._curve,
                optimizer_state=trainer.optimizer_state,
                before=self._before,
            )
            if self._looks is not None:
                looks = self._looks
                samples = looks.samples(self._sheet.factors)
                self._sheet = replace(self._sheet, held_out=looks.curve, best=looks.best, samples=samples)

    def within(self, trainer: Trainer) -> Snapshot:
        """Where the run stands in the middle of steps that take long."""
        snapshot = self.snapshot(trainer)
        seconds = max(time.perf_counter() - self._look_began, 1e-6)
        return replace(
            snapshot,
            progress=min(trainer.n_done / self._expected, 0.99),
            ratings_per_second=self._speed or trainer.n_done / seconds,
        )
