"""Milliseconds of a sweep of ALS - all users, then all movies - at 50 factors, beside implicit's and lenskit's.

    python -m benchmarks.als [--peers PYTHON] [--turns N]

PYTHON is an interpreter that has implicit and lenskit; without one, or where it lacks one, that peer is left out. All
take turns, each in a process of its own on two threads, on a table of MovieLens 1M's shape.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from benchmarks.row_peers import Peer, Turn, by_turns, kept, tell
from cfgui.core.als import Als
from cfgui.core.chunks import Watch
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import rmse
from cfgui.core.objective import Objective
from cfgui.core.optimizer_state import Pace
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.synthetic import synthetic_ratings

N_FACTORS = 50
SHAPE = (6_040, 3_706, 1_000_209)
PEERS = ("implicit cg", "implicit cholesky", "lenskit")


def sweeper(ratings: Ratings, *, bias: bool, n_threads: int) -> Turn:
    """One sweep after another from the same start, as the trainer makes them."""
    factors = random_factors(ratings.n_users, ratings.n_movies, N_FACTORS, bias=bias, init="normal", seed=1)
    slope = GRADIENTS["exact"](Hyperparameters())
    problem = Objective(factors, ratings.users, ratings.movies, ratings.values, slope, watch=Watch())
    optimizer, vector = Als(0.1, n_threads=n_threads), factors.flat()
    state = optimizer.start(len(vector))

    def sweep() -> float:
        nonlocal vector, state
        start = time.perf_counter()
        for _ in range(2):
            vector, state, _ = optimizer.update(problem, vector, state, Pace(1.0))
        return (time.perf_counter() - start) * 1e3

    return sweep


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="", metavar="PYTHON")
    parser.add_argument("--turns", type=int, default=7)
    given = parser.parse_args()
    ratings = synthetic_ratings(*SHAPE, seed=1)
    ours = "ours, dot, 2 threads"
    turns: dict[str, Turn] = {
        ours: sweeper(ratings, bias=False, n_threads=2),
        "ours, dot, 1 thread": sweeper(ratings, bias=False, n_threads=1),
        "ours, bias, 2 threads": sweeper(ratings, bias=True, n_threads=2),
    }
    print(f"{SHAPE[2]:,} ratings of {SHAPE[0]:,} users and {SHAPE[1]:,} movies, {N_FACTORS} factors: one sweep")
    with ExitStack() as stack:
        for name in PEERS if given.peers else ():
            peer = stack.enter_context(Peer(given.peers, name, kept(ratings), N_FACTORS))
            if peer.present:
                turns[name] = peer.turn
            else:
                print(f"  {name} is not there and left out")
        tell(by_turns(turns, given.turns), ours)
    figures(ratings)


def figures(ratings: Ratings) -> None:
    """Print the RMSE after ten sweeps."""
    from itertools import islice

    from cfgui.core.trainer import Trainer

    factors = random_factors(ratings.n_users, ratings.n_movies, N_FACTORS, bias=False, init="normal", seed=1)
    trainer = Trainer(ratings, factors, Hyperparameters(optimizer="als"), gradient="exact")
    reports = list(islice(trainer.steps(), 20))
    print(f"RMSE on these ratings: {rmse(factors, ratings):.4f} at the start, {reports[-1].rmse:.4f} after 10 sweeps")


if __name__ == "__main__":
    main()
