"""An open session as it is kept, and a kept one made ready to be open again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from cfgui.app.holding import NONE_HELD_OUT
from cfgui.app.kept_holding import kept_holding, restored_holding
from cfgui.app.scope import PreparedView
from cfgui.app.session import Session
from cfgui.app.sheet_state import SheetState, State
from cfgui.app.words import counted
from cfgui.core.curve import Curve
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.kept_session import KeptSession, KeptSheet
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import ORDERS, View, ViewChoice, visible_ratings, whole_view


@dataclass(frozen=True, eq=False)
class RestoredSession:
    """A kept session with all that would take long worked out. ``window`` is what ``kept_session`` was given."""

    kept: KeptSession
    state: State
    prepared: PreparedView
    choice: ViewChoice
    trains_visible: bool
    window: Mapping[str, object]

    def put_into(self, session: Session) -> None:
        """Replace all that is open. Raises ValueError, changing nothing, for too many factors."""
        session.restore_kept(self.kept, self.state, self.prepared, self.choice, trains_visible=self.trains_visible)


def kept_session(session: Session, window: Mapping[str, object] | None = None) -> KeptSession:
    """All there is of a session, at once and without a copy: nothing in it ever changes.

    ``window`` says, in what JSON can hold, how it was looked at; it comes back as ``RestoredSession.window``.
    """
    choice, rmse = session.view_choice, session.rmse(session.active)
    return KeptSession(
        ratings=session.ratings,
        sheets={model: _kept_sheet(sheet) for model, sheet in session.state.sheets.items()},
        name=session.name,
        active=session.active,
        hyperparameters=session.hyperparameters,
        remarks=tuple(session.remarks),
        report=session.report,
        shown=session.view,
        view={
            "choice": {name: getattr(choice, name) for name in _CHOICE},
            "added": {"users": dict(session.state.added_users), "movies": dict(session.state.added_movies)},
            "trains_visible": session.trains_visible,
            "held_out": kept_holding(session),
            "window": dict(window or {}),
        },
        rmse=rmse if math.isfinite(rmse) else None,
    )


_CHOICE = ("n_users", "n_movies", "user_order", "movie_order")
"""What is kept of the choice of a view; those always shown are in what was added."""


def _kept_sheet(sheet: SheetState) -> KeptSheet:
    state = sheet.optimizer_state
    facts = {field.name: getattr(sheet, field.name) for field in fields(KeptSheet)}
    facts |= {"optimizer_state": state if isinstance(state, OptimizerState) else None}
    return KeptSheet(**facts | {"samples": sheet.present_samples})


def _restored_sheet(kept: KeptSheet, held_by: SplitChoice) -> SheetState:
    """A sheet as it was; of held-out ratings only where it is known how they were held out."""
    facts = {field.name: getattr(kept, field.name) for field in fields(KeptSheet)}
    if held_by.kind == "none":
        facts |= {"held_out": Curve(""), "best": None}
    return SheetState(**facts, held_by=held_by)


def restored_session(kept: KeptSession) -> RestoredSession:
    """Make a kept session ready; for any thread, since a large view takes a second."""
    base = kept.ratings.base if isinstance(kept.ratings, EditedRatings) else kept.ratings
    view: View = whole_view(base) if kept.shown is None else kept.shown
    held_by, holding = restored_holding(kept.view.get("held_out"), kept.ratings)
    sheets = {model: _restored_sheet(sheet, held_by.get(model, NONE_HELD_OUT)) for model, sheet in kept.sheets.items()}
    window = kept.view.get("window")
    visible = base if view.is_whole else visible_ratings(base, view)
    shown = None if holding is None or view.is_whole else holding.shown(view, visible)
    users, movies = _added(kept.view.get("added"), kept.ratings)
    choice = replace(_choice(kept.view.get("choice")), pinned_users=tuple(users), pinned_movies=tuple(movies))
    return RestoredSession(
        kept,
        State(kept.ratings, MappingProxyType(sheets), users, movies),
        PreparedView(view, base, visible, holding, shown),
        choice,
        kept.view.get("trains_visible") is True,
        window if isinstance(window, dict) else {},
    )


def _added(described: object, ratings: Ratings) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The users and movies that a person added, with their methods; what makes no sense is left out."""
    found: list[Mapping[str, str]] = []
    for side, ids in (("users", ratings.user_ids), ("movies", ratings.movie_ids)):
        of = described.get(side) if isinstance(described, Mapping) else None
        known = of if isinstance(of, Mapping) and of else {}
        there = set(known).intersection(ids)
        found.append({raw_id: how for raw_id, how in known.items() if raw_id in there and isinstance(how, str)})
    return found[0], found[1]


def _choice(described: object) -> ViewChoice:
    """The choice of a view; what makes no sense is left at its default."""
    if not isinstance(described, dict):
        return ViewChoice()
    known: dict[str, Any] = {
        name: described.get(name)
        for name in ("n_users", "n_movies")
        if type(described.get(name)) is int and described[name] > 0
    }
    known |= {name: described[name] for name in ("user_order", "movie_order") if described.get(name) in list(ORDERS)}
    return ViewChoice(**known)


def restored_sentence(restored: RestoredSession) -> str:
    """As "Restored ratings.csv: 206 ratings of 15 users and 15 movies, after 5 steps."."""
    kept = restored.kept
    ratings, step = kept.ratings, kept.sheets[kept.active].step
    sizes = f"{counted(ratings.n_ratings, 'rating')} of {counted(ratings.n_users, 'user')}"
    return f"Restored {kept.name}: {sizes} and {counted(ratings.n_movies, 'movie')}, after {counted(step, 'step')}."
