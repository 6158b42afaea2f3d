"""Held-out ratings in words."""

from __future__ import annotations

import math

from cfgui.app.session import Session
from cfgui.app.words import counted


def held_sentence(session: Session) -> str:
    """What is held out now, as "41 of 206 ratings are held out: hatched, and not trained on."."""
    held, holding = session.held_out, session.holding
    if held is None or holding is None:
        return "Nothing is held out any more: every rating trains."
    n_held, n_all = held.ratings.n_ratings, held.ratings.n_ratings + held.split.train.n_ratings
    verb = "is" if n_held == 1 else "are"
    words = f"{n_held:,} of {counted(n_all, 'rating')} {verb} held out: hatched, not trained on."
    if holding.n_left_out:
        words += f" {holding.n_left_out:,} of the file have a user or movie that is not in this table."
    if holding.split.n_kept_users:
        words += f" {counted(holding.split.n_kept_users, 'user')} with too few ratings keep all."
    return words


def cold_words(session: Session) -> str:
    """How many held-out ratings are predicted by the biases-only baseline, and why; "" where none are known."""
    held = session.held_out
    if held is None or not held.n_cold:
        return ""
    n_cold = held.n_cold
    whose = "of a user or movie without a rating that trains"
    return f"{counted(n_cold, 'held-out rating')} {whose}: predicted by biases alone."


def held_out_number(session: Session, model: str, *, shown: bool = False) -> str:
    """The held-out RMSE of a sheet as text: "0.9012", "…" while it is measured, "–" where nothing is held out."""
    rmse = session.known_rmse(model, shown=shown, held_out=True)
    return "…" if rmse is None else "–" if math.isnan(rmse) else f"{rmse:.4f}"


def best_sentence(session: Session, model: str) -> str:
    """ "Best so far: step 120, held-out RMSE 0.9012."; "" before a run has looked at held-out ratings."""
    best = session.best(model)
    return "" if best is None else f"Best so far: step {best.step:,}, held-out RMSE {best.rmse:.4f}."
