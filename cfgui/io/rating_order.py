"""Rows in the order of a file put into the order of ``Ratings``: by user, then by movie, each pair once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cfgui.io.awaiting import awaited
from cfgui.io.parsed_block import compact
from cfgui.io.table_options import Duplicates

Codes = NDArray[np.int32]
Values = NDArray[np.floating]
T = TypeVar("T")
Tick = Callable[[], None]

SEGMENT_ROWS = 2**19
"""Rows sorted at a time: more would leave the cache of the processor."""

COMPACT_ABOVE = 1_000_000
"""Above so many ratings float32 is kept where it holds every value exactly."""


class RepeatedPair(ValueError):  # noqa: N818 - the reader turns it into its sentence
    """The same user and movie twice, where that is refused."""

    def __init__(self, user: int, movie: int) -> None:
        super().__init__(user, movie)
        self.user = user
        self.movie = movie


@dataclass
class _Part:
    """Parallel columns of some rows."""

    users: Codes
    movies: Codes
    values: Values
    repeats: bool = True
    """Whether a pair may be there twice; only asked when sorted."""


@dataclass(frozen=True, eq=False)
class Ordered:
    """Sorted by user and movie, each pair once; ``n_duplicates`` rows had a pair that stood there before."""

    users: Codes
    movies: Codes
    values: Values
    n_duplicates: int


class RatingCollector:
    """Takes index triples in the order of the file.

    While users come one after the other, as in MovieLens, their rows are sorted as they come. At the first user who
    comes back everything is kept as it is, and sorted at the end user by user. Sorting keeps equal pairs in the order
    of the file. Sorting is done by ``workers``.
    """

    def __init__(self, duplicates: Duplicates, workers: Executor) -> None:
        self._duplicates = duplicates
        self._workers = workers
        self._sorted: list[Future[_Part]] = []
        self._loose: list[_Part] = []
        self._waiting: list[_Part] = []
        self._n_waiting = 0
        self._last_user = 0
        self._grouped = True
        self.n_rows = 0

    def add(self, users: Codes, movies: Codes, values: Values) -> None:
        """Rows that follow those before."""
        if not len(users):
            return
        self.n_rows += len(users)
        if self._grouped and (users[0] < self._last_user or bool((users[1:] < users[:-1]).any())):
            self._grouped = False
        self._last_user = int(users[-1])
        self._waiting.append(_Part(users, movies, values))
        self._n_waiting += len(users)
        if self._n_waiting >= SEGMENT_ROWS:
            self._settle()

    def finish(self, tick: Tick) -> Ordered:
        """Everything in order; ``tick`` is called often. Raises RepeatedPair."""
        parts = [awaited(future, tick) for future in _taken(self._sorted)]
        if self._grouped:
            parts.append(_sorted(_joined(self._waiting)))
        else:
            parts += self._loose + self._waiting
        is_short = all(part.values.dtype == np.float32 for part in parts)
        table = _Table(self.n_rows, np.dtype(np.float32 if is_short else np.float64), self._duplicates)
        for part in _taken(parts) if self._grouped else _scattered_and_sorted(parts, self._workers, tick):
            table.append(part)
            tick()
        return table.ordered()

    def _settle(self) -> None:
        """Sort what waits, up to the last change of the user; who may go on stays waiting."""
        waiting = _joined(self._waiting)
        end = len(waiting.users)
        if self._grouped:
            end = int(np.searchsorted(waiting.users, waiting.users[-1]))
        if end:
            first = _Part(waiting.users[:end], waiting.movies[:end], waiting.values[:end])
            if self._grouped:
                self._sorted.append(self._workers.submit(_sorted, first))
            else:
                self._loose.append(first)
        # Copies: a view would keep all of it in memory.
        rest = _Part(waiting.users[end:].copy(), waiting.movies[end:].copy(), waiting.values[end:].copy())
        self._waiting = [rest]
        self._n_waiting = 0 if end else -len(rest.users)  # one giant user: wait for as much again


def _joined(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _Part(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))
    return _Part(
        np.concatenate([part.users for part in parts]),
        np.concatenate([part.movies for part in parts]),
        np.concatenate([part.values for part in parts]),  # float64 as soon as one of them is
    )


def _sorted(part: _Part) -> _Part:
    """The rows by user, movie and place in the file."""
    n = len(part.users)
    if n < 2:
        return part
    lowest = part.users.min()
    place_bits = int(n - 1).bit_length()
    movie_bits = int(part.movies.max()).bit_length()
    if int(part.users.max() - lowest).bit_length() + movie_bits + place_bits > 63:
        order = np.lexsort((part.movies, part.users))
        return _Part(part.users[order], part.movies[order], part.values[order])
    # One number for user, movie and place: sorting plain numbers is five times as fast as finding an order.
    keys = (part.users - lowest).astype(np.int64)
    keys <<= movie_bits
    keys |= part.movies
    keys <<= place_bits
    keys |= np.arange(n)
    keys.sort()
    values = part.values[keys & ((1 << place_bits) - 1)]
    keys >>= place_bits
    repeats = bool((keys[1:] == keys[:-1]).any())
    movies = (keys & ((1 << movie_bits) - 1)).astype(np.int32)
    keys >>= movie_bits
    return _Part(keys.astype(np.int32) + lowest, movies, values, repeats)


def _taken(things: list[T]) -> Iterator[T]:
    """The things one by one; the list lets go of them."""
    things.reverse()
    while things:
        yield things.pop()


def _scattered_and_sorted(parts: list[_Part], workers: Executor, tick: Tick) -> Iterator[_Part]:
    """The same rows as sorted parts of ascending users, from parts in the order of the file."""
    parts = [part for part in parts if len(part.users)]
    counts = np.zeros(1 + max(int(part.users.max()) for part in parts), dtype=np.int64)
    for part in parts:
        counts += np.bincount(part.users, minlength=len(counts))
        tick()
    bucket_of_user = (np.cumsum(counts) - counts) // SEGMENT_ROWS
    starts = np.flatnonzero(np.diff(bucket_of_user, prepend=-1))
    bucket_of_user = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(counts))).astype(np.uint16)
    edges = []
    for part in parts:
        buckets = bucket_of_user[part.users]
        order = np.argsort(buckets, kind="stable")  # a radix sort for 16 bits
        part.users, part.movies, part.values = part.users[order], part.movies[order], part.values[order]
        edges.append(np.searchsorted(buckets[order], np.arange(len(starts) + 1)))
        tick()
    ahead: deque[Future[_Part]] = deque()
    for bucket in range(len(starts)):
        pieces = []
        for part, edge in zip(parts, edges, strict=True):
            piece = slice(edge[bucket], edge[bucket + 1])
            pieces.append(_Part(part.users[piece], part.movies[piece], part.values[piece]))
        ahead.append(workers.submit(_sorted, _joined(pieces)))
        if len(ahead) > 2:
            yield awaited(ahead.popleft(), tick)
    for future in ahead:
        yield awaited(future, tick)


class _Table:
    """One long table that sorted parts are appended to, each pair once.

    It has room for all rows from the start, and what repeated pairs leave empty at the end is never touched, so it
    costs no memory.
    """

    def __init__(self, n_rows: int, dtype: np.dtype[np.floating], duplicates: Duplicates) -> None:
        self._users, self._movies = np.empty(n_rows, dtype=np.int32), np.empty(n_rows, dtype=np.int32)
        self._values: Values = np.empty(n_rows, dtype=dtype)
        self._duplicates = duplicates
        self._n = 0
        self._n_duplicates = 0

    def append(self, part: _Part) -> None:
        """Rows of higher users than those before. Raises RepeatedPair."""
        part, n_repeats = _once(part, self._duplicates)
        self._n_duplicates += n_repeats
        if part.values.dtype == np.float64 and self._values.dtype == np.float32:  # means need not fit
            self._values = self._values.astype(np.float64)
        place = slice(self._n, self._n + len(part.users))
        self._users[place], self._movies[place], self._values[place] = part.users, part.movies, part.values
        self._n = place.stop

    def ordered(self) -> Ordered:
        """All of it."""
        values = self._values[: self._n]
        if self._n <= COMPACT_ABOVE:
            values = values.astype(np.float64, copy=False)
        return Ordered(self._users[: self._n], self._movies[: self._n], values, self._n_duplicates)


def _once(part: _Part, duplicates: Duplicates) -> tuple[_Part, int]:
    """The sorted part with each pair once, and how many rows that took away. Raises RepeatedPair."""
    if not part.repeats:
        return part, 0
    repeats = (part.movies[1:] == part.movies[:-1]) & (part.users[1:] == part.users[:-1])
    n_repeats = int(np.count_nonzero(repeats))
    if not n_repeats:
        return part, 0
    if duplicates == "refuse":
        place = int(np.argmax(repeats))
        raise RepeatedPair(int(part.users[place]), int(part.movies[place]))
    last = np.append(~repeats, True)
    values = part.values[last]
    if duplicates == "mean":
        starts = np.flatnonzero(np.append(True, ~repeats))
        sums = np.add.reduceat(part.values.astype(np.float64), starts)
        values = compact(sums / np.diff(starts, append=len(part.values)))
    return _Part(part.users[last], part.movies[last], values), n_repeats
