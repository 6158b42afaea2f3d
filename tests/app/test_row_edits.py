"""Users and movies that come and go: every sheet, the view, what is held out, and undo."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.edits import RestoreBest
from cfgui.app.holding import prepare_holding
from cfgui.app.row_edits import AddMovie, AddUser, RemoveRows, free_id
from cfgui.app.session import Session
from cfgui.app.sheet_state import KEPT
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.optimizers import OPTIMIZERS
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.starts import random_factors
from cfgui.core.view import ViewChoice
from tests.app.rows import check, do, small_session, train
from tests.helpers.reference import real_ratings
from tests.helpers.tables import random_table


def test_a_new_user_has_the_mean_of_all_vectors_and_no_rating(session: Session) -> None:
    old = {name: sheet.factors for name, sheet in session.state.sheets.items()}
    do(session, AddUser())
    assert session.ratings.user_ids[-1] == "new 1"
    assert session.ratings.n_users == 16
    assert session.ratings.n_ratings == 206
    for name, before in old.items():
        now = session.sheet(name).factors
        assert now.user_factors[-1] == pytest.approx(before.user_factors.mean(axis=0), abs=1e-15)
        assert np.array_equal(now.user_factors[:-1], before.user_factors)
        assert np.array_equal(now.movie_factors, before.movie_factors)
        assert len(now.layers) == len(before.layers)
    bias = old["bias"].user_bias
    assert bias is not None
    assert session.sheet("bias").factors.user_bias[-1] == pytest.approx(bias.mean(), abs=1e-15)
    # nothing was rated: the error is the sheet's still
    assert session.rmse("dot") == pytest.approx(2.8060620616483134, abs=1e-12)


def test_names_are_never_taken_twice(session: Session) -> None:
    do(session, AddUser())
    do(session, AddUser("new 3"))
    do(session, AddUser())
    do(session, AddUser())
    assert session.ratings.user_ids[-4:] == ("new 1", "new 3", "new 2", "new 4")
    assert free_id(["new 2"]) == "new 1"
    state = session.state
    for wrong, words in (("14", "already"), ("x" * 200, "letters"), ("a\nb", "one line")):
        with pytest.raises(ValueError, match=words):
            AddUser(wrong).apply(state)
    with pytest.raises(ValueError, match="already"):
        AddMovie("27").apply(state)
    with pytest.raises(ValueError, match="finite"):
        AddUser(ratings={0: float("nan")}).apply(state)


def test_a_new_movie_has_its_title_and_genres(session: Session) -> None:
    do(session, AddMovie("", "A movie (2001)", "Drama|War", {0: 4.0, 3: 2.0}))
    ratings = session.ratings
    assert ratings.movie_ids[-1] == "new 1"
    assert ratings.movie_name(15) == "A movie (2001)"
    assert ratings.genres["new 1"] == "Drama|War"
    assert ratings.rating(0, 15) == 4.0
    assert ratings.rating(3, 15) == 2.0
    assert ratings.n_ratings == 208
    do(session, RemoveRows(movies=("new 1",)))
    assert "new 1" not in session.ratings.titles
    assert session.ratings.n_ratings == 206


def test_what_is_removed_takes_its_ratings_and_weights_along(small: Session) -> None:
    before = do(small, RemoveRows(users=("a",)))
    assert small.ratings.user_ids == ("b",)
    assert [small.ratings.rating(0, movie) for movie in range(3)] == [2.0, None, 2.5]
    assert small.sheet("dot").factors.user_factors.tolist() == [[0.5, 0.5]]
    # by hand: b's residuals are .5 and 0
    assert small.rmse("dot") == pytest.approx(np.sqrt(0.25 / 2))
    with pytest.raises(ValueError, match="last user"):
        RemoveRows(users=("b",)).apply(small.state)
    with pytest.raises(ValueError, match="no movie w"):
        RemoveRows(movies=("w",)).apply(small.state)
    assert RemoveRows(("a", "b"), ("x",)).text == "remove 2 users and 1 movie"
    small.restore(before)
    assert small.rmse("dot") == pytest.approx(np.sqrt(5.25 / 5))


def test_removing_everybody_from_the_middle_keeps_the_rest_in_place(session: Session) -> None:
    old = session.ratings
    do(session, RemoveRows(old.user_ids[2:13:3], old.movie_ids[1:9:4]))
    new = session.ratings
    for user, user_id in enumerate(new.user_ids):
        for movie, movie_id in enumerate(new.movie_ids):
            place = old.user_ids.index(user_id), old.movie_ids.index(movie_id)
            assert new.rating(user, movie) == old.rating(*place)
    check(session)


def test_whoever_a_run_learnt_from_is_new_no_more(session: Session) -> None:
    do(session, AddUser("rated", {0: 4.0}))
    do(session, AddUser("unrated"))
    do(session, AddMovie("movie"))
    train(session)
    assert session.state.added_users == {"rated": KEPT, "unrated": "fold-in"}
    assert session.state.added_movies == {"movie": "fold-in"}
    check(session)
    train(session)  # nothing about them changes: the same objects, so that watchers of ids have nothing to do
    assert session.state.added_users["rated"] == KEPT


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        *(("bias", optimizer) for optimizer in sorted(OPTIMIZERS)),
        *(("neural", optimizer) for optimizer in sorted(OPTIMIZERS) if optimizer not in SOLVING_ROWS),
    ],
)
def test_every_optimizer_goes_on_with_new_rows(session: Session, model: str, optimizer: str) -> None:
    session.activate(model)
    session.choose(optimizer=optimizer, gradient="central", learning_rate=1e-4)
    train(session)
    step = session.sheet(model).step
    do(session, AddUser("n", {0: 4.0, 2: 1.0}))
    do(session, AddMovie(ratings={15: 3.0}))
    train(session)
    check(session)
    assert session.sheet(model).step > step
    do(session, RemoveRows(("14",), ("new 1",)))
    train(session)
    check(session)


def test_nets_that_nobody_used_stay_out_of_exports(session: Session) -> None:
    do(session, AddUser())
    assert set(session.document().factors) == {"dot", "bias"}
    before = session.state
    session.activate("neural")
    train(session)
    session.activate("dot")
    do(session, AddUser())
    assert set(session.document().factors) == {"dot", "bias", "neural"}
    session.restore(before)
    assert set(session.document().factors) == {"dot", "bias"}


def test_undo_brings_the_very_same_view_and_split_back() -> None:
    session = small_session(table=True)
    session.show(ViewChoice(3, 3, "id", "id"))
    session.train_on_visible(True)
    session.hold_out(
        prepare_holding(session.ratings, SplitChoice("random", 0.25, seed=2), session.view, session.shown_base)
    )
    train(session)
    view, holding, curve = session.view, session.holding, session.curve("dot")
    before = do(session, AddUser("n", {0: 3.0}))
    after_view, after = session.view, session.state
    assert session.view is not view
    session.restore(before)
    assert session.view is view
    assert session.holding is holding
    assert np.array_equal(session.curve("dot").rmses, curve.rmses)  # the run goes on
    session.restore(after)
    assert session.view is after_view
    session.restore(before)
    session.show(ViewChoice(2, 2))  # another choice in between counts
    session.restore(after)
    assert [session.ratings.user_ids[user] for user in session.view.users][-1] == "n"
    assert len(session.view.users) == 3
    check(session)


def test_what_is_held_out_goes_with_its_rows() -> None:
    session = small_session(8, 6)
    session.hold_out(prepare_holding(session.ratings, SplitChoice("random", 0.4, seed=2)))
    held = session.held_out.split.held_out
    ids = {(held.user_ids[u], held.movie_ids[m]) for u, m in zip(held.users, held.movies, strict=True)}
    gone = session.ratings.user_ids[0], session.ratings.movie_ids[0]
    do(session, AddMovie("movie", ratings={2: 3.0}))
    do(session, RemoveRows((gone[0],), (gone[1],)))
    do(session, AddUser("person", {1: 4.0}))
    held = session.held_out.split.held_out
    now = {(held.user_ids[u], held.movie_ids[m]) for u, m in zip(held.users, held.movies, strict=True)}
    assert now == {(user, movie) for user, movie in ids if user != gone[0] and movie != gone[1]}
    assert session.rmse("dot", held_out=True) > 0


def test_best_weights_can_be_restored_after_a_user_came() -> None:
    session = small_session(8, 6)
    session.hold_out(prepare_holding(session.ratings, SplitChoice("random", 0.4, seed=2)))
    train(session, 5)
    best = session.sheet("dot").best
    assert best is not None
    do(session, AddUser())
    do(session, RestoreBest("dot"))
    check(session)
    assert np.array_equal(session.sheet("dot").factors.user_factors[:8], best.factors.user_factors)


def test_the_part_shown_of_a_large_table_shows_who_is_new() -> None:
    ratings = real_ratings()
    factors = {name: random_factors(671, 9066, 5, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    report = ImportReport("a table", 671, 9066, ratings.n_ratings, ())
    session = Session(Document(ratings, factors, report=report), Hyperparameters(), name="large")
    assert (len(session.view.users), len(session.view.movies)) == (15, 15)
    shown = session.view.users
    do(session, AddUser(ratings={int(session.view.movies[0]): 4.5}))
    do(session, AddMovie())
    assert (len(session.view.users), len(session.view.movies)) == (16, 16)
    assert np.array_equal(session.view.users[:15], shown)
    assert session.visible.rating(15, 0) == 4.5
    for choice in (ViewChoice(3, 4), ViewChoice(15, 15, "id", "bias"), ViewChoice(None, 2, "mean", "ratings")):
        session.show(choice)
        assert session.ratings.user_ids[session.view.users[-1]] == "new 1"
        assert session.ratings.movie_ids[session.view.movies[-1]] == "new 1"
    assert (len(session.view.users), len(session.view.movies)) == (672, 3)


def test_an_edit_of_a_table_leaves_its_ratings_shared() -> None:
    """A table of 20 million ratings must not be copied for a new user."""
    ratings: Ratings = random_table(50, 40, 900, seed=1)
    session = Session(
        Document(ratings, {n: random_factors(50, 40, 3, bias=n == "bias", seed=1) for n in ("dot", "bias")}),
        Hyperparameters(n_factors=3),
        name="shared",
    )
    do(session, AddUser())
    assert session.ratings.values is ratings.values
