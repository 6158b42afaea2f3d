"""The optimizers by name, what each uses where the person has not chosen, and which is usual."""

from __future__ import annotations

from dataclasses import dataclass


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
        "SGD", 0.01, 1, "Stochastic gradient descent: the same update after every rating or mini-batch."
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
    "fastai-adam": OptimizerDefaults(
        "Adam (fastai)",
        0.05,
        0,
        "AdamW as fastai sets it: 0.99 in place of 0.999 in the mean of squares, and 1e-5 in place of 1e-8 beside its"
        " root.",
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

NET_BATCH = 64
"""Ratings per update of SGD in a net on such a table, unless somebody chose: no loop is compiled for one at a time.

That takes more than a minute for a pass over a hundred thousand ratings.
"""


def usual_optimizer(n_ratings: int) -> str:
    """The optimizer for somebody who has not chosen: gd on a sheet, sgd on a large table."""
    return "gd" if n_ratings < SGD_FROM else "sgd"
