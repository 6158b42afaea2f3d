"""What ``cfgui evaluate`` prints: a table for people, one JSON object for scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cfgui.app.evaluating import Evaluation, Score
from cfgui.app.evaluating_folds import FoldsEvaluation, spread
from cfgui.app.evaluation_figures import FIGURES
from cfgui.app.peak_memory import peak_memory_mb
from cfgui.app.words import counted
from cfgui.cli.held_out import cold_words
from cfgui.cli.output import training_facts, training_text
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.split import SplitChoice, cold_counts

HEADERS = ("MSE", "RMSE", "MAE", "MSE", "RMSE", "MAE", "precision", "recall", "NDCG", "coverage", "popular")
"""The columns of the table, in the order of ``FIGURES``."""


def facts(
    document: Document, hyperparameters: Hyperparameters, choice: SplitChoice, found: FoldsEvaluation
) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names. Of folds the figures are means, with ``valid_rmse_sd``."""
    folds, first = found.folds, found.folds[0]
    rank = first.score.ranking
    return {
        **training_facts(document, hyperparameters),
        "split": choice.kind,
        "split_seed": choice.seed,
        "n_folds": len(folds),
        "n_train": first.split.train.n_ratings,
        "n_valid": first.split.held_out.n_ratings,
        **cold_counts(it.split for it in folds)._asdict(),
        "n": rank.n if rank else None,
        "relevant": rank.threshold if rank else None,
        **_means([it.score for it in folds]),
        "valid_rmse_sd": found.spread(FIGURES["valid_rmse"]).sd,
        "baselines": {own[0].name: _means(own) for own in _baselines(folds)},
        "folds": [_means([it.score]) for it in folds] if choice.kind == "folds" else None,
        "steps": [it.result.step for it in folds] if choice.kind == "folds" else first.result.step,
        "epochs": first.result.epoch,
        "stopped_early": any(it.result.stopped_early for it in folds),
        "seconds": math.fsum(it.result.seconds for it in folds),
        "ratings_per_second": spread([it.result.ratings_per_second for it in folds]).mean,
        "engine": first.result.engine,
        "peak_memory_mb": peak_memory_mb(),
        "diverged": any(it.result.diverged is not None for it in folds),
    }


def lines(
    document: Document, hyperparameters: Hyperparameters, choice: SplitChoice, found: FoldsEvaluation
) -> list[str]:
    """The same in words and a table."""
    folds, first = found.folds, found.folds[0]
    rank = first.score.ranking
    seconds = math.fsum(it.result.seconds for it in folds)
    said = [
        training_text(document, hyperparameters),
        f"held out: {_how(choice, first, found)}",
        f"{counted(first.result.epoch, 'epoch')}, {counted(first.result.step, 'step')} in {seconds:.3f} s"
        f" ({first.result.engine})",
        "",
    ]
    titles = ("", "train", "held out", f"first {rank.n}" if rank else "recommendations")
    said += [f"{titles[0]:<12}  {titles[1]:<24}{titles[2]:<24}{titles[3]}".rstrip()]
    said += [f"{'':<12}" + "".join(f"{header:>{_width(place)}}" for place, header in enumerate(HEADERS))]
    for own in ([it.score for it in folds], *_baselines(folds)):
        numbers = list(_means(own).values())
        cells = (_number(number, _width(place)) for place, number in enumerate(numbers))
        said.append(f"{own[0].name:<12}{''.join(cells)}")
    if len(folds) > 1:
        mean, sd = found.spread(FIGURES["valid_rmse"])
        said += ["", f"held-out RMSE {mean:.4f} ± {sd:.4f} over {len(folds)} folds"]
    if rank:
        said += ["", f"relevant: rated {rank.threshold:g} or more; {_judged(first)}"]
    return said


def _how(choice: SplitChoice, first: Evaluation, found: FoldsEvaluation) -> str:
    """Which ratings are held out, and of which nothing could be learnt."""
    split, cold = first.split, cold_counts(it.split for it in found.folds)
    n = counted(split.held_out.n_ratings, "rating")
    kept = counted(split.n_kept_users, "user")
    said = {
        "random": f"{n} at random (seed {choice.seed})",
        "leave-k-out": f"{n}, {choice.k} of each user (seed {choice.seed}); {kept} with too few keep all",
        "file": f"{n} of {choice.path}, with {counted(split.n_new_users, 'new user')} and"
        f" {counted(split.n_new_movies, 'new movie')}; {counted(split.n_moved, 'rating')} taken out of FILE",
        "folds": f"{len(found.folds)} of {found.n_folds} folds (seed {choice.seed}), {n} in the first",
    }[choice.kind]
    return f"{said}; {cold_words(cold)}"


def _judged(first: Evaluation) -> str:
    rank = first.score.ranking
    if rank is None:
        return ""
    n_held = first.split.n_held_out_users
    drawn = f" of {n_held:,} drawn at random" if rank.n_users < n_held else ""
    have = "has" if rank.n_relevant_users == 1 else "have"
    return f"{counted(rank.n_relevant_users, 'user')} {have} such a held-out rating, of {rank.n_users:,}{drawn}"


def _baselines(folds: Sequence[Evaluation]) -> list[list[Score]]:
    """For each baseline its score in each fold."""
    return [list(own) for own in zip(*(it.baselines for it in folds), strict=True)]


def _means(scores: Sequence[Score]) -> dict[str, float]:
    return {name: spread([figure(score) for score in scores]).mean for name, figure in FIGURES.items()}


def _width(place: int) -> int:
    return max(8, len(HEADERS[place]) + 2)


def _number(number: float, width: int) -> str:
    return f"{number:>{width}.4f}" if math.isfinite(number) else f"{'-':>{width}}"
