"""Flags that hold ratings out, for ``cfgui train`` and ``cfgui evaluate``, and what they come to."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.app.words import counted
from cfgui.cli.arguments import count, positive_count

if TYPE_CHECKING:  # not in earnest: `cfgui --help` needs no numpy
    from cfgui.core.position import StepReport
    from cfgui.core.ratings import Ratings
    from cfgui.core.split import ColdCounts, SplitChoice


def add_held_out_options(parser: ArgumentParser) -> None:
    """Give a command ``--valid``, ``--leave-out``, ``--folds`` and ``--split-seed``."""
    group = parser.add_argument_group("held-out ratings: not learnt from, but measured by")
    ways = group.add_mutually_exclusive_group()
    ways.add_argument(
        "--valid",
        type=fraction_or_file,
        metavar="FRACTION|FILE",
        help="hold out this share of the ratings at random, or the ratings of a file",
    )
    ways.add_argument(
        "--leave-out", type=positive_count, metavar="K", help="hold out K ratings of each user who has more"
    )
    ways.add_argument(
        "--folds", type=fold_count, metavar="K", help="cross-validate: K trainings, each rating held out in one of them"
    )
    group.add_argument(
        "--split-seed", type=count, metavar="S", help="the seed of the choice of ratings (default: that of --seed)"
    )


def check_patience(parser: ArgumentParser, arguments: Namespace) -> None:
    """Have the parser of ``cfgui train`` complain where patience would have nothing to look at."""
    if not arguments.patience:
        return
    if not holds_out(arguments):
        parser.error("--patience needs held-out ratings to look at: give --valid or --leave-out")
    if arguments.folds is not None:
        parser.error(
            "--patience does not go with --folds here, for the run that is kept holds nothing out; cfgui evaluate can"
        )


def fraction_or_file(text: str) -> float | Path:
    """A share between 0 and 1, or else a path. Raises ArgumentTypeError."""
    try:
        fraction = float(text)
    except ValueError:
        return Path(text)
    if not 0.0 < fraction < 1.0:
        raise ArgumentTypeError(f"a share of the ratings must lie between 0 and 1, not {text}")
    return fraction


def fold_count(text: str) -> int:
    """A whole number from 2 up. Raises ArgumentTypeError."""
    number = count(text)
    if number < 2:
        raise ArgumentTypeError("at least 2 folds")
    return number


def holds_out(arguments: Namespace) -> bool:
    """Whether any ratings are asked to be held out."""
    return any(value is not None for value in (arguments.valid, arguments.leave_out, arguments.folds))


def n_learnt(arguments: Namespace, n_ratings: int, n_users: int) -> int:
    """About how many of the ratings are left to learn from, before they are split; a file counts as taking none."""
    fraction, k, n_folds = arguments.valid, arguments.leave_out, arguments.folds
    held_out = 0
    if isinstance(fraction, float):
        held_out = round(fraction * n_ratings)
    elif k is not None:
        held_out = min(k * n_users, n_ratings)
    elif n_folds is not None:
        held_out = -(-n_ratings // n_folds)
    return n_ratings - held_out


def split_choice(arguments: Namespace, seed: int) -> SplitChoice:
    """What the flags ask for; ``seed`` is that of ``--seed``."""
    from cfgui.core.split import SplitChoice

    choice = SplitChoice(seed=seed if arguments.split_seed is None else arguments.split_seed)
    if isinstance(arguments.valid, float):
        return replace(choice, kind="random", fraction=arguments.valid)
    if arguments.valid is not None:
        return replace(choice, kind="file", path=str(arguments.valid))
    if arguments.leave_out is not None:
        return replace(choice, kind="leave-k-out", k=arguments.leave_out)
    if arguments.folds is not None:
        return replace(choice, kind="folds", n_folds=arguments.folds)
    return choice


def given_ratings(arguments: Namespace, choice: SplitChoice, cancelled: Callable[[], bool]) -> Ratings | None:
    """The ratings of the file to hold out, read as FILE is; None where it is no file.

    Raises as ``tables.open_file``.
    """
    if choice.kind != "file":
        return None
    from cfgui.cli.tables import open_file

    return open_file(Namespace(**{**vars(arguments), "file": Path(choice.path)}), cancelled).ratings


def cold_words(cold: ColdCounts) -> str:
    """How many held-out ratings are of somebody, or of a movie, of which nothing was learnt."""
    rows = f"{counted(cold.n_cold_users, 'user')}, {counted(cold.n_cold_movies, 'movie')}"
    return f"{counted(cold.n_cold, 'rating')} without a learnt user or movie ({rows})"


class FoldProgress:
    """One bar over all folds: the steps of a fold come after those of the folds before."""

    def __init__(self, show: Callable[[StepReport], None] | None, steps: int | None) -> None:
        self._show, self._steps = show, steps
        self._before = 0

    def on_fold(self, fold: int, _n_folds: int) -> None:
        """The next fold begins."""
        self._before = fold * (self._steps or 0)

    def on_report(self, report: StepReport) -> None:
        """Show a step of the fold in hand."""
        if self._show is not None:
            self._show(replace(report, step=self._before + report.step))
