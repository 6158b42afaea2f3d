"""Microseconds per training step on the original 15 x 15, for every optimizer and gradient, beside plain PyTorch.

One step is gradient, update, predictions and RMSE, as the window does it. Plain PyTorch is the loop most people would
write: two ``torch.nn.Embedding``, ``mse_loss``, ``backward()`` and ``torch.optim.SGD`` over the same 206 ratings. All
of them take turns in one process, so that a busy machine slows all alike; a figure is the median of the turns.

The last table is of the compiled engine, many steps in one call (``Trainer.advance_each``), as a run from start to end
makes them; every one of them is measured too.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import torch

from cfgui.core.compiled_steps import AT_ONCE
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document

GRADIENTS = ("exact", "forward", "central", "autograd")
TURNS = 15
STEPS_A_TURN = 40
PLAIN = ("plain torch", "")
TOGETHER = ("gd", "momentum")
WANTED_TOGETHER = 10.0
"""Microseconds of a step at most where many are made in one call."""


def plain_torch(document: Document) -> Callable[[], None]:
    """One step of the plain PyTorch loop, from the sheet's factors in float64."""
    ratings, factors = document.ratings, document.factors["dot"]
    users, movies = (torch.tensor(index, dtype=torch.int64) for index in (ratings.users, ratings.movies))
    values = torch.tensor(ratings.values)
    user_table = torch.nn.Embedding.from_pretrained(torch.tensor(factors.user_factors), freeze=False)
    movie_table = torch.nn.Embedding.from_pretrained(torch.tensor(factors.movie_factors), freeze=False)
    optimizer = torch.optim.SGD([*user_table.parameters(), *movie_table.parameters()], lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss((user_table(users) * movie_table(movies)).sum(1), values)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        loss.item()

    return step


def steppers(document: Document) -> dict[tuple[str, str], Callable[[], object]]:
    """What is measured, by (optimizer, gradient); the rate is small, so that no run ends early.

    Except for lbfgs: its rate is the first length its line search tries, and its own, 1, is the one that is used.
    """
    found: dict[tuple[str, str], Callable[[], object]] = {PLAIN: plain_torch(document)}
    for optimizer in OPTIMIZER_DEFAULTS:
        for gradient in GRADIENTS:
            rate = None if optimizer == "lbfgs" else 1e-3
            hyperparameters = Hyperparameters(optimizer=optimizer, learning_rate=rate)
            found[optimizer, gradient] = _stepper(document, hyperparameters, gradient)
    for optimizer in TOGETHER:
        for gradient in GRADIENTS:
            found[f"{optimizer}, together", gradient] = _together(document, optimizer, gradient)
    return found


def _together(document: Document, optimizer: str, gradient: str) -> Callable[[], object]:
    hyperparameters = Hyperparameters(optimizer=optimizer, learning_rate=1e-3, engine="compiled")
    trainer = Trainer(document.ratings, document.factors["dot"], hyperparameters, gradient=gradient)
    return lambda: trainer.advance_each(trainer.at_once)[-1]


def _stepper(document: Document, hyperparameters: Hyperparameters, gradient: str) -> Callable[[], object]:
    def fresh() -> Trainer:
        return Trainer(document.ratings, document.factors["dot"], hyperparameters, gradient=gradient)

    trainer = fresh()

    def step() -> None:
        nonlocal trainer
        if trainer.finished or trainer.step == STEPS_A_TURN:  # lbfgs ends: measure its way down again and again
            trainer = fresh()
        trainer.advance()

    return step


def measure() -> dict[tuple[str, str], float]:
    """Median microseconds a step."""
    steps = steppers(sample_document())
    turns: dict[tuple[str, str], list[float]] = {name: [] for name in steps}
    for turn in range(TURNS + 1):
        for name, step in steps.items():
            many = name[0].endswith("together")
            start = time.perf_counter()
            for _ in range(1 if many else STEPS_A_TURN):
                step()
            if turn:  # the first one warms up
                n_steps = AT_ONCE if many else STEPS_A_TURN
                turns[name].append((time.perf_counter() - start) / n_steps * 1e6)
    return {name: statistics.median(values) for name, values in turns.items()}


def main() -> None:
    """Measure and print a table."""
    medians = measure()
    plain = medians.pop(PLAIN)
    versions = f"Python {sys.version.split()[0]}, torch {torch.__version__}, {torch.get_num_threads()} threads"
    print(f"microseconds a step, and how many times a plain PyTorch step that is ({versions})")
    print(f"plain torch.nn.Embedding + SGD: {plain:.0f}")
    print(f"{'':<10}" + "".join(f"{gradient:>17}" for gradient in GRADIENTS))
    for optimizer in OPTIMIZER_DEFAULTS:
        cells = (medians[optimizer, gradient] for gradient in GRADIENTS)
        print(f"{optimizer:<10}" + "".join(f"{cell:9.0f} ({cell / plain:4.2f}x)" for cell in cells))
    print(f"compiled, {AT_ONCE} steps in one call, wanted at most {WANTED_TOGETHER:.0f}")
    for optimizer in TOGETHER:
        cells = (medians[f"{optimizer}, together", gradient] for gradient in GRADIENTS)
        print(f"{optimizer:<10}" + "".join(f"{cell:9.1f} ({cell / plain:4.2f}x)" for cell in cells))


if __name__ == "__main__":
    main()
