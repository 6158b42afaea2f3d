"""The commands that ask a trained model, as ``cfgui recommend``: what each takes on the command line."""

from __future__ import annotations

from argparse import ArgumentParser

from cfgui.cli.new_parser import EXIT_CODES, new_parser
from cfgui.cli.trained import add_model_options


def biases_parser() -> ArgumentParser:
    """``cfgui biases``."""
    parser = _parser("cfgui biases", "List movies or users by bias, beside their mean ratings.")
    add_model_options(parser)
    return parser


def neighbours_parser() -> ArgumentParser:
    """``cfgui neighbours``."""
    parser = _parser("cfgui neighbours", "List the movies or users whose factors are nearest to those of one.")
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
