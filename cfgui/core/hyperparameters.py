"""Every choice a person can make about training, declared once.

The toolbar, the command line, the file check and the documentation all read ``OPTIONS``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

Value = str | int | float | None


def _plain(number: float) -> str:
    """A number for a sentence: a whole one with all its digits."""
    return str(int(number)) if math.isfinite(number) and number == int(number) and abs(number) < 1e20 else f"{number:g}"


@dataclass(frozen=True)
class Option:
    """One choice: its name in code, flag on the command line, type, bounds, default and the sentence that teaches it.

    ``default`` None means "the optimizer's own" (see ``OptimizerDefaults``). ``window_default`` is given only where the
    window opens differently from a script.
    """

    name: str
    flag: str
    type: type
    default: Value
    label: str
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    window_default: Value = None
    choice_labels: tuple[str, ...] = ()

    def check(self, value: Value) -> None:
        """Raise ValueError with one plain sentence when ``value`` is not allowed."""
        if value is None and self.default is None:
            return
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.label} must be one of {', '.join(self.choices)}, not {value!r}")
        if self.type is str:
            return
        if isinstance(value, int) and abs(value) > 2**1023:
            # Beyond what a float holds: no other check, nor its message, would survive it.
            raise ValueError(f"{self.label} must lie {self._bounds}, not further out")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{self.label} must be a finite number, not {value!r}")
        if self.type is int and value != int(value):
            raise ValueError(f"{self.label} must be a whole number, not {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.label} must lie {self._bounds}, not {_plain(value)}")

    @property
    def _bounds(self) -> str:
        return f"between {_plain(self.low)} and {_plain(self.high)}"


@dataclass(frozen=True)
class OptimizerDefaults:
    """What an optimizer uses where the person has not chosen; batch_size 0 means all ratings."""

    label: str
    learning_rate: float
    batch_size: int
    help: str


OPTIMIZER_DEFAULTS: dict[str, OptimizerDefaults] = {
    "gd": OptimizerDefaults(
        "Gradient descent", 0.5, 0, "Plain gradient descent: w - rate x gradient, over all ratings at once."
    ),
    "sgd": OptimizerDefaults(
        "SGD", 0.01, 1, "Stochastic gradient descent: the same update after every rating or mini-batch, in row order."
    ),
    "momentum": OptimizerDefaults(
        "Momentum", 0.1, 0, "Momentum 0.9: keeps 0.9 of the last move and adds the new gradient (torch.optim.SGD)."
    ),
    "adagrad": OptimizerDefaults(
        "Adagrad", 0.1, 0, "Adagrad: each weight's rate shrinks with the sum of its squared gradients."
    ),
    "rmsprop": OptimizerDefaults(
        "RMSprop", 0.02, 0, "RMSprop: divides by a running root mean square of the gradient (decay 0.99)."
    ),
    "adam": OptimizerDefaults(
        "Adam", 0.05, 0, "Adam: momentum 0.9 over RMSprop 0.999, both corrected for their start at zero."
    ),
    "lbfgs": OptimizerDefaults(
        "L-BFGS", 1.0, 0, "L-BFGS: curvature from the last 20 moves and a line search; what Solve uses."
    ),
}
"""Every optimizer by its name, in the order the window and the documentation list them."""

SGD_FROM = 20_000
"""Ratings from which SGD is the usual optimizer.

