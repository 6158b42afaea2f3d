"""Collects what a reader leaves out, by reason, with line numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfgui.core.import_report import MAX_LINES, REASONS, RejectedRows
from cfgui.io.rating_text import shortened


class LeftOut:
    """What was left out so far, reported in ascending order of lines."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lines: dict[str, list[NDArray[np.int64]]] = {}
        self._examples: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many, for whatever reason."""
        return sum(self._counts.values())

    def add(self, reason: str, lines: NDArray[np.int64], example: str) -> None:
        """More of one reason; ``lines`` may name a line several times and are later than those added before."""
        kept = self._lines.setdefault(reason, [])
        self._counts[reason] = self._counts.get(reason, 0) + len(lines)
        if sum(map(len, kept)) < MAX_LINES:
            kept.append(np.unique(lines))
        self._examples.setdefault(reason, shortened(example))

    def rejected(self) -> tuple[RejectedRows, ...]:
        """For the import report, in the order of ``REASONS``."""
        return tuple(
            RejectedRows(
                reason,
                self._counts[reason],
                np.unique(np.concatenate(self._lines[reason]))[:MAX_LINES],
                self._examples[reason],
            )
            for reason in REASONS
            if reason in self._counts
        )
