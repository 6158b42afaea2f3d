"""How well the neural net predicts ratings it has not seen, and how long the recipe of the fast.ai book takes.

    python -m benchmarks.accuracy_neural [--seeds N] [--data RATINGS.csv] [--tune]

ml-latest-small-2016 (beside the checkout, in ../shared/data), a random 80 to 20 split for each seed, the mean squared
residual over the 20. The settings were chosen with ``--tune``, which sees the 80 only: it holds a tenth of them out.
Movies and users without a rating to learn from are predicted by the rule of ``cfgui evaluate``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path

from cfgui.app.evaluating import Evaluation, Length, evaluate_split
from cfgui.core.document import Document
from cfgui.core.factors import random_factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.split import Split, random_split
from cfgui.io.open_any import open_ratings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ml-latest-small-2016" / "ratings.csv"

TUNE_SEED = 100
"""Added to the seed for the tenth of the training ratings that settings are chosen by."""


@dataclass(frozen=True)
class Setting:
    """One way of training: choices, epochs, and what others reach with it."""

    name: str
    choices: Hyperparameters
    epochs: int
    others: str


SETTINGS = (
    Setting(
        "neural",
        Hyperparameters(
            model="neural",
            n_factors=10,
            hidden="200",
            dropout=0.3,
            range="sigmoid",
            init="normal",
            optimizer="adam",
            learning_rate=0.01,
            weight_decay=4e-4,
            layer_decay=0.0,
            batch_size=512,
            order="shuffled",
            schedule="one-cycle",
            schedule_epochs=5,
        ),
        5,
        "the course's net .794; wanted .785",
    ),
    Setting(
        "fastai",
        Hyperparameters(
            model="bias",
            n_factors=50,
            range="sigmoid",
            low=0.0,
            high=5.5,
            init="normal",
            optimizer="adamw",
            learning_rate=5e-3,
            weight_decay=0.1,
            decay_kind="decoupled",
            batch_size=64,
            order="shuffled",
            schedule="one-cycle",
            schedule_epochs=5,
        ),
        5,
        "the course's bias model .798",
    ),
)


def evaluated(ratings: Ratings, split: Split, setting: Setting, seed: int) -> Evaluation:
    """The setting on the training part, looked at on the other."""
    factors = random_factors(ratings.n_users, ratings.n_movies, 1, bias=False)
    document = Document(ratings, {"dot": factors})
    return evaluate_split(document, replace(setting.choices, seed=seed), split, Length(epochs=setting.epochs))


def main() -> None:
    """Print seeds, mean squared errors and seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--tune", action="store_true", help="hold out a tenth of the training ratings instead")
    given = parser.parse_args()
    # As the program does before torch loads: with threads that spin while they wait it takes six times as long.
    os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
    if not given.data.exists():
        print(f"left out: {given.data} is not there")
        return
    ratings = open_ratings(given.data).ratings
    for setting in SETTINGS:
        print(f"\n{setting.name}, {setting.epochs} epochs ({setting.others})\n{setting.choices}")
        found = []
        for seed in range(given.seeds):
            split = random_split(ratings, 0.2, seed)
            if given.tune:
                split = random_split(split.train, 0.1, TUNE_SEED + seed)
            began = time.perf_counter()
            evaluation = evaluated(ratings, split, setting, seed)
            found.append(evaluation.score.held_out.mse)
            learnt, held_out = evaluation.result.rmse**2, found[-1]
            print(
                f"seed {seed}: MSE {held_out:.4f} held out, {learnt:.4f} learnt from,"
                f" {evaluation.result.seconds:.1f} s of training, {time.perf_counter() - began:.1f} s with all"
            )
        print(f"mean MSE {statistics.fmean(found):.4f} over {len(found)} seeds")


if __name__ == "__main__":
    main()
