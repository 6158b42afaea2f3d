"""Visits: in which order training goes through the ratings."""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Indices


class Visits:
    """Row order, or an order that is drawn anew for each epoch, from the seed and the number of the epoch.

    The last order drawn is kept.
    """

    def __init__(self, n_ratings: int, batch: int, seed: int, *, shuffled: bool) -> None:
        self.shuffled = shuffled
        self._n, self._batch, self._seed = n_ratings, batch, seed
        self._drawn: tuple[int, Indices] | None = None

    def block(self, seen: int) -> slice | Indices:
        """The ratings of the next update when ``seen`` have been used: a batch, or the rest of the epoch."""
        epoch, start = divmod(seen, self._n)
        places = slice(start, min(start + self._batch, self._n))
        return self.order(epoch)[places] if self.shuffled else places

    def order(self, epoch: int) -> Indices:
        """(n_ratings,) places of the ratings in the order of this epoch."""
        if self._drawn is None or self._drawn[0] != epoch:
            rng = np.random.default_rng((self._seed, epoch))
            self._drawn = epoch, rng.permutation(np.arange(self._n, dtype=np.int32))
        return self._drawn[1]
