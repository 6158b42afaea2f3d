"""The commands that train: ``cfgui train``, ``evaluate`` and ``lr-find``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from cfgui.cli.arguments import positive_count, rating_value, workbook_path
from cfgui.cli.new_parser import EXIT_CODES, FILE_HELP, add_json, new_parser
from cfgui.cli.tables import add_table_options
from cfgui.cli.training_flags import add_choices, add_training_options
from cfgui.cli.training_help import training_epilog
from cfgui.cli.value_exports import add_value_exports


def train_parser() -> ArgumentParser:
    """``cfgui train``: one flag for every training option, then what to write."""
    parser = _training_parser("cfgui train", "Train a model without a window.")
    add_training_options(parser)
    parser.add_argument(
        "--train-on",
        choices=("all", "visible"),
        default="all",
        help="all: every rating; visible: only those of --top-users x --top-movies (default: all)",
    )
    parser.add_argument("--export", type=workbook_path, metavar="OUT.xlsx", help="write the workbook, trained")
    parser.add_argument("--values-only", action="store_true", help="write numbers instead of formulas")
    parser.add_argument("--history", type=Path, metavar="OUT.csv", help="write the RMSE of every step")
    add_json(parser)
    add_table_options(parser)
    add_value_exports(parser, "--export-")
    return parser


def evaluate_parser() -> ArgumentParser:
    """``cfgui evaluate``: the training options of ``cfgui train``, then what to measure and write."""
    description = (
        "Train on one part of the ratings and measure on the other, beside plain baselines. Without --valid,"
        " --leave-out or --folds a fifth of the ratings is held out."
    )
    parser = _training_parser("cfgui evaluate", description)
    add_training_options(parser)
    parser.add_argument(
        "-n",
        dest="n_recommended",
        type=positive_count,
        default=10,
        metavar="N",
        help="recommendations a user that are judged (default: 10)",
    )
    parser.add_argument(
        "--relevant",
        type=rating_value,
        metavar="R",
        help="ratings from R on are of relevant movies (default: 80 %% of the highest rating, 4 of 5 stars)",
    )
    parser.add_argument("--by-user", type=Path, metavar="OUT.csv", help="write the held-out errors of each user")
    parser.add_argument("--by-movie", type=Path, metavar="OUT.csv", help="write the held-out errors of each movie")
    add_json(parser)
    add_table_options(parser)
    return parser


def lr_find_parser() -> ArgumentParser:
    """``cfgui lr-find``: the training options of ``cfgui train``, then what to write."""
    description = (
        "Find the learning rate with which the loss falls best: updates at tiny rates first, then at larger and larger"
        " ones until the loss explodes. The rate suggested was tried out and lowers the loss."
    )
    parser = _training_parser("cfgui lr-find", description)
    add_choices(parser, "set every option that is not given as one of those below does")
    parser.set_defaults(valid=None, leave_out=None, folds=None)  # nothing is held out of a sweep
    parser.add_argument("--out", type=Path, metavar="OUT.csv", help="write every rate tried with its loss")
    add_json(parser)
    add_table_options(parser)
    return parser


def _training_parser(program: str, description: str) -> ArgumentParser:
    """A parser with FILE, and the optimizers and presets below its options."""
    parser = new_parser(program, description, epilog=training_epilog(EXIT_CODES))
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    return parser
