"""``cfgui train``: train one model and write what was asked for, however the run ends."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cfgui.app.documents import export_document
from cfgui.app.peak_memory import peak_memory_mb
from cfgui.app.sampling import Sampling
from cfgui.app.training import TrainingResult, starting_factors, trained_document
from cfgui.cli.held_out import cold_words, n_learnt
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, reason, say, training_facts, training_text
from cfgui.cli.tables import check_fits, open_file, shown_part, wants_part
from cfgui.cli.train_valid import HeldOutErrors, trained
from cfgui.cli.value_exports import asked_for, check_value_folders, value_tasks
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import usual_optimizer
from cfgui.core.option import Value
from cfgui.core.options import OPTIONS
from cfgui.core.presets import PRESETS
from cfgui.core.samples import Samples
from cfgui.core.split import ColdCounts
from cfgui.core.structure import choices_of
from cfgui.io.history_csv import write_history

GROUPS = (("n_factors", "n_movie_factors", "factor_rule"), ("range", "low", "high"), ("global_mean",), ("hidden",))
"""Options that a file's weights answer where nobody else does; each group as one."""


def run(arguments: Namespace) -> int:
    """Train; 0 done, 1 diverged or a file could not be written, 130 interrupted."""
    for path in (arguments.export, arguments.history):
        check_writable(path)
    check_value_folders(arguments)
    with Interruption() as interruption:
        document = open_file(arguments, lambda: interruption.wished)
        if arguments.train_on == "visible":
            document = shown_part(document, arguments)
        hyperparameters = chosen_hyperparameters(arguments, document)
        _check_export(arguments, document, hyperparameters)
        draws = _draws_wanted(arguments, document, hyperparameters)
        result, valid = trained(arguments, document, hyperparameters, lambda: interruption.wished, draws)
        learnt = trained_document(document, hyperparameters.model, result)
        samples = None if draws is None else draws.samples(result.factors)
        written, all_written = _write(arguments, shown_part(learnt, arguments), result, samples)
    if arguments.json:
        print_json(_facts(document, hyperparameters, result, valid))
    else:
        _print(document, hyperparameters, result, valid)
        for path in written:
            print(f"wrote {path}")
    if result.diverged:
        say(result.diverged)
    if interruption.wished:
        say(f"interrupted after step {result.step}; what was asked for is written.")
        return 130
    return 0 if all_written and not result.diverged else 1


def chosen_hyperparameters(arguments: Namespace, document: Document) -> Hyperparameters:
    """What the flags choose, the preset where they leave it open, and for this document where both do."""
    given = {option.name: getattr(arguments, option.name) for option in OPTIONS}
    preset = {} if arguments.preset is None else PRESETS[arguments.preset].complete
    stated = {**preset, **{name: value for name, value in given.items() if value is not None}}
    chosen = Hyperparameters(**stated)
    if "optimizer" not in stated:
        n_ratings = n_learnt(arguments, document.ratings.n_ratings, document.ratings.n_users)
        chosen = dataclasses.replace(chosen, optimizer=usual_optimizer(n_ratings))
    own = document.factors.get(chosen.model)
    return chosen if own is None else dataclasses.replace(chosen, **_of_file(choices_of(own), stated))


def _of_file(own: Mapping[str, Value], stated: Mapping[str, object]) -> dict[str, Any]:
    """What a document's weights say of options that are not stated; of those that go together all or none."""
    kept = [group for group in GROUPS if not any(name in stated for name in group)]
    return {name: own[name] for group in kept for name in group if name in own}


def _check_export(arguments: Namespace, document: Document, hyperparameters: Hyperparameters) -> None:
    """Raise ValueError where the workbook would be too large for Excel: better before a long run."""
    if arguments.export is not None:
        part, model = shown_part(document, arguments), hyperparameters.model
        sized = dataclasses.replace(part, factors={**part.factors, model: starting_factors(part, hyperparameters)})
        check_fits(sized, arguments.export, values_only=arguments.values_only)


def _draws_wanted(arguments: Namespace, document: Document, hyperparameters: Hyperparameters) -> Sampling | None:
    """What takes in the draws of Gibbs sampling, for recommendations by their mean; None where none are wanted."""
    if hyperparameters.optimizer != "gibbs" or "recommendations" not in asked_for(arguments):
        return None
    is_part = arguments.train_on != "visible" and wants_part(arguments)
    return None if is_part else Sampling(document.ratings, None, 0)


def _write(
    arguments: Namespace, learnt: Document, result: TrainingResult, samples: Samples | None = None
) -> tuple[list[Path], bool]:
    """Write every file asked for, each although another may fail; which are written, and whether all of them are."""
    tasks: dict[Path, Callable[[], tuple[Path, ...] | None]] = {}
    if arguments.export is not None:
        tasks[arguments.export] = partial(export_document, learnt, arguments.export, values_only=arguments.values_only)
    if arguments.history is not None:
        tasks[arguments.history] = partial(write_history, result.curve, arguments.history, result.held_out)
    tasks |= value_tasks(learnt, arguments, samples)
    written: list[Path] = []
    all_written = True
    for path, task in tasks.items():
        try:
            written += task() or (path,)
        except (OSError, ValueError) as error:
            say(reason(error))
            all_written = False
    return written, all_written


def _facts(
    document: Document, hyperparameters: Hyperparameters, result: TrainingResult, valid: HeldOutErrors | None
) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    return {
        **training_facts(document, hyperparameters),
        "step": result.step,
        "epoch": result.epoch,
        "loss": result.loss,
        "rmse": result.rmse,
        "start_rmse": result.start_rmse,
        "seconds": result.seconds,
        "diverged": result.diverged is not None,
        "valid_mse": valid.errors.mse if valid else None,
        "valid_rmse": valid.errors.rmse if valid else None,
        "valid_mae": valid.errors.mae if valid else None,
        **({name: getattr(valid.cold, name) if valid else None for name in ColdCounts._fields}),
        "epochs": result.epoch,
        "ratings_per_second": result.ratings_per_second,
        "engine": result.engine,
        "peak_memory_mb": peak_memory_mb(),
    }


def _print(
    document: Document, hyperparameters: Hyperparameters, result: TrainingResult, valid: HeldOutErrors | None
) -> None:
    """The same in words."""
    print(training_text(document, hyperparameters))
    print(
        f"step {result.step}, epoch {result.epoch}: RMSE {result.start_rmse:.10g} -> {result.rmse:.10g},"
        f" loss {result.loss:.10g}, {result.seconds:.3f} s"
    )
    if valid is not None:
        errors = valid.errors
        print(f"held out: {errors.n:,} ratings, MSE {errors.mse:.6f}, RMSE {errors.rmse:.6f}, MAE {errors.mae:.6f}")
        if valid.cold.n_cold:
            print(f"{cold_words(valid.cold)}: what is known of them predicts these, the mean stands for the rest")
    if result.stopped_early:
        print(f"stopped early: the held-out RMSE was lowest at step {result.best_step}")
    if result.stop_reason:
        print(f"finished: {result.stop_reason}")
