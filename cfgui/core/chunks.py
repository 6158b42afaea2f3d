"""Long work in pieces: how many ratings are held in memory at once, and the look at a wish to stop after each piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Stop = Callable[[], bool]
"""Asked between two pieces of long work; True means that the work is to be given up."""

CHUNK_CELLS = 65_536 * 50
"""Ratings times factors worked on at once: with 50 factors some 130 MB of temporary arrays."""


class Interrupted(Exception):  # noqa: N818 - no error: somebody wished it
    """Work was given up because a wish to stop was found between two of its pieces; nothing has changed."""


def never() -> bool:
    """A wish to stop that never comes."""
    return False


class Watch:
    """What long work tells, and asks, after each piece; ``n_done`` counts the ratings gone through so far."""

    def __init__(self, stop: Stop = never) -> None:
        self.stop = stop
        self.n_done = 0

    def passed(self, n_ratings: int) -> None:
        """So many more ratings are done and others are left. Raises Interrupted when they are not wanted any more."""
        self.n_done += n_ratings
        if self.stop():
            raise Interrupted

    def ends_after(self, n_ratings: int) -> bool:
        """The same as an answer: whether so many more ratings were the last ones wanted."""
        self.n_done += n_ratings
        return self.stop()


def chunk_length(n_factors: int) -> int:
    """How many ratings make a chunk."""
    return max(1, CHUNK_CELLS // max(n_factors, 1))


def chunks(n_ratings: int, n_factors: int, watch: Watch) -> Iterator[slice]:
    """Consecutive pieces of ``n_ratings`` ratings, all of them in one where they are few.

    Raises Interrupted between two pieces, never before the first nor after the last.
    """
    length = chunk_length(n_factors)
    for start in range(0, n_ratings, length):
        if start:
            watch.passed(length)
        yield slice(start, min(start + length, n_ratings))
