"""The share of the enthusiasts' genre after 20 rounds, the mean of some seeds, and the seconds a simulation takes.

    python -m benchmarks.feedback [FOLDER] [--seeds N]

FOLDER is ml-latest-small or another table with genres: its truth is then the bias model trained to its optimum as
``cfgui simulate FOLDER`` trains it; without FOLDER the world is planted.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from cfgui.app.documents import open_document
from cfgui.app.trained_model import newly_trained, usual_choices
from cfgui.core.factors import Factors
from cfgui.core.feedback import simulate
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.feedback_world import World, planted_world, trained_world
from cfgui.core.ratings import Ratings

WAYS: dict[str, dict[str, float | str]] = {
    "no enthusiasts": {"enthusiasts": 0.0},
    "1 % enthusiasts": {},
    "exploration 20 %": {"exploration": 0.2},
    "Thompson sampling": {"exploration": 1.0, "exploration_kind": "thompson"},
    "inverse propensity": {"debiasing": "weights"},
    "popularity penalty": {"debiasing": "popularity"},
    "no habit": {"habit": 0.0},
    "no habit, no enthusiasts": {"habit": 0.0, "enthusiasts": 0.0},
}


def main() -> None:
    """Play every way and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    model = None if given.folder is None else _trained(given.folder)
    print(f"{'':26}{'share at round 1':>18}{'10':>8}{'20':>8}{'spread':>8}{'RMSE truth':>12}{'coverage':>10}{'s':>7}")
    for name, way in WAYS.items():
        rows, seconds = [], []
        for seed in range(given.seeds):
            choices = FeedbackChoices(**way, world_seed=seed)  # type: ignore[arg-type]  # of the table
            world = _world(model, choices)
            start = time.perf_counter()
            reports = list(simulate(world, choices))
            seconds.append(time.perf_counter() - start)
            rows.append(
                [*(reports[i].favourite_share for i in (0, 9, 19)), reports[-1].truth_rmse, reports[-1].coverage]
            )
        first, middle, last, rmse, coverage = np.mean(rows, axis=0)
        spread = float(np.std([row[2] for row in rows], ddof=1)) if len(rows) > 1 else 0.0
        print(
            f"{name:26}{first:>18.3f}{middle:>8.3f}{last:>8.3f}{spread:>8.3f}{rmse:>12.3f}{coverage:>10.3f}"
            f"{np.median(seconds):>7.2f}"
        )
    print(f"share of the movies: {world.favourite_share:.3f} ({world.genres[world.favourite]})")


def _trained(folder: Path) -> tuple[Ratings, Factors]:
    document = open_document(folder)
    model = newly_trained(document, *usual_choices(document.ratings.n_ratings))
    print(model.note)
    return model.ratings, model.factors


def _world(model: tuple[Ratings, Factors] | None, choices: FeedbackChoices) -> World:
    return planted_world(choices) if model is None else trained_world(*model, choices)


if __name__ == "__main__":
    main()
