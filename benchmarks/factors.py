"""Factor by factor at the size of MovieLens 25M: seconds to rotate and to read the shares, and what rotation moves.

    python -m benchmarks.factors [--ratings N] [--factors K]

162,541 users and 59,047 movies with random factors; the ratings, 25 million unless told otherwise, are at random cells.
The change of the predictions is the largest over a million random pairs, as a share of the largest prediction.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from cfgui.core.factor_reading import shares_over_all, shares_over_rated
from cfgui.core.factors import Factors
from cfgui.core.models import scores
from cfgui.core.ratings import Ratings
from cfgui.core.rotation import rotated

N_USERS, N_MOVIES, PAIRS = 162_541, 59_047, 1_000_000

Found = TypeVar("Found")


def timed(words: str, work: Callable[[], Found]) -> Found:
    """What ``work`` returns; prints how long it took."""
    start = time.perf_counter()
    found = work()
    print(f"{words:<34}{time.perf_counter() - start:8.2f} s")
    return found


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=25_000_000)
    parser.add_argument("--factors", type=int, default=50)
    chosen = parser.parse_args()
    rng = np.random.default_rng(1)
    factors = Factors(rng.normal(size=(N_USERS, chosen.factors)), rng.normal(size=(N_MOVIES, chosen.factors)))
    rotation = timed("rotation to principal axes", lambda: rotated(factors))
    users, movies = (rng.integers(0, n, PAIRS, dtype=np.int32) for n in (N_USERS, N_MOVIES))
    before, after = scores(factors, users, movies), scores(rotation.factors, users, movies)
    print(f"{'largest change of a prediction':<34}{np.abs(after - before).max() / np.abs(before).max():8.1e}")
    timed("shares over all pairs", lambda: shares_over_all(factors))
    users = np.sort(rng.integers(0, N_USERS, chosen.ratings, dtype=np.int32))
    movies = rng.integers(0, N_MOVIES, chosen.ratings, dtype=np.int32)
    user_ids, movie_ids = (tuple(map(str, range(n))) for n in (N_USERS, N_MOVIES))
    ratings = Ratings(user_ids, movie_ids, users, movies, np.ones(chosen.ratings))
    timed(f"shares over {chosen.ratings:,} ratings", lambda: shares_over_rated(factors, ratings))


if __name__ == "__main__":
    main()
