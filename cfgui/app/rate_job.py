"""Looking for a learning rate behind the window: the sweep with all that happens while it goes on."""

from __future__ import annotations

import math
from collections.abc import Callable

from cfgui.app.engine_loading import load_engine
from cfgui.app.session import Session
from cfgui.app.turnstile import TURNSTILE
from cfgui.core.chunks import Stop
from cfgui.core.lr_finder import LOWEST_RATE, RateFinding, find_rate
from cfgui.core.models import MODELS
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.options import OPTION_BY_NAME
from cfgui.io.table_options import Progress, Report

_HIGHEST = OPTION_BY_NAME["learning_rate"].high


class RateJob:
    """One sweep from the weights that a session has now, over the ratings that train; neither changes.

    ``work`` is for a thread of its own. ``points`` are (rate, smoothed loss) so far, which only ever grow. ``model``
    and ``optimizer`` say for what the rate is.
    """

    def __init__(self, session: Session, torch_settled: Callable[[], bool]) -> None:
        scope, self._choices = session.scope, session.hyperparameters
        self.model, self.optimizer = session.active, self._choices.optimizer
        self._ratings, self._scope = scope.ratings, scope
        self._factors, self._torch_settled = session.sheet(session.active).factors, torch_settled
        self.points: list[tuple[float, float]] = []

    @property
    def title(self) -> str:
        """ "Adam on dotprod"."""
        return f"{OPTIMIZER_DEFAULTS[self.optimizer].label} on {MODELS[self.model].sheet}"

    def work(self, report: Report, cancelled: Stop) -> RateFinding:
        """The finding; ``report`` is told how many hundredths of the decades are done. Raises ValueError with a
        sentence for a person, and Interrupted where it was cancelled.
        """

        def stop() -> bool:
            TURNSTILE.pass_through()
            return cancelled()

        def on_loss(rate: float, loss: float) -> None:
            self.points.append((rate, loss))
            report(Progress(round(100.0 * math.log(rate / LOWEST_RATE) / math.log(_HIGHEST / LOWEST_RATE)), 100))

        factors = self._scope.factors(self._factors)
        load_engine(self._ratings, factors, self._choices, cancelled, self._torch_settled)
        return find_rate(
            self._ratings,
            factors,
            self._choices,
            stop,
            on_loss=on_loss,
        )
