"""A loss curve that grows while a run goes on and never changes what it already holds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfgui.core.ratings import Floats


class _Buffer:
    """Shared growing storage; only the curve that ends where it ends may grow it in place."""

    def __init__(self, capacity: int) -> None:
        self.steps = np.empty(capacity, dtype=np.int64)
        self.rmses = np.empty(capacity)
        self.used = 0


class Point(NamedTuple):
    """One point of a curve."""

    step: int
    rmse: float


class Curve:
    """An immutable sequence of (step, RMSE). ``extended`` costs amortised constant time per point."""

    def __init__(self, label: str, steps: ArrayLike = (), rmses: ArrayLike = ()) -> None:
        steps, rmses = np.asarray(steps, dtype=np.int64), np.asarray(rmses, dtype=np.float64)
        self.label = label
        self._buffer = _Buffer(max(64, 2 * len(steps)))
        self._length = 0
        self._write(steps, rmses)

    def _write(self, steps: NDArray[np.int64], rmses: Floats) -> None:
        end = self._length + len(steps)
        if end > len(self._buffer.steps) or self._buffer.used != self._length:
            bigger = _Buffer(max(64, 2 * end))
            bigger.steps[: self._length], bigger.rmses[: self._length] = self.steps, self.rmses
            self._buffer = bigger
        self._buffer.steps[self._length : end] = steps
        self._buffer.rmses[self._length : end] = rmses
        self._buffer.used = self._length = end

    def __len__(self) -> int:
        return self._length

    @property
    def steps(self) -> NDArray[np.int64]:
        """Step numbers, a view not to be written to."""
        return self._buffer.steps[: self._length]

    @property
    def rmses(self) -> Floats:
        """RMSE at each step, a view not to be written to."""
        return self._buffer.rmses[: self._length]

    @property
    def last(self) -> Point | None:
        """The newest point, or None while there is none."""
        return Point(int(self.steps[-1]), float(self.rmses[-1])) if self._length else None

    def extended(self, steps: ArrayLike, rmses: ArrayLike, label: str | None = None) -> Curve:
        """This curve with points added at its end; this object stays as it is."""
        longer = Curve.__new__(Curve)
        longer.label = self.label if label is None else label
        longer._buffer, longer._length = self._buffer, self._length
        longer._write(np.asarray(steps, dtype=np.int64), np.asarray(rmses, dtype=np.float64))
        return longer

    def up_to(self, step: int) -> Curve:
        """The points up to ``step``, without those beyond; the curve itself where there are none beyond."""
        last = self.last
        if last is None or last.step <= step:
            return self
        keep = int((self.steps <= step).sum())
        return Curve(self.label, self.steps[:keep], self.rmses[:keep])

    def equals(self, other: Curve) -> bool:
        """Whether both hold the same points."""
        return np.array_equal(self.steps, other.steps) and np.array_equal(self.rmses, other.rmses)
