"""Changes: what a session tells those who watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """What a watcher must look at again.

    ``document``: everything, shapes included. ``ratings``: the crosstab. ``weights``: models whose weights changed.
    ``shape``: models whose tables of weights have other sizes than before. ``curves``: models whose loss curves
    changed. ``choices``: the hyperparameters. ``view``: what is shown of the ratings, and which of them train.
    ``measured``: an RMSE that was not known before.
    """

    document: bool = False
    view: bool = False
    measured: bool = False
    ratings: bool = False
    weights: frozenset[str] = frozenset()
    shape: frozenset[str] = frozenset()
    curves: frozenset[str] = frozenset()
    choices: bool = False


Watcher = Callable[[Changes], None]


class Watchers:
    """Those who want to be told, in the order in which they came."""

    def __init__(self) -> None:
        self._all: list[Watcher] = []

    def add(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` after each change; returns the function that ends it."""
        self._all.append(watcher)

        def end() -> None:
            if watcher in self._all:
                self._all.remove(watcher)

        return end

    def tell(self, changes: Changes) -> None:
        """Call everyone who watches now."""
        for watcher in tuple(self._all):
            watcher(changes)
