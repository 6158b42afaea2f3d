"""``cfgui evaluate``: train on one part of the ratings, measure on the other, beside plain baselines."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cfgui.app.evaluating import Evaluation, Length, RankingChoice, evaluate_split
from cfgui.app.evaluating_folds import FoldsEvaluation, evaluate_folds
from cfgui.app.training import step_limit
from cfgui.cli.evaluate_report import facts, lines
from cfgui.cli.held_out import FoldProgress, given_ratings, holds_out, split_choice
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, reason, say
from cfgui.cli.progress import shown_progress
from cfgui.cli.tables import open_file, shown_part
from cfgui.cli.train import chosen_hyperparameters
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.split import SplitChoice, make_split

USUAL_SHARE = 0.2
"""The share of ratings held out where nobody said."""

Stop = Callable[[], bool]


def run(arguments: Namespace) -> int:
    """Train, measure, print; 0 done, 1 diverged or a file could not be written, 130 interrupted."""
    for path in (arguments.by_user, arguments.by_movie):
        check_writable(path)
    with Interruption() as interruption:
        stop = _wish(interruption)
        document = shown_part(open_file(arguments, stop), arguments)
        if not holds_out(arguments):
            arguments.valid = USUAL_SHARE
        hyperparameters = chosen_hyperparameters(arguments, document)
        choice = split_choice(arguments, hyperparameters.seed)
        found = _evaluated(arguments, document, hyperparameters, choice, stop)
        if not found.folds:
            raise KeyboardInterrupt
        written, all_written = _write(arguments, found)
    if arguments.json:
        print_json(facts(document, hyperparameters, choice, found))
    else:
        print("\n".join(lines(document, hyperparameters, choice, found)))
        for path in written:
            print(f"wrote {path}")
    diverged = [it.result.diverged for it in found.folds if it.result.diverged]
    for sentence in diverged:
        say(sentence)
    if interruption.wished:
        say("interrupted; what was measured until then is shown.")
        return 130
    return 0 if all_written and not diverged else 1


def _wish(interruption: Interruption) -> Stop:
    return lambda: interruption.wished


def _evaluated(
    arguments: Namespace, document: Document, hyperparameters: Hyperparameters, choice: SplitChoice, stop: Stop
) -> FoldsEvaluation:
    """The evaluation of every fold; one where there are no folds."""
    length = Length(arguments.steps, arguments.epochs)
    rank = RankingChoice(arguments.n_recommended, arguments.relevant)
    if choice.kind != "folds":
        split = make_split(document.ratings, choice, given_ratings(arguments, choice, stop))
        total = step_limit(hyperparameters, split.train.n_ratings, length.steps, length.epochs)
        with shown_progress(total) as on_report:
            only: Evaluation = evaluate_split(
                document, hyperparameters, split, length, rank=rank, on_report=on_report, stop=stop
            )
        return FoldsEvaluation((only,), 1, interrupted=stop())
    n_learnt = document.ratings.n_ratings * (choice.n_folds - 1) // choice.n_folds
    steps = step_limit(hyperparameters, n_learnt, length.steps, length.epochs)
    with shown_progress(None if steps is None else steps * choice.n_folds) as show:
        bar = FoldProgress(show, steps)
        return evaluate_folds(
            document,
            hyperparameters,
            choice.n_folds,
            choice.seed,
            length,
            rank=rank,
            on_fold=bar.on_fold,
            on_report=bar.on_report,
            stop=stop,
        )


def _write(arguments: Namespace, found: FoldsEvaluation) -> tuple[list[Path], bool]:
    """Write every file asked for, each although another may fail; which are written, and whether all of them are."""
    from cfgui.io.error_tables import write_movie_errors, write_user_errors

    split = found.folds[0].split
    tasks: dict[Path, Callable[[], None]] = {}
    if arguments.by_user is not None:
        tasks[arguments.by_user] = partial(write_user_errors, split, found.by_user, arguments.by_user)
    if arguments.by_movie is not None:
        tasks[arguments.by_movie] = partial(write_movie_errors, split, found.by_movie, arguments.by_movie)
    written = []
    for path, task in tasks.items():
        try:
            task()
            written.append(path)
        except (OSError, ValueError) as error:
            say(reason(error))
    return written, len(written) == len(tasks)
