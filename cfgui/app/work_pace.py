"""How fast a piece of work gets on, in words: rows so far, rows and bytes a second, time left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from cfgui.io.table_options import Progress

WINDOW_SECONDS = 3.0
"""The stretch of time a rate is taken over: long enough to be calm, short enough to follow."""

SOONEST_SECONDS = 0.4
"""Before this there is no rate worth saying."""


class WorkPace:
    """Watches one piece of work. ``n_bytes`` is the size of the file: progress counted in bytes is known by it."""

    def __init__(self, n_bytes: int = 0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._n_bytes, self._clock = n_bytes, clock
        self._seen: deque[tuple[float, Progress]] = deque()

    def observe(self, progress: Progress) -> None:
        """Note how far the work is now."""
        now = self._clock()
        self._seen.append((now, progress))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_SECONDS:
            self._seen.popleft()

    def words(self) -> str:
        """As "1,200,000 rows · 3.1 M rows/s · 80 MB/s · 12 s left"; what is not known is left out."""
        if not self._seen:
            return ""
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        parts = [f"{last.n_rows:,} rows"] if last.n_rows else []
        seconds = end - start
        if seconds >= SOONEST_SECONDS:
            rows, done = (last.n_rows - first.n_rows) / seconds, (last.done - first.done) / seconds
            if rows > 0:
                parts.append(f"{short_count(rows)} rows/s")
            if done > 0 and self._n_bytes and last.total == self._n_bytes:
                parts.append(f"{size_words(done)}/s")
            if done > 0 and last.total > last.done:
                parts.append(f"{duration_words((last.total - last.done) / done)} left")
        return " · ".join(parts)


def share(progress: Progress) -> float | None:
    """How much is done, 0 to 1; None where nobody knows."""
    return min(max(progress.done / progress.total, 0.0), 1.0) if progress.total > 0 else None


def short_count(number: float) -> str:
    """ "950", "98,000", "3.1 M"."""
    if number >= 1e6:
        return f"{number / 1e6:.3g} M" if number < 1e9 else f"{number / 1e6:,.0f} M"
    return f"{round(number, -3 if number >= 10_000 else 0):,.0f}"


def size_words(n_bytes: float) -> str:
    """ "12 bytes", "64 kB", "2.4 MB", "1.1 GB", in powers of ten as file managers count."""
    if n_bytes < 1000:
        return f"{n_bytes:.0f} byte{'' if round(n_bytes) == 1 else 's'}"
    for unit in ("kB", "MB", "GB"):
        n_bytes /= 1000
        if n_bytes < 999.5 or unit == "GB":
            break
    return f"{n_bytes:.1f} {unit}" if n_bytes < 9.95 else f"{n_bytes:,.0f} {unit}"


def duration_words(seconds: float) -> str:
    """ "3 s", "1 min 20 s", "2 h 5 min"; what is nearly done is never "0 s"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
