"""A training run: one worker thread with its own copy of the weights, and the newest-wins slot it reports through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from cfgui.app.engine_loading import load_engine
from cfgui.app.holding import HeldOut
from cfgui.app.run_looks import RunLooks
from cfgui.app.run_progress import RunProgress
from cfgui.app.sheet_state import SheetState
from cfgui.app.snapshots import Slot, Snapshot, Widen, unchanged
from cfgui.app.turnstile import TURNSTILE, Turnstile
from cfgui.core.chunks import Interrupted
from cfgui.core.divergence import Diverged
from cfgui.core.engines import COMPILED_FROM
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.trainer import Trainer

__all__ = ["Snapshot", "TrainingRun"]

PATIENCE_SECONDS = 0.03
"""How long somebody who needs a large run to end at once waits for the piece of work in hand."""


class TrainingRun:
    """Train one sheet in the background for a number of steps, or until stopped (``steps`` None).

    The hyperparameters may be changed while it runs. ``pace`` is the most steps a second, None for as fast as possible.
    ``gradient`` names a gradient to use in place of the chosen one (Solve uses "exact"). A run that needs torch waits
    until ``torch_settled()``, and can be stopped meanwhile, which an import could not. ``widen`` is applied, in the
    run's own thread, to each sheet before anybody sees it. On large tables the loss is looked at only after many
    steps (``Trainer.stride``), and a step can be stopped within. ``held`` are the ratings held out of ``ratings``: they
    are looked at whenever the loss is, and the ``patience`` of the hyperparameters ends the run.
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
        widen: Widen = unchanged,
        held: HeldOut | None = None,
    ) -> None:
        self.model = hyperparameters.model
        self.hyperparameters = hyperparameters
        self._ratings, self._start, self._steps, self._pace = ratings, sheet, steps, pace
        self._gradient, self._turnstile, self._held = gradient, turnstile, held
        self._torch_settled = torch_settled
        self._stop = threading.Event()
        self._slot = Slot(widen)
        self._may_take_long = ratings.n_ratings >= COMPILED_FROM or widen is not unchanged
        self._thread = threading.Thread(target=self._work, name="training", daemon=False)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to end after the step it is in; returns at once."""
        self._stop.set()

    def join(self) -> None:
        """Wait until the worker has ended, unless ``end`` has left it to itself."""
        if not self._slot.closed:
            self._thread.join()

    def end(self) -> None:
        """Stop, wait, and leave the last snapshot to be taken.

        A sheet's worker ends within a step, about a millisecond. That of a large table, or of a part of one, may need
        longer than a window can wait: after a moment its newest snapshot, if it has made any, counts as the end, and it
        ends unheard.
        """
        self._stop.set()
        self._thread.join(PATIENCE_SECONDS if self._may_take_long else None)
        if self._thread.is_alive():
            self._slot.close()

    def take(self) -> Snapshot | None:
        """The newest snapshot nobody has taken yet, or None."""
        return self._slot.take()

    def _work(self) -> None:
        progress = RunProgress(self._start, self.hyperparameters, self._ratings.n_ratings)
        try:
            self._train(progress)
        except Interrupted:
            self._slot.put(replace(progress.snapshot(), done=True))
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window shows the sentence
            self._slot.put(replace(progress.snapshot(), done=True, problem=f"Training stopped: {error}"))

    def _train(self, progress: RunProgress) -> None:
        start = self._start
        self._prepare(self.hyperparameters)
        trainer = Trainer(
            self._ratings,
            start.factors,
            self.hyperparameters,
            step=start.step,
            seen=start.seen,
            optimizer_state=start.optimizer_state,
            gradient=self._gradient,
            stop=self._stop.is_set,
        )
        progress.begin(trainer, RunLooks(self._ratings, self._held, start, self.hyperparameters, self._is_stopped))
        problem: Diverged | None = None
        try:
            self._loop(trainer, progress)
        except Diverged as error:
            problem = error
            progress.cut_after(error.good_step)
        last = replace(progress.snapshot(trainer), done=True, stop_reason=trainer.stop_reason)
        if problem is not None:
            last = replace(last, diverged=True, problem=str(problem), suggested_rate=problem.suggestion or 0.0)
        self._slot.put(last)

    def _loop(self, trainer: Trainer, progress: RunProgress) -> None:
        due = time.perf_counter()
        while not self._is_over(trainer, progress):
            self._turnstile.pass_through()
            hyperparameters = self.hyperparameters
            if trainer.hyperparameters is not hyperparameters:
                self._prepare(hyperparameters)
                trainer.hyperparameters = hyperparameters
                progress.describe(hyperparameters)
            updates = self._updates(trainer, progress)
            progress.look(trainer, updates)
            progress.add(trainer.advance(updates, lambda: self._is_cut_short(trainer, progress)), trainer)
            if self._slot.is_due():
                self._slot.put(progress.snapshot(trainer))
            due = self._keep_pace(due)

    def _is_over(self, trainer: Trainer, progress: RunProgress) -> bool:
        enough = progress.n_steps == self._steps or progress.stopped_early
        return self._stop.is_set() or trainer.finished or enough

    def _updates(self, trainer: Trainer, progress: RunProgress) -> int:
        """How many updates to make until the loss is looked at again."""
        if self._pace is not None:
            return 1
        return trainer.stride if self._steps is None else min(trainer.stride, self._steps - progress.n_steps)

    def _is_cut_short(self, trainer: Trainer, progress: RunProgress) -> bool:
        """Whether steps that take long are to end now; asked often while they go on, and tells how far they are."""
        self._turnstile.pass_through()
        if self._slot.is_due():
            self._slot.put(progress.within(trainer))
        return self._stop.is_set() or self.hyperparameters is not trainer.hyperparameters

    def _is_stopped(self) -> bool:
        """Whether the run is to end; asked while held-out ratings are looked at, and lets the window go first."""
        self._turnstile.pass_through()
        return self._stop.is_set()

    def _prepare(self, hyperparameters: Hyperparameters) -> None:
        """Make ready what these hyperparameters compute with. Raises Interrupted when the run was stopped meanwhile."""
        load_engine(
            self._ratings, self._start.factors, hyperparameters, self._stop.is_set, self._torch_settled, self._gradient
        )

    def _keep_pace(self, due: float) -> float:
        """Wait for the next step's turn; returns when the one after it is due."""
        if self._pace is None:
            return due
        due += 1.0 / self._pace
        self._stop.wait(max(0.0, due - time.perf_counter()))
        return due
