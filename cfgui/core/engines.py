"""Which engine does the arithmetic of training - arrays, torch, compiled loops - and in which order ratings are taken.

Both follow from the size of the table, unless a person chooses. Rating by rating there are two compiled loops: the
strict one (``compiled_sgd``, float64, the very updates of the arrays, one after another) and the fast one
(``fast_sgd``, float32, several times as fast, an order that suits the machine). The rule for large tables is

- mini-batches are shuffled anew in each epoch;
- rating by rating the fast loop is taken, and with it shuffled order, wherever it computes what was chosen: dot or
  bias, any range, squared error, exact slopes, nothing frozen, gradients not clipped, and no weight decay or L2 per
  rating ("rows");
- L2 over all weights, decoupled decay and forward differences need the strict loop, which goes in row order.

Somebody who chooses the order gets it: in row order the strict loop where it can, shuffled the fast one where it can;
with many factors on smaller tables too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cfgui.core import first_order_loops
from cfgui.core.compiled_engine import WHOLE_COMPILED_FROM, can_decay
from cfgui.core.decay import has_decay, has_one_decay, is_decoupled
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import SGD_FROM, SOLVING_ROWS

Engine = Literal["numpy", "torch", "compiled"]

Loop = Literal["none", "strict", "fast"]
"""How updates are made rating by rating: by arrays, or by one of the compiled loops."""

COMPILED_FROM = SGD_FROM
"""Ratings from which SGD rating by rating is compiled: an update of arrays would touch every weight for each rating."""

COMPILED_WORK = 100_000
"""Ratings times factors from which it is compiled too, in an order that is chosen: with many factors few are many."""

EXACT = ("autograd", "exact")
"""Gradients that are the slope itself, however it is computed."""

_COMPILED_GRADIENTS = (*EXACT, "central", "forward")
"""Gradients the loops compute: the exact slope, which central differences of a square come to, or forward's."""


@dataclass(frozen=True)
class _Kind:
    """What matters of a model here."""

    is_net: bool
    is_bent: bool
    has_mean: bool
    is_square: bool


def _kind(choices: Hyperparameters, shape: Factors | None) -> _Kind:
    """That of the weights, or where there are none of the choices."""
    is_square = choices.loss == "mse"
    if shape is None:
        is_net = choices.model not in ("dot", "bias")
        return _Kind(is_net, choices.range != "none", choices.global_mean == "on", is_square)
    return _Kind(bool(shape.layers), shape.range.kind != "none", shape.global_mean != 0.0, is_square)


def rating_loop(n_ratings: int, choices: Hyperparameters, gradient: str, shape: Factors | None = None) -> Loop:
    """Which compiled loop makes the updates, if any; ``shape`` are the weights, which the choices else describe."""
    if choices.optimizer != "sgd" or choices.batch(n_ratings) != 1 or not _may_compile(n_ratings, choices):
        return "none"
    kind = _kind(choices, shape)
    if choices.order != "rows" and _is_fast(choices, gradient, kind):
        return "fast"
    return "strict" if _is_strict(choices, gradient, kind) else "none"


def _may_compile(n_ratings: int, choices: Hyperparameters) -> bool:
    """Whether compiled loops are wanted for SGD on a table of this size."""
    if choices.engine != "auto":
        return choices.engine == "compiled"
    is_much = choices.order is not None and n_ratings * choices.n_factors >= COMPILED_WORK
    return choices.device == "cpu" and (n_ratings >= COMPILED_FROM or is_much)


def _is_fast(choices: Hyperparameters, gradient: str, kind: _Kind) -> bool:
    """Whether the fast loop computes what was chosen."""
    if kind.is_net or not kind.is_square or choices.clip or choices.freeze != "none":
        return False
    if has_decay(choices) and choices.decay_kind != "rows":
        return False
    return gradient in EXACT or (gradient == "central" and not kind.is_bent)


def _is_strict(choices: Hyperparameters, gradient: str, kind: _Kind) -> bool:
    """Whether the strict loop computes what was chosen."""
    return (
        not (kind.is_net or kind.is_bent or kind.has_mean)
        and kind.is_square
        and gradient in _COMPILED_GRADIENTS
        and choices.clip == 0.0
        and choices.freeze == "none"
        and _is_loop_decay(choices, gradient)
    )


def _is_loop_decay(choices: Hyperparameters, gradient: str) -> bool:
    """Whether the strict loop can do the weight decay chosen: one for all weights, and not near 1 in any update."""
    if not has_decay(choices):
        return True
    if choices.decay_kind == "rows" or not has_one_decay(choices):
        return False
    if is_decoupled(choices) and nudge(choices, gradient):
        return False
    shrunk = choices.rate * choices.weight_decay * (1.0 if is_decoupled(choices) else 2.0)
    return can_decay(choices.rate, choices.weight_decay) and (choices.schedule == "constant" or shrunk < 1.0)


