"""cornac's matrix factorisation as a peer; run by an interpreter that has cornac, with the split in an .npz file.

It prints one JSON line for each number of epochs: {"epochs", "seconds", "rmse"}; seconds are those of ``fit`` alone.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def main(path: str, rate: float, decay: float, n_factors: int, most: int) -> None:
    """Train for 1, 2, ... epochs from the start each time, on two threads."""
    from cornac.data import Dataset  # type: ignore[import-not-found]
    from cornac.models import MF  # type: ignore[import-not-found]

    split = np.load(path)
    train = Dataset.from_uir(list(zip(split["users"].tolist(), split["movies"].tolist(), split["values"], strict=True)))
    users = np.array([train.uid_map.get(u, -1) for u in split["test_users"].tolist()])
    movies = np.array([train.iid_map.get(m, -1) for m in split["test_movies"].tolist()])
    for n_epochs in range(1, most + 1):
        best = float("inf")
        for _ in range(3):
            options = {"k": n_factors, "max_iter": n_epochs, "learning_rate": rate, "lambda_reg": decay}
            model = MF(**options, use_bias=True, seed=1, num_threads=2)
            start = time.perf_counter()
            model.fit(train)
            best = min(best, time.perf_counter() - start)
        score = np.full(len(users), train.global_mean)
        score += np.where(users >= 0, model.u_biases[users], 0) + np.where(movies >= 0, model.i_biases[movies], 0)
        both = (users >= 0) & (movies >= 0)
        score[both] += np.einsum("ij,ij->i", model.u_factors[users[both]], model.i_factors[movies[both]])
        rmse = float(np.sqrt(np.mean((split["test_values"] - score) ** 2)))
        print(json.dumps({"epochs": n_epochs, "seconds": best, "rmse": rmse}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
