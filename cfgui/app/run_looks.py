"""What a run sees of the held-out ratings: their curve, where it was lowest, and the draws of sampling."""

from __future__ import annotations

import math

from cfgui.app.holding import HeldOut
from cfgui.app.sampling import Sampling
from cfgui.app.sheet_state import SheetState, up_to_date
from cfgui.core.chunks import Stop
from cfgui.core.curve import Curve
from cfgui.core.early_stopping import Best, BestSoFar
from cfgui.core.evaluation import HeldOutWatcher
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.trainer import Trainer


class RunLooks:
    """Looks at a trainer at the same moments as the loss is looked at. For the worker only.

    ``held`` is None where nothing is held out. Patience counts the looks of this run; the best point is that of the
    curve, earlier runs of the same sheet included. Of Gibbs sampling, whose weights are one draw of many, no point is
    best.
    """

    def __init__(
        self, train: Ratings, held: HeldOut | None, start: SheetState, choices: Hyperparameters, stop: Stop
    ) -> None:
        self._train, self._held, self._stop = train, held if held and held.ratings.n_ratings else None, stop
        self._curve, self._best = start.held_out, start.best
        self._steps: list[int] = []
        self._rmses: list[float] = []
        self._patience = 0
        self._since: BestSoFar[None] = BestSoFar()
        self._sampling: Sampling | None = None
        self._watcher: HeldOutWatcher | None = None
        self._earlier, self._start_step = start.present_samples, start.step
        self.stopped_early = False
        self.choose(choices)

    def choose(self, choices: Hyperparameters) -> None:
        """Go on by these choices."""
        if choices.patience != self._patience:
            self._patience, self._since = choices.patience, BestSoFar(choices.patience)
        if choices.optimizer != "gibbs":
            self._sampling = None

    def begin(self, trainer: Trainer, choices: Hyperparameters) -> None:
        """Look at the start."""
        if choices.optimizer == "gibbs":
            self._sampling = self._new_sampling(trainer)
        if self._held is not None:
            self._curve = up_to_date(self._curve, trainer.step, self._rmse(trainer))
            last = self._curve.last
            if last is not None:
                self._note_best(trainer, last.rmse)
                self._since.look(trainer.step, last.rmse, None)

    def _new_sampling(self, trainer: Trainer) -> Sampling:
        held_out = None if self._held is None else self._held.ratings
        return Sampling(self._train, held_out, trainer.step, self._earlier)

    def look(self, trainer: Trainer) -> None:
        """Look where the trainer stands now; afterwards ``stopped_early`` says whether patience is at its end."""
        if trainer.hyperparameters.optimizer == "gibbs" and self._sampling is None:
            self._sampling = self._new_sampling(trainer)
        if self._held is None and self._sampling is None:
            return
        rmse = self._rmse(trainer)
        if math.isnan(rmse) or self._held is None:
            return
        self._steps.append(trainer.step)
        self._rmses.append(rmse)
        self._note_best(trainer, rmse)
        self.stopped_early = self._since.look(trainer.step, rmse, None)

    def _rmse(self, trainer: Trainer) -> float:
        if self._sampling is not None:
            return self._sampling.look(trainer)
        if self._held is None:
            return math.nan
        if self._watcher is None:
            self._watcher = self._held.watcher(self._stop)
        return self._watcher.rmse(trainer.factors)

    def _note_best(self, trainer: Trainer, rmse: float) -> None:
        if self._sampling is None and (self._best is None or rmse < self._best.rmse):
            self._best = Best(trainer.step, rmse, trainer.factors, trainer.seen, trainer.optimizer_state)

    def cut_after(self, step: int) -> None:
        """Drop what lies beyond ``step``: the weights of that step are back."""
        self._curve = self.curve.up_to(step)
        if self._best is not None and self._best.step > step:
            self._best = None

    @property
    def curve(self) -> Curve:
        """The held-out curve so far."""
        if self._steps:
            self._curve = self._curve.extended(self._steps, self._rmses)
            self._steps, self._rmses = [], []
        return self._curve

    @property
    def best(self) -> Best | None:
        """Where it was lowest."""
        return self._best

    def samples(self, factors: Factors) -> Samples | None:
        """The draws so far, for a sheet with the weights ``factors``; None where nothing is sampled."""
        return None if self._sampling is None else self._sampling.samples(factors)
