"""The model that the commands which ask one ask: that of a file, or one trained with the options of training."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.cli.arguments import count
from cfgui.cli.new_parser import add_json
from cfgui.cli.tables import add_table_options, open_file, shown_part
from cfgui.cli.training_flags import add_choices, training_flags

if TYPE_CHECKING:  # not in earnest: `cfgui --help` needs no numpy
    from cfgui.app.evaluating import Length
    from cfgui.app.trained_model import TrainedModel
    from cfgui.core.document import Document
    from cfgui.core.hyperparameters import Hyperparameters
    from cfgui.core.ratings import Ratings

MODEL_HELP = (
    "cfgui's workbook, whose weights are asked; an .npz of weights; or ratings of any kind, which are learnt first"
)
WEIGHTS_ENDINGS = (".xlsx", ".npz")

Stop = Callable[[], bool]


def add_model_options(parser: ArgumentParser, *, without: str = "the 15 x 15") -> None:
    """Give a command FILE, ``--weights``, the options of training and of tables, and ``--json``.

    ``without`` says what is asked where there is no FILE.
    """
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=f"{MODEL_HELP}; without it, {without}")
    parser.add_argument(
        "--weights",
        type=weights_path,
        metavar="TRAINED",
        help="ask the weights of this workbook or .npz of cfgui's instead of training; of a workbook those of --model,"
        " or of its open sheet",
    )
    training = parser.add_argument_group(
        "training: how the model is learnt, where no weights are brought",
        "Without any of these the bias model is learnt: to its optimum by lbfgs of 1,000\n"
        "ratings or fewer, else as --preset best-sgd does. With any, the defaults below hold.",
    )
    add_choices(training, "take over the choices of one of the presets, which cfgui train --help lists")
    length = training.add_mutually_exclusive_group()
    length.add_argument("--steps", type=count, metavar="N", help="updates to make")
    length.add_argument("--epochs", type=count, metavar="N", help="passes over the ratings to make")
    parser.set_defaults(valid=None, leave_out=None, folds=None)  # nothing is held out
    add_json(parser)
    add_table_options(parser)


def weights_path(text: str) -> Path:
    """The path of trained weights. Raises ArgumentTypeError."""
    if not text.lower().endswith(WEIGHTS_ENDINGS):
        raise ArgumentTypeError(f"{text!r} must end in .xlsx or .npz, as cfgui exports weights")
    return Path(text)


def trained_model(
    arguments: Namespace, stop: Stop, check: Callable[[Ratings], object] = lambda _ratings: None
) -> TrainedModel:
    """The model that the command line asks for; ``check`` may refuse the ratings by a ValueError, before any training.

    The weights of ``--weights`` (of its ``--model``), or of FILE where it is an .npz or a workbook of cfgui's kind and
    no option of training is given but ``--model``; else it is trained as ``cfgui train`` would, or without any option
    as usual for so many ratings (``trained_model.usual_choices``). Raises ValueError or OSError, one plain sentence;
    KeyboardInterrupt where the person wished to stop.
    """
    from cfgui.app.trained_model import npz_document, own_model, weights_for

    if arguments.file is not None and arguments.file.suffix.lower() == ".npz":
        return own_model(
            document := npz_document(arguments.file), arguments.model or document.active, arguments.file.name
        )
    document = shown_part(open_file(arguments, stop), arguments)
    check(document.ratings)
    if arguments.weights is not None:
        return weights_for(document, arguments.weights, arguments.model, cancelled=stop)
    if arguments.file is not None and document.report is None and not training_flags(arguments) - {"--model"}:
        return own_model(document, arguments.model or document.active, arguments.file.name)
    return _trained(arguments, document, stop)


def chosen_training(arguments: Namespace, document: Document) -> tuple[Hyperparameters, Length]:
    """How a model of these ratings is trained: by the options given, or without any as usual for so many ratings.

    Raises ValueError where choices do not go together.
    """
    from cfgui.app.evaluating import Length
    from cfgui.app.trained_model import usual_choices
    from cfgui.cli.train import chosen_hyperparameters
    from cfgui.core.presets import PRESETS

    if not training_flags(arguments):
        return usual_choices(document.ratings.n_ratings)
    length = Length(arguments.steps, arguments.epochs)
    if arguments.preset is not None and length == Length():
        length = Length(epochs=PRESETS[arguments.preset].epochs)
    return chosen_hyperparameters(arguments, document), length


def _trained(arguments: Namespace, document: Document, stop: Stop) -> TrainedModel:
    from cfgui.app.trained_model import newly_trained
    from cfgui.app.training import step_limit
    from cfgui.cli.progress import shown_progress

    hyperparameters, length = chosen_training(arguments, document)
    n_ratings = document.ratings.n_ratings
    with shown_progress(step_limit(hyperparameters, n_ratings, length.steps, length.epochs)) as on_report:
        found = newly_trained(document, hyperparameters, length, on_report=on_report, stop=stop)
    if stop():
        raise KeyboardInterrupt
    return found
