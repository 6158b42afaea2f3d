"""The commands that ask a trained model, as ``cfgui recommend``: what each takes on the command line."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from cfgui.cli.arguments import count, name_or_id, positive_count, rating_value, share
from cfgui.cli.new_parser import EXIT_CODES, new_parser
from cfgui.cli.trained import add_model_options
from cfgui.cli.training_flags import add_option
from cfgui.cli.value_exports import METAVARS, path_of
from cfgui.core.feedback_options import FEEDBACK_OPTIONS

EPILOG = f"""Each optimizer's own learning rate and batch size, and what each preset sets, stand below
the options of cfgui train --help.

{EXIT_CODES}"""
ROUND_ENDINGS = (".csv", ".xlsx", ".parquet")


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
    parser = _parser(
        "cfgui neighbours",
        "List the movies or users whose factors are nearest to those of one.",
        "--movie ID|--user ID ",
    )
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument(
        "--movie", type=name_or_id, metavar="ID", help="the movie: its id, or a title that only one movie has"
    )
    of.add_argument("--user", type=name_or_id, metavar="ID", help="the user: an id")
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
    parser = _parser(
        "cfgui recommend",
        "List the unseen movies with the highest predictions, and the reasons.",
        "--user ID|--all-users OUT ",
    )
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument(
        "--user",
        type=name_or_id,
        metavar="ID",
        help="whom to recommend to; for an id that there is not, the mean of all users stands",
    )
    whom.add_argument(
        "--all-users",
        type=path_of("recommendations"),
        metavar=METAVARS["recommendations"],
        help="write the recommendations of every user into this file",
    )
    parser.add_argument("-n", type=positive_count, default=10, metavar="N", help="how many a user (default: 10)")
    only = parser.add_argument_group("which movies")
    only.add_argument("--genre", action="append", default=[], metavar="G", help="of this genre; again: or of this one")
    only.add_argument("--not-genre", action="append", default=[], metavar="G", help="not of this genre, nor of another")
    only.add_argument("--min-ratings", type=count, default=0, metavar="M", help="with M ratings or more (default: 0)")
    only.add_argument("--from-year", type=count, metavar="Y", help="of the year Y, as the title tells it, or later")
    only.add_argument("--to-year", type=count, metavar="Y", help="of the year Y or earlier")
    only.add_argument(
        "--diversity",
        type=share,
        default=0.0,
        metavar="D",
        help="from 0, by prediction alone, to 1: how much it counts to be unlike what was chosen already (default: 0)",
    )
    parser.add_argument(
        "--why",
        type=name_or_id,
        metavar="MOVIE",
        help="with --user: say why this movie, an id or a title, is not there",
    )
    add_model_options(parser)
    return parser


def new_user_parser() -> ArgumentParser:
    """``cfgui new-user``."""
    parser = _parser(
        "cfgui new-user",
        "Predict for somebody whom the model has never seen, from a few ratings.",
        "--ratings MOVIE=R,… ",
    )
    parser.add_argument(
        "--ratings",
        type=typed_ratings,
        action="extend",
        default=[],
        metavar="MOVIE=R,…",
        help="what the user has rated, each movie by its id or a title that only one has: 1=4,296=2.5; may be given"
        " again",
    )
    parser.add_argument(
        "--method",
        choices=("mean", "average", "fold-in", "bayesian"),
        help="mean: the mean of all user vectors; average: the user nearest to it; fold-in: the most probable vector"
        " after the ratings; bayesian: all that they leave open, with the draws of Gibbs sampling where there are any"
        " (default: bayesian with such draws, else fold-in)",
    )
    parser.add_argument(
        "--like", type=name_or_id, metavar="USER", help="with --method average: whose vector it is, an id"
    )
    parser.add_argument("-n", type=positive_count, default=10, metavar="N", help="how many to list (default: 10)")
    parser.add_argument(
        "--min-ratings", type=count, default=0, metavar="M", help="list movies with M ratings or more (default: 0)"
    )
    parser.add_argument(
        "--facts",
        default="",
        metavar="A|B",
        help='what else is known of the user: "M|age 25-34|artist", where the table has such facts about its users;'
        " fold-in and bayesian begin from what they say, where it was found to help",
    )
    parser.add_argument(
        "--questionnaire",
        type=positive_count,
        metavar="N",
        help="first ask about N movies on the terminal, those whose ratings say most about all the others",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--evaluate",
        action="store_true",
        help="instead, hold users out and show how well each method predicts them after 0, 5, 10 and 20 ratings",
    )
    instead.add_argument(
        "--evaluate-facts",
        action="store_true",
        help="instead, hide a fifth of the users from training and show how well facts predict their ratings",
    )
    parser.add_argument(
        "--hold-users",
        type=positive_count,
        metavar="N",
        help="with --evaluate: how many (default: 100, or half of them)",
    )
    add_model_options(parser)
    return parser


def new_movie_parser() -> ArgumentParser:
    """``cfgui new-movie``."""
    parser = _parser(
        "cfgui new-movie",
        "Predict for a movie without ratings, from its genres and the year it is of.",
        '--title "X (1999)" --genres A|B ',
    )
    parser.add_argument("--title", default="", metavar="TITLE", help='its title, with the year: "X (1999)"')
    parser.add_argument("--genres", default="", metavar="A|B", help='its genres: "Comedy|Drama"')
    parser.add_argument(
        "-n", type=positive_count, default=5, metavar="N", help="users to list at each end (default: 5)"
    )
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="instead, hide a fifth of the movies from training and show how well their ratings are predicted",
    )
    add_model_options(parser)
    return parser


def typed_ratings(text: str) -> list[tuple[str, float]]:
    """(movie, rating) pairs of a text such as "1=4,Matrix, The (1999)=2.5". Raises ArgumentTypeError."""
    found, rest = [], text.strip(" ,\n")
    while rest:
        match = _RATING.match(rest)
        if match is None:
            raise ArgumentTypeError(f"{rest!r} is no rating such as 1=4 or Toy Story=3.5")
        found.append((match[1].strip(), rating_value(match[2])))
        rest = rest[match.end() :].lstrip(" ,\n")
    return found


_RATING = re.compile(r"\s*(.+?)\s*=\s*([^,=\n]+?)\s*(?:[,\n]|$)")


def simulate_parser() -> ArgumentParser:
    """``cfgui simulate``."""
    parser = _parser(
        "cfgui simulate",
        "Simulate rounds of recommending, rating and training anew: a feedback loop. What people really think is what\n"
        "the model of FILE predicts; without FILE it is planted.",
    )
    group = parser.add_argument_group("simulation")
    for option in FEEDBACK_OPTIONS:
        add_option(group, option)
    parser.add_argument(
        "--compare", action="store_true", help="play it first without exploration and debiasing, to compare with"
    )
    parser.add_argument(
        "--out", type=rounds_path, metavar="OUT", help="write every round to this .csv, .xlsx or .parquet"
    )
    add_model_options(parser, without="a planted world")
    return parser


def rounds_path(text: str) -> Path:
    """A path that rounds can be written to. Raises ArgumentTypeError."""
    if not text.lower().endswith(ROUND_ENDINGS):
        raise ArgumentTypeError(f"{text!r} must end in {', '.join(ROUND_ENDINGS)}")
    return Path(text)


def _parser(program: str, description: str, needed: str = "") -> ArgumentParser:
    """A parser whose usage names only what a command cannot do without; the options of training alone are fifty."""
    return new_parser(program, description, usage=f"{program} [FILE] {needed}[options]", epilog=EPILOG)
