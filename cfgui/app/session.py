"""Session: the only mutable truth of the program, and what it tells those who watch it.

All state is immutable values (``State``, ``SheetState``); the session swaps them. An edit therefore undoes by putting
the state before it back, and a run in another thread can work on its copy without locks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.app.changes import Changes, Watcher, Watchers
from cfgui.app.holding import PreparedHolding
from cfgui.app.known_errors import KnownErrors
from cfgui.app.rating_parts import RatingParts
from cfgui.app.scope import Measured, PreparedView, Scope, prepare_view
from cfgui.app.session_answers import SessionAnswers
from cfgui.app.sheet_choices import SHEET_OPTIONS, check_loss, mirrored
from cfgui.app.sheet_state import State, is_untouched
from cfgui.app.start_state import first_view, start_state
from cfgui.app.usual_method import UsualMethod
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.ratings import Ratings
from cfgui.core.view import ViewChoice, make_view

if TYPE_CHECKING:
    from cfgui.core.kept_session import KeptSession


class Session(SessionAnswers):
    """One open document, and all that changes it. Only the main thread touches it."""

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

    def mark_saved(self, state: State) -> None:
        """Remember that ``state`` is safely in a file."""
        self._saved_state = state

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` after each change; returns the function that ends it."""
        return self._watchers.add(watcher)

    def _tell(self, changes: Changes) -> None:
        self._watchers.tell(changes)

    # The view

    def show(self, choice: ViewChoice, prepared: PreparedView | None = None) -> None:
        """Show another part of the ratings, or in another order. Raises ValueError for an unknown order."""
        choice = self.pinned(choice)
        prepared = prepared or prepare_view(self.ratings, choice, self.sheet("bias").factors, self.holding)
        self._parts.show(choice, prepared)
        self._tell(Changes(view=True))

    def train_on_visible(self, visible: bool) -> None:
        """Train on the ratings shown only, or on all of them."""
        if visible != self.trains_visible:
            self._parts.trains_visible = visible
            self._tell(Changes(view=True))

    # What is held out

    def hold_out(self, prepared: PreparedHolding | None) -> None:
        """Hold ratings out of training from now on, or none with None; weights stay as they are.

        ``prepared`` was made of the present ratings. Edits keep what is held out, another document ends it.
        """
        if prepared is not None or self.holding is not None:
            self._parts.hold_out(prepared)
            self._tell(Changes(view=True))

    # What is measured elsewhere

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


def _same_rows(a: Ratings, b: Ratings) -> bool:
    return a.user_ids is b.user_ids and a.movie_ids is b.movie_ids
