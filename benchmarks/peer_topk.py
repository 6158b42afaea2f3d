"""implicit's topk as a peer of recommending to everyone; run by an interpreter that has it.

    python peer_topk.py TABLE.npz N_FACTORS N

makes the weights that ``recommend.py`` makes, and prints seconds and the peak of memory in MB.
"""

from __future__ import annotations

import os
import resource
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # topk shares the users between threads of its own

import numpy as np
from implicit.cpu.topk import topk
from scipy.sparse import csr_matrix


def main(path: str, k: int, n: int) -> None:
    """Recommend to everyone once."""
    kept = np.load(path)
    starts, movies = kept["starts"], kept["movies"]
    n_users, n_movies = len(starts) - 1, int(kept["n_movies"])
    rng = np.random.default_rng(7)
    user_factors = rng.normal(0, 0.3, (n_users, k)).astype(np.float32)
    movie_factors = rng.normal(0, 0.3, (n_movies, k)).astype(np.float32)
    seen = csr_matrix((np.ones(len(movies), dtype=np.float32), movies, starts), shape=(n_users, n_movies))
    began = time.perf_counter()
    topk(movie_factors, user_factors, n, filter_query_items=seen, num_threads=2)
    seconds = time.perf_counter() - began
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
