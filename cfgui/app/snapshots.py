"""Snapshots: what a training run tells of itself, and the slot through which it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cfgui.app.sheet_state import SheetState

PUBLISH_SECONDS = 0.025
"""How often a run tells where it is: a little faster than the window looks."""

PUBLISH_SHARE = 0.1
"""The share of a run's time that may go into making sheets to be shown; where one takes long, there are fewer."""

Widen = Callable[[SheetState], SheetState]
"""Makes of the sheet that is trained the sheet that is shown; may copy the weights."""


def unchanged(sheet: SheetState) -> SheetState:
    """The sheet that is trained is the one that is shown."""
    return sheet


@dataclass(frozen=True)
class Snapshot:
    """Where a run stands: the sheet as it would be if the run ended now, and how the run ended if it has.

    ``problem`` is the sentence to show when the run diverged or failed, ``suggested_rate`` a smaller rate to try after
    it diverged (0: none); ``stop_reason`` is an optimizer's own word for why nothing is left to do.

    ``engine`` is what computes ("numpy", "torch", "compiled"; empty before the first step) and ``ratings_per_second``
    how many ratings it learns from. ``progress``, from 0 to 1, is how far it is in steps that take long: the sheet is
    still the one before them. Where a run was stopped in such steps the curve ends before the sheet's own step, because
    the RMSE there is not known yet. ``stopped_early`` says that patience with the held-out ratings ended the run.
    """

    sheet: SheetState
    done: bool = False
    diverged: bool = False
    problem: str = ""
    suggested_rate: float = 0.0
    stop_reason: str = ""
    seconds: float = 0.0
    n_steps: int = 0
    engine: str = ""
    ratings_per_second: float = 0.0
    progress: float = 0.0
    stopped_early: bool = False


class Slot:
    """Where the worker leaves its newest snapshot and the window takes it; an older one not taken is forgotten."""

    def __init__(self, widen: Widen) -> None:
        self._widen = widen
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._last: Snapshot | None = None
        self._closed = False
        self._trained: SheetState | None = None
        self._shown: SheetState | None = None
        self._due = time.perf_counter() + PUBLISH_SECONDS

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed

    def is_due(self) -> bool:
        """Whether it is time for another snapshot."""
        return time.perf_counter() >= self._due

    def put(self, snapshot: Snapshot) -> None:
        """Leave a snapshot; a sheet seen before is not widened again. For the worker only."""
        if self._closed:
            return
        began = time.perf_counter()
        if self._shown is None or snapshot.sheet is not self._trained:
            self._trained, self._shown = snapshot.sheet, self._widen(snapshot.sheet)
        snapshot = replace(snapshot, sheet=self._shown)
        now = time.perf_counter()
        self._due = now + max(PUBLISH_SECONDS, (now - began) / PUBLISH_SHARE)
        with self._lock:
            if not self._closed:
                self._newest = self._last = snapshot

    def take(self) -> Snapshot | None:
        """The newest snapshot nobody has taken yet, or None."""
        with self._lock:
            newest, self._newest = self._newest, None
            return newest

    def close(self) -> None:
        """Take no more: the last snapshot, if there is any, is left to be taken as the end of the run."""
        with self._lock:
            self._closed = True
            if self._last is not None:
                self._newest = replace(self._last, done=True)
