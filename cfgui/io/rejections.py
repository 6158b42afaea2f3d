"""Counting the rows that are left out, by reason and with their line numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from cfgui.core.import_report import MAX_LINES, REASONS, RejectedRows
from cfgui.io.parsed_block import Rejection, shown


@dataclass
class _Tally:
    example: str
    count: int = 0
    lines: list[int] = field(default_factory=list)


class RejectionLog:
    """Collects rejections in the order of the file."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}

    def add(self, rejections: Iterable[Rejection]) -> None:
        """Count these too."""
        for rejection in rejections:
            tally = self._tallies.get(rejection.reason)
            if tally is None:
                tally = self._tallies[rejection.reason] = _Tally(shown(rejection.example))
            tally.count += 1
            if len(tally.lines) < MAX_LINES:
                tally.lines.append(rejection.line)

    @property
    def count(self) -> int:
        """All of them."""
        return sum(tally.count for tally in self._tallies.values())

    def rows(self) -> tuple[RejectedRows, ...]:
        """What the import report shows, in the order of ``REASONS``."""
        found = ((reason, self._tallies[reason]) for reason in REASONS if reason in self._tallies)
        return tuple(
            RejectedRows(reason, tally.count, np.array(tally.lines, dtype=np.int64), tally.example)
            for reason, tally in found
        )

    def sentence(self, where: str = "line") -> str:
        """The commonest reason in words, for a table of which nothing is left; "" where nothing was rejected."""
        if not self._tallies:
            return ""
        reason, tally = max(self._tallies.items(), key=lambda item: item[1].count)
        text = f' ("{tally.example}")' if tally.example else ""
        return f"{REASONS[reason]} in {where} {tally.lines[0]}{text}"
