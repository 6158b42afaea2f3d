"""Doing what a person does with rows of a session, and the check that everything tells of the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cfgui.app.folding import Following
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.training_run import TrainingRun
from cfgui.core import models
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.starts import random_factors
from tests.helpers.tables import random_table


def do(session: Session, edit: Any, following: Following | None = None) -> State:
    """Apply an edit as the window does; returns the state before it."""
    before = session.state
    session.restore((following or Following()).follow(before, edit.apply(before), session.active))
    return before


def train(session: Session, steps: int = 2) -> None:
    """Train the active sheet as the window does."""
    scope, sheet = session.scope, session.sheet(session.active)
    run = TrainingRun(scope.ratings, scope.narrowed(sheet), session.hyperparameters, steps=steps, held=scope.held)
    run.start()
    run.join()
    snapshot = run.take()
    assert snapshot is not None
    assert not snapshot.problem
    session.restore(session.state.trained(session.active, scope.widened(snapshot.sheet, sheet)))


def rows_of(factors: Factors) -> dict[str, int]:
    tables = {"users": [factors.user_factors], "movies": [factors.movie_factors]}
    if factors.user_bias is not None and factors.movie_bias is not None:
        tables["users"].append(factors.user_bias)
        tables["movies"].append(factors.movie_bias)
    assert len({len(table) for table in tables["users"]}) == len({len(table) for table in tables["movies"]}) == 1
    return {side: len(of[0]) for side, of in tables.items()}


def check(session: Session) -> None:
    """That everything of a session tells of the same users and movies."""
    ratings, state = session.ratings, session.state
    sizes = {"users": ratings.n_users, "movies": ratings.n_movies}
    assert len(set(ratings.user_ids)) == ratings.n_users
    for sheet in state.sheets.values():
        for factors in (sheet.factors, sheet.start, *([sheet.best.factors] if sheet.best else [])):
            assert rows_of(factors) == sizes
            assert all(np.isfinite(table).all() for table in factors.tables)
        assert sheet.before is None or rows_of(sheet.before) == sizes
        view = sheet.trained_on
        assert view is None or (view.n_all_users, view.n_all_movies) == tuple(sizes.values())
    view = session.view
    assert (view.n_all_users, view.n_all_movies) == tuple(sizes.values())
    shown_users = [ratings.user_ids[user] for user in view.users]
    shown_movies = [ratings.movie_ids[movie] for movie in view.movies]
    assert shown_users[len(shown_users) - len(state.added_users) :] == list(state.added_users)
    assert shown_movies[len(shown_movies) - len(state.added_movies) :] == list(state.added_movies)
    visible = session.visible
    if view.is_whole:
        assert visible is ratings
    else:
        assert (visible.user_ids, visible.movie_ids) == (tuple(shown_users), tuple(shown_movies))
        everything = ratings.block(view.users, view.movies)
        own = np.arange(len(view.users), dtype=np.int32), np.arange(len(view.movies), dtype=np.int32)
        assert np.array_equal(visible.block(*own), everything, equal_nan=True)
    held = session.held_out
    if held is not None:
        parts = held.split.train, held.split.held_out
        assert all((part.n_users, part.n_movies) == tuple(sizes.values()) for part in parts)
        assert sum(part.n_ratings for part in parts) == ratings.n_ratings
    for model in state.sheets:
        part = session.scope.ratings
        if part.n_ratings:
            by_hand = models.rmse(session.scope.factors(session.sheet(model).factors), part)
            assert session.rmse(model) == pytest.approx(by_hand, rel=1e-12)


def small_session(n_users: int = 5, n_movies: int = 4, *, table: bool = False) -> Session:
    ratings = random_table(n_users, n_movies, n_users * n_movies * 2 // 3, seed=4)
    factors = {name: random_factors(n_users, n_movies, 2, bias=name == "bias", seed=9) for name in ("dot", "bias")}
    report = ImportReport("a table", n_users, n_movies, ratings.n_ratings, ()) if table else None
    document = Document(ratings, factors, report=report)
    return Session(document, Hyperparameters(n_factors=2, learning_rate=0.01), name="small")
