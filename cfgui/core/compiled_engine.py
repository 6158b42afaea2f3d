"""The compiled engine: what the trainer and the objective ask of the compiled loops, in pieces that can be stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from cfgui.core.chunks import Watch
from cfgui.core.compiled_loops import loops
from cfgui.core.compiled_tables import Tables, read_only, tables_of
from cfgui.core.factors import Decay, Factors
from cfgui.core.losses import Loss, SquaredError, loss_of
from cfgui.core.ratings import Floats, Indices

WHOLE_COMPILED_FROM = 1_000_000
"""Ratings from which measures and gradients are compiled whatever the optimizer; below, arrays take half a second."""

SLAB_SECONDS = 0.02
"""How long compiled code runs until it looks at a wish to stop."""

FIRST_SLAB = 20_000
"""Ratings of the first piece, when it is not known how fast they go."""

LEAST_SHRINK = 1e-3
"""Below, weight decay takes all weights away at every rating, and the loop for it would divide by nearly nothing."""

Result = TypeVar("Result")


class _Pace:
    """Ratings that take about ``SLAB_SECONDS``, learnt from the piece before."""

    def __init__(self) -> None:
        self.length = FIRST_SLAB

    def learn(self, n_ratings: int, seconds: float) -> None:
        """Take in how long a piece took; it may grow to twice its length."""
        wanted = int(n_ratings * SLAB_SECONDS / max(seconds, 1e-6))
        self.length = max(1000, min(wanted, 2 * self.length))


class Passed(NamedTuple):
    """How SGD went: updates made, and whether all numbers it met were finite."""

    n_updates: int
    finite: bool


@dataclass(frozen=True, eq=False)
class CompiledEngine:
    """Compiled work over parallel arrays of ratings, for weights laid out as ``shape``.

    ``h`` is the nudge of forward differences, 0 for the exact slope (central differences of a quadratic are exact).
    Weights are flat vectors in the order of ``Factors.flat``. The first use compiles, in about a second.
    """

    shape: Factors
    users: Indices
    movies: Indices
    values: Floats
    h: float
    watch: Watch

    def square_sum(self, vector: Floats) -> float:
        """The squared residuals at ``vector``, added in row order. Raises Interrupted."""
        if not self._is_plain:
            return self._cost_sum(vector, SquaredError(self.shape.range))
        loop, arrays, tables = loops().square_sum, self.arrays, tables_of(self.shape, vector, writable=False)
        return self._in_slabs(0.0, lambda total, start, stop: loop(*arrays, start, stop, total, *tables))

    def cost_sum(self, vector: Floats, loss_kind: str) -> float:
        """What the ratings cost at ``vector`` by the loss of that name, added in row order. Raises Interrupted."""
        if loss_kind == "mse":
            return self.square_sum(vector)
        return self._cost_sum(vector, loss_of(loss_kind, self.shape.range))

    def _cost_sum(self, vector: Floats, loss: Loss) -> float:
        _, _, values = self.arrays
        scores = self._scores(vector)

        def add(total: float, start: int, stop: int) -> float:
            terms = loss.of(scores(start, stop), values[start:stop])
            terms[0] += total
            return float(np.cumsum(terms, out=terms)[-1])

        return self._in_slabs(0.0, add)

    @property
    def _is_plain(self) -> bool:
        return self.shape.range.kind == "none" and not self.shape.global_mean

    def _scores(self, vector: Floats) -> Callable[[int, int], Floats]:
        """A function of (start, stop) giving the scores of those ratings."""
        users, movies, _ = self.arrays
        tables, mean = tables_of(self.shape, vector, writable=False), self.shape.global_mean

        def scores(start: int, stop: int) -> Floats:
            found = np.empty(stop - start)
            loops().scores(users, movies, start, stop, *tables, found)
            return found + mean if mean else found

        return scores

    def slopes(self, vector: Floats, weight_decay: Decay, loss_kind: str = "mse") -> Floats:
        """The slope of the mean loss + ``sum(weight_decay * p ** 2)`` at ``vector``, in its order. Raises Interrupted.

        ``h`` counts only without range and with squared error.
        """
        total = np.zeros(len(vector))
        sums, tables = tables_of(self.shape, total, writable=True), tables_of(self.shape, vector, writable=False)
        if self._is_plain and loss_kind == "mse":
            loop, arrays = loops().add_slopes, self.arrays
            self._in_slabs(None, lambda _none, start, stop: loop(*arrays, start, stop, self.h, *tables, *sums))
        else:
            self._add_bent_slopes(vector, loss_of(loss_kind, self.shape.range), tables, sums)
        total /= len(self.values)
        if not isinstance(weight_decay, float) or weight_decay:
            total += weight_decay * (2.0 * vector + self.h)
        return total

    def _add_bent_slopes(self, vector: Floats, loss: Loss, tables: Tables, sums: Tables) -> None:
        users, movies, values = self.arrays
        scores = self._scores(vector)

        def add(_none: None, start: int, stop: int) -> None:
            slopes = loss.slope(scores(start, stop), values[start:stop])
            loops().add_scaled(users, movies, slopes, start, stop, *tables[:2], *sums)

        self._in_slabs(None, add)

    def sgd(self, vector: Floats, first: int, n_updates: int, rate: float, weight_decay: float) -> Passed:
        """``n_updates`` updates of ``vector``, in place, one rating each from ``first`` on, round and round.

        Ends early at a wish to stop, and where a residual is not finite.
        """
        work = self._decayed(vector, rate, weight_decay) if weight_decay else self._plain(vector, rate)
        n, done, pace = len(self.values), 0, _Pace()
        while done < n_updates:
            start = (first + done) % n
            stop = min(start + pace.length, start + n_updates - done, n)
            began = time.perf_counter()
            reached = work.run(start, stop)
            pace.learn(stop - start, time.perf_counter() - began)
            done += reached - start
            if reached < stop:
                work.finish()
                return Passed(done, finite=False)
            if done < n_updates and self.watch.ends_after(stop - start):
                break
        work.finish()
        return Passed(done, finite=True)

    def _plain(self, vector: Floats, rate: float) -> _Sgd:
        arrays, tables = self.arrays, tables_of(self.shape, vector, writable=True)
        return _Sgd(lambda start, stop: loops().sgd(*arrays, start, stop, rate, self.h, *tables), lambda: None)

    def _decayed(self, vector: Floats, rate: float, weight_decay: float) -> _Sgd:
        arrays, tables = self.arrays, tables_of(self.shape, vector, writable=True)
        shrink, scale = 1.0 - 2.0 * rate * weight_decay, 1.0
        vector += 0.5 * self.h

        def run(start: int, stop: int) -> int:
            nonlocal scale
            reached, scale = loops().sgd_decayed(*arrays, start, stop, rate, shrink, self.h, scale, vector, *tables)
            return reached

        def finish() -> None:
            np.multiply(vector, scale, out=vector)
            np.subtract(vector, 0.5 * self.h, out=vector)

        return _Sgd(run, finish)

    @property
    def arrays(self) -> tuple[Indices, Indices, Floats]:
        """Users, movies and values, read-only: what every loop begins with."""
        return read_only(self.users), read_only(self.movies), read_only(self.values)

    def _in_slabs(self, result: Result, work: Callable[[Result, int, int], Result]) -> Result:
        """``work`` over all ratings, piece by piece, each given the result of the one before."""
        n, start, pace = len(self.values), 0, _Pace()
        while True:
            stop = min(start + pace.length, n)
            began = time.perf_counter()
            result = work(result, start, stop)
            pace.learn(stop - start, time.perf_counter() - began)
            if stop == n:
                return result
            self.watch.passed(stop - start)
            start = stop


class _Sgd(NamedTuple):
    """SGD under way: run a piece (first rating and the one after the last, gives where it stopped), and finish."""

    run: Callable[[int, int], int]
    finish: Callable[[], None]


def can_decay(rate: float, weight_decay: float) -> bool:
    """Whether the loop for weight decay works at this rate."""
    return abs(1.0 - 2.0 * rate * weight_decay) >= LEAST_SHRINK and math.isfinite(rate * weight_decay)
