"""Pages on screen follow what is done meanwhile: a rating typed, undone, ratings held out; against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cfgui.app.edits import SetRatings, SetWeights
from cfgui.app.session import Session
from cfgui.core.split import SplitChoice
from cfgui.gui.factors_page import FactorsPage
from cfgui.gui.map_page import MapPage
from cfgui.gui.recommend_page import RecommendPage
from cfgui.gui.standings_page import StandingsPage
from tests.gui.conftest import Driver
from tests.gui.opened_pages import opened, settle


def table_of(session: Session) -> np.ndarray:
    """(n_users, n_movies) the ratings, NaN where there is none."""
    ratings = session.ratings
    table = np.full((ratings.n_users, ratings.n_movies), np.nan)
    for user, movie, value in zip(ratings.users, ratings.movies, ratings.values, strict=True):
        table[user, movie] = value
    return table


def scores_of(session: Session) -> np.ndarray:
    """(n_users, n_movies) what the bias sheet predicts."""
    sheet = session.sheet("bias").factors
    assert sheet.user_bias is not None
    assert sheet.movie_bias is not None
    return sheet.user_factors @ sheet.movie_factors.T + sheet.user_bias[:, None] + sheet.movie_bias


def look_at_standings(page: QWidget, session: Session) -> None:
    assert isinstance(page, StandingsPage)
    table = table_of(session)
    counts = (~np.isnan(table)).sum(axis=0 if page.side == "movie" else 1)
    means = np.nanmean(table, axis=0 if page.side == "movie" else 1)
    shown = {column.title: column for column in page.table.columns}
    assert shown["ratings"].numbers.tolist() == counts.tolist()
    assert shown["mean"].numbers == pytest.approx(means)
    factors = session.sheet("bias").factors
    rows = factors.movie_factors if page.side == "movie" else factors.user_factors
    assert shown["f2"].numbers == pytest.approx(rows[:, 1])


def look_at_factors(page: QWidget, session: Session) -> None:
    assert isinstance(page, FactorsPage)
    rated, sheet = ~np.isnan(table_of(session)), session.sheet("bias").factors
    scores = scores_of(session)[rated]
    shares = [
        100.0 * np.cov(np.outer(sheet.user_factors[:, f], sheet.movie_factors[:, f])[rated], scores, bias=True)[0, 1]
        for f in range(5)
    ] / scores.var()
    assert page.factors.columns[1].numbers[:5] == pytest.approx(shares, rel=1e-9)
    highest = page.tables["movie", "high"].columns[1].numbers
    assert highest == pytest.approx(np.sort(sheet.movie_factors[:, 0])[::-1])


def look_at_map(page: QWidget, session: Session) -> None:
    assert isinstance(page, MapPage)
    points, rows = page.canvas.points, session.sheet("bias").factors.movie_factors
    assert points is not None
    centred = rows[points.indices] - rows[points.indices].mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(points.places) == pytest.approx(np.abs(left[:, :2] * sizes[:2]), abs=1e-9)


def look_at_lists(page: QWidget, session: Session) -> None:
    assert isinstance(page, RecommendPage)
    assert page.answer is not None
    user = session.ratings.user_ids.index(page.answer.question.user_id)
    unrated = np.flatnonzero(np.isnan(table_of(session)[user]))
    scores = scores_of(session)[user]
    best = sorted(unrated.tolist(), key=lambda movie: -scores[movie])[:10]
    assert page.answer.listed.movies.tolist() == best


LOOKS: dict[str, Callable[[QWidget, Session], None]] = {
    "movies": look_at_standings,
    "users": look_at_standings,
    "factors": look_at_factors,
    "map": look_at_map,
    "recommend": look_at_lists,
}


@pytest.mark.parametrize("name", LOOKS)
def test_edits_undo_and_holding_out_show_at_once(driver: Driver, qtbot: QtBot, name: str) -> None:
    page, session, look = opened(driver, qtbot, name), driver.window.session, LOOKS[name]
    look(page, session)
    first = session.ratings
    user, movie = 3, 2
    if isinstance(page, RecommendPage):
        assert page.answer is not None
        user, movie = first.user_ids.index(page.answer.question.user_id), int(page.answer.listed.movies[0])
    submit = driver.window.edits.submit
    for cells in ({(user, movie): 0.5}, {(user, 0): None}):
        assert submit(SetRatings(cells))
        settle(page, qtbot)
        look(page, session)
    for _ in range(2):
        driver.trigger("edit.undo")
    settle(page, qtbot)
    assert session.ratings.values.tolist() == first.values.tolist()
    look(page, session)
    assert submit(SetWeights("bias", {("movie_factors", 4, 0): 3.25}))
    settle(page, qtbot)
    look(page, session)
    driver.window.holding_out.choose(SplitChoice("random", fraction=0.2))
    qtbot.waitUntil(lambda: session.holding is not None)
    settle(page, qtbot)
    look(page, session)  # held out or not, a rating is one: nobody is recommended what is rated
    driver.trigger("train.epoch")
    qtbot.waitUntil(lambda: session.sheet("bias").step > 0 and not driver.window.bridge.running, timeout=20_000)
    settle(page, qtbot)
    look(page, session)
