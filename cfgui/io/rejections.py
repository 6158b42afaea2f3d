"""Counting the rows that are left out, by reason and with their line numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cfgui.core.import_report import MAX_LINES, REASONS, RejectedRows

MAX_EXAMPLE = 40
"""Characters kept of an offending text."""


@dataclass
class _Tally:
    example: str
    count: int = 0
    lines: list[int] = field(default_factory=list)


class RejectionLog:
    """Rejected rows in the order of the file; of a block first, and then of all."""

    # One object per row would keep Python's garbage collector busy, and with it the window waiting.

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}

    def add(self, line: int, reason: str, text: str) -> None:
        """Count one more: where it stands, why (a key of ``REASONS``), and the offending text as it is."""
        tally = self._tallies.get(reason)
        if tally is None:
            tally = self._tallies[reason] = _Tally(_shown(text))
        tally.count += 1
        if len(tally.lines) < MAX_LINES:
            tally.lines.append(line)

    def extend(self, later: RejectionLog) -> None:
        """Count those of a later block too."""
        for reason, more in later._tallies.items():
            tally = self._tallies.setdefault(reason, _Tally(more.example))
            tally.count += more.count
            tally.lines += more.lines[: MAX_LINES - len(tally.lines)]

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


def _shown(text: str) -> str:
    """An offending text as a report can show it: short, on one line, and without bytes that are no text."""
    return " ".join(text[:MAX_EXAMPLE].split()).encode("utf-8", "replace").decode("utf-8")
