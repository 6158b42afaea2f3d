"""Session: the only mutable truth of the program, and what it tells those who watch it.

All state is immutable values (``State``, ``SheetState``); the session swaps them. An edit therefore undoes by putting
the state before it back, and a run in another thread can work on its copy without locks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.app.changes import Changes, Watcher, Watchers
from cfgui.app.holding import HeldOut, Holding, PreparedHolding
from cfgui.app.known_errors import KnownErrors
from cfgui.app.rating_parts import RatingParts
from cfgui.app.sampling import Posterior, present_posterior
from cfgui.app.scope import Measured, PreparedView, Scope, prepare_view, with_next_curve
from cfgui.app.sheet_choices import SHEET_OPTIONS, check_loss, mirrored
from cfgui.app.sheet_state import SheetState, State, is_untouched, up_to_date
from cfgui.app.start_state import first_view, start_state
from cfgui.app.usual_method import UsualMethod, turns_to_sgd
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.early_stopping import Best
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.ratings import Indices, Mask, Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import View, ViewChoice, make_view

if TYPE_CHECKING:
    from cfgui.core.kept_session import KeptSession


class Session:
    """One open document. Only the main thread touches it."""

    def __init__(
        self, document: Document, hyperparameters: Hyperparameters, *, name: str, start_name: str = "the sheet's"
    ) -> None:
        self._watchers, self._method = Watchers(), UsualMethod()
        self._open(document, name, start_name)
        self._hyperparameters = mirrored(hyperparameters, self.sheet(self.active).factors)

    def _open(self, document: Document, name: str, start_name: str) -> None:
        self.name = name
        self.remarks = document.remarks
        self.report = document.report
        self._state = self._saved_state = start_state(document, start_name)
        self._unused = {name: sheet for name, sheet in self._state.sheets.items() if name not in document.factors}
        self.active = document.active
        choice = first_view(document)
        self._parts = RatingParts(make_view(document.ratings, choice, document.factors["bias"]), choice)
        self._errors = KnownErrors()

    def turns_to_sgd(self, document: Document) -> bool:
        """Whether opening ``document`` will choose SGD, because gradient descent is no use on so many ratings."""
        return turns_to_sgd(document.ratings.n_ratings, self._hyperparameters)

    def turns_back_to(self, document: Document) -> str:
        """The optimizer that comes back when ``document`` opens, after SGD was chosen for many ratings; "" for none."""
        choices, switched = self._method.choices_for(document.ratings.n_ratings, self._hyperparameters)
        return choices.optimizer if switched and not self.turns_to_sgd(document) else ""

    def open(self, document: Document, name: str, start_name: str = "the file's") -> None:
        """Replace all that is open by ``document``. Raises ValueError, changing nothing, for too many factors.

        Gradient descent gives way to SGD with exact slopes where there are many ratings (``usual_optimizer``). What
        was chosen before comes back with the first document that has few, unless the person chose again meanwhile.
        """
        present, n_ratings = self._hyperparameters, document.ratings.n_ratings
        choices, _ = self._method.choices_for(n_ratings, present)
        own = document.factors.get(document.active)
        choices = replace(choices, model=document.active) if own is None else mirrored(choices, own)
        self._open(document, name, start_name)
        self._method.opened(n_ratings, present)
        self._hyperparameters = mirrored(choices, self.sheet(self.active).factors)
        self._tell(Changes(document=True))

    def restore_kept(
        self, kept: KeptSession, state: State, prepared: PreparedView, choice: ViewChoice, *, trains_visible: bool
    ) -> None:
        """Replace all that is open by a kept session, as if it had never been closed (``cfgui.app.kept_state``).

        Raises ValueError, changing nothing, for too many factors.
        """
        choices = mirrored(kept.hyperparameters, state.sheets[kept.active].factors)
        self._method.restored(state.ratings.n_ratings, kept.hyperparameters, self._hyperparameters)
        self._hyperparameters = choices
        self.name, self.remarks, self.report, self.active = kept.name, kept.remarks, kept.report, kept.active
        self._state = self._saved_state = state
        self._unused = {name: sheet for name, sheet in state.sheets.items() if MODELS[name].net and is_untouched(sheet)}
        self._parts, self._errors = RatingParts.restored(prepared, choice), KnownErrors()
        self._parts.trains_visible = trains_visible
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
            self._method.forget()

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
        has_moved = not _same_rows(old.ratings, state.ratings)
        if has_moved:
            self._move(old, state)
        changes = Changes(
            view=has_moved,
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

    def _move(self, old: State, state: State) -> None:
        """Follow to a state with other users or movies: of the view, what is held out and which sheets are unused."""
        self._parts.move(old.ratings, state.ratings, (tuple(state.added_users), tuple(state.added_movies)))
        for name, sheet in self._unused.items():
            if old.sheets[name] is sheet:
                self._unused[name] = state.sheets[name]

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` after each change; returns the function that ends it."""
        return self._watchers.add(watcher)

    def _tell(self, changes: Changes) -> None:
        self._watchers.tell(changes)

    # The view

    @property
    def view(self) -> View:
        """What the sheets show of the ratings."""
        return self._parts.view

    @property
    def view_choice(self) -> ViewChoice:
        """What was asked for to be shown."""
        return self._parts.view_choice

    @property
    def visible(self) -> Ratings:
        """The ratings shown, as a crosstab of their own in the order shown; where nothing is hidden, ``ratings``.

        May take a second where much of a large table is shown; ``prepare_view`` does it beforehand, anywhere.
        """
        return self._parts.visible(self.ratings)

    def show(self, choice: ViewChoice, prepared: PreparedView | None = None) -> None:
        """Show another part of the ratings, or in another order. Raises ValueError for an unknown order."""
        choice = self.pinned(choice)
        prepared = prepared or prepare_view(self.ratings, choice, self.sheet("bias").factors, self.holding)
        self._parts.show(choice, prepared)
        self._tell(Changes(view=True))

    def pinned(self, choice: ViewChoice) -> ViewChoice:
        """``choice`` with the users and movies that a person added, which are always shown."""
        state = self._state
        return replace(choice, pinned_users=tuple(state.added_users), pinned_movies=tuple(state.added_movies))

    @property
    def trains_visible(self) -> bool:
        """Whether the ratings shown are those that train."""
        return self._parts.trains_visible

    def train_on_visible(self, visible: bool) -> None:
        """Train on the ratings shown only, or on all of them."""
        if visible != self.trains_visible:
            self._parts.trains_visible = visible
            self._tell(Changes(view=True))

    @property
    def scope(self) -> Scope:
        """What training works on: all ratings, or those shown, without those held out."""
        return self._parts.scope(self.ratings, shown=self.trains_visible)

    @property
    def part_that_trains(self) -> Ratings | None:
        """The ratings that train, where they are not all."""
        scope = self.scope
        return None if scope.view is None and scope.held is None else scope.ratings

    # What is held out

    @property
    def holding(self) -> Holding | None:
        """The split in force with the choice that made it; None where every rating trains."""
        return self._parts.holding

    @property
    def split_choice(self) -> SplitChoice:
        """How ratings are held out."""
        return self._parts.split_choice

    def hold_out(self, prepared: PreparedHolding | None) -> None:
        """Hold ratings out of training from now on, or none with None; weights stay as they are.

        ``prepared`` was made of the present ratings. Edits keep what is held out, another document ends it.
        """
        if prepared is not None or self.holding is not None:
            self._parts.hold_out(prepared)
            self._tell(Changes(view=True))

    @property
    def shown_base(self) -> Ratings:
        """The ratings shown of the table as it was read, edits of a large table left aside."""
        return self._parts.shown_base(self.ratings)

    @property
    def held_out(self) -> HeldOut | None:
        """What is held out of all ratings at present, those hidden included; None where none are."""
        return self._parts.held_out(self.ratings)

    def held_cells(self, users: Indices, movies: Indices) -> Mask | None:
        """(len(users), len(movies)) True where a rating is held out; None where none are."""
        held = self.held_out
        return None if held is None else ~np.isnan(held.ratings.block(users, movies))

    def is_held_out(self, user: int, movie: int) -> bool:
        """Whether the rating at these indices is held out."""
        held = self.held_out
        return held is not None and held.split.is_held_out(user, movie)

    # The RMSE

    def prediction(self, model: str, user: int, movie: int) -> float:
        """The prediction for one user and movie at the present weights."""
        pair = np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32)
        with np.errstate(over="ignore", invalid="ignore"):
            return float(models.predict(self.sheet(model).factors, *pair)[0])

    def posterior(self, model: str) -> Posterior | None:
        """(users, movies) -> (mean, standard deviation) over the samples of a sheet; None where it has none."""
        return present_posterior(self.sheet(model), self.view)

    def measured(self, model: str, *, shown: bool = False, held_out: bool = False) -> Measured:
        """What the RMSE of a sheet is a function of: over what training works on, or over what is shown of it.

        With ``held_out`` it is that over the ratings held out of these.
        """
        scope = self._parts.scope(self.ratings, shown=shown or self.trains_visible)
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
        return self._errors.find(model, self.sheet(model), measured, self.view, shown=shown)

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
        return self._errors.baselines(self.scope)

    def note_baselines(self, scope: Scope, levels: tuple[BaselineLevel, ...]) -> None:
        """Take levels that were worked out elsewhere, for ``scope``."""
        self._errors.note_baselines(scope, levels)
        self._tell(Changes(measured=True))

    def foresee_rmse(self, model: str, measured: Measured, value: float) -> None:
        """Take the RMSE over the ratings that train, or are held out, of weights that are about to be put in place."""
        self._errors.note(model, measured, value, shown=False)

    def note_rmse(self, model: str, measured: Measured, value: float) -> None:
        """Take an RMSE that was measured elsewhere; one that is out of date by now is of no use and ignored."""
        for shown in (False, True):
            if self.measured(model, shown=shown, held_out=measured.held_out).same_as(measured):
                self._errors.note(model, measured, value, shown=shown)
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
        document, view = self.document(), self.view
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


def _same_rows(a: Ratings, b: Ratings) -> bool:
    return a.user_ids is b.user_ids and a.movie_ids is b.movie_ids
