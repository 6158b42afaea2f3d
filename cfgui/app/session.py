"""Session: the only mutable truth of the program, and what it tells those who watch it.

All state is immutable values (``State``, ``SheetState``); the session swaps them. An edit therefore undoes by putting
the state before it back, and a run in another thread can work on its copy without locks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from cfgui.app.baseline_levels import BaselineLevel, baseline_levels, is_quick
from cfgui.app.holding import NONE_HELD_OUT, HeldOut, Holding, PreparedHolding
from cfgui.app.sampling import Posterior, posterior_of
from cfgui.app.scope import Measured, PreparedView, Scope, prepare_view, quick_rmse, with_next_curve
from cfgui.app.sheet_choices import SHEET_OPTIONS, check_loss, mirrored
from cfgui.app.sheet_state import SheetState, State, is_untouched, up_to_date
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.early_stopping import Best
from cfgui.core.edited_ratings import EditedRatings, edited
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.kept_session import KeptSession
from cfgui.core.metrics import errors_of
from cfgui.core.models import MODELS
from cfgui.core.optimizer_defaults import usual_optimizer
from cfgui.core.ratings import Cell, Indices, Mask, Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.structure import complete
from cfgui.core.view import TOP, View, ViewChoice, make_view, visible_ratings


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


NEW_NAME = f"seed {Hyperparameters().seed}'s"
"""Whose the weights are of a model that a document says nothing of (``structure.complete``)."""


def start_state(document: Document, start_name: str) -> State:
    """The state in which a document opens: its weights, its history, nothing changed yet."""
    sheets, weights = {}, complete(document.factors, document.ratings)
    for name in MODELS:
        factors = weights[name]
        curve = document.history.get(name) or Curve("run 1")
        step = curve.last.step if curve.last else 0
        rmse = quick_rmse(factors, document.ratings)
        curve = up_to_date(curve, step, math.nan if rmse is None else rmse)
        whose = start_name if name in document.factors else NEW_NAME
        sheets[name] = SheetState(factors, factors, whose, step=step, curve=curve)
    return State(document.ratings, MappingProxyType(sheets))


def first_view(document: Document) -> ViewChoice:
    """What a document shows when it opens: a workbook everything, a table the most active and most rated."""
    ratings = document.ratings
    if document.report is None and max(ratings.n_users, ratings.n_movies) <= WHOLE_SIDE:
        return ViewChoice()
    return TOP if document.report is not None else replace(TOP, user_order="file", movie_order="file")


WHOLE_SIDE = 2000
"""Users or movies up to which a workbook is shown whole."""

FEW_HELD_OUT = 5_000
"""Held-out ratings up to which they are predicted by the mean of draws at once, in some 20 ms."""

FOR_MANY = Hyperparameters(optimizer="sgd", gradient="autograd")
"""How weights are trained on many ratings."""


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


class Session:
    """One open document. Only the main thread touches it."""

    def __init__(
        self, document: Document, hyperparameters: Hyperparameters, *, name: str, start_name: str = "the sheet's"
    ) -> None:
        self._watchers: list[Watcher] = []
        self._before_sgd: Hyperparameters | None = None
        self._open(document, name, start_name)
        self._hyperparameters = mirrored(hyperparameters, self.sheet(self.active).factors)

    def _open(self, document: Document, name: str, start_name: str) -> None:
        self.name = name
        self.remarks = document.remarks
        self.report = document.report
        self._state = self._saved_state = start_state(document, start_name)
        self._unused = {name: sheet for name, sheet in self._state.sheets.items() if name not in document.factors}
        self.active = document.active
        self.view_choice, self.trains_visible = first_view(document), False
        self._view = make_view(document.ratings, self.view_choice, document.factors["bias"])
        self._visible: tuple[Ratings, View, Ratings] | None = None
        self._holding: Holding | None = None
        self._forget_derived()

    def _forget_derived(self) -> None:
        """Let go of what belongs to another document: it may be large."""
        self._known: dict[tuple[str, bool, bool], tuple[Measured, float]] = {}
        self._baselines: tuple[Scope, tuple[BaselineLevel, ...]] | None = None
        self._shown_holding: tuple[Holding, View, Holding] | None = None
        self._held: dict[bool, tuple[Ratings, Holding, HeldOut]] = {}
        self._edited: tuple[Ratings, Ratings, Ratings] | None = None

    def turns_to_sgd(self, document: Document) -> bool:
        """Whether opening ``document`` will choose SGD, because gradient descent is no use on so many ratings."""
        return self._hyperparameters.optimizer == "gd" and usual_optimizer(document.ratings.n_ratings) == "sgd"

    def turns_back_to(self, document: Document) -> str:
        """The optimizer that comes back when ``document`` opens, after SGD was chosen for many ratings; "" for none."""
        choices, switched = self._choices_for(document)
        return choices.optimizer if switched and not self.turns_to_sgd(document) else ""

    def open(self, document: Document, name: str, start_name: str = "the file's") -> None:
        """Replace all that is open by ``document``. Raises ValueError, changing nothing, for too many factors.

        Gradient descent gives way to SGD with exact slopes where there are many ratings (``usual_optimizer``). What
        was chosen before comes back with the first document that has few, unless the person chose again meanwhile.
        """
        choices, switched = self._choices_for(document)
        own = document.factors.get(document.active)
        choices = replace(choices, model=document.active) if own is None else mirrored(choices, own)
        before = self._hyperparameters if self.turns_to_sgd(document) else None
        self._open(document, name, start_name)
        if switched:
            self._before_sgd = before
        self._hyperparameters = mirrored(choices, self.sheet(self.active).factors)
        self._tell(Changes(document=True))

    def _choices_for(self, document: Document) -> tuple[Hyperparameters, bool]:
        """The choices with which ``document`` opens, and whether they are other ones than now."""
        present, before = self._hyperparameters, self._before_sgd
        if self.turns_to_sgd(document):
            # Exact slopes: the error of finite differences adds up over millions of updates and drives weights away.
            return _with_method(present, FOR_MANY), True
        if before is not None and usual_optimizer(document.ratings.n_ratings) == "gd":
            return _with_method(present, before), True
        return present, False

    def restore_kept(
        self, kept: KeptSession, state: State, prepared: PreparedView, choice: ViewChoice, *, trains_visible: bool
    ) -> None:
        """Replace all that is open by a kept session, as if it had never been closed (``cfgui.app.kept_state``).

        Raises ValueError, changing nothing, for too many factors.
        """
        choices = mirrored(kept.hyperparameters, state.sheets[kept.active].factors)
        is_many = usual_optimizer(state.ratings.n_ratings) == "sgd" and _is_for_many(kept.hyperparameters)
        if not is_many:
            self._before_sgd = None
        elif not _is_for_many(self._hyperparameters):
            self._before_sgd = self._hyperparameters  # comes back with what is opened after it
        self._hyperparameters = choices
        self.name, self.remarks, self.report, self.active = kept.name, kept.remarks, kept.report, kept.active
        self._state = self._saved_state = state
        self._unused = {name: sheet for name, sheet in state.sheets.items() if MODELS[name].net and is_untouched(sheet)}
        self._view, self.view_choice, self.trains_visible = prepared.view, choice, trains_visible
        self._visible = (prepared.base, prepared.view, prepared.visible)
        self._forget_derived()
        self._holding = prepared.held_from
        self._take_shown_holding(prepared)
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

        Raises ValueError when a choice is not allowed; ``model`` and ``SHEET_OPTIONS`` never are, for they belong to
        the sheet (``activate``, ``SetFactorCount``, ``SetStructure``).
        """
        if {"model", *SHEET_OPTIONS} & choices.keys():
            raise ValueError("The model and what its weights are made of belong to the sheet")
        changed = replace(self._hyperparameters, **choices)  # type: ignore[arg-type]  # checked by the option table
        if "loss" in choices:
            check_loss(changed, self.sheet(self.active).factors.range, self.ratings)
        self._take(changed)
        if {"optimizer", "gradient"} & choices.keys():
            self._before_sgd = None  # the person's own choice stays

    def _take(self, changed: Hyperparameters) -> None:
        if changed != self._hyperparameters:
            self._hyperparameters = changed
            self._tell(Changes(choices=True))

    def activate(self, model: str) -> None:
        """Make one model's sheet the one that buttons train."""
        self.active = model
        self._take(mirrored(self._hyperparameters, self.sheet(model).factors))

    def restore(self, state: State) -> None:
        """Put a state in place, and tell watchers just what differs from the present one."""
        old, self._state = self._state, state
        pairs = {name: (old.sheets[name], sheet) for name, sheet in state.sheets.items()}
        changes = Changes(
            ratings=old.ratings is not state.ratings,
            weights=frozenset(
                n for n, (a, b) in pairs.items() if a.factors is not b.factors or a.before is not b.before
            ),
            shape=frozenset(n for n, (a, b) in pairs.items() if not a.factors.same_shape(b.factors)),
            curves=frozenset(n for n, (a, b) in pairs.items() if a.curve is not b.curve or a.earlier is not b.earlier),
        )
        choices = mirrored(self._hyperparameters, self.sheet(self.active).factors)
        if choices != self._hyperparameters:
            self._hyperparameters = choices
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

    # The view

    @property
    def view(self) -> View:
        """What the sheets show of the ratings."""
        return self._view

    @property
    def visible(self) -> Ratings:
        """The ratings shown, as a crosstab of their own in the order shown; where nothing is hidden, ``ratings``.

        May take a second where much of a large table is shown; ``prepare_view`` does it beforehand, anywhere.
        """
        ratings = self.ratings
        if self._view.is_whole:
            return ratings
        base = ratings.base if isinstance(ratings, EditedRatings) else ratings
        if self._visible is None or self._visible[0] is not base or self._visible[1] is not self._view:
            self._visible = base, self._view, visible_ratings(base, self._view)
        shown = self._visible[2]
        if base is ratings:
            return shown
        if self._edited is None or self._edited[0] is not ratings or self._edited[1] is not shown:
            self._edited = ratings, shown, edited(shown, self._shown_changes())
        return self._edited[2]

    def _shown_changes(self) -> dict[Cell, float | None]:
        """The changes of an edited large table that fall into the view, at their places there."""
        if not isinstance(self.ratings, EditedRatings):
            return {}
        rows, columns = self._view.user_rows, self._view.movie_columns
        placed = {(int(rows[user]), int(columns[movie])): v for (user, movie), v in self.ratings.changes.items()}
        return {cell: value for cell, value in placed.items() if min(cell) >= 0}

    def show(self, choice: ViewChoice, prepared: PreparedView | None = None) -> None:
        """Show another part of the ratings, or in another order. Raises ValueError for an unknown order."""
        prepared = prepared or prepare_view(self.ratings, choice, self.sheet("bias").factors, self._holding)
        self._view, self.view_choice = prepared.view, choice
        self._visible = (prepared.base, prepared.view, prepared.visible)
        self._take_shown_holding(prepared)
        self._tell(Changes(view=True))

    def _take_shown_holding(self, prepared: PreparedView) -> None:
        if prepared.held_from is not None and prepared.holding is not None:
            self._shown_holding = prepared.held_from, prepared.view, prepared.holding

    def train_on_visible(self, visible: bool) -> None:
        """Train on the ratings shown only, or on all of them."""
        if visible != self.trains_visible:
            self.trains_visible = visible
            self._tell(Changes(view=True))

    @property
    def scope(self) -> Scope:
        """What training works on: all ratings, or those shown, without those held out."""
        return self._scope(shown=self.trains_visible)

    def _scope(self, *, shown: bool) -> Scope:
        shown = shown and not self._view.is_whole
        ratings, view = (self.visible, self._view) if shown else (self.ratings, None)
        held = self._held_out_of(ratings, shown=shown)
        return Scope(ratings, view) if held is None else Scope(held.split.train, view, held, self.split_choice)

    @property
    def part_that_trains(self) -> Ratings | None:
        """The ratings that train, where they are not all."""
        scope = self.scope
        return None if scope.view is None and scope.held is None else scope.ratings

    # What is held out

    @property
    def holding(self) -> Holding | None:
        """The split in force with the choice that made it; None where every rating trains."""
        return self._holding

    @property
    def split_choice(self) -> SplitChoice:
        """How ratings are held out."""
        return NONE_HELD_OUT if self._holding is None else self._holding.choice

    def hold_out(self, prepared: PreparedHolding | None) -> None:
        """Hold ratings out of training from now on, or none with None; weights stay as they are.

        ``prepared`` was made of the present ratings. Edits keep what is held out, another document ends it.
        """
        if prepared is None and self._holding is None:
            return
        self._holding = None if prepared is None else prepared.holding
        if prepared is not None and prepared.view is not None and prepared.shown is not None:
            self._shown_holding = prepared.holding, prepared.view, prepared.shown
        self._tell(Changes(view=True))

    @property
    def shown_base(self) -> Ratings:
        """The ratings shown of the table as it was read, edits of a large table left aside."""
        _ = self.visible
        return self.visible if self._visible is None else self._visible[2]

    @property
    def held_out(self) -> HeldOut | None:
        """What is held out of all ratings at present, those hidden included; None where none are."""
        return self._held_out_of(self.ratings, shown=False)

    def held_cells(self, users: Indices, movies: Indices) -> Mask | None:
        """(len(users), len(movies)) True where a rating is held out; None where none are."""
        held = self.held_out
        return None if held is None else ~np.isnan(held.ratings.block(users, movies))

    def is_held_out(self, user: int, movie: int) -> bool:
        """Whether the rating at these indices is held out."""
        held = self.held_out
        return held is not None and held.split.is_held_out(user, movie)

    def _held_out_of(self, ratings: Ratings, *, shown: bool) -> HeldOut | None:
        """What is held out of ``ratings``, all or those shown; the same object as long as neither changes."""
        holding = self._holding_shown() if shown else self._holding
        if holding is None:
            return None
        known = self._held.get(shown)
        if known is None or known[0] is not ratings or known[1] is not holding:
            self._held[shown] = known = ratings, holding, HeldOut(holding.after_edits(ratings))
        return known[2]

    def _holding_shown(self) -> Holding | None:
        if self._holding is None:
            return None
        known = self._shown_holding
        if known is None or known[0] is not self._holding or known[1] is not self._view:
            known = self._shown_holding = self._holding, self._view, self._holding.shown(self._view, self.shown_base)
        return known[2]

    # The RMSE

    def prediction(self, model: str, user: int, movie: int) -> float:
        """The prediction for one user and movie at the present weights."""
        pair = np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32)
        with np.errstate(over="ignore", invalid="ignore"):
            return float(models.predict(self.sheet(model).factors, *pair)[0])

    def posterior(self, model: str) -> Posterior | None:
        """(users, movies) -> (mean, standard deviation) over the samples of a sheet; None where it has none."""
        sheet = self.sheet(model)
        samples = sheet.present_samples
        if samples is None or sheet.trained_on not in (None, self._view):  # draws of a part say nothing of the others
            return None
        return posterior_of(samples, sheet.trained_on)

    def measured(self, model: str, *, shown: bool = False, held_out: bool = False) -> Measured:
        """What the RMSE of a sheet is a function of: over what training works on, or over what is shown of it.

        With ``held_out`` it is that over the ratings held out of these.
        """
        scope = self._scope(shown=True) if shown else self.scope
        return Measured(self.sheet(model).factors, self.ratings, scope, held_out)

    def rmse(self, model: str, *, shown: bool = False, held_out: bool = False) -> float:
        """RMSE at the present weights over the ratings that train, or over those of them that are shown.

        With ``held_out`` it is over the ratings held out, of Gibbs sampling by the mean of the draws. NaN when nothing
        is rated, or held out, and while a large table is not yet measured (``unmeasured``).
        """
        value = self.known_rmse(model, shown=shown, held_out=held_out)
        return math.nan if value is None else value

    def known_rmse(self, model: str, *, shown: bool = False, held_out: bool = False) -> float | None:
        """As ``rmse``, but None while it is not yet measured."""
        measured = self.measured(model, shown=shown, held_out=held_out)
        if held_out and measured.scope.held is None:
            return math.nan
        samples, held = self.sheet(model).present_samples, measured.scope.held
        if held_out and held is not None and samples is not None and samples.tells_of(held.ratings):
            return samples.rmse  # over all draws, where others are over those kept
        for known in (self._known.get((model, shown, held_out)), self._known.get((model, False, held_out))):
            if known is not None and known[0].same_as(measured):
                return known[1]
        value = self._sampled_rmse(model, measured) if held_out and samples is not None else measured.quickly()
        if value is not None:
            self._known[model, shown, held_out] = measured, value
        return value

    def _sampled_rmse(self, model: str, measured: Measured) -> float | None:
        """The RMSE of the mean of draws over held-out ratings, of which those shown are few."""
        scope, posterior = measured.scope, self.posterior(model)
        if scope.held is None or posterior is None or not 0 < scope.held.ratings.n_ratings <= FEW_HELD_OUT:
            return measured.quickly()
        held, view = scope.held.ratings, scope.view
        users, movies = (
            (held.users, held.movies) if view is None else (view.users[held.users], view.movies[held.movies])
        )
        return errors_of(held.values - posterior(users, movies)[0]).rmse

    def unmeasured(self, model: str) -> list[Measured]:
        """What has to be measured in the background before every RMSE of a sheet is known."""
        return [
            self.measured(model, shown=shown, held_out=held_out)
            for held_out in (False, True)
            for shown in (False, True)
            if self.known_rmse(model, shown=shown, held_out=held_out) is None
        ]

    def baselines(self) -> tuple[BaselineLevel, ...] | None:
        """The baselines' RMSE for the ratings that train, or are held out of them; None while not yet worked out."""
        scope, known = self.scope, self._baselines
        if known is not None and known[0].is_of(scope.ratings, scope.held):
            return known[1]
        if not is_quick(scope):
            return None
        levels = baseline_levels(scope)
        self._baselines = scope, levels
        return levels

    def note_baselines(self, scope: Scope, levels: tuple[BaselineLevel, ...]) -> None:
        """Take levels that were worked out elsewhere, for ``scope``."""
        self._baselines = scope, levels
        self._tell(Changes(measured=True))

    def foresee_rmse(self, model: str, measured: Measured, value: float) -> None:
        """Take the RMSE over the ratings that train, or are held out, of weights that are about to be put in place."""
        self._known[model, False, measured.held_out] = measured, value

    def note_rmse(self, model: str, measured: Measured, value: float) -> None:
        """Take an RMSE that was measured elsewhere; one that is out of date by now is of no use and ignored."""
        for shown in (False, True):
            if self.measured(model, shown=shown, held_out=measured.held_out).same_as(measured):
                self._known[model, shown, measured.held_out] = measured, value
                self._tell(Changes(measured=True))

    def curve(self, model: str) -> Curve:
        """The curve of one sheet, ending at its present RMSE; a new one where other ratings train than made it."""
        sheet = self.sheet(model)
        curve = sheet.curve if self._goes_on(sheet) else with_next_curve(sheet).curve
        return up_to_date(curve, sheet.step, self.rmse(model))

    def held_out_curve(self, model: str) -> Curve | None:
        """The same over the held-out ratings; None where none are held out."""
        if self.scope.held is None:
            return None
        sheet = self.sheet(model)
        curve = sheet.held_out if self._goes_on(sheet) else Curve("")
        return up_to_date(curve, sheet.step, self.rmse(model, held_out=True))

    def best(self, model: str) -> Best | None:
        """Where the held-out RMSE of the present run was lowest; None where other ratings train by now."""
        sheet = self.sheet(model)
        return sheet.best if self._goes_on(sheet) else None

    def earlier_curves(self, model: str) -> tuple[Curve, ...]:
        """The curves of earlier runs, that of other ratings included."""
        sheet = self.sheet(model)
        ended = not self._goes_on(sheet) and len(sheet.curve) > 1
        return (*sheet.earlier, sheet.curve) if ended else sheet.earlier

    def _goes_on(self, sheet: SheetState) -> bool:
        """Whether the ratings that train are those that the sheet's curve tells of."""
        return self.scope.trained(sheet)

    @property
    def modified(self) -> bool:
        """Whether anything differs from what was opened or last saved."""
        return self._state is not self._saved_state

    def mark_saved(self, state: State) -> None:
        """Remember that ``state`` is safely in a file."""
        self._saved_state = state

    def shown_document(self) -> Callable[[], Document]:
        """What an export of the sheet writes, at the present state: a function for a thread of its own.

        Where users or movies are hidden, the history is kept only if it tells of the ratings shown.
        """
        document, view = self.document(), self._view
        of_shown = {name: curve for name, curve in document.history.items() if self._goes_on(self.sheet(name))}
        history = of_shown if self.trains_visible and not view.is_whole else None

        def part() -> Document:
            shown = document.part(view)
            return shown if history is None else replace(shown, history=history)

        return part

    def document(self) -> Document:
        """All that an export writes, at the present state: nets only where somebody did something with them."""
        unused = {name for name, sheet in self._unused.items() if self.sheet(name) is sheet and name != self.active}
        sheets = {name: sheet for name, sheet in self._state.sheets.items() if name not in unused}
        return Document(
            ratings=self.ratings,
            factors={name: sheet.factors for name, sheet in sheets.items()},
            history={
                name: self.curve(name) if self._goes_on(sheet) else sheet.curve
                for name, sheet in sheets.items()
                if sheet.held_by.kind == "none"  # a curve over a part of the ratings is none of the document
            },
            active=self.active,
            report=self.report,
        )
