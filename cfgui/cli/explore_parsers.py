"""The commands that ask a trained model, as ``cfgui recommend``: what each takes on the command line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from cfgui.cli.arguments import count, positive_count
from cfgui.cli.new_parser import EXIT_CODES, new_parser
from cfgui.cli.trained import add_model_options


def biases_parser() -> ArgumentParser:
    """``cfgui biases``."""
    parser = _parser("cfgui biases", "List movies or users by bias, beside their mean ratings.")
    parser.add_argument("--side", choices=("movies", "users"), default="movies", help="which to list (default: movies)")
    parser.add_argument(
        "-n", type=positive_count, default=5, metavar="N", help="how many at each end of a list (default: 5)"
    )
    parser.add_argument(
        "--sort", choices=("bias", "mean", "count"), default="bias", help="what the lists are sorted by (default: bias)"
    )
    parser.add_argument(
        "--min-ratings",
        type=count,
        metavar="M",
        help="name only those with M ratings or more (default: all, and 20 where bias and mean are compared, or 1 where"
        " hardly any have 20)",
    )
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="write all of them, sorted, with their factors")
    add_model_options(parser)
    return parser


def neighbours_parser() -> ArgumentParser:
    """``cfgui neighbours``."""
    parser = _parser("cfgui neighbours", "List the movies or users whose factors are nearest to those of one.")
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("--movie", metavar="ID", help="the movie: its id, or a title that only one movie has")
    of.add_argument("--user", metavar="ID", help="the user: an id")
    parser.add_argument("-n", type=positive_count, default=10, metavar="N", help="how many (default: 10)")
    parser.add_argument(
        "--measure",
        choices=("cosine", "distance"),
        default="cosine",
        help="cosine: the same direction is near, whatever the length; distance: straight (default: cosine)",
    )
    parser.add_argument(
        "--min-ratings",
        type=count,
        metavar="M",
        help="only neighbours with M ratings or more (default: 20, or 1 where hardly any have as many); with 0 the"
        " nearest is often one that almost nobody rated",
    )
    add_model_options(parser)
    return parser


def recommend_parser() -> ArgumentParser:
    """``cfgui recommend``."""
    parser = _parser("cfgui recommend", "List the unseen movies with the highest predictions, and the reasons.")
    add_model_options(parser)
    return parser


def new_user_parser() -> ArgumentParser:
    """``cfgui new-user``."""
    parser = _parser("cfgui new-user", "Predict for somebody whom the model has never seen, from a few ratings.")
    add_model_options(parser)
    return parser


def simulate_parser() -> ArgumentParser:
    """``cfgui simulate``."""
    parser = _parser("cfgui simulate", "Simulate rounds of recommending, rating and training anew: a feedback loop.")
    add_model_options(parser)
    return parser


def _parser(program: str, description: str) -> ArgumentParser:
    return new_parser(program, description, epilog=EXIT_CODES)
