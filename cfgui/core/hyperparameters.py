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
            raise ValueError(f"{self._name} must be one of {', '.join(self.choices)}, not {value!r}")
        if self.type is str:
            return
        if isinstance(value, int) and abs(value) > 2**1023:
            # Beyond what a float holds: no other check, nor its message, would survive it.
            raise ValueError(f"{self._name} must lie {self._bounds}, not further out")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{self._name} must be a finite number, not {value!r}")
        if self.type is int and value != int(value):
            raise ValueError(f"{self._name} must be a whole number, not {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self._name} must lie {self._bounds}, not {_plain(value)}")

    @property
    def _name(self) -> str:
        """The label, or, where that only goes on from the field before it in the form, the words of the flag."""
        return self.label if self.label[0].isupper() else self.flag.strip("-").replace("-", " ").capitalize()

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
        "Momentum", 0.1, 0, "Momentum: keeps a share, 0.9, of the last move and adds the gradient (torch.optim.SGD)."
    ),
    "nesterov": OptimizerDefaults(
        "Nesterov", 0.1, 0, "Nesterov: momentum that looks one move ahead (torch.optim.SGD with nesterov=True)."
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
    "adamw": OptimizerDefaults(
        "AdamW", 0.05, 0, "AdamW: Adam whose weight decay shrinks the weights by rate x decay, apart from the loss."
    ),
    "lbfgs": OptimizerDefaults(
        "L-BFGS", 1.0, 0, "L-BFGS: curvature from the last 20 moves and a line search; what Solve uses."
    ),
    "als": OptimizerDefaults(
        "ALS",
        1.0,
        0,
        "Alternating least squares: one step solves exactly for all users, the next for all movies, both are a sweep.",
    ),
    "gibbs": OptimizerDefaults(
        "Gibbs sampling",
        1.0,
        0,
        "Gibbs sampling: each update draws new weights from all that fit the ratings; averages over many predict best.",
    ),
    "graddesc-momentum": OptimizerDefaults(
        "graddesc: momentum",
        1.0,
        0,
        "The graddesc sheet's momentum weights the gradient by 0.1, so a steady gradient moves no faster than without.",
    ),
    "graddesc-adagrad": OptimizerDefaults(
        "graddesc: Adagrad",
        5e-4,
        1,
        "The graddesc sheet's Adagrad divides by the gradients of the last pass only, and forgets all earlier ones.",
    ),
    "graddesc-rmsprop": OptimizerDefaults(
        "graddesc: RMSprop",
        0.01,
        0,
        "The graddesc sheet's RMSprop (decay 0.9, no epsilon) divides by the mean square before the new gradient.",
    ),
    "graddesc-adam": OptimizerDefaults(
        "graddesc: Adam",
        0.05,
        0,
        "The graddesc sheet's Adam has betas 0.7 and 0.9, no correction for the start at zero and no epsilon.",
    ),
    "graddesc-eve": OptimizerDefaults(
        "graddesc: Eve",
        0.05,
        0,
        "The graddesc sheet's Eve is its Adam divided by a running ratio of each loss to the one before.",
    ),
    "graddesc-adagrad-ann": OptimizerDefaults(
        "graddesc: Adagrad, annealed",
        5e-4,
        1,
        "The sheet's Adagrad whose rate is halved after a pass with a gradient more than twice as long as its best.",
    ),
    "graddesc-adam-ann": OptimizerDefaults(
        "graddesc: Adam, annealed",
        0.05,
        0,
        "The sheet's Adam whose rate is quartered after a pass with a gradient more than twice as long as its best.",
    ),
}
"""Every optimizer by its name, in the order the window and the documentation list them."""