def is_compiled_gradient(n_ratings: int, choices: Hyperparameters, gradient: str, shape: Factors | None = None) -> bool:
    """Whether the gradients of many ratings at once come from compiled loops."""
    if choices.engine == "auto" and (n_ratings < WHOLE_COMPILED_FROM or choices.device != "cpu"):
        return False
    return choices.engine in ("auto", "compiled") and _can_compile_gradient(gradient, _kind(choices, shape))


def _can_compile_gradient(gradient: str, kind: _Kind) -> bool:
    """Forward differences have only loops without mean; both kinds of differences only those of a plain square."""
    if kind.is_net or gradient not in _COMPILED_GRADIENTS:
        return False
    is_plain = kind.is_square and not kind.is_bent
    return gradient in EXACT or (is_plain and (gradient == "central" or not kind.has_mean))


def engine_name(
    n_ratings: int, choices: Hyperparameters, gradient: str | None = None, shape: Factors | None = None
) -> Engine:
    """What computes the updates; ``gradient`` stands in for the one chosen, ``shape`` are the weights.

    Raises ValueError, with a sentence for a person, where the engine chosen cannot compute what was chosen.
    """
    gradient = gradient or choices.gradient
    if choices.optimizer in SOLVING_ROWS:  # by equations, without a gradient
        return "compiled" if n_ratings >= COMPILED_FROM else "numpy"
    if choices.engine == "numpy":
        return "numpy"
    if choices.engine == "torch":
        if gradient not in EXACT:
            raise ValueError(
                "torch differentiates the loss itself: choose Autograd, or another engine for differences."
            )
        return "torch"
    if rating_loop(n_ratings, choices, gradient, shape) != "none":
        return "compiled"
    if is_compiled_gradient(n_ratings, choices, gradient, shape):
        return "compiled"
    if choices.engine == "compiled":
        raise ValueError(
            "The compiled loops know dot products and biases, and differences only of squared errors without a range:"
            " choose another engine."
        )
    return "torch" if gradient == "autograd" else "numpy"


def gradient_of(engine: Engine, gradient: str) -> str:
    """The entry of ``GRADIENTS`` that the engine computes slopes by."""
    if engine == "compiled":  # not autograd's: making that imports torch, which compiled loops do without
        return "exact"
    if gradient in EXACT:
        return "autograd" if engine == "torch" else "exact"
    return gradient


def is_shuffled(n_ratings: int, choices: Hyperparameters, gradient: str, shape: Factors | None = None) -> bool:
    """Whether ratings are taken in a new order in each epoch."""
    batch = choices.batch(n_ratings)
    if batch == n_ratings:
        return False
    if choices.order is not None:
        return choices.order == "shuffled"
    if n_ratings < SGD_FROM:
        return False
    return batch > 1 or rating_loop(n_ratings, choices, gradient, shape) == "fast"


def looks_by_loops(n_ratings: int, choices: Hyperparameters, shape: Factors) -> bool:
    """Whether compiled loops measure the loss between the batches of a large table, to the bits of the arrays.

    Only where Adam's many weights have numba loaded anyhow: loading it takes as long as a hundred looks without.
    """
    return (
        not shape.layers
        and choices.engine == "auto"
        and n_ratings >= COMPILED_FROM
        and choices.batch(n_ratings) < n_ratings
        and shape.n_parameters >= first_order_loops.COMPILED_FROM
    )


def nudge(choices: Hyperparameters, gradient: str) -> float:
    """The h of the compiled loops: epsilon for forward differences, 0 for the exact slope."""
    return choices.epsilon if gradient == "forward" else 0.0


def updates_between_measures(n_ratings: int, n_factors: int, n_parameters: int, choices: Hyperparameters) -> int:
    """Updates after which the loss over all ratings is looked at, so that looking takes about a third of the time.

    1 for all but large tables. Made from counts and no clock, so that the same run draws the same curve: looking at a
    rating costs one unit per factor (in a net, per weight of a layer), learning from it three, and an update of a batch
    another one per weight. The compiled loops take a third to look at all ratings when they have learnt from all.
    """
    batch = choices.batch(n_ratings)
    if n_ratings < COMPILED_FROM or batch == n_ratings:
        return 1
    if choices.optimizer == "sgd" and batch == 1:
        return n_ratings
    update = 3 * batch * n_factors + n_parameters
    return -(-2 * n_ratings * n_factors // update)
