"""The grammar of the command line. Flags, choices, bounds and help of training come from ``core.options``."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path

from cfgui import __version__
from cfgui.cli import COMMANDS
from cfgui.cli.arguments import count, positive_count, rating_value, table_path, workbook_path
from cfgui.cli.held_out import add_held_out_options, check_patience
from cfgui.cli.tables import add_table_options, wants_part
from cfgui.cli.training_help import training_epilog
from cfgui.cli.value_exports import add_value_exports, check_value_exports, settle_outputs
from cfgui.core.optimizer_defaults import SGD_FROM
from cfgui.core.option import Option, Value
from cfgui.core.options import OPTIONS
from cfgui.core.presets import PRESETS
from cfgui.io.movielens_editions import EDITIONS

FILE_KINDS = "a workbook, a table (CSV, Excel, Parquet, …), a MovieLens folder or archive"
FILE_HELP = f"{FILE_KINDS}; without it, the built-in 15 x 15 crosstab"
OUT_HELP = "the workbook to write; none where one name is given and --factors or the like asks for values"
METAVARS = {"epsilon": "H", "n_factors": "K"}
DEFAULT_TEXTS = {
    "learning_rate": "the optimizer's, see below",
    "batch_size": "the optimizer's, see below",
    "optimizer": f"{{}}; sgd for {SGD_FROM:,} ratings or more",
    "n_factors": "as many as FILE has; {} in the built-in sheet",
}

USAGE = """cfgui [FILE]
       cfgui info FILE [--json] [options of tables]      (cfgui info --help lists them)
       cfgui train [FILE] [options]                      (cfgui train --help lists them)
       cfgui evaluate [FILE] [options]                   (cfgui evaluate --help lists them)
       cfgui lr-find [FILE] [options]                    (cfgui lr-find --help lists them)
       cfgui export [FILE] OUT.xlsx [--values-only] [--top-users N] [--top-movies M]
       cfgui export [FILE] [--factors OUT] [--recommendations OUT [-n N]] [--ratings OUT]
       cfgui verify OUT.xlsx
       cfgui download EDITION [--folder DIR] [--yes]
       cfgui sample --users N --movies M --ratings R [--seed S] OUT.csv"""

DESCRIPTION = """The fast.ai collaborative-filtering spreadsheet, alive.

  cfgui [FILE]     open the window: with ratings of any kind, or with the original crosstab
  cfgui info       say what a file of ratings holds
  cfgui train      train a model without a window
  cfgui evaluate   train on a part of the ratings and measure on the rest
  cfgui lr-find    find the learning rate with which the loss falls best
  cfgui export     write the workbook: every sheet, with live formulas
  cfgui verify     check a workbook's layout, formulas and stored values
  cfgui download   get an edition of MovieLens from GroupLens
  cfgui sample     make a synthetic table of ratings"""

EXIT_CODES = "exit codes: 0 done, 1 failed (one sentence on stderr says why), 2 usage, 130 interrupted"


def parse(arguments: Sequence[str]) -> Namespace:
    """The command line as a namespace with ``command``, or without it where only help was wanted.

    Raises SystemExit as argparse does: 0 after --help and --version, 2 after wrong usage.
    """
    if arguments and arguments[0] in COMMANDS:
        command, *rest = arguments
        parser = PARSERS[command]()
        # Intermixed, so that options may stand between FILE and OUT.xlsx.
        parsed = parser.parse_intermixed_args(rest)
        parsed.command = command
        if command == "train" and parsed.export is not None and parsed.export == parsed.history:
            parser.error("--export and --history name the same file")
        if command == "train" and parsed.train_on == "visible" and not wants_part(parsed):
            parser.error("--train-on visible needs --top-users or --top-movies: they say what is visible")
        if command in ("train", "evaluate"):
            _set_length(parsed)
        if command == "train":
            check_value_exports(parser, parsed, parsed.export, parsed.history)
            check_patience(parser, parsed)
        if command == "evaluate" and parsed.by_user is not None and parsed.by_user == parsed.by_movie:
            parser.error("--by-user and --by-movie name the same file")
        if command == "export":
            settle_outputs(parser, parsed, workbook_path)
        return parsed
    parser = _new_parser("cfgui", DESCRIPTION, usage=USAGE, epilog=EXIT_CODES)
    parser.add_argument("--version", action="version", version=f"cfgui {__version__}")
    parser.add_argument("files", nargs="*", metavar="FILE", help=argparse.SUPPRESS)
    parser.parse_args(arguments)
    parser.error(f"the window opens one FILE; without a window, the first word is one of: {', '.join(COMMANDS)}")


def _new_parser(
    program: str, description: str, *, usage: str | None = None, epilog: str | None = None
) -> ArgumentParser:
    return ArgumentParser(
        prog=program,
        description=description,
        usage=usage,
        epilog=epilog,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,  # scripts depend on the flags: a new one must never make an old abbreviation ambiguous
    )


def info_parser() -> ArgumentParser:
    """``cfgui info``."""
    parser = _new_parser(
        "cfgui info", "Say what a file holds: how it was read, sizes, ratings, the RMSE of each model."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=FILE_KINDS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_table_options(parser)
    return parser


def verify_parser() -> ArgumentParser:
    """``cfgui verify``."""
    description = "Check a workbook's layout, formulas and stored values, by LibreOffice too where it is installed."
    parser = _new_parser("cfgui verify", description)
    parser.add_argument("file", type=Path, metavar="OUT.xlsx", help="a workbook written by cfgui")
    return parser


def export_parser() -> ArgumentParser:
    """``cfgui export``."""
    parser = _new_parser("cfgui export", "Write a document as a workbook with live formulas and Solver set up.")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    parser.add_argument("out", type=workbook_path, nargs="?", metavar="OUT.xlsx", help=OUT_HELP)
    parser.add_argument("--values-only", action="store_true", help="write numbers instead of formulas")
    add_table_options(parser)
    add_value_exports(parser)
    return parser


def train_parser() -> ArgumentParser:
    """``cfgui train``: one flag for every training option, then what to write."""
    parser = _new_parser("cfgui train", "Train a model without a window.", epilog=training_epilog(EXIT_CODES))
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    _add_training_options(parser)
    parser.add_argument(
        "--train-on",
        choices=("all", "visible"),
        default="all",
        help="all: every rating; visible: only those of --top-users x --top-movies (default: all)",
    )
    parser.add_argument("--export", type=workbook_path, metavar="OUT.xlsx", help="write the workbook, trained")
    parser.add_argument("--values-only", action="store_true", help="write numbers instead of formulas")
    parser.add_argument("--history", type=Path, metavar="OUT.csv", help="write the RMSE of every step")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_table_options(parser)
    add_value_exports(parser, "--export-")
    return parser


def _add_training_options(parser: ArgumentParser) -> None:
    """A preset, one flag for every training option, how long to train, and which ratings to hold out."""
    _add_choices(parser, "set every option that is not given, and --epochs, as one of those below does")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--steps",
        type=count,
        metavar="N",
        help="updates to make (default: 100; lbfgs goes on until it finishes; 10 epochs of a large table)",
    )
    length.add_argument("--epochs", type=count, metavar="N", help="passes over the ratings to make")
    add_held_out_options(parser)


def _add_choices(parser: ArgumentParser, preset_help: str) -> None:
    """A preset and one flag for every training option."""
    parser.add_argument("--preset", choices=tuple(PRESETS), help=preset_help)
    for option in OPTIONS:
        _add_option(parser, option)


def lr_find_parser() -> ArgumentParser:
    """``cfgui lr-find``: the training options of ``cfgui train``, then what to write."""
    description = (
        "Find the learning rate with which the loss falls best: updates at tiny rates first, then at larger and larger"
        " ones until the loss explodes. The rate suggested was tried out and lowers the loss."
    )
    parser = _new_parser("cfgui lr-find", description, epilog=training_epilog(EXIT_CODES))
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    _add_choices(parser, "set every option that is not given as one of those below does")
    parser.set_defaults(valid=None, leave_out=None, folds=None)  # nothing is held out of a sweep
    parser.add_argument("--out", type=Path, metavar="OUT.csv", help="write every rate tried with its loss")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_table_options(parser)
    return parser


def evaluate_parser() -> ArgumentParser:
    """``cfgui evaluate``: the training options of ``cfgui train``, then what to measure and write."""
    description = (
        "Train on one part of the ratings and measure on the other, beside plain baselines. Without --valid,"
        " --leave-out or --folds a fifth of the ratings is held out."
    )
    parser = _new_parser("cfgui evaluate", description, epilog=training_epilog(EXIT_CODES))
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    _add_training_options(parser)
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
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_table_options(parser)
    return parser


def download_parser() -> ArgumentParser:
    """``cfgui download``."""
    editions = "\n".join(f"  {it.id:<16} {it.n_ratings:>10,} ratings, {it.n_bytes / 1e6:>5,.0f} MB" for it in EDITIONS)
    parser = _new_parser(
        "cfgui download",
        "Get an edition of MovieLens from GroupLens, once, and print where it lies.",
        epilog=f"editions:\n{editions}\n\n{EXIT_CODES}",
    )
    parser.add_argument("edition", metavar="EDITION", choices=[it.id for it in EDITIONS], help="one of those below")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to keep it (default: the user's cache)")
    parser.add_argument("--yes", action="store_true", help="accept its conditions, which are printed, without asking")
    parser.add_argument("--again", action="store_true", help="download it although it is there")
    return parser


def sample_parser() -> ArgumentParser:
    """``cfgui sample``."""
    parser = _new_parser("cfgui sample", "Make a table of invented ratings with the shape of MovieLens.")
    for name, metavar in (("users", "N"), ("movies", "M"), ("ratings", "R")):
        parser.add_argument(
            f"--{name}", type=positive_count, required=True, metavar=metavar, help=f"how many {name} it has"
        )
    parser.add_argument(
        "--seed", type=count, default=42, metavar="S", help="the same seed makes the same table (default: 42)"
    )
    parser.add_argument("out", type=table_path, metavar="OUT", help="the table to write: .csv, .csv.gz or .parquet")
    return parser


PARSERS: dict[str, Callable[[], ArgumentParser]] = {
    "info": info_parser,
    "train": train_parser,
    "evaluate": evaluate_parser,
    "lr-find": lr_find_parser,
    "export": export_parser,
    "verify": verify_parser,
    "download": download_parser,
    "sample": sample_parser,
}
"""The parser of every command in ``COMMANDS``."""


def _add_option(parser: ArgumentParser, option: Option) -> None:
    default = DEFAULT_TEXTS.get(option.name, "" if option.default is None else "{}").format(option.default)
    metavar = METAVARS.get(option.name, "X" if option.type is float else "N")
    parser.add_argument(
        option.flag,
        dest=option.name,
        type=_converter(option),
        choices=option.choices or None,
        metavar=None if option.choices else metavar,
        help=(f"{option.help} (default: {default})" if default else option.help).replace("%", "%%"),
    )


def _converter(option: Option) -> Callable[[str], Value]:
    def convert(text: str) -> Value:
        try:
            value: Value = option.type(text)
        except ValueError:
            kind = "a whole number" if option.type is int else "a number"
            raise ArgumentTypeError(f"{text!r} is not {kind}") from None
        if not option.choices:  # argparse names wrong choices itself
            try:
                option.check(value)
            except ValueError as problem:
                raise ArgumentTypeError(str(problem)) from None
        return value

    return convert


def _set_length(parsed: Namespace) -> None:
    """Take over how long a preset trains, unless somebody said so."""
    if parsed.preset is not None and parsed.steps is None and parsed.epochs is None:
        parsed.epochs = PRESETS[parsed.preset].epochs
