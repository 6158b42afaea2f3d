"""The usual way to train for the size of a table: SGD comes with many ratings, and goes again with few."""

from __future__ import annotations

from dataclasses import replace

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import usual_optimizer

FOR_MANY = Hyperparameters(optimizer="sgd", gradient="autograd")
"""How weights are trained on many ratings."""


class UsualMethod:
    """Remembers what was chosen before SGD came with many ratings, until the person chooses again."""

    def __init__(self) -> None:
        self._before: Hyperparameters | None = None

    def choices_for(self, n_ratings: int, present: Hyperparameters) -> tuple[Hyperparameters, bool]:
        """The choices with which a document of so many ratings opens, and whether they are other ones than now."""
        if turns_to_sgd(n_ratings, present):
            # Exact slopes: the error of finite differences adds up over millions of updates and drives weights away.
            return _with_method(present, FOR_MANY), True
        if self._before is not None and usual_optimizer(n_ratings) == "gd":
            return _with_method(present, self._before), True
        return present, False

    def opened(self, n_ratings: int, before: Hyperparameters) -> None:
        """A document of so many ratings was opened; ``before`` were the choices until then."""
        _, switched = self.choices_for(n_ratings, before)
        if switched:
            self._before = before if turns_to_sgd(n_ratings, before) else None

    def restored(self, n_ratings: int, kept: Hyperparameters, before: Hyperparameters) -> None:
        """A session with the choices ``kept`` was restored; what it was trained by is not what others are."""
        if usual_optimizer(n_ratings) != "sgd" or not _is_for_many(kept):
            self._before = None
        elif not _is_for_many(before):
            self._before = before  # comes back with what is opened after it

    def forget(self) -> None:
        """The person's own choice stays."""
        self._before = None


def turns_to_sgd(n_ratings: int, choices: Hyperparameters) -> bool:
    """Whether SGD is chosen for so many ratings, because gradient descent is no use on them."""
    return choices.optimizer == "gd" and usual_optimizer(n_ratings) == "sgd"


def _is_for_many(choices: Hyperparameters) -> bool:
    return (choices.optimizer, choices.gradient) == (FOR_MANY.optimizer, FOR_MANY.gradient)


def _with_method(choices: Hyperparameters, other: Hyperparameters) -> Hyperparameters:
    """``choices``, but trained in the way of ``other``."""
    return replace(
        choices,
        optimizer=other.optimizer,
        gradient=other.gradient,
        learning_rate=other.learning_rate,
        batch_size=other.batch_size,
    )
