"""The only crossing between threads: a timer on the window's thread looks for the newest snapshot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from cfgui.app.scope import Measured
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.snapshots import Snapshot, unchanged
from cfgui.core.hyperparameters import Hyperparameters

if TYPE_CHECKING:
    from cfgui.app.training_run import TrainingRun

FRAME_MS = 33
FIRST_LOOKS = 12
"""A single step is done in a moment: look sooner at first (every 3 ms), then at the display's pace."""


class Bridge(QObject):
    """Runs training in the background and hands the session its snapshots, about 30 a second.

    ``started``; ``progressed`` (Snapshot) after each snapshot the session took; ``finished`` (model, state
    before the run, Snapshot) once at the end.
    """

    started = Signal()
    progressed = Signal(object)
    finished = Signal(str, object, object)

    def __init__(self, session: Session, torch_settled: Callable[[], bool]) -> None:
        super().__init__()
        self._torch_settled = torch_settled
        self.cut_short = False
        self._session = session
        self._run: TrainingRun | None = None
        self._before: State | None = None
        self._looks = 0
        self._scope, self._whole = session.scope, session.sheet(session.active)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    def torch_settled(self) -> bool:
        """Whether torch is loaded, or known to be absent; for any thread."""
        return self._torch_settled()

    @property
    def running(self) -> bool:
        """Whether a run is in progress."""
        return self._run is not None

    def start(
        self,
        hyperparameters: Hyperparameters,
        *,
        steps: int | None,
        pace: float | None = None,
        gradient: str | None = None,
    ) -> None:
        """Train the sheet of ``hyperparameters.model``; does nothing while a run is in progress."""
        if self._run is not None:
            return
        from cfgui.app.training_run import TrainingRun  # late: with it comes all that trains

        self._before = self._session.state
        self._scope, self._whole = self._session.scope, self._session.sheet(hyperparameters.model)
        self._run = TrainingRun(
            self._scope.ratings,
            self._scope.narrowed(self._whole),
            hyperparameters,
            steps=steps,
            pace=pace,
            gradient=gradient,
            torch_settled=self._torch_settled,
            widen=unchanged if self._scope.view is None else partial(self._scope.widened, whole=self._whole),
            held=self._scope.held,
        )
        self._looks = 0
        self._run.start()
        self._timer.start(3)
        self.started.emit()

    def change(self, hyperparameters: Hyperparameters) -> None:
        """Give a run in progress new hyperparameters; its weights go on."""
        if self._run is not None and hyperparameters.model == self._run.model:
            self._run.hyperparameters = hyperparameters

    def stop(self) -> None:
        """Ask the run to end; ``finished`` follows."""
        if self._run is not None:
            self._run.stop()

    def stop_and_wait(self) -> None:
        """End the run now, because something else is to happen: ``finished`` has been emitted when this returns.

        It waits for the step in hand, about a millisecond on a sheet. On a large table it does not wait for long, and
        what the run came to after its newest snapshot may be lost. ``cut_short`` is True meanwhile.
        """
        run = self._run
        if run is not None:
            self.cut_short = True
            run.end()
            self._look()
            if self._run is not None:  # it had nothing to show yet
                self._end(run, Snapshot(self._whole, done=True))
            self.cut_short = False

    def _look(self) -> None:
        run = self._run
        if run is None:
            return
        self._looks += 1
        if self._looks == FIRST_LOOKS:
            self._timer.setInterval(FRAME_MS)
        snapshot = run.take()
        if snapshot is None:
            return
        try:
            self._take(run.model, snapshot)
        finally:  # whatever a watcher does with it, the run is over
            if snapshot.done:
                self._end(run, snapshot)
        if not snapshot.done:
            self.progressed.emit(snapshot)

    def _take(self, model: str, snapshot: Snapshot) -> None:
        """Put the trained weights into the session, with the RMSE they are known to have."""
        sheet = snapshot.sheet
        if sheet is self._session.sheet(model):  # in the middle of a long step
            return
        last = sheet.curve.last
        if last is not None and last.step == sheet.step:
            measured = Measured(sheet.factors, self._session.ratings, self._scope)
            self._session.foresee_rmse(model, measured, last.rmse)
        held_out = sheet.held_out.last
        if self._scope.held is not None and held_out is not None and held_out.step == sheet.step:
            measured = Measured(sheet.factors, self._session.ratings, self._scope, held_out=True)
            self._session.foresee_rmse(model, measured, held_out.rmse)
        self._session.restore(self._session.state.trained(model, sheet))

    def _end(self, run: TrainingRun, snapshot: Snapshot) -> None:
        self._timer.stop()
        run.join()
        before, self._run, self._before = self._before, None, None
        self.finished.emit(run.model, before, snapshot)
