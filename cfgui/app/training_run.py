"""A training run: one worker thread with its own copy of the weights, and the newest-wins slot it reports through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cfgui.app.sheet_state import SheetState, up_to_date
from cfgui.app.turnstile import TURNSTILE, Turnstile
from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import OPTIMIZER_DEFAULTS, Hyperparameters
from cfgui.core.models import rmse
from cfgui.core.ratings import Ratings
from cfgui.core.trainer import Diverged, Trainer

PUBLISH_SECONDS = 0.025
"""How often a run makes a copy of its weights for the window: a little faster than the window looks."""


@dataclass(frozen=True)
class Snapshot:
    """Where a run stands: the sheet as it would be if the run ended now, and how the run ended if it has.

    ``problem`` is the sentence to show when the run diverged or failed, ``suggested_rate`` a smaller rate to try after
    it diverged (0: none); ``stop_reason`` is an optimizer's own word for why nothing is left to do.
    """

    sheet: SheetState
    done: bool = False
    diverged: bool = False
    problem: str = ""
    suggested_rate: float = 0.0
    stop_reason: str = ""
    seconds: float = 0.0
    n_steps: int = 0


class TrainingRun:
    """Train one sheet in the background for a number of steps, or until stopped (``steps`` None).

    The hyperparameters may be changed while it runs. ``pace`` is the most steps a second, None for as fast as possible.
    ``gradient`` names a gradient to use in place of the chosen one (Solve uses "exact"). A run that needs torch waits
    until ``torch_settled()``, and can be stopped meanwhile, which an import could not.
    """

    def __init__(
        self,
        ratings: Ratings,
        sheet: SheetState,
        hyperparameters: Hyperparameters,
        *,
        steps: int | None,
        pace: float | None = None,
        gradient: str | None = None,
        torch_settled: Callable[[], bool] = lambda: True,
        turnstile: Turnstile = TURNSTILE,
    ) -> None:
        self.model = hyperparameters.model
        self.hyperparameters = hyperparameters
        self._ratings, self._start, self._steps, self._pace = ratings, sheet, steps, pace
        self._gradient, self._turnstile = gradient, turnstile
        self._torch_settled = torch_settled
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._thread = threading.Thread(target=self._work, name="training", daemon=False)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to end after the step it is in; returns at once."""
        self._stop.set()

    def join(self) -> None:
        """Wait until the worker has ended."""
        self._thread.join()

    def take(self) -> Snapshot | None:
        """The newest snapshot nobody has taken yet, or None."""
        with self._lock:
            newest, self._newest = self._newest, None
            return newest

    def _put(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._newest = snapshot

    def _work(self) -> None:
        progress = _Progress(self._start, rmse(self._start.factors, self._ratings), self.hyperparameters)
        try:
            self._train(progress)
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window shows the sentence
            self._put(replace(progress.snapshot(), done=True, problem=f"Training stopped: {error}"))

    def _train(self, progress: _Progress) -> None:
        start = self._start
        if not self._torch_waited(self.hyperparameters):
            self._put(replace(progress.snapshot(), done=True))
            return
        trainer = Trainer(
            self._ratings,
            start.factors,
            self.hyperparameters,
            step=start.step,
            seen=start.seen,
            optimizer_state=start.optimizer_state,
            gradient=self._gradient,
        )
        problem: Diverged | None = None
        try:
            self._loop(trainer, progress)
        except Diverged as error:
            problem = error
            progress.cut_after(error.good_step)
        last = replace(progress.snapshot(trainer), done=True, stop_reason=trainer.stop_reason)
        if problem is not None:
            last = replace(last, diverged=True, problem=str(problem), suggested_rate=problem.suggestion or 0.0)
        self._put(last)

    def _loop(self, trainer: Trainer, progress: _Progress) -> None:
        published = time.perf_counter()
        due = published
        while not self._stop.is_set() and not trainer.finished and progress.n_steps != self._steps:
            self._turnstile.pass_through()
            hyperparameters = self.hyperparameters
            if trainer.hyperparameters is not hyperparameters:
                if not self._torch_waited(hyperparameters):
                    return
                trainer.hyperparameters = hyperparameters
                progress.describe(hyperparameters)
            before = trainer.factors
            report = trainer.advance()
            progress.add(report.step, report.rmse, before)
            now = time.perf_counter()
            if now - published >= PUBLISH_SECONDS:
                self._put(progress.snapshot(trainer))
                published = now
            due = self._keep_pace(due)

    def _torch_waited(self, hyperparameters: Hyperparameters) -> bool:
        """Wait for torch where these hyperparameters need it; False when the run was stopped meanwhile."""
        if (self._gradient or hyperparameters.gradient) == "autograd":
            while not self._torch_settled():
                if self._stop.wait(0.01):
                    return False
        return True

    def _keep_pace(self, due: float) -> float:
        """Wait for the next step's turn; returns when the one after it is due."""
        if self._pace is None:
            return due
        due += 1.0 / self._pace
        self._stop.wait(max(0.0, due - time.perf_counter()))
        return due


def described(hyperparameters: Hyperparameters) -> str:
    """A way of training in a few words: "adam, rate 0.05"."""
    label = OPTIMIZER_DEFAULTS[hyperparameters.optimizer].label
    if hyperparameters.optimizer == "lbfgs":
        return label
    label = label if label[:2].isupper() else label[0].lower() + label[1:]
    return f"{label}, rate {hyperparameters.rate:g}"


class _Progress:
    """The curve of a run so far and the weights before its newest step."""

    def __init__(self, start: SheetState, rmse: float, hyperparameters: Hyperparameters) -> None:
        self._sheet = start
        self._curve = up_to_date(start.curve, start.step, rmse)
        self._steps: list[int] = []
        self._rmses: list[float] = []
        self._before: Factors | None = start.factors
        self._start_step = start.step
        self._began = time.perf_counter()
        self.n_steps = 0
        self.describe(hyperparameters)

    def describe(self, hyperparameters: Hyperparameters) -> None:
        """Let the curve's label say how the run goes on."""
        self._flush()
        self._curve = self._curve.extended([], [], f"run {self._sheet.run} · {described(hyperparameters)}")

    def add(self, step: int, rmse: float, before: Factors) -> None:
        self._steps.append(step)
        self._rmses.append(rmse)
        self.n_steps += 1
        self._before = before

    def cut_after(self, step: int) -> None:
        """Drop the points beyond ``step``: the weights of that step are back."""
        self._flush()
        keep = int((self._curve.steps <= step).sum())
        self._curve = Curve(self._curve.label, self._curve.steps[:keep], self._curve.rmses[:keep])
        self._before = None

    def _flush(self) -> None:
        if self._steps:
            self._curve = self._curve.extended(self._steps, self._rmses)
            self._steps, self._rmses = [], []

    def snapshot(self, trainer: Trainer | None = None) -> Snapshot:
        """Where the run stands; without a trainer, where it stood when last asked."""
        self._flush()
        if trainer is not None:
            self._sheet = replace(
                self._sheet,
                factors=trainer.factors,
                step=trainer.step,
                seen=trainer.seen,
                curve=self._curve,
                optimizer_state=trainer.optimizer_state,
                before=self._before,
            )
        # Counted from the sheet shown: after a failure that is an earlier one than the last step's.
        n_steps = self._sheet.step - self._start_step
        return Snapshot(self._sheet, seconds=time.perf_counter() - self._began, n_steps=n_steps)
