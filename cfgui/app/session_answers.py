"""What a session answers: the state of the sheets, what is shown, held out and measured, and what an export writes.

Nothing here changes anything: that is for ``cfgui.app.session``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.app.holding import HeldOut, Holding
from cfgui.app.known_errors import KnownErrors
from cfgui.app.rating_parts import RatingParts
from cfgui.app.sampling import Posterior, present_posterior
from cfgui.app.scope import Measured, Scope, with_next_curve
from cfgui.app.sheet_state import SheetState, State, up_to_date
from cfgui.app.usual_method import UsualMethod, turns_to_sgd
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.early_stopping import Best
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Indices, Mask, Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import View, ViewChoice


class SessionAnswers:
    """One open document, to be asked about on the main thread.

    ``name`` is its own, ``active`` the model whose sheet the buttons train; ``remarks`` and ``report`` tell how it was
    read.
    """

    name: str
    active: str
    remarks: tuple[str, ...]
    report: ImportReport | None
    _state: State
    _saved_state: State
    _unused: dict[str, SheetState]
    _parts: RatingParts
    _errors: KnownErrors
    _method: UsualMethod
    _hyperparameters: Hyperparameters

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

    def pinned(self, choice: ViewChoice) -> ViewChoice:
        """``choice`` with the users and movies that a person added, which are always shown."""
        state = self._state
        return replace(choice, pinned_users=tuple(state.added_users), pinned_movies=tuple(state.added_movies))

    @property
    def trains_visible(self) -> bool:
        """Whether the ratings shown are those that train."""
        return self._parts.trains_visible

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

    # The document

    @property
    def modified(self) -> bool:
        """Whether anything differs from what was opened or last saved."""
        return self._state is not self._saved_state

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

    def turns_to_sgd(self, document: Document) -> bool:
        """Whether opening ``document`` will choose SGD, because gradient descent is no use on so many ratings."""
        return turns_to_sgd(document.ratings.n_ratings, self._hyperparameters)

    def turns_back_to(self, document: Document) -> str:
        """The optimizer that comes back when ``document`` opens, after SGD was chosen for many ratings; "" for none."""
        choices, switched = self._method.choices_for(document.ratings.n_ratings, self._hyperparameters)
        return choices.optimizer if switched and not self.turns_to_sgd(document) else ""
