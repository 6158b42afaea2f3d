"""Measuring: the RMSE of what is too large to be measured in a moment, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable

from cfgui.app.polite_imports import polite_imports
from cfgui.app.scope import Measured
from cfgui.core.chunks import Interrupted
from cfgui.core.compiled_engine import WHOLE_COMPILED_FROM
from cfgui.core.compiled_warm_up import is_warm, warm_up


def measured_rmse(measured: Measured, cancelled: Callable[[], bool]) -> float | None:
    """The RMSE of ``measured``, as training measures it; None when it was cancelled, NaN where nothing is rated.

    ``measured`` may be of the ratings that train or of those held out.
    """
    ratings = measured.scope.ratings
    if ratings.n_ratings >= WHOLE_COMPILED_FROM and not is_warm(ratings.values):
        with polite_imports():
            warm_up(ratings.values)
    try:
        found = measured.worked_out(cancelled)
    except Interrupted:
        return None
    return None if cancelled() else found
