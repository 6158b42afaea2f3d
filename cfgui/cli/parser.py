"""The grammar of the command line: one parser for every command."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from cfgui import __version__
from cfgui.cli import COMMANDS
from cfgui.cli.arguments import count, positive_count, table_path, workbook_path
from cfgui.cli.explore_parsers import (
    biases_parser,
    neighbours_parser,
    new_movie_parser,
    new_user_parser,
    recommend_parser,
    simulate_parser,
)
from cfgui.cli.held_out import check_patience
from cfgui.cli.new_parser import EXIT_CODES, FILE_HELP, FILE_KINDS, add_json, new_parser
from cfgui.cli.tables import add_table_options, wants_part
from cfgui.cli.training_parsers import evaluate_parser, lr_find_parser, train_parser
from cfgui.cli.value_exports import add_value_exports, check_value_exports, settle_outputs
from cfgui.cli.without_effect import check_effect
from cfgui.core.presets import PRESETS
from cfgui.io.movielens_editions import EDITIONS

OUT_HELP = "the workbook to write; none where one name is given and --factors or the like asks for values"
USAGE = """cfgui [FILE]
       cfgui info FILE [--json] [options of tables]      (cfgui info --help lists them)
       cfgui train [FILE] [options]                      (cfgui train --help lists them)
       cfgui evaluate [FILE] [options]                   (cfgui evaluate --help lists them)
       cfgui lr-find [FILE] [options]                    (cfgui lr-find --help lists them)
       cfgui export [FILE] OUT.xlsx [--values-only] [--top-users N] [--top-movies M]
       cfgui export [FILE] [--factors OUT] [--recommendations OUT [-n N]] [--ratings OUT]
       cfgui verify OUT.xlsx
       cfgui biases [FILE] [options]                     (each of these commands lists its options with --help)
       cfgui neighbours [FILE] --movie ID [options]
       cfgui recommend [FILE] --user ID [options]
       cfgui new-user [FILE] --ratings MOVIE=R,… [options]
       cfgui new-movie [FILE] --title TITLE --genres A|B [options]
       cfgui simulate [FILE] [options]
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
  cfgui biases     list movies or users by bias, beside their mean ratings
  cfgui neighbours list what is nearest to a movie or user by its factors
  cfgui recommend  list the best unseen movies of a user, or of everybody
  cfgui new-user   predict for somebody the model has never seen
  cfgui new-movie  predict for a movie without ratings, from genres and year
  cfgui simulate   simulate a feedback loop of recommending and learning
  cfgui download   get an edition of MovieLens from GroupLens
  cfgui sample     make a synthetic table of ratings"""


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
        if command in ASKING:
            check_effect(parser, parsed)
        if command == "export":
            settle_outputs(parser, parsed, workbook_path)
        return parsed
    parser = new_parser("cfgui", DESCRIPTION, usage=USAGE, epilog=EXIT_CODES)
    parser.add_argument("--version", action="version", version=f"cfgui {__version__}")
    parser.add_argument("files", nargs="*", metavar="FILE", help=argparse.SUPPRESS)
    parser.parse_args(arguments)
    parser.error(f"the window opens one FILE; without a window, the first word is one of: {', '.join(COMMANDS)}")


def info_parser() -> ArgumentParser:
    """``cfgui info``."""
    parser = new_parser("cfgui info", "Say what a file holds: how it was read, sizes, ratings, the RMSE of each model.")
    parser.add_argument("file", type=Path, metavar="FILE", help=FILE_KINDS)
    add_json(parser)
    add_table_options(parser)
    return parser


def verify_parser() -> ArgumentParser:
    """``cfgui verify``."""
    description = "Check a workbook's layout, formulas and stored values, by LibreOffice too where it is installed."
    parser = new_parser("cfgui verify", description)
    parser.add_argument("file", type=Path, metavar="OUT.xlsx", help="a workbook written by cfgui")
    return parser


def export_parser() -> ArgumentParser:
    """``cfgui export``."""
    parser = new_parser("cfgui export", "Write a document as a workbook with live formulas and Solver set up.")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=FILE_HELP)
    parser.add_argument("out", type=workbook_path, nargs="?", metavar="OUT.xlsx", help=OUT_HELP)
    parser.add_argument("--values-only", action="store_true", help="write numbers instead of formulas")
    add_table_options(parser)
    add_value_exports(parser)
    return parser


def download_parser() -> ArgumentParser:
    """``cfgui download``."""
    editions = "\n".join(f"  {it.id:<16} {it.n_ratings:>10,} ratings, {it.n_bytes / 1e6:>5,.0f} MB" for it in EDITIONS)
    parser = new_parser(
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
    parser = new_parser("cfgui sample", "Make a table of invented ratings with the shape of MovieLens.")
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
    "biases": biases_parser,
    "neighbours": neighbours_parser,
    "recommend": recommend_parser,
    "new-user": new_user_parser,
    "new-movie": new_movie_parser,
    "simulate": simulate_parser,
}
"""The parser of every command in ``COMMANDS``."""

ASKING = ("biases", "neighbours", "recommend", "new-user", "new-movie", "simulate")
"""The commands that ask a trained model."""


def _set_length(parsed: Namespace) -> None:
    """Take over how long a preset trains, unless somebody said so."""
    if parsed.preset is not None and parsed.steps is None and parsed.epochs is None:
        parsed.epochs = PRESETS[parsed.preset].epochs
