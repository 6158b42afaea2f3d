"""Cold start: held-out MSE of each method after 0, 5, 10 and 20 ratings, what metadata are worth, and milliseconds.

    python -m benchmarks.cold_start [--data FILE_OR_FOLDER ...] [--seeds N]

Without --data it takes ml-latest-small-2016 (beside the checkout, in ../shared/data). 100 users with 30 ratings or more
are held out, from each seed other ones, and all their ratings but 20 are predicted; then a fifth of the movies is
hidden, and their ratings are predicted from genres and year, and a fifth of the users by facts about them, where such
are known. Milliseconds are the least of several turns, with 50
factors and 20 given ratings.
"""

from __future__ import annotations

import argparse
import statistics
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cfgui.app.cold_start_evaluation import LABELS, ColdStartChoice, evaluate_cold_start
from cfgui.app.documents import open_document
from cfgui.app.evaluating import Length
from cfgui.app.metadata_report import METADATA, MetadataChoice, evaluate_metadata
from cfgui.core.document import Document
from cfgui.core.fold_in import fold_in
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.presets import PRESETS
from cfgui.core.prior import prior_of
from cfgui.core.questionnaire import Questionnaire
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ml-latest-small-2016"
WAYS = ("best-sgd", "best-bayesian")


def choices_of(name: str) -> tuple[Hyperparameters, Length]:
    """How a preset trains, and how long."""
    preset = PRESETS[name]
    return Hyperparameters(**preset.complete), Length(epochs=preset.epochs)  # type: ignore[arg-type]  # of the table


def users(document: Document, n_seeds: int) -> None:
    """Print the MSE of new users."""
    for name in WAYS:
        choices, length = choices_of(name)
        found = [
            evaluate_cold_start(document, choices, length, ColdStartChoice(seed=42 + seed)) for seed in range(n_seeds)
        ]
        given = found[0].given
        print(f"  {name}, {found[0].n_users} users, {found[0].n_ratings:,} ratings: after", *given, "ratings")
        for method in found[0].mse:
            means = [statistics.mean(it.mse[method][place] for it in found) for place in range(len(given))]
            print(f"    {LABELS[method]:<20}" + "".join(f"{mean:9.4f}" for mean in means))
        print(f"    falls and beats the mean vector: {sum(it.falls for it in found)} of {n_seeds} seeds")


def metadata(document: Document, side: str, n_seeds: int) -> None:
    """Print what genres and years, or facts about users, are worth."""
    if not (document.ratings.genres if side == "movie" else document.ratings.user_facts):
        print(f"  nothing known besides ratings: new {side}s are left out")
        return
    for name in WAYS:
        choices, length = choices_of(name)
        for seed in range(n_seeds):
            found = evaluate_metadata(document, choices, length, MetadataChoice(seed=42 + seed, side=side))
            print(
                f"  {name}: {found.n_hidden:,} hidden {side}s, MSE {found.by_metadata:.4f} by {METADATA[side]},"
                f" {found.by_mean:.4f} by the mean {side}; R^2 of vectors {found.r_squared:.3f}"
            )


def speed(ratings: Ratings) -> None:
    """Print milliseconds; weights are random, which costs as much."""
    factors = random_factors(ratings.n_users, ratings.n_movies, 50, bias=True, init="normal", seed=1)
    prior = prior_of(ratings, factors, "user")
    rng = np.random.default_rng(1)
    rated = rng.choice(ratings.n_movies, min(20, ratings.n_movies), replace=False).astype(np.int32)
    values = rng.uniform(1, 5, len(rated))
    folded = fold_in(prior, rated, values)
    folded.sd()
    asking, answers = Questionnaire(prior, ratings), dict(zip(rated.tolist(), values.tolist(), strict=True))
    asking.next({})
    turns: dict[str, Callable[[], object]] = {
        "prior": lambda: prior_of(ratings, factors, "user").root,
        "fold-in of 20 ratings": lambda: fold_in(prior, rated, values),
        "predictions for all movies": folded.predictions,
        "their standard deviations": folded.sd,
        "next question": lambda: asking.next(answers),
    }
    print(f"  milliseconds, 50 factors, {ratings.n_movies:,} movies:")
    for name, turn in turns.items():
        print(f"    {name:<28}{min(timeit.repeat(turn, number=3, repeat=7)) / 3 * 1e3:9.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="*", default=[DATA])
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    for path in given.data:
        if not path.exists():
            print(f"{path.name} is not there and left out")
            continue
        document = open_document(path)
        print(f"{path.name}: {document.ratings.n_users:,} users, {document.ratings.n_movies:,} movies")
        users(document, given.seeds)
        for side in METADATA:
            metadata(document, side, given.seeds)
        speed(document.ratings)


if __name__ == "__main__":
    main()
