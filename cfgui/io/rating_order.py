"""Rows in the order of a file put into the order of ``Ratings``: by user, then by movie, each pair once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.io.table_options import Duplicates

Codes = NDArray[np.int32]
Values = NDArray[np.floating]
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
    of the file.
    """

    def __init__(self, duplicates: Duplicates) -> None:
        self._duplicates = duplicates
        self._parts: list[_Part] = []  # sorted while grouped
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
        parts, self._parts = [*self._parts, *self._waiting], []
        if self._grouped:
            parts = [*parts[: len(parts) - len(self._waiting)], _sorted(_joined(self._waiting))]
        else:
            parts = _scattered_and_sorted(parts, tick)
        self._waiting = []
        return _settled(parts, self._duplicates, tick)

    def _settle(self) -> None:
        """Sort what waits, up to the last change of the user; who may go on stays waiting."""
        waiting = _joined(self._waiting)
        end = len(waiting.users)
        if self._grouped:
            end = int(np.searchsorted(waiting.users, waiting.users[-1]))
        if end:
            first = _Part(waiting.users[:end], waiting.movies[:end], waiting.values[:end])
            self._parts.append(_sorted(first) if self._grouped else first)
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


def _scattered_and_sorted(parts: list[_Part], tick: Tick) -> list[_Part]:
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
    found = []
    for bucket in range(len(starts)):
        pieces = []
        for part, edge in zip(parts, edges, strict=True):
            piece = slice(edge[bucket], edge[bucket + 1])
            pieces.append(_Part(part.users[piece], part.movies[piece], part.values[piece]))
        found.append(_sorted(_joined(pieces)))
        tick()
    return found


def _settled(parts: list[_Part], duplicates: Duplicates, tick: Tick) -> Ordered:
    """One long table of sorted parts, which are emptied on the way, with each pair once."""
    n_duplicates = 0
    for place, part in enumerate(parts):
        parts[place], n_more = _once(part, duplicates)
        n_duplicates += n_more
        tick()
    n = sum(len(part.users) for part in parts)
    compact = n > COMPACT_ABOVE and all(part.values.dtype == np.float32 for part in parts)
    users, movies = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    values: Values = np.empty(n, dtype=np.float32 if compact else np.float64)
    done = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        place_in_all = slice(done, done + len(part.users))
        users[place_in_all], movies[place_in_all], values[place_in_all] = part.users, part.movies, part.values
        done = place_in_all.stop
        tick()
    return Ordered(users, movies, values, n_duplicates)


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
        means = sums / np.diff(starts, append=len(part.values))
        short = means.astype(np.float32)
        values = short if bool((short == means).all()) else means
    return _Part(part.users[last], part.movies[last], values), n_repeats
