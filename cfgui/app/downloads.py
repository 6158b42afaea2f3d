"""Editions of MovieLens as a person chooses among them: rows of a table, and how far a download is, in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cfgui.app.work_pace import WorkPace, size_words
from cfgui.io.movielens_editions import EDITIONS, Edition
from cfgui.io.table_options import Progress

COLUMNS = ("Edition", "Year", "Ratings", "Users", "Movies", "Size", "Here")
COLUMN_TIPS = (
    "The small one is right for a first look; the numbered ones are for results to compare.",
    "When it was made.",
    "How many ratings it holds.",
    "How many people rated.",
    "How many movies have at least one rating; each is a column of the crosstab.",
    "How much is downloaded; unpacked it is about four times as much.",
    "Whether it was downloaded before: then it opens without a network.",
)


@dataclass(frozen=True)
class EditionRow:
    """One edition, and its archive where it is here already."""

    edition: Edition
    path: Path | None

    @property
    def cells(self) -> tuple[str, ...]:
        """Its texts under ``COLUMNS``."""
        it, about = self.edition, "about " if self.edition.changing and self.edition.n_bytes > 1e8 else ""
        counts = (f"{count:,}" for count in (it.n_ratings, it.n_users, it.n_movies))
        return (it.title, str(it.year), *counts, about + size_words(it.n_bytes), "yes" if self.path else "")

    @property
    def tip(self) -> str:
        """What else is good to know."""
        change = " Made anew now and then, so its figures may be other ones by now." if self.edition.changing else ""
        here = f" Kept in {self.path}." if self.path else ""
        return f"{self.edition.id}: {self.edition.scale}.{change}{here}"


def edition_rows(folder: Path | None = None) -> list[EditionRow]:
    """Every edition, the smallest first, and whether it is in ``folder`` (default: where downloads are kept)."""
    from cfgui.io.download import downloaded

    return [EditionRow(edition, downloaded(edition, folder)) for edition in EDITIONS]


class DownloadPace:
    """How far one download is."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = WorkPace(clock=clock)
        self._newest = Progress(0, 0)

    def observe(self, progress: Progress) -> None:
        """Note how far it is now. What begins anew, as the check after the last byte does, has a pace of its own."""
        if progress.done < self._newest.done or progress.total != self._newest.total:
            self._pace = WorkPace(progress.total, clock=self._clock)
        self._newest = progress
        self._pace.observe(progress)

    def words(self) -> str:
        """As "24 MB of 262 MB · 12 MB/s · 20 s left"."""
        newest = self._newest
        if not newest.total:
            return "Connecting…"
        done = f"{size_words(newest.done)} of {size_words(newest.total)}"
        return " · ".join(part for part in (done, self._pace.words()) if part)
