"""What is tried out beside the sheet: looking for a rate and evaluating, each in a window of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from cfgui.app.changes import Changes
from cfgui.app.session import Session
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.models import MODELS
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.gui.bridge import Bridge
from cfgui.gui.theme import Theme

if TYPE_CHECKING:  # not in earnest: the window opens without what is needed only to try things out
    from cfgui.app.evaluation_job import EvaluationJob, EvaluationWish
    from cfgui.app.rate_job import RateJob
    from cfgui.gui.evaluation_dialog import EvaluationDialog
    from cfgui.gui.rate_finder_dialog import RateFinderDialog


class TrialActions(QObject):
    """Both windows, made when first asked for; they stay until the main one goes, shown or hidden.

    ``rate_chosen`` (name of the option, rate); ``wanted`` (an address: "user 14") asks to go there on the sheet;
    ``said`` (sentence, is a problem) speaks.
    """

    rate_chosen = Signal(str, object)
    wanted = Signal(str)
    said = Signal(str, bool)

    def __init__(self, session: Session, bridge: Bridge, loader: TorchLoader, window: QWidget) -> None:
        super().__init__()
        self._session, self._bridge, self._loader, self._window = session, bridge, loader, window
        self.rates: RateFinderDialog | None = None
        self.evaluation: EvaluationDialog | None = None
        session.subscribe(self._changed)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The functions behind the commands."""
        return {"train.find_rate": self.find_rate, "train.evaluate": self.evaluate}

    def find_rate(self) -> None:
        """Look for a rate, from the weights there are now; a run in progress is paused for it."""
        if not self._can_begin():
            return
        if self._bridge.running:
            self._bridge.stop_and_wait()
            self.said.emit("The run was paused to look for a rate: press Run to go on.", False)
        if self.rates is None:
            from cfgui.gui.rate_finder_dialog import RateFinderDialog

            self.rates = RateFinderDialog(self._rate_job, self._window)
            self.rates.rate_chosen.connect(lambda rate: self.rate_chosen.emit("learning_rate", rate))
        _bring_up(self.rates)
        self.rates.look()

    def evaluate(self) -> None:
        """Open the window that evaluates; it begins when its button is pressed."""
        if not self._can_begin():
            return
        if self.evaluation is None:
            from cfgui.gui.evaluation_dialog import EvaluationDialog

            self.evaluation = EvaluationDialog(self._evaluation_job, self._window)
            self.evaluation.wanted.connect(self.wanted)
        self._show_model()
        self.evaluation.fields.show_split(self._session.split_choice)
        _bring_up(self.evaluation)
        self.evaluation.evaluate_button.setFocus()

    def _rate_job(self) -> RateJob:
        from cfgui.app.rate_job import RateJob

        return RateJob(self._session, self._torch_settled)

    def _evaluation_job(self, wish: EvaluationWish) -> EvaluationJob:
        from cfgui.app.evaluation_job import EvaluationJob

        return EvaluationJob(self._session, wish, self._torch_settled)

    def _torch_settled(self) -> bool:
        return self._loader.settled

    def _can_begin(self) -> bool:
        if not self._session.scope.ratings.n_ratings:
            self.said.emit("There are no ratings to train on: type some into the ratings block first.", True)
            return False
        if self._session.hyperparameters.gradient == "autograd" and self._loader.problem:
            self.said.emit(self._loader.problem, True)
            return False
        return True

    # What changed

    def _changed(self, changes: Changes) -> None:
        if not (changes.choices or changes.document or changes.ratings or changes.view):
            return
        session = self._session
        if self.rates is not None:
            self.rates.note_choices(session.active, session.hyperparameters.optimizer)
        if self.evaluation is not None:
            self._show_model()

    def _show_model(self) -> None:
        session, choices = self._session, self._session.hyperparameters
        which = " on what is shown" if session.trains_visible and not session.view.is_whole else ""
        words = f"{MODELS[session.active].sheet} by {OPTIMIZER_DEFAULTS[choices.optimizer].label}{which}"
        if self.evaluation is not None:
            self.evaluation.show_model(f"Evaluates {words}, with the choices in force.", session.ratings.scale[1])

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for dialog in (self.rates, self.evaluation):
            if dialog is not None:
                dialog.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes: end what is in hand, but let a file be written to its end."""
        if self.rates is not None:
            self.rates.work.finish()
        if self.evaluation is not None:
            self.evaluation.work.finish()
            self.evaluation.writing.finish()


def _bring_up(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
