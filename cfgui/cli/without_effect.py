"""Options of the commands that ask a model which would change nothing beside others: wrong usage, said at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from cfgui.cli.tables import wants_part
from cfgui.cli.training_flags import training_flags
from cfgui.core.feedback_options import FEEDBACK_OPTIONS

EVALUATE_FLAGS = ("evaluate", "evaluate_facts")
BESIDE_EVALUATE = ("weights", "ratings", "method", "like", "facts", "questionnaire", "title", "genres")
"""Options that a measuring of held-out users or movies has no use for."""

NEEDED = {"exploration_kind": "exploration", "debiasing_strength": "debiasing"}
"""Options of the simulation that say nothing without another one."""


def check_effect(parser: ArgumentParser, arguments: Namespace) -> None:
    """Have the parser of a command that asks a model complain about an option that would be passed over."""
    _check_evaluate(parser, arguments)
    _check_simulation(parser, arguments)
    first, last = getattr(arguments, "from_year", None), getattr(arguments, "to_year", None)
    if first is not None and last is not None and first > last:
        parser.error(f"no movie is of {first} or later and of {last} or earlier: exchange --from-year and --to-year")
    learning = training_flags(arguments)
    file = arguments.file
    if file is not None and file.suffix.lower() == ".npz":
        if arguments.weights is not None:
            parser.error("--weights needs the ratings they go with, and FILE holds weights itself: leave one out")
        if wants_part(arguments):
            parser.error("--top-users and --top-movies go by ratings, and an .npz holds none: leave them out")
        _refuse(parser, learning - {"--model"}, "FILE holds weights that are learnt already")
    elif arguments.weights is not None:
        _refuse(parser, learning - {"--model"}, "--weights brings weights that are learnt already")
    elif arguments.command == "simulate" and file is None:
        _refuse(parser, learning, "without FILE the world is planted and no model of it is learnt")


def _refuse(parser: ArgumentParser, flags: set[str], why: str) -> None:
    if flags:
        parser.error(f"{why}: leave out {', '.join(sorted(flags))}")


def _check_evaluate(parser: ArgumentParser, arguments: Namespace) -> None:
    given = [f"--{name.replace('_', '-')}" for name in EVALUATE_FLAGS if getattr(arguments, name, False)]
    if getattr(arguments, "hold_users", None) is not None and given != ["--evaluate"]:
        parser.error("--hold-users needs --evaluate: it says how many users that holds out")
    if not given:
        return
    useless = {f"--{name}" for name in BESIDE_EVALUATE if getattr(arguments, name, None)}
    _refuse(parser, useless, f"{given[0]} trains and measures for itself")
    if arguments.file is not None and arguments.file.suffix.lower() == ".npz":
        parser.error(f"{given[0]} needs ratings, and an .npz holds none: give a table or a workbook")


def _check_simulation(parser: ArgumentParser, arguments: Namespace) -> None:
    if arguments.command != "simulate":
        return
    option = {it.name: it for it in FEEDBACK_OPTIONS}
    for name, needed in NEEDED.items():
        if getattr(arguments, name) is not None and getattr(arguments, needed) in (None, option[needed].default):
            parser.error(f"{option[name].flag} says nothing without {option[needed].flag}: give that too")
