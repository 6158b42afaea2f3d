"""What the Train menu does: steps, runs, Solve, Reset, new weights, and the choices bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cfgui.app.edits import ClearEarlierCurves, NewWeights, Reset, RestoreBest
from cfgui.app.holding_words import best_sentence
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.torch_loading import TorchLoader
from cfgui.app.words import counted
from cfgui.gui.actions import when_on
from cfgui.gui.bridge import Bridge
from cfgui.gui.choosing import Choosing

if TYPE_CHECKING:
    from cfgui.app.training_run import Snapshot
    from cfgui.core.presets import Preset


class TrainingActions(QObject):
    """Turns commands and choices into edits and runs.

    ``edited`` (Edit) asks the window to apply an edit; ``ran`` (words, state before) to make a run undoable; ``said``
    (sentence, is a problem) speaks; ``offered`` (sentence, buttons) offers; ``solved`` (its ``AnswerReport``)
    follows Solve; ``running_changed`` follows each start and end of a run.
    """

    edited = Signal(object)
    ran = Signal(str, object)
    said = Signal(str, bool)
    offered = Signal(str, object)
    solved = Signal(object)
    running_changed = Signal()

    def __init__(self, session: Session, bridge: Bridge, loader: TorchLoader) -> None:
        super().__init__()
        self._session, self._bridge, self._loader = session, bridge, loader
        self.choosing = Choosing(session)
        self._solving = False
        self._waiting = False
        self.pace: float | None = None
        self.choosing.edited.connect(self.edited)
        self.choosing.said.connect(self.said)
        self.choosing.changed.connect(self._choices_changed)
        self.choosing.preset_used.connect(self._preset_used)
        bridge.finished.connect(self._finished)
        bridge.started.connect(self.running_changed)
        bridge.progressed.connect(self._first_snapshot)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command of this menu."""
        return {
            "train.reset": self.reset,
            "train.random": self.new_weights,
            "train.step": self.step,
            "train.steps5": self.five_steps,
            "train.epoch": self.epoch,
            "train.run": self.run_or_pause,
            "train.solve": self.solve,
            "train.pace_full": when_on(lambda: self.set_pace(None)),
            "train.pace_30": when_on(lambda: self.set_pace(30.0)),
            "train.pace_3": when_on(lambda: self.set_pace(3.0)),
            "train.clear_curves": self.clear_curves,
            "train.restore_best": self.restore_best,
        }

    @property
    def running(self) -> bool:
        """Whether weights are being trained now."""
        return self._bridge.running

    @property
    def waits_for_torch(self) -> bool:
        """Whether a run has begun that needs torch, which is still loading: no step has been made yet."""
        return self._waiting and self._bridge.running

    def _first_snapshot(self) -> None:
        if self._waiting:
            self._waiting = False
            self.running_changed.emit()

    def set_pace(self, pace: float | None) -> None:
        """The most steps a second of the next run, None for as fast as possible."""
        self.pace = pace

    # Steps

    def step(self) -> None:
        """One update."""
        self._start(1)

    def five_steps(self) -> None:
        """Five updates."""
        self._start(5)

    def epoch(self) -> None:
        """To the end of the pass over the ratings that train."""
        self._start(self._left_of_epoch())

    def train_epochs(self, n_epochs: int) -> None:
        """So many passes over the ratings that train, from here."""
        n = self._session.scope.ratings.n_ratings
        self._start(n_epochs * self._session.hyperparameters.steps_per_epoch(n))

    def _left_of_epoch(self) -> int:
        scope, sheet = self._session.scope, self._session.sheet(self._session.active)
        n, batch = scope.ratings.n_ratings, self._session.hyperparameters.batch(scope.ratings.n_ratings)
        seen = sheet.seen if scope.trained(sheet) else 0  # others trained last: the pass begins
        left = n - seen % n if n and batch < n else batch
        return -(-left // batch) if n else 1

    def run_or_pause(self) -> None:
        """Step until pressed again."""
        if self.running:
            self._bridge.stop()
        else:
            self._start(None)

    def solve(self) -> None:
        """Minimise to the optimum with L-BFGS and the exact gradient."""
        if self.running or not self._can_train():
            return
        self._solving = True
        choices = replace(self._session.hyperparameters, optimizer="lbfgs", learning_rate=None)
        self._bridge.start(choices, steps=None, gradient="exact")

    def _start(self, steps: int | None) -> None:
        if self.running or not self._can_train():
            return
        if self._session.hyperparameters.gradient == "autograd" and self._loader.problem:
            self.said.emit(self._loader.problem, True)
            return
        self._solving = False
        self._waiting = self._session.hyperparameters.gradient == "autograd" and not self._loader.ready
        pace = self.pace if steps is None else None
        self._bridge.start(self._session.hyperparameters, steps=steps, pace=pace)

    def _can_train(self) -> bool:
        if not self._session.ratings.n_ratings:
            self.said.emit("There are no ratings to train on: type some into the ratings block first.", True)
            return False
        scope = self._session.scope
        if not scope.ratings.n_ratings:
            way_out = "show others, or train on all ratings" if scope.held is None else "hold fewer out"
            where = "shown" if scope.held is None else "to train on"
            self.said.emit(f"There is no rating among those {where}: {way_out}.", True)
            return False
        return True

    def _finished(self, model: str, before: State, snapshot: Snapshot) -> None:
        solving, self._solving, self._waiting = self._solving, False, False
        self.running_changed.emit()
        if snapshot.n_steps:
            words = "solve" if solving else counted(snapshot.n_steps, "step")
            self.ran.emit(words, before)
        if snapshot.suggested_rate:
            rate = snapshot.suggested_rate
            self.offered.emit(snapshot.problem, [(f"Use {rate:g}", lambda: self.choose("learning_rate", rate))])
        elif snapshot.problem:
            self.said.emit(snapshot.problem, True)
        elif snapshot.stopped_early:
            self._end_early(model)
        elif solving and snapshot.n_steps and not self._bridge.cut_short:
            from cfgui.app.solve_report import make_answer_report

            self.solved.emit(make_answer_report(self._session, model, before, snapshot))
        elif snapshot.n_steps > 1 and not self._bridge.cut_short:
            self._offer_best(model)

    # The best weights so far

    def restore_best(self) -> None:
        """Back to where the held-out RMSE was lowest."""
        session, model = self._session, self._session.active
        best = session.best(model)
        if best is None:
            self.said.emit("No run has looked at held-out ratings yet: hold some out and train first.", True)
        elif session.sheet(model).is_at_best:
            self.said.emit(f"The weights of step {best.step:,} are the best so far.", False)
        else:
            self.edited.emit(RestoreBest(model))
            self.said.emit(f"The weights of step {best.step:,} are back: held-out RMSE {best.rmse:.4f}.", False)

    def _offer_best(self, model: str) -> None:
        """After a run that went beyond the lowest held-out RMSE, offer to go back there."""
        best, now = self._session.best(model), self._session.rmse(model, held_out=True)
        if best is not None and best.rmse < now:
            self.offered.emit(best_sentence(self._session, model), [("Restore", self.restore_best)])

    def _end_early(self, model: str) -> None:
        """Patience has ended a run: bring its best weights back, as that choice promises."""
        session, best = self._session, self._session.best(model)
        looks = counted(session.hyperparameters.patience, "look")
        why = f"Stopped early: {looks} without a better held-out RMSE."
        if best is None or best.step >= session.sheet(model).step:
            self.said.emit(why, False)
            return
        self.edited.emit(RestoreBest(model))
        self.said.emit(f"{why} The weights of step {best.step:,} are back, RMSE {best.rmse:.4f}.", False)

    # Weights

    def reset(self) -> None:
        """Back to the starting weights."""
        self.edited.emit(Reset(self._session.active))
        sheet = self._session.sheet(self._session.active)
        self.said.emit(f"Reset to {sheet.start_name} starting weights.", False)

    def new_weights(self) -> None:
        """New random weights: from the seed shown, or from the next one when that is in use already."""
        session = self._session
        seed = session.hyperparameters.seed
        if session.sheet(session.active).start_name == f"seed {seed}'s":
            seed = (seed + 1) % 2**31
        init = session.hyperparameters.init
        self.edited.emit(NewWeights(session.active, seed, init, session.part_that_trains))
        session.choose(seed=seed)
        self.said.emit(f"New random weights from seed {seed}.", False)

    def clear_curves(self) -> None:
        """Forget earlier curves."""
        if self._session.sheet(self._session.active).earlier:
            self.edited.emit(ClearEarlierCurves(self._session.active))

    # Choices

    def choose(self, name: str, value: object) -> None:
        """Take over one choice, also in the middle of a run."""
        self.choosing.choose(name, value)

    def _choices_changed(self) -> None:
        if not self._solving:
            self._bridge.change(self._session.hyperparameters)

    def _preset_used(self, preset: Preset) -> None:
        """Say what a preset did, and offer to train as long as its source does."""
        seed, epochs = self._session.hyperparameters.seed, preset.epochs
        words = f"{preset.label}: all choices set, new weights from seed {seed}."
        self.offered.emit(words, [(f"Train {counted(epochs, 'epoch')}", lambda: self.train_epochs(epochs))])
