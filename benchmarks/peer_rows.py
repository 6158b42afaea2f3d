"""implicit's and lenskit's ALS and myFM's Gibbs sampling as peers; run by an interpreter that has them.

    python peer_rows.py NAME TABLE.npz N_FACTORS

prints "ready", and then for each line it reads does one sweep (a user and a movie half-step) or a few samples, and
prints the milliseconds that one took. NAME is one of ``PEERS``.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit and lenskit have threads of their own
os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np


def implicit_als(table: dict[str, np.ndarray], k: int, *, cg: bool) -> Callable[[], float]:
    """implicit, whose least squares takes the ratings as confidences: as many operations as for explicit ones, +k^2."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    matrix = csr_matrix((table["values"].astype(np.float32), (table["users"], table["movies"])))
    model = AlternatingLeastSquares(factors=k, regularization=0.1, iterations=2, use_cg=cg, num_threads=2)

    def sweep() -> float:
        seconds: list[float] = []
        model.fit(matrix, show_progress=False, callback=lambda _i, elapsed, _loss: seconds.append(elapsed))
        return min(seconds)

    return sweep


def lenskit_als(table: dict[str, np.ndarray], k: int) -> Callable[[], float]:
    """lenskit's BiasedMFScorer, explicit ratings less their biases."""
    import pandas as pd
    from lenskit.als import BiasedMFScorer
    from lenskit.data import from_interactions_df
    from lenskit.training import TrainingOptions

    frame = pd.DataFrame({"user_id": table["users"], "item_id": table["movies"], "rating": table["values"]})
    scorer = BiasedMFScorer(embedding_size=k, epochs=1, regularization=0.1)
    trainer = scorer.create_trainer(from_interactions_df(frame), TrainingOptions(rng=1))

    def sweep() -> float:
        start = time.perf_counter()
        trainer.train_epoch()
        return time.perf_counter() - start

    return sweep


def myfm_gibbs(table: dict[str, np.ndarray], k: int) -> Callable[[], float]:
    """myFM's regression with one-hot users and movies in two groups."""
    import myfm
    from scipy.sparse import csr_matrix, hstack

    rows = np.arange(len(table["users"]))
    ones = np.ones(len(rows))
    features = hstack([csr_matrix((ones, (rows, table[side]))) for side in ("users", "movies")]).tocsr()
    groups = [int(table[side].max()) + 1 for side in ("users", "movies")]

    def samples() -> float:
        moments: list[float] = []
        model = myfm.MyFMRegressor(rank=k, random_seed=1)
        model.fit(
            features,
            table["values"].astype(np.float64),
            n_iter=6,
            n_kept_samples=1,
            group_shapes=groups,
            callback=lambda *_state: (bool(moments.append(time.perf_counter())), ""),
        )
        return statistics.median(np.diff(moments))

    return samples


PEERS: dict[str, Callable[[dict[str, np.ndarray], int], Callable[[], float]]] = {
    "implicit cg": lambda table, k: implicit_als(table, k, cg=True),
    "implicit cholesky": lambda table, k: implicit_als(table, k, cg=False),
    "lenskit": lenskit_als,
    "myfm": myfm_gibbs,
}


def main(name: str, path: str, k: int) -> None:
    """Answer each line with the milliseconds of one sweep or sample."""
    work = PEERS[name](dict(np.load(path)), k)
    work()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(work() * 1e3, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
