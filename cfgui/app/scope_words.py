"""Scope in words: over which ratings an error was measured."""

from __future__ import annotations

from cfgui.app.session import Session
from cfgui.app.words import counted


def scope_words(session: Session) -> str:
    """ "over all 100,004 ratings" or "over the 206 ratings shown"; "" where all there are is shown."""
    if session.view.is_whole:
        return ""
    scope = session.scope
    n_ratings = counted(scope.ratings.n_ratings + (scope.held.ratings.n_ratings if scope.held else 0), "rating")
    return f"over the {n_ratings} shown" if session.trains_visible else f"over all {n_ratings}"
