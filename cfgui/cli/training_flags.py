"""One flag for every option of training; choices, bounds and help come from ``core.options``."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from cfgui.cli.arguments import count
from cfgui.cli.held_out import add_held_out_options
from cfgui.core.optimizer_defaults import SGD_FROM
from cfgui.core.option import Option, Value
from cfgui.core.options import OPTIONS
from cfgui.core.presets import PRESETS

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

METAVARS = {"epsilon": "H", "n_factors": "K", "genre": "NAME"}
DEFAULT_TEXTS = {
    "learning_rate": "the optimizer's, see below",
    "batch_size": "the optimizer's, see below",
    "optimizer": f"{{}}; sgd for {SGD_FROM:,} ratings or more",
    "n_factors": "as many as FILE has; {} in the built-in sheet",
}


def add_training_options(parser: ArgumentParser) -> None:
    """A preset, one flag for every training option, how long to train, and which ratings to hold out."""
    add_choices(parser, "set every option that is not given, and --epochs, as one of those below does")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--steps",
        type=count,
        metavar="N",
        help="updates to make (default: 100; lbfgs goes on until it finishes; 10 epochs of a large table)",
    )
    length.add_argument("--epochs", type=count, metavar="N", help="passes over the ratings to make")
    add_held_out_options(parser)


def add_choices(parser: ArgumentParser | _ArgumentGroup, preset_help: str) -> None:
    """A preset and one flag for every training option."""
    parser.add_argument("--preset", choices=tuple(PRESETS), help=preset_help)
    for option in OPTIONS:
        add_option(parser, option)


def add_option(parser: ArgumentParser | _ArgumentGroup, option: Option) -> None:
    """One flag for one option; None stands where it is not given."""
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


def training_flags(arguments: Namespace) -> set[str]:
    """The flags of training that were given, with those of how long."""
    flags = {option.name: option.flag for option in OPTIONS}
    flags |= {name: f"--{name}" for name in ("preset", "steps", "epochs")}
    return {flag for name, flag in flags.items() if getattr(arguments, name) is not None}


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
