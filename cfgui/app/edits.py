"""Edits: what a person can do to the state. Each returns the new state; undo puts the state before back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from cfgui.app.scope import quick_rmse
from cfgui.app.sheet_choices import check_choices, with_mean_of
from cfgui.app.sheet_state import SheetState, State
from cfgui.app.words import counted
from cfgui.core.curve import Curve
from cfgui.core.edited_ratings import edited
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.ratings import Cell, Ratings
from cfgui.core.structure import choices_of, fitted, starting_weights

WeightCell = tuple[str, int, int]
"""(table, row, factor): table is a field of ``Factors``; a bias is factor 0 of its table."""


class Edit(Protocol):
    """One thing done, with the words undo shows for it."""

    @property
    def text(self) -> str:
        """What was done, as "edit 3 ratings"."""
        ...

    def apply(self, state: State) -> State:
        """The state after this edit."""
        ...


@dataclass(frozen=True)
class SetRatings:
    """Set ratings at (user, movie), or make them unrated with None."""

    cells: Mapping[Cell, float | None]

    @property
    def text(self) -> str:
        """What was done."""
        verb = "edit" if any(value is not None for value in self.cells.values()) else "clear"
        return f"{verb} {counted(len(self.cells), 'rating')}"

    def apply(self, state: State) -> State:
        """Raises ValueError for a rating that is not a finite number."""
        for value in self.cells.values():
            if value is not None and not math.isfinite(value):
                raise ValueError("A rating must be a finite number.")
        return replace(state, ratings=edited(state.ratings, self.cells))


def _with_weights(factors: Factors, cells: Mapping[WeightCell, float]) -> Factors:
    vector = factors.flat()
    for cell, value in cells.items():
        vector[factors.flat_index(*cell)] = value
    vector.flags.writeable = False
    return factors.view_of(vector)


@dataclass(frozen=True)
class SetWeights:
    """Set single factors or biases of one model."""

    model: str
    cells: Mapping[WeightCell, float]

    @property
    def text(self) -> str:
        """What was done."""
        return f"edit {counted(len(self.cells), 'weight')}"

    def apply(self, state: State) -> State:
        """Raises ValueError for a weight that is not a finite number."""
        if not all(math.isfinite(value) for value in self.cells.values()):
            raise ValueError("A weight must be a finite number.")
        sheet = state.sheets[self.model]
        return state.with_sheet(
            self.model, replace(sheet, factors=_with_weights(sheet.factors, self.cells), before=sheet.factors)
        )


def _next_run(state: State, sheet: SheetState, factors: Factors) -> SheetState:
    """A sheet that starts a new curve from ``factors``; a curve that went nowhere is not worth keeping."""
    went_somewhere = len(sheet.curve) > 1
    earlier = (*sheet.earlier, sheet.curve) if went_somewhere else sheet.earlier
    run = sheet.run + int(went_somewhere)
    rmse = None if sheet.trained_on_part else quick_rmse(factors, state.ratings)
    curve = Curve(f"run {run}") if rmse is None else Curve(f"run {run}", [0], [rmse])
    return replace(
        sheet,
        factors=factors,
        before=sheet.factors,
        step=0,
        seen=0,
        curve=curve,
        earlier=earlier,
        optimizer_state=None,
        run=run,
        held_out=Curve(""),
        best=None,
        samples=None,
    )


@dataclass(frozen=True)
class Reset:
    """Go back to the starting weights of one sheet and begin a new curve."""

    model: str

    @property
    def text(self) -> str:
        """What was done."""
        return "reset"

    def apply(self, state: State) -> State:
        """The state after this edit."""
        sheet = state.sheets[self.model]
        return state.with_sheet(self.model, _next_run(state, sheet, sheet.start))


@dataclass(frozen=True)
class RestoreBest:
    """Go back to where the held-out RMSE of a sheet's run was lowest; the curve of the whole run stays as an earlier.

    The run goes on from there.
    """

    model: str

    @property
    def text(self) -> str:
        """What was done."""
        return "restore the best weights"

    def apply(self, state: State) -> State:
        """Raises ValueError where no run has looked at held-out ratings."""
        sheet = state.sheets[self.model]
        best = sheet.best
        if best is None:
            raise ValueError("No run has looked at held-out ratings yet: hold some out and train first.")
        back = replace(
            sheet,
            factors=best.factors,
            before=sheet.factors,
            step=best.step,
            seen=best.seen,
            optimizer_state=best.optimizer_state,
            curve=sheet.curve.up_to(best.step),
            held_out=sheet.held_out.up_to(best.step),
            earlier=sheet.earlier,
            samples=None,
        )
        if len(back.curve) < len(sheet.curve):
            whole = sheet.curve.extended([], [], f"{sheet.curve.label} to step {sheet.step:,}")
            back = replace(back, earlier=(*sheet.earlier, whole))
        return state.with_sheet(self.model, back)


def _with_start(state: State, model: str, factors: Factors, start_name: str) -> State:
    """The state in which a sheet begins anew from ``factors``, to which Reset comes back from now on."""
    fresh = _next_run(state, state.sheets[model], factors)
    return state.with_sheet(model, replace(fresh, start=factors, start_name=start_name, before=None))


@dataclass(frozen=True)
class NewWeights:
    """New random starting weights of the same structure from a seed; Reset comes back to these from now on.

    ``init`` is that of the options. ``trains`` are the ratings that train, where they are not all: the global mean,
    where the sheet has one, is theirs.
    """

    model: str
    seed: int
    init: str = "sheet"
    trains: Ratings | None = None

    @property
    def text(self) -> str:
        """What was done."""
        return f"new random weights (seed {self.seed})"

    def apply(self, state: State) -> State:
        """The state after this edit."""
        own = choices_of(state.sheets[self.model].factors)
        choices = Hyperparameters(**own, init=self.init, seed=self.seed)  # type: ignore[arg-type]
        factors = with_mean_of(starting_weights(state.ratings, choices), self.trains)
        return _with_start(state, self.model, factors, f"seed {self.seed}'s")


@dataclass(frozen=True)
class StartAnew:
    """New random weights of another structure: what a preset makes of the sheet of ``choices.model``.

    ``name`` says whose choices they are; ``trains`` as in ``NewWeights``.
    """

    choices: Hyperparameters
    name: str
    trains: Ratings | None = None

    @property
    def text(self) -> str:
        """What was done."""
        return f"start as “{self.name}”"

    def apply(self, state: State) -> State:
        """Raises ValueError where the choices do not go with the ratings."""
        check_choices(self.choices, state.ratings)
        factors = with_mean_of(starting_weights(state.ratings, self.choices), self.trains)
        return _with_start(state, self.choices.model, factors, f"seed {self.choices.seed}'s")


@dataclass(frozen=True)
class SetFactorCount:
    """Add factors to one model, or take the last away; what stays keeps its value (``Factors.with_n_factors``).

    A net whose movies have another number of factors keeps those.
    """

    model: str
    n_factors: int
    seed: int

    @property
    def text(self) -> str:
        """What was done."""
        return f"use {counted(self.n_factors, 'factor')}"

    def apply(self, state: State) -> State:
        """The state after this edit."""
        return _reshaped(state, self.model, self._sized)

    def _sized(self, factors: Factors) -> Factors:
        same = factors.n_movie_factors == factors.n_factors
        return factors.with_n_factors(self.n_factors, self.seed, None if same else factors.n_movie_factors)


@dataclass(frozen=True)
class SetStructure:
    """Bring the sheet of ``choices.model`` to the structure chosen: range, global mean, layers, numbers of factors.

    Weights stay where they fit (``structure.fitted``), also those that Reset comes back to. ``option`` names the choice
    that changed; ``trains`` as in ``NewWeights``.
    """

    choices: Hyperparameters
    option: str
    trains: Ratings | None = None

    @property
    def text(self) -> str:
        """What was done."""
        return f"change {OPTION_BY_NAME[self.option].label.lower()}"

    def apply(self, state: State) -> State:
        """Raises ValueError where the choices do not go with the ratings."""
        check_choices(self.choices, state.ratings)
        return _reshaped(
            state,
            self.choices.model,
            lambda factors: with_mean_of(fitted(factors, state.ratings, self.choices), self.trains),
        )


def _reshaped(state: State, model: str, reshape: Callable[[Factors], Factors]) -> State:
    """The state with the weights of a sheet, and those it started from, reshaped; its curve goes on."""
    sheet = state.sheets[model]
    factors = reshape(sheet.factors)
    start = factors if sheet.start is sheet.factors else reshape(sheet.start)
    changed = replace(sheet, factors=factors, start=start)
    if not factors.same_shape(sheet.factors):
        changed = replace(changed, before=None, optimizer_state=None, best=None, samples=None)
    return state.with_sheet(model, changed)


@dataclass(frozen=True)
class ClearEarlierCurves:
    """Forget the curves of earlier runs of one sheet."""

    model: str

    @property
    def text(self) -> str:
        """What was done."""
        return "clear earlier curves"

    def apply(self, state: State) -> State:
        """The state after this edit."""
        return state.with_sheet(self.model, replace(state.sheets[self.model], earlier=()))
