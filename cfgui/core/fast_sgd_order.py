"""The order in which the fast engine for SGD goes through blocks and tiles in one epoch."""

from __future__ import annotations

import numpy as np

from cfgui.core.fast_sgd_layout import Layout


class Order:
    """In which order one epoch takes blocks and tiles."""

    def __init__(self, layout: Layout, seed: int, number: int, in_order: bool) -> None:
        rng, n = np.random.default_rng([seed, 2, number]), layout.n_groups
        partners, shifts = rng.permutation(n).tolist(), rng.permutation(n).tolist()
        self.rounds = [[(user, partners[(user + shift) % n]) for user in range(n)] for shift in shifts]
        """Blocks (user group, movie group) that share no user and no movie, round by round."""
        self.backward = (rng.random((n, n)) < 0.5) & (not in_order)
        self.user_tiles = [rng.permutation(layout.users.tiles) for _ in range(n)]
        self.movie_tiles = [rng.permutation(layout.movies.tiles) for _ in range(n)]
