"""Presets: whole sets of choices that have a source, by name. One click or one flag sets all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.option import Value
from cfgui.core.option_groups import idle_reason
from cfgui.core.options import defaults

UNTOUCHED = ("seed", "engine", "device", "patience")
"""Options that no preset sets: how a person's own computer works, and how one run differs from another."""


@dataclass(frozen=True)
class Preset:
    """One set of choices: its name on the command line, label in the window, and where it comes from.

    ``choices`` holds what differs from the defaults; ``epochs`` is how many passes over the ratings the source makes
    (of an optimizer that takes all ratings at once: how many updates).
    """

    name: str
    label: str
    source: str
    choices: Mapping[str, Value]
    epochs: int

    @property
    def complete(self) -> dict[str, Value]:
        """The value of every option that a preset sets: its own, else the default."""
        usual = {name: value for name, value in defaults().items() if name not in UNTOUCHED}
        return {**usual, **self.choices}


def _preset(name: str, label: str, source: str, epochs: int, *parts: Mapping[str, Value], **choices: Value) -> Preset:
    merged: dict[str, Value] = {}
    for part in (*parts, choices):
        merged |= part
    return Preset(name, label, source, MappingProxyType(merged), epochs)


_KERAS: Mapping[str, Value] = {
    "n_factors": 50,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "batch_size": 64,
    "order": "shuffled",
    "init": "normal",
}
"""What the models of the course's notebook share."""

_BLOG: Mapping[str, Value] = {
    **_KERAS,
    "range": "sigmoid",
    "low": 1.0,
    "high": 5.0,
    "weight_decay": 1e-5,
}
"""What both models of the blog share."""

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _preset(
            "course-dot",
            "Course: dot product, 50 factors",
            "Lesson 5 of the fast.ai course of 2017, in Keras: 50 factors, Adam at 0.001, batches of 64, an L2 of"
            " 0.0001 on both embeddings.",
            10,
            _KERAS,
            model="dot",
            weight_decay=1e-4,
        ),
        _preset(
            "course-bias",
            "Course: bias, 50 factors",
            "Lesson 5 of 2017 again: the dot product of 50 factors plus a bias per user and per movie, biases without"
            " L2.",
            10,
            _KERAS,
            model="bias",
            weight_decay=1e-4,
            bias_decay=0.0,
        ),
        _preset(
            "course-neural",
            "Course: neural net",
            "The neural net of lesson 5 of 2017: both embeddings side by side, a hidden layer of 70, Adam at 0.001. Its"
            " two dropouts, 0.3 on the embeddings and 0.75 on the layer, are one of 0.3 here.",
            8,
            _KERAS,
            model="neural",
            hidden="70",
            dropout=0.3,
            weight_decay=1e-4,
            layer_decay=0.0,
        ),
        _preset(
            "blog-shallow",
            "Blog: shallow, 50 factors",
            "The shallow model of the blogs after the lesson of 2018: the dot product of 50 factors a side, bent into 1"
            " to 5 by a sigmoid; Adam at 0.001, weight decay 0.00001.",
            10,
            _BLOG,
            model="dot",
        ),
        _preset(
            "blog-neural",
            "Blog: neural net",
            "The neural net of those blogs: 50 + 50 factors into a hidden layer of 10, so a first weight matrix of"
            " 100 x 10, dropout 0.05, a sigmoid from 1 to 5.",
            10,
            _BLOG,
            model="neural",
            hidden="10",
            dropout=0.05,
        ),
        _preset(
            "fastai-wd",
            "fast.ai book: weight decay",
            "Chapter 8 of the fast.ai book: dot product and bias with 50 factors, a sigmoid from 0 to 5.5, one cycle of"
            " 5 epochs up to a rate of 0.005, weight decay 0.1 apart from the loss.",
            5,
            model="bias",
            n_factors=50,
            range="sigmoid",
            low=0.0,
            high=5.5,
            optimizer="fastai-adam",
            learning_rate=5e-3,
            weight_decay=0.1,
            decay_kind="decoupled",
            batch_size=64,
            order="shuffled",
            schedule="one-cycle",
            schedule_epochs=5,
            init="normal",
        ),
        _preset(
            "best-sgd",
            "Best: SGD",
            "The lowest held-out error by SGD: biases and the global mean, 300 factors, rating by rating in shuffled"
            " order, L2 on the rows of each rating, the rate falling to 0. Tuned on a part of the training ratings.",
            30,
            model="bias",
            global_mean="on",
            range="clip",
            n_factors=300,
            optimizer="sgd",
            learning_rate=0.012,
            weight_decay=0.06,
            movie_decay=0.05,
            bias_decay=0.06,
            decay_kind="rows",
            batch_size=1,
            order="shuffled",
            schedule="cosine",
            schedule_epochs=30,
            init="normal",
        ),
        _preset(
            "best-neural",
            "Best: neural net",
            "The lowest held-out error by a net: 10 + 10 factors, a hidden layer of 200, dropout 0.3, one cycle of 5"
            " epochs of Adam. Tuned on a part of the training ratings.",
            5,
            model="neural",
            n_factors=10,
            hidden="200",
            dropout=0.3,
            range="sigmoid",
            optimizer="adam",
            learning_rate=0.01,
            weight_decay=4e-4,
            layer_decay=0.0,
            batch_size=512,
            order="shuffled",
            schedule="one-cycle",
            schedule_epochs=5,
            init="normal",
        ),
        _preset(
            "best-bayesian",
            "Best: Bayesian",
            "The lowest held-out error of all: Bayesian matrix factorisation by Gibbs sampling (Salakhutdinov & Mnih"
            " 2008) with biases and 10 factors; predictions are means over the samples.",
            300,
            model="bias",
            global_mean="on",
            n_factors=10,
            optimizer="gibbs",
            init="normal",
        ),
    )
}
"""Every preset by its name, in the order the window and the help list them."""


def matching_preset(choices: Hyperparameters, scale: tuple[float, float] | None = None) -> Preset | None:
    """The preset that these choices are, apart from options that have no effect with them; None for none.

    Where ``scale``, the lowest and highest rating, is given, they are the ends that a preset leaves open: the weights
    of a sheet only know numbers.
    """
    ends: Mapping[str, Value] = {} if scale is None else {"low": scale[0], "high": scale[1]}
    for preset in PRESETS.values():
        differing = [
            name
            for name, value in preset.complete.items()
            if getattr(choices, name) not in (value, ends.get(name) if value is None else value)
        ]
        if all(idle_reason(name, choices) for name in differing):
            return preset
    return None
