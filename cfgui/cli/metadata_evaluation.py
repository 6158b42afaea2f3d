"""``cfgui new-movie --evaluate`` and ``cfgui new-user --evaluate-facts``: what metadata are worth, said honestly."""

from __future__ import annotations

from argparse import Namespace

from cfgui.app.metadata_report import METADATA, MetadataChoice, MetadataReport, evaluate_metadata
from cfgui.app.words import counted
from cfgui.cli.evaluations import Wished, measured
from cfgui.cli.output import print_json
from cfgui.core.one_side import SideName


def evaluate(arguments: Namespace, side: SideName) -> int:
    """Hide a fifth of the movies, or users (``side``), train, predict, print; 0."""

    def measure(wished: Wished) -> MetadataReport:
        choice = MetadataChoice(seed=wished.hyperparameters.seed, side=side)
        return evaluate_metadata(
            wished.document,
            wished.hyperparameters,
            wished.length,
            choice,
            on_report=wished.on_report,
            stop=wished.stop,
        )

    found = measured(arguments, measure)
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
