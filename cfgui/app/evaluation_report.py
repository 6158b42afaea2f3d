"""What an evaluation shows: figures of the model beside the baselines, and errors by user and by movie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cfgui.app.evaluating import Evaluation, Score
from cfgui.app.evaluating_folds import FoldsEvaluation, Spread, spread
from cfgui.app.evaluation_columns import BASELINE_TIPS, SHARES, Column, columns
from cfgui.app.evaluation_groups import GroupTable, movie_table, user_table
from cfgui.app.words import counted
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.split import Split, SplitChoice, cold_counts


@dataclass(frozen=True)
class Row:
    """One way of predicting: its name, the sentence that says what it is, and mean and spread of each figure."""

    name: str
    tip: str
    cells: tuple[Spread, ...]


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """All that is shown of an evaluation, and what is needed to write it into files.

    ``held_out`` and ``training`` are sentences, ``cold`` one about ratings of which nothing could be learnt, "" where
    there are none; ``problems`` are sentences about runs that diverged. ``split`` is that of the first fold.
    """

    title: str
    training: str
    held_out: str
    cold: str
    judged: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    split: Split
    by_user: GroupTable
    by_movie: GroupTable

    @property
    def facts(self) -> str:
        """What was done, in one line."""
        return f"{self.title}: {self.training}. Held out: {self.held_out}."

    def is_best(self, row: int, column: int) -> bool:
        """Whether no row has a better figure in this column, and some has a worse one."""
        lowest = self.columns[column].lowest_is_best
        means = [each.cells[column].mean for each in self.rows]
        known = [mean for mean in means if math.isfinite(mean)]
        if lowest is None or not known or min(known) == max(known):
            return False
        return means[row] == (min(known) if lowest else max(known))

    def shown(self, row: int, column: int) -> tuple[str, str]:
        """A figure in short and its spread over folds, "" for one: ("0.9012", "± 0.0031"), ("41.2 %", "")."""
        mean, sd = self.rows[row].cells[column]
        if not math.isfinite(mean):
            return "–", ""
        is_share = self.columns[column].key in SHARES
        words = [f"{100 * number:.1f} %" if is_share else f"{number:.4f}" for number in (mean, sd)]
        return words[0], f"± {words[1]}" if math.isfinite(sd) else ""

    def full(self, row: int, column: int) -> str:
        """The same with every digit; "" where there is no figure."""
        mean, sd = self.rows[row].cells[column]
        spread_words = f" ± {sd!r}, mean and standard deviation over the folds" if math.isfinite(sd) else ""
        return f"{mean!r}{spread_words}" if math.isfinite(mean) else ""

    @property
    def has_spread(self) -> bool:
        """Whether there are several folds."""
        return any(math.isfinite(cell.sd) for row in self.rows for cell in row.cells)

    def table(self) -> list[list[str]]:
        """Header and rows with every digit, for files and the clipboard; over folds each figure's sd follows it."""
        kinds = ("", "_sd") if self.has_spread else ("",)
        lines = [["name", *(f"{column.key}{kind}" for column in self.columns for kind in kinds)]]
        for row in self.rows:
            numbers = (number for cell in row.cells for number in cell[: len(kinds)])
            lines.append([row.name, *(repr(number) if math.isfinite(number) else "" for number in numbers)])
        return lines


def make_report(found: FoldsEvaluation, choices: Hyperparameters, choice: SplitChoice, n: int) -> EvaluationReport:
    """Everything to show of an evaluation; ``n`` recommendations were judged. Raises ValueError without any fold."""
    if not found.folds:
        raise ValueError("No fold came to its end, so there is nothing to show.")
    folds, first = found.folds, found.folds[0]
    rank = first.score.ranking
    shown = columns(n, rank.threshold if rank else math.nan)
    label = OPTIMIZER_DEFAULTS[choices.optimizer].label
    rows = [_row(f"{MODELS[choices.model].sheet} by {label}", "The model, trained by the choices in force.", shown,
                 [it.score for it in folds])]  # fmt: skip
    rows += [
        _row(own[0].label, BASELINE_TIPS[own[0].name], shown, own)
        for own in zip(*(it.baselines for it in folds), strict=True)
    ]
    return EvaluationReport(
        title=rows[0].name,
        training=_training(folds),
        held_out=_held_out(choice, found),
        cold=_cold(folds),
        judged=_judged(first),
        columns=shown,
        rows=tuple(rows),
        problems=tuple(it.result.diverged for it in folds if it.result.diverged),
        split=first.split,
        by_user=user_table(first.split, found.by_user),
        by_movie=movie_table(first.split, found.by_movie),
    )


def _row(name: str, tip: str, shown: Sequence[Column], scores: Sequence[Score]) -> Row:
    return Row(name, tip, tuple(spread([column.figure(score) for score in scores]) for column in shown))


def _training(folds: Sequence[Evaluation]) -> str:
    """ "10 epochs, 40 steps in 0.8 s"."""
    result, seconds = folds[0].result, math.fsum(it.result.seconds for it in folds)
    early = "; stopped early" if any(it.result.stopped_early for it in folds) else ""
    each = " in each fold" if len(folds) > 1 else ""
    return f"{counted(result.epoch, 'epoch')}, {counted(result.step, 'step')}{each}, {seconds:.3g} s{early}"


def _held_out(choice: SplitChoice, found: FoldsEvaluation) -> str:
    """Which ratings were held out."""
    split = found.folds[0].split
    n, of = counted(split.held_out.n_ratings, "rating"), split.held_out.n_ratings + split.train.n_ratings
    if choice.kind == "folds":
        done = len(found.folds)
        which = f"all {found.n_folds} folds" if done == found.n_folds else f"the first {done} of {found.n_folds} folds"
        return f"{which}, about {n} held out in each"
    if choice.kind == "leave-k-out":
        kept = f"; {counted(split.n_kept_users, 'user')} with too few keep all" if split.n_kept_users else ""
        return f"{n} of {of:,}, {choice.k} of each user{kept}"
    if choice.kind == "file":
        new = f"{counted(split.n_new_users, 'user')} and {counted(split.n_new_movies, 'movie')}"
        return f"{n} of the file, with {new} of its own; {split.n_moved:,} of them also stood here and were not learnt"
    return f"{n} of {of:,} at random"


def _cold(folds: Sequence[Evaluation]) -> str:
    """How many held-out ratings there was nothing to learn for."""
    n_cold, users, movies = cold_counts(it.split for it in folds)
    if not n_cold:
        return ""
    who = " and ".join(counted(number, word) for number, word in ((users, "user"), (movies, "movie")) if number)
    return f"{counted(n_cold, 'held-out rating')} of {who} without any rating to learn from"


def _judged(first: Evaluation) -> str:
    """Who was asked about recommendations."""
    rank = first.score.ranking
    if rank is None:
        return ""
    n_held = first.split.n_held_out_users
    drawn = f", drawn from {n_held:,}" if rank.n_users < n_held else ""
    return (
        f"{counted(rank.n_users, 'user')} got recommendations{drawn}; {rank.n_relevant_users:,} have a relevant"
        f" held-out rating, {rank.threshold:g} or more"
    )
