"""Gibbs sampling: milliseconds of a sample at 10 factors beside myFM's, and how well the posterior mean predicts.

    python -m benchmarks.gibbs [--peers PYTHON] [--turns N] [--seeds N] [--samples N] [--data RATINGS.csv]

PYTHON is an interpreter that has myFM; without one it is left out. Speed: synthetic tables of the shapes of MovieLens
100k and 1M, by turns. Accuracy: ml-latest-small-2016 (beside the checkout, in ../shared/data), a random 80 to 20 split
for each seed, the mean squared residual over the 20 of the posterior mean of all draws after the burn-in.
"""

from __future__ import annotations

import argparse
import statistics
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.row_peers import Peer, Turn, by_turns, kept, tell
from cfgui.core.als_sides import sides
from cfgui.core.chunks import Watch
from cfgui.core.gibbs import RANK, SAMPLES, GibbsSampler
from cfgui.core.gibbs_posterior import BURN_IN, PosteriorMean
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.synthetic import synthetic_ratings

SHAPES = {"100k": (943, 1_682, 100_000), "1M": (6_040, 3_706, 1_000_209)}
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ml-latest-small-2016" / "ratings.csv"


def sampler(ratings: Ratings, n_threads: int) -> Turn:
    """One draw after another of the bias model."""
    factors = random_factors(ratings.n_users, ratings.n_movies, RANK, bias=True, init="normal", seed=1)
    both = sides(factors, ratings.users, ratings.movies, ratings.values)
    gibbs, number = GibbsSampler(1, n_threads), 0

    def draw() -> float:
        nonlocal factors, number
        start = time.perf_counter()
        factors = gibbs.draw(both, factors, number, Watch())
        number += 1
        return (time.perf_counter() - start) * 1e3

    return draw


def speed(name: str, python: str, n_turns: int) -> None:
    """Print milliseconds a sample."""
    ratings = synthetic_ratings(*SHAPES[name], seed=1)
    print(f"{name}-shaped, {RANK} factors and biases: one sample")
    ours = "ours, 2 threads"
    turns: dict[str, Turn] = {ours: sampler(ratings, 2), "ours, 1 thread": sampler(ratings, 1)}
    with ExitStack() as stack:
        if python:
            peer = stack.enter_context(Peer(python, "myfm", kept(ratings), RANK))
            if peer.present:
                turns["myFM"] = peer.turn
            else:
                print("  myFM is not there and left out")
        tell(by_turns(turns, n_turns), ours)


def accuracy(path: Path, seed: int, n_samples: int) -> float:
    """The held-out mean squared residual of one split."""
    users, movies, values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1, 2)).T
    users, movies = (np.unique(ids, return_inverse=True)[1].astype(np.int32) for ids in (users, movies))
    held = np.zeros(len(values), dtype=bool)
    held[np.random.default_rng(seed).permutation(len(values))[: len(values) // 5]] = True
    n_users, n_movies = int(users.max()) + 1, int(movies.max()) + 1
    factors = random_factors(n_users, n_movies, RANK, bias=True, init="normal", seed=seed)
    factors = replace(factors, global_mean=float(values[~held].mean()))
    both = sides(factors, users[~held], movies[~held], values[~held])
    scale = float(values[~held].min()), float(values[~held].max())
    posterior = PosteriorMean(users[held], movies[held], scale=scale, burn_in=BURN_IN, n_kept=0)
    gibbs = GibbsSampler(seed)
    for number in range(n_samples):
        factors = gibbs.draw(both, factors, number, Watch())
        posterior.add(factors)
    return float(((posterior.posterior().mean - values[held]) ** 2).mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="", metavar="PYTHON")
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    for name in SHAPES:
        speed(name, given.peers, given.turns)
    if not given.data.exists():
        print(f"accuracy is left out: {given.data.name} of ml-latest-small-2016 is not there")
        return
    found = [accuracy(given.data, seed, given.samples) for seed in range(given.seeds)]
    print(f"ml-latest-small, {given.samples} samples of which {BURN_IN} burn-in, rank {RANK}: held-out MSE")
    print(f"  {', '.join(f'{mse:.4f}' for mse in found)}; mean {statistics.mean(found):.4f}")


if __name__ == "__main__":
    main()