One step of gradient descent moves a weight by the mean over all ratings, of which only the few of its own user or movie
count: with many ratings that is by a hair, and a pass over them is one step only.
"""


def usual_optimizer(n_ratings: int) -> str:
    """The optimizer for somebody who has not chosen: gd on a sheet, sgd on a large table."""
    return "gd" if n_ratings < SGD_FROM else "sgd"


OPTIONS: tuple[Option, ...] = (
    Option(
        "model",
        "--model",
        str,
        "dot",
        "Model",
        "dot: user factors . movie factors; bias: the same plus a bias per user and per movie.",
        choices=("dot", "bias"),
        choice_labels=("Dot product", "Dot product + bias"),
    ),
    Option(
        "gradient",
        "--gradient",
        str,
        "autograd",
        "Gradient",
        "Where derivatives come from: autograd is exact (torch); forward and central nudge each weight by epsilon and"
        " watch the loss, as Excel's Solver does.",
        choices=("autograd", "forward", "central"),
        window_default="forward",
        choice_labels=("Autograd (torch)", "Forward differences", "Central differences"),
    ),
    Option(
        "epsilon",
        "--epsilon",
        float,
        0.01,
        "Epsilon",
        "The nudge h of finite differences: (loss(w + h) - loss(w)) / h. The course's graddesc sheet uses 0.01.",
        low=1e-12,
        high=1.0,
    ),
    Option(
        "optimizer",
        "--optimizer",
        str,
        "gd",
        "Optimizer",
        "How a gradient becomes an update of the weights.",
        choices=tuple(OPTIMIZER_DEFAULTS),
        choice_labels=tuple(d.label for d in OPTIMIZER_DEFAULTS.values()),
    ),
    Option(
        "learning_rate",
        "--learning-rate",
        float,
        None,
        "Rate",
        "How far to move along the gradient. Too small crawls, too large explodes.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "weight_decay",
        "--weight-decay",
        float,
        0.0,
        "Decay",
        "L2 in the loss: adds this times the sum of all squared weights, so large weights must pay for themselves.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "batch_size",
        "--batch-size",
        int,
        None,
        "Batch",
        "Ratings per update, taken in row order; 0 is all of them. Plain gradient descent always takes all.",
        low=0,
        high=10**9,
    ),
    Option(
        "n_factors",
        "--factors",
        int,
        5,
        "Factors",
        "How many latent factors describe each user and each movie.",
        low=1,
        high=1000,
    ),
    Option(
        "init",
        "--init",
        str,
        "sheet",
        "Start",
        "Starting weights: the sheet's own, uniform in [0, 1) as RAND() fills it, or normal(0, 0.01).",
        choices=("sheet", "uniform", "normal"),
        choice_labels=("The sheet's", "Uniform 0 to 1", "Normal, 0.01"),
    ),
    Option(
        "seed",
        "--seed",
        int,
        42,
        "Seed",
        "The number random weights grow from: the same seed gives the same weights.",
        low=0,
        high=2**63 - 1,
    ),
)
"""Every option, in the order forms and help show them."""

OPTION_BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}


@dataclass(frozen=True)
class Hyperparameters:
    """One complete set of choices; field names are the names in ``OPTIONS``. Raises ValueError when one is not allowed.

    ``learning_rate`` and ``batch_size`` may be None: the optimizer's own.
    """

    model: str = "dot"
    gradient: str = "autograd"
    epsilon: float = 0.01
    optimizer: str = "gd"
    learning_rate: float | None = None
    weight_decay: float = 0.0
    batch_size: int | None = None
    n_factors: int = 5
    init: str = "sheet"
    seed: int = 42

    def __post_init__(self) -> None:
        for field in fields(self):
            OPTION_BY_NAME[field.name].check(getattr(self, field.name))

    @property
    def rate(self) -> float:
        """The learning rate in force."""
        own = OPTIMIZER_DEFAULTS[self.optimizer].learning_rate
        return own if self.learning_rate is None else self.learning_rate

    def batch(self, n_ratings: int) -> int:
        """Ratings per update in force, between 1 and ``n_ratings``; gd and lbfgs always take all."""
        if self.optimizer in ("gd", "lbfgs"):
            return n_ratings
        size = OPTIMIZER_DEFAULTS[self.optimizer].batch_size if self.batch_size is None else self.batch_size
        return n_ratings if size == 0 else min(size, n_ratings)

    def steps_per_epoch(self, n_ratings: int) -> int:
        """Updates in one pass over ``n_ratings`` ratings (the last batch may be smaller)."""
        return -(-n_ratings // self.batch(n_ratings)) if n_ratings else 1


def defaults(*, window: bool = False) -> Mapping[str, Value]:
    """Default value by option name, for a script or for the window."""
    return {
        option.name: option.window_default if window and option.window_default is not None else option.default
        for option in OPTIONS
    }