SOLVING_ROWS = ("als", "gibbs")
"""Optimizers that solve for whole rows of weights, which takes predictions that are sums of products."""

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
        "dot: user factors . movie factors; bias: the same plus a bias per user and per movie; neural: a neural net on"
        " both embeddings side by side; ordinal: that net with one output per rating value.",
        choices=("dot", "bias", "neural", "ordinal"),
        choice_labels=("Dot product", "Dot product + bias", "Neural net", "Ordinal net"),
    ),
    Option(
        "global_mean",
        "--global-mean",
        str,
        "off",
        "Mean",
        "on: the bias model adds the mean of the ratings it trains on, so that biases say how far from it.",
        choices=("off", "on"),
        choice_labels=("Without the mean", "Plus the mean"),
    ),
    Option(
        "range",
        "--range",
        str,
        "none",
        "Range",
        "How a score becomes a prediction: as it is, clipped to the range, or bent into it by a sigmoid or tanh.",
        choices=("none", "clip", "sigmoid", "tanh"),
        choice_labels=("No range", "Clip", "Sigmoid", "tanh"),
    ),
    Option(
        "low",
        "--low",
        float,
        None,
        "Low",
        "The low end of the range; the lowest rating where not given. The fast.ai book takes 0, the blog 1.",
        low=-1e6,
        high=1e6,
    ),
    Option(
        "high",
        "--high",
        float,
        None,
        "High",
        "The high end of the range; the highest rating where not given. The book takes 5.5, since a sigmoid never"
        " reaches its ends.",
        low=-1e6,
        high=1e6,
    ),
    Option(
        "loss",
        "--loss",
        str,
        "mse",
        "Loss",
        "mse: mean squared residual; bce: binary cross-entropy of the rating's place in the range, which needs the"
        " sigmoid. The ordinal net always takes the cross-entropy of its classes.",
        choices=("mse", "bce"),
        choice_labels=("Squared error", "Binary cross-entropy"),
    ),
    Option(
        "hidden",
        "--hidden",
        str,
        "10",
        "Hidden",
        "Units of each hidden layer of a net, such as 10 or 100,50.",
    ),
    Option(
        "dropout",
        "--dropout",
        float,
        0.05,
        "Dropout",
        "The share of a net's embeddings and hidden units that is set to zero at random in each training step.",
        low=0.0,
        high=0.95,
    ),
    Option(
        "freeze",
        "--freeze",
        str,
        "none",
        "Freeze",
        "Tables that training leaves as they are.",
        choices=("none", "users", "movies", "both"),
        choice_labels=("Train all", "Freeze users", "Freeze movies", "Freeze both"),
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
        "decay_kind",
        "--decay-kind",
        str,
        "l2",
        "Decay as",
        "l2: in the loss, over all weights; rows: in the loss, over the rows of each rating in turn, as SGD libraries"
        " do; decoupled: each update shrinks the weights by rate x decay (AdamW).",
        choices=("l2", "rows", "decoupled"),
        choice_labels=("L2 in the loss", "L2 per rating", "Decoupled"),
    ),
    Option(
        "movie_decay",
        "--movie-decay",
        float,
        None,
        "Movie decay",
        "Decay of the movie factors, where it is to differ.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "bias_decay",
        "--bias-decay",
        float,
        None,
        "Bias decay",
        "Decay of the biases, where it is to differ.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "layer_decay",
        "--layer-decay",
        float,
        None,
        "Layer decay",
        "Decay of a net's layers, where it is to differ.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "als_lambda",
        "--lambda",
        float,
        0.1,
        "Lambda",
        "ALS: what is added to the diagonal of each row's equations, so that few ratings move a row little.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "als_kind",
        "--lambda-kind",
        str,
        "plain",
        "Lambda as",
        "plain: lambda as it is; weighted: lambda times the number of ratings of the row (Zhou et al. 2008).",
        choices=("plain", "weighted"),
        choice_labels=("Plain", "x ratings of the row"),
    ),
    Option(
        "momentum",
        "--momentum",
        float,
        0.9,
        "Momentum",
        "The share of the last move that momentum and Nesterov keep, and Adam's first beta.",
        low=0.0,
        high=0.9999,
    ),
    Option(
        "schedule",
        "--schedule",
        str,
        "constant",
        "Schedule",
        "How the rate changes: constant; step: a tenth after each third; cosine: down to 0; one-cycle: up from a 25th,"
        " then down to nothing while momentum goes .95, .85, .95 (fastai).",
        choices=("constant", "step", "cosine", "one-cycle"),
        choice_labels=("Constant rate", "Step", "Cosine", "One-cycle"),
    ),
    Option(
        "schedule_epochs",
        "--schedule-epochs",
        int,
        5,
        "over",
        "Epochs that the schedule takes, counted from step 0; after them its last rate stays.",
        low=1,
        high=100_000,
    ),
    Option(
        "clip",
        "--clip",
        float,
        0.0,
        "Clip",
        "Gradients longer than this are shortened to it; 0 leaves them alone.",
        low=0.0,
        high=1e6,
    ),
    Option(
        "patience",
        "--patience",
        int,
        0,
        "Patience",
        "Looks at the held-out ratings without a better RMSE after which training stops and the best weights come back;"
        " 0 never stops.",
        low=0,
        high=1_000_000,
    ),
    Option(
        "order",
        "--order",
        str,
        None,
        "Order",
        "In which order ratings are gone through: rows, as the sheet has them, or shuffled, anew in each epoch. Where"
        " nothing is chosen, sheets go by rows, and mini-batches of 20,000 ratings or more are shuffled. So is SGD"
        " rating by rating there, by a loop several times as fast, unless L2 over all weights, decoupled decay or"
        " nudges need row order.",
        choices=("rows", "shuffled"),
        choice_labels=("In row order", "Shuffled"),
    ),
    Option(
        "engine",
        "--engine",
        str,
        "auto",
        "Engine",
        "What does the arithmetic: chosen by the size of the table, or numpy, torch or compiled loops.",
        choices=("auto", "numpy", "torch", "compiled"),
        choice_labels=("Engine: auto", "numpy", "torch", "compiled"),
    ),
    Option(
        "device",
        "--device",
        str,
        "cpu",
        "Device",
        "Where torch computes; others are used where they are present, in float32.",
        choices=("cpu", "cuda", "mps"),
        choice_labels=("CPU", "CUDA", "MPS"),
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
        "n_movie_factors",
        "--movie-factors",
        int,
        None,
        "Movie factors",
        "Factors per movie where they are to differ: only a net can, a dot product pairs them off.",
        low=1,
        high=1000,
    ),
    Option(
        "factor_rule",
        "--factor-rule",
        str,
        "given",
        "Factors by",
        "given: as many as said; fastai: min(600, round(1.6 n^0.56)) for n users and for n movies, in a net.",
        choices=("given", "fastai"),
        choice_labels=("As given", "fastai's rule"),
    ),
    Option(
        "init",
        "--init",
        str,
        "sheet",
        "Start",
        "Starting weights: the sheet's own, uniform in [0, 1) as RAND() fills it, normal(0, 0.01), or Xavier's uniform,"
        " whose width falls with the size of the table.",
        choices=("sheet", "uniform", "normal", "xavier"),
        choice_labels=("The sheet's", "Uniform 0 to 1", "Normal, 0.01", "Xavier"),
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


MAX_HIDDEN = 10_000
"""Units of one hidden layer at most."""


def parse_hidden(text: str) -> tuple[int, ...]:
    """Units of each hidden layer from a list such as "100,50"; empty for none. Raises ValueError."""
    sizes = [part.strip() for part in text.split(",")] if text.strip() else []
    if not all(size.isascii() and size.isdigit() and 1 <= int(size) <= MAX_HIDDEN for size in sizes):
        raise ValueError(f"Hidden must be a list of layer sizes such as 10 or 100,50, not {text!r}")
    return tuple(int(size) for size in sizes)


@dataclass(frozen=True)
class Hyperparameters:
    """One complete set of choices; field names are the names in ``OPTIONS``.

    Raises ValueError when one is not allowed, or two do not go together.

    ``learning_rate`` and ``batch_size`` may be None: the optimizer's own.
    """

    model: str = "dot"
    global_mean: str = "off"
    range: str = "none"
    low: float | None = None
    high: float | None = None
    loss: str = "mse"
    hidden: str = "10"
    dropout: float = 0.05
    freeze: str = "none"
    gradient: str = "autograd"
    epsilon: float = 0.01
    optimizer: str = "gd"
    learning_rate: float | None = None
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    movie_decay: float | None = None
    bias_decay: float | None = None
    layer_decay: float | None = None
    als_lambda: float = 0.1
    als_kind: str = "plain"
    momentum: float = 0.9
    schedule: str = "constant"
    schedule_epochs: int = 5
    clip: float = 0.0
    patience: int = 0
    order: str | None = None
    engine: str = "auto"
    device: str = "cpu"
    batch_size: int | None = None
    n_factors: int = 5
    n_movie_factors: int | None = None
    factor_rule: str = "given"
    init: str = "sheet"
    seed: int = 42

    def __post_init__(self) -> None:
        for field in fields(self):
            OPTION_BY_NAME[field.name].check(getattr(self, field.name))
        self._check_together()

    def _check_together(self) -> None:
        """Raise ValueError, with the reason, for choices that do not go with each other."""
        parse_hidden(self.hidden)
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"The range must rise: its low end {self.low:g} is not below its high end {self.high:g}")
        is_net = self.model in ("neural", "ordinal")
        if not is_net and self.n_movie_factors not in (None, self.n_factors):
            raise ValueError(
                "A dot product multiplies each user factor with the movie factor of the same number, so both sides need"
                f" as many, not {self.n_factors} and {self.n_movie_factors}; a neural net can have different ones"
            )
        if not is_net and self.factor_rule != "given":
            raise ValueError("fastai's rule gives users and movies different numbers of factors; only a net can use it")
        if self.loss == "bce" and self.range != "sigmoid" and self.model != "ordinal":
            raise ValueError(
                "Binary cross-entropy takes the logarithm of the prediction's place in the range, which must lie"
                " between 0 and 1: choose the sigmoid range first"
            )
        if self.optimizer in SOLVING_ROWS and (is_net or self.range in ("sigmoid", "tanh")):
            bent = "a net" if is_net else f"the range {self.range}"
            raise ValueError(
                f"{OPTIMIZER_DEFAULTS[self.optimizer].label} solves equations that {bent} bends out of shape: choose"
                " the dot or bias model with no range or clip, or another optimizer"
            )

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return parse_hidden(self.hidden)

    @property
    def rate(self) -> float:
        """The learning rate in force."""
        own = OPTIMIZER_DEFAULTS[self.optimizer].learning_rate
        return own if self.learning_rate is None else self.learning_rate

    def batch(self, n_ratings: int) -> int:
        """Ratings per update in force, between 1 and ``n_ratings``; some optimizers always take all."""
        if self.optimizer in ("gd", "lbfgs", *SOLVING_ROWS):
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
