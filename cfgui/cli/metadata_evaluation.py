"""``cfgui new-movie --evaluate`` and ``cfgui new-user --evaluate-facts``: what metadata are worth, said honestly."""

from __future__ import annotations

from argparse import Namespace

from cfgui.app.metadata_report import METADATA, MetadataChoice, MetadataReport, evaluate_metadata
from cfgui.app.training import step_limit
from cfgui.app.words import counted
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import print_json
from cfgui.cli.progress import shown_progress
from cfgui.cli.tables import open_file, shown_part
from cfgui.cli.trained import chosen_training
from cfgui.core.chunks import Interrupted
from cfgui.core.one_side import SideName


def evaluate(arguments: Namespace, side: SideName) -> int:
    """Hide a fifth of the movies, or users (``side``), train, predict, print; 0."""
    with Interruption() as interruption:

        def stop() -> bool:
            return interruption.wished

        document = shown_part(open_file(arguments, stop), arguments)
        hyperparameters, length = chosen_training(arguments, document)
        total = step_limit(hyperparameters, document.ratings.n_ratings, length.steps, length.epochs)
        choice = MetadataChoice(seed=hyperparameters.seed, side=side)
        with shown_progress(total) as on_report:
            try:
                found = evaluate_metadata(document, hyperparameters, length, choice, on_report=on_report, stop=stop)
            except Interrupted:
                raise KeyboardInterrupt from None
        interruption.heed()
    if arguments.json:
        print_json(_facts(found))
    else:
        print("\n".join(_lines(found)))
    return 0


def _facts(found: MetadataReport) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    side = found.side
    return {
        f"n_{side}s": found.n_hidden,
        "n_ratings": found.n_ratings,
        "by_metadata": found.by_metadata,
        f"by_mean_{side}": found.by_mean,
        "by_global_mean": found.by_global_mean,
        "r_squared": found.r_squared,
        "helps": found.helps,
        "note": found.note,
        "sentence": found.sentence,
    }


def _lines(found: MetadataReport) -> list[str]:
    side = found.side
    return [
        found.note,
        f"{counted(found.n_hidden, side)} hidden, {counted(found.n_ratings, 'rating')} predicted: MSE",
        f"  {METADATA[side]:<22}{found.by_metadata:.4f}",
        f"  {f'mean {side}':<22}{found.by_mean:.4f}",
        f"  {'global mean':<22}{found.by_global_mean:.4f}",
        f"R² of vectors, {side}s left out of the fit: {found.r_squared:.3f}",
        found.sentence,
    ]
