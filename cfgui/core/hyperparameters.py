"""One complete set of choices about training, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cfgui.core.optimizer_defaults import NET_BATCH, OPTIMIZER_DEFAULTS, SGD_FROM, SOLVING_ROWS
from cfgui.core.options import OPTION_BY_NAME

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
                " between 0 and 1: choose the sigmoid range first, or the squared error as loss"
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
        size = self._own_batch(n_ratings) if self.batch_size is None else self.batch_size
        return n_ratings if size == 0 else min(size, n_ratings)

    def _own_batch(self, n_ratings: int) -> int:
        """The optimizer's own batch: of SGD one rating, but ``NET_BATCH`` where a net has many."""
        if self.optimizer == "sgd" and n_ratings >= SGD_FROM and self.model in ("neural", "ordinal"):
            return NET_BATCH
        return OPTIMIZER_DEFAULTS[self.optimizer].batch_size

    def steps_per_epoch(self, n_ratings: int) -> int:
        """Updates in one pass over ``n_ratings`` ratings (the last batch may be smaller)."""
        return -(-n_ratings // self.batch(n_ratings)) if n_ratings else 1
