"""Known errors: the RMSE of each sheet, and of the baselines, as far as they have been measured."""

from __future__ import annotations

import math

from cfgui.app.baseline_levels import BaselineLevel, baseline_levels, is_quick
from cfgui.app.sampling import present_posterior
from cfgui.app.scope import Measured, Scope
from cfgui.app.sheet_state import SheetState
from cfgui.core.metrics import errors_of
from cfgui.core.view import View

FEW_HELD_OUT = 5_000
"""Held-out ratings up to which they are predicted by the mean of draws at once, in some 20 ms."""


class KnownErrors:
    """Remembers the newest RMSE of each kind; works out at once what takes a moment."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool, bool], tuple[Measured, float]] = {}
        self._baselines: tuple[Scope, tuple[BaselineLevel, ...]] | None = None

    def find(self, model: str, sheet: SheetState, measured: Measured, view: View, *, shown: bool) -> float | None:
        """The RMSE of ``measured``, which is of ``sheet``; None while it is not yet known, NaN where there is none.

        ``shown`` says whether it is over the ratings that ``view`` shows. Held-out ratings are predicted by the mean of
        draws where the sheet has some.
        """
        held_out, held = measured.held_out, measured.scope.held
        if held_out and held is None:
            return math.nan
        samples = sheet.present_samples if held_out else None
        if held is not None and samples is not None and samples.tells_of(held.ratings):
            return samples.rmse  # over all draws, where others are over those kept
        for known in (self._known.get((model, shown, held_out)), self._known.get((model, False, held_out))):
            if known is not None and known[0].same_as(measured):
                return known[1]
        value = measured.quickly() if samples is None else _sampled_rmse(sheet, measured, view)
        if value is not None:
            self.note(model, measured, value, shown=shown)
        return value

    def note(self, model: str, measured: Measured, value: float, *, shown: bool) -> None:
        """Take an RMSE that was measured elsewhere."""
        self._known[model, shown, measured.held_out] = measured, value

    def baselines(self, scope: Scope) -> tuple[BaselineLevel, ...] | None:
        """The baselines' RMSE for the ratings of ``scope``; None while not yet worked out."""
        known = self._baselines
        if known is not None and known[0].is_of(scope.ratings, scope.held):
            return known[1]
        if not is_quick(scope):
            return None
        levels = baseline_levels(scope)
        self.note_baselines(scope, levels)
        return levels

    def note_baselines(self, scope: Scope, levels: tuple[BaselineLevel, ...]) -> None:
        """Take levels that were worked out elsewhere."""
        self._baselines = scope, levels


def _sampled_rmse(sheet: SheetState, measured: Measured, view: View) -> float | None:
    """The RMSE of the mean of draws over held-out ratings, of which those shown are few."""
    scope, posterior = measured.scope, present_posterior(sheet, view)
    if scope.held is None or posterior is None or not 0 < scope.held.ratings.n_ratings <= FEW_HELD_OUT:
        return measured.quickly()
    held, part = scope.held.ratings, scope.view
    users, movies = (held.users, held.movies) if part is None else (part.users[held.users], part.movies[held.movies])
    return errors_of(held.values - posterior(users, movies)[0]).rmse
