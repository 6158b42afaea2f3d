"""How the options belong together on a form, and when one has no effect: data beside ``OPTIONS``."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.core.hyperparameters import Hyperparameters

GROUPS: dict[str, tuple[str, ...]] = {
    "Model": (
        "model",
        "n_factors",
        "n_movie_factors",
        "factor_rule",
        "hidden",
        "dropout",
        "global_mean",
        "range",
        "low",
        "high",
    ),
    "Optimizer": (
        "optimizer",
        "gradient",
        "epsilon",
        "learning_rate",
        "momentum",
        "clip",
        "batch_size",
        "order",
        "freeze",
    ),
    "Schedule": ("schedule", "schedule_epochs", "patience"),
    "Loss and decay": (
        "loss",
        "weight_decay",
        "decay_kind",
        "movie_decay",
        "bias_decay",
        "layer_decay",
        "als_lambda",
        "als_kind",
    ),
    "Start": ("init", "seed"),
    "Engine": ("engine", "device"),
}
"""Every option in the one group of a form that it stands in, in the order of the form."""


@dataclass(frozen=True)
class Need:
    """An option has an effect only where another, ``option``, is one of ``values``; ``why`` says so to a person.

    With ``unless`` it is the other way round: only where the other is none of them.
    """

    option: str
    values: tuple[str, ...]
    why: str
    unless: bool = False

    def is_met(self, choices: Hyperparameters) -> bool:
        """Whether these choices fulfil it."""
        return (getattr(choices, self.option) in self.values) is not self.unless


_NET = Need("model", ("neural", "ordinal"), "Only a neural net has this.")
_BIAS = Need("model", ("bias",), "Only the bias model has this.")
_NOT_ORDINAL = Need(
    "model", ("ordinal",), "An ordinal net predicts a mean of the rating values, which needs no range.", unless=True
)
_RANGE = Need("range", ("none",), "There is no range: choose one first.", unless=True)
_MOVES = Need(
    "optimizer", ("als", "gibbs"), "ALS and Gibbs sampling solve equations: they take no gradient.", unless=True
)
_RATED = Need(
    "optimizer", ("als", "gibbs", "lbfgs"), "This optimizer finds out by itself how far to move.", unless=True
)
_BATCHED = Need(
    "optimizer", ("gd", "als", "gibbs", "lbfgs"), "This optimizer always takes all ratings at once.", unless=True
)
_ALS = Need("optimizer", ("als",), "Only ALS uses this.")

NEEDS: dict[str, tuple[Need, ...]] = {
    "n_movie_factors": (Need("model", _NET.values, "A dot product needs as many factors per movie as per user."),),
    "factor_rule": (Need("model", _NET.values, "The rule gives users and movies different counts: only a net can."),),
    "hidden": (_NET,),
    "dropout": (_NET,),
    "global_mean": (_BIAS,),
    "range": (_NOT_ORDINAL,),
    "low": (_NOT_ORDINAL, _RANGE),
    "high": (_NOT_ORDINAL, _RANGE),
    "gradient": (_MOVES,),
    "epsilon": (_MOVES, Need("gradient", ("autograd",), "An exact gradient nudges nothing.", unless=True)),
    "learning_rate": (_RATED,),
    "momentum": (
        Need(
            "optimizer",
            ("momentum", "nesterov", "adam", "adamw", "fastai-adam"),
            "This optimizer keeps no share of the last move.",
        ),
    ),
    "clip": (_RATED,),
    "batch_size": (_BATCHED,),
    "order": (_BATCHED,),
    "schedule": (_RATED,),
    "schedule_epochs": (_RATED, Need("schedule", ("constant",), "The rate stays the same all the time.", unless=True)),
    "loss": (
        Need("model", ("ordinal",), "An ordinal net always takes the cross-entropy of its classes.", unless=True),
    ),
    "weight_decay": (
        Need("optimizer", ("als", "gibbs"), "ALS has lambda, and Gibbs sampling priors, for this.", unless=True),
    ),
    "decay_kind": (
        Need("optimizer", ("als", "gibbs", "lbfgs"), "This optimizer has decay in the loss only.", unless=True),
        Need(
            "optimizer", ("adamw", "fastai-adam"), "AdamW's decay is decoupled: that is what the W means.", unless=True
        ),
    ),
    "bias_decay": (_BIAS,),
    "layer_decay": (_NET,),
    "als_lambda": (_ALS,),
    "als_kind": (_ALS,),
    "device": (
        _MOVES,
        Need("gradient", ("autograd",), "Finite differences are computed by numpy, on the processor."),
    ),
}
"""What an option needs to have an effect; all others always have one."""

for _name in ("movie_decay", "bias_decay", "layer_decay"):
    NEEDS[_name] = (*NEEDS.get(_name, ()), *NEEDS["weight_decay"])


def idle_reason(option: str, choices: Hyperparameters) -> str:
    """Why an option has no effect with these choices, in a sentence; empty where it has one."""
    return next((need.why for need in NEEDS.get(option, ()) if not need.is_met(choices)), "")
