"""Session: the only mutable truth of the program, and what it tells those who watch it.

All state is immutable values (``State``, ``SheetState``); the session swaps them. An edit therefore undoes by putting
the state before it back, and a run in another thread can work on its copy without locks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.ratings import Floats, Ratings


@dataclass(frozen=True)
class SheetState:
    """The weights and the history of one model's sheet.

    ``start`` is what Reset returns to and ``start_name`` says whose it is; ``before`` holds the weights before the
    newest change, so that the sheet can mark what changed; ``earlier`` keeps the curves of earlier runs, and ``run``
    counts them.
    """

    factors: Factors
    start: Factors
    start_name: str
    step: int = 0
    seen: int = 0
    curve: Curve = field(default_factory=lambda: Curve("run 1"))
    earlier: tuple[Curve, ...] = ()
    optimizer_state: object = None
    before: Factors | None = None
    run: int = 1


def up_to_date(curve: Curve, step: int, rmse: float) -> Curve:
    """``curve`` ending at (step, rmse): unchanged where it does (to 1e-12), else with that point added.

    So an edit between two steps is a point of its own.
    """
    nothing_new = not math.isfinite(rmse) or (
        curve.last is not None and math.isclose(curve.last.rmse, rmse, rel_tol=1e-12)
    )
    if len(curve) and nothing_new:
        return curve
    return curve.extended([step], [rmse])


@dataclass(frozen=True)
class State:
    """Everything undo restores: the ratings and both sheets, keyed by model name."""

    ratings: Ratings
    sheets: Mapping[str, SheetState]

    def with_sheet(self, model: str, sheet: SheetState) -> State:
        """This state with one sheet replaced."""
        return replace(self, sheets=MappingProxyType({**self.sheets, model: sheet}))


@dataclass(frozen=True)
class Changes:
    """What a watcher must look at again.

    ``document``: everything, shapes included. ``ratings``: the crosstab. ``weights``: models whose weights changed.
    ``shape``: models whose number of factors changed. ``curves``: models whose loss curves changed. ``choices``: the
    hyperparameters.
    """

    document: bool = False
    ratings: bool = False
    weights: frozenset[str] = frozenset()
    shape: frozenset[str] = frozenset()
    curves: frozenset[str] = frozenset()
    choices: bool = False


Watcher = Callable[[Changes], None]


def start_state(document: Document, start_name: str) -> State:
    """The state in which a document opens: its weights, its history, nothing changed yet."""
    sheets = {}
    for name in MODELS:
        factors = document.factors[name]
        curve = document.history.get(name) or Curve("run 1")
        step = curve.last.step if curve.last else 0
        curve = up_to_date(curve, step, models.rmse(factors, document.ratings))
        sheets[name] = SheetState(factors, factors, start_name, step=step, curve=curve)
    return State(document.ratings, MappingProxyType(sheets))


class Session:
    """One open document. Only the main thread touches it."""

    def __init__(
        self, document: Document, hyperparameters: Hyperparameters, *, name: str, start_name: str = "the sheet's"
    ) -> None:
        self._watchers: list[Watcher] = []
        self._cache: dict[str, tuple[State, Floats, float]] = {}
        self._hyperparameters = replace(hyperparameters, model=document.active)
        self._open(document, name, start_name)

    def _open(self, document: Document, name: str, start_name: str) -> None:
        self.name = name
        self.remarks = document.remarks
        self._state = self._saved_state = start_state(document, start_name)
        self.active = document.active

    def open(self, document: Document, name: str, start_name: str = "the file's") -> None:
        """Replace all that is open by ``document``. Raises ValueError, changing nothing, for too many factors."""
        n_factors = document.factors[document.active].n_factors
        hyperparameters = replace(self._hyperparameters, model=document.active, n_factors=n_factors)
        self._open(document, name, start_name)
        self._hyperparameters = hyperparameters
        self._tell(Changes(document=True))

    @property
    def state(self) -> State:
        """The present state; keep it to come back to it with ``restore``."""
        return self._state

    @property
    def ratings(self) -> Ratings:
        """The crosstab, shared by both sheets."""
        return self._state.ratings

    def sheet(self, model: str) -> SheetState:
        """The present state of one model's sheet."""
        return self._state.sheets[model]

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The choices in force."""
        return self._hyperparameters

    def choose(self, **choices: str | float | None) -> None:
        """Change hyperparameters; weights stay as they are.

        Raises ValueError when a choice is not allowed; ``model`` and ``n_factors`` never are, for they belong to the
        sheet (``activate``, ``SetFactorCount``).
        """
        if {"model", "n_factors"} & choices.keys():
            raise ValueError("The model and its number of factors belong to the sheet")
        self._take(choices)

    def _take(self, choices: Mapping[str, str | float | None]) -> None:
        changed = replace(self._hyperparameters, **choices)  # type: ignore[arg-type]
        if changed != self._hyperparameters:
            self._hyperparameters = changed
            self._tell(Changes(choices=True))

    def activate(self, model: str) -> None:
        """Make one model's sheet the one that buttons train."""
        self.active = model
        self._take({"model": model, "n_factors": self.sheet(model).factors.n_factors})

    def restore(self, state: State) -> None:
        """Put a state in place, and tell watchers just what differs from the present one."""
        old, self._state = self._state, state
        pairs = {name: (old.sheets[name], sheet) for name, sheet in state.sheets.items()}
        changes = Changes(
            ratings=old.ratings is not state.ratings,
            weights=frozenset(
                n for n, (a, b) in pairs.items() if a.factors is not b.factors or a.before is not b.before
            ),
            shape=frozenset(n for n, (a, b) in pairs.items() if a.factors.n_factors != b.factors.n_factors),
            curves=frozenset(n for n, (a, b) in pairs.items() if a.curve is not b.curve or a.earlier is not b.earlier),
        )
        if self.active in changes.shape:
            n_factors = self.sheet(self.active).factors.n_factors
            self._hyperparameters = replace(self._hyperparameters, n_factors=n_factors)
            changes = replace(changes, choices=True)
        self._tell(changes)

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` after each change; returns the function that ends it."""
        self._watchers.append(watcher)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

    def _tell(self, changes: Changes) -> None:
        for watcher in tuple(self._watchers):
            watcher(changes)

    def _computed(self, model: str) -> tuple[State, Floats, float]:
        cached = self._cache.get(model)
        factors, ratings = self.sheet(model).factors, self.ratings
        if cached is None or cached[0].sheets[model].factors is not factors or cached[0].ratings is not ratings:
            with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
                cached = (self._state, models.predict_all(factors), models.rmse(factors, ratings))
            self._cache[model] = cached
        return cached

    def predictions(self, model: str) -> Floats:
        """(n_users, n_movies) predictions of every cell at the present weights."""
        return self._computed(model)[1]

    def rmse(self, model: str) -> float:
        """RMSE over the rated cells at the present weights; NaN when nothing is rated."""
        return self._computed(model)[2]

    def curve(self, model: str) -> Curve:
        """The curve of one sheet, ending at its present RMSE."""
        sheet = self.sheet(model)
        return up_to_date(sheet.curve, sheet.step, self.rmse(model))

    @property
    def modified(self) -> bool:
        """Whether anything differs from what was opened or last saved."""
        return self._state is not self._saved_state

    def mark_saved(self, state: State) -> None:
        """Remember that ``state`` is safely in a file."""
        self._saved_state = state

    def document(self) -> Document:
        """All that an export writes, at the present state."""
        sheets = self._state.sheets
        return Document(
            ratings=self.ratings,
            factors={name: sheet.factors for name, sheet in sheets.items()},
            history={name: self.curve(name) for name in sheets},
            active=self.active,
        )
