"""Users and movies that come and go: every sheet, the view, what is held out, undo, and what is kept and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfgui.app.edits import Reset, RestoreBest, SetFactorCount, SetRatings
from cfgui.app.folding import Following
from cfgui.app.holding import prepare_holding
from cfgui.app.kept_state import kept_session, restored_session
from cfgui.app.row_edits import AddMovie, AddUser, RemoveRows, free_id
from cfgui.app.session import Session
from cfgui.app.sheet_state import KEPT, State
from cfgui.app.training_run import TrainingRun
from cfgui.core import models
from cfgui.core.document import Document
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.optimizers import OPTIMIZERS
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.starts import random_factors
from cfgui.core.view import ViewChoice
from cfgui.io.session_file import read_session, write_session
from cfgui.io.session_parts import Parts
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook
from cfgui.io.workbook_verify import verify_workbook
from tests.helpers.reference import real_ratings
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


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "user",
                "movie",
                "rate",
                "rate",
                "rate",
                "remove_user",
                "remove_movie",
                "undo",
                "undo",
                "redo",
                "train",
                "show",
                "hold",
                "sheet",
                "factors",
                "reset",
                "visible",
            ]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=14,
)


class Person:
    """Does at random what a person can do, with undo and redo as the window has them."""

    def __init__(self, session: Session) -> None:
        self.session, self.following = session, Following()
        self.done: list[tuple[State, State]] = []
        self.undone: list[tuple[State, State]] = []

    def do(self, verb: str, a: int, b: int) -> None:
        getattr(self, "_" + verb)(a, b)
        check(self.session)

    def _edit(self, edit: Any) -> None:
        try:
            before = do(self.session, edit, self.following)
        except ValueError:
            return
        self._pushed(before)

    def _pushed(self, before: State) -> None:
        self.done.append((before, self.session.state))
        self.undone.clear()

    def _user(self, a: int, b: int) -> None:
        movie = b % self.session.ratings.n_movies
        self._edit(AddUser("" if a % 2 else f"u{a}", {movie: 1.0 + a % 5} if a % 3 else {}))

    def _movie(self, a: int, b: int) -> None:
        user = b % self.session.ratings.n_users
        self._edit(AddMovie(f"m{a}" if a % 2 else "", "Film (1999)", "Drama", {user: 2.5} if a % 3 else {}))

    def _rate(self, a: int, b: int) -> None:
        ratings = self.session.ratings
        cell = ratings.n_users - 1 - a % ratings.n_users, ratings.n_movies - 1 - b % ratings.n_movies
        self._edit(SetRatings({cell: None if (a + b) % 4 == 0 else 0.5 + (a + b) % 5}))

    def _remove_user(self, a: int, b: int) -> None:
        ids = self.session.ratings.user_ids
        self._edit(RemoveRows(users=tuple({ids[-1 - a % len(ids)], ids[-1 - b % len(ids)]})))

    def _remove_movie(self, a: int, _b: int) -> None:
        ids = self.session.ratings.movie_ids
        self._edit(RemoveRows(movies=(ids[-1 - a % len(ids)],)))

    def _undo(self, _a: int, _b: int) -> None:
        if self.done:
            self.undone.append(self.done.pop())
            self.session.restore(self.undone[-1][0])

    def _redo(self, _a: int, _b: int) -> None:
        if self.undone:
            self.done.append(self.undone.pop())
            self.session.restore(self.done[-1][1])

    def _train(self, _a: int, _b: int) -> None:
        if self.session.scope.ratings.n_ratings:
            before = self.session.state
            train(self.session)
            self._pushed(before)

    def _show(self, a: int, b: int) -> None:
        orders = ["file", "id", "ratings", "mean", "bias"]
        self.session.show(ViewChoice(1 + a % 4, 1 + b % 4 if b % 5 else None, orders[a % 5], orders[b % 5]))

    def _visible(self, a: int, _b: int) -> None:
        self.session.train_on_visible(bool(a % 2))

    def _hold(self, a: int, _b: int) -> None:
        choice = SplitChoice("random", 0.3, seed=a)
        try:
            held = prepare_holding(self.session.ratings, choice, self.session.view, self.session.shown_base)
        except ValueError:
            held = None
        self.session.hold_out(held if a % 4 else None)

    def _sheet(self, a: int, _b: int) -> None:
        self.session.activate(("dot", "bias", "neural")[a % 3])

    def _factors(self, a: int, _b: int) -> None:
        self._edit(SetFactorCount(self.session.active, 1 + a % 3, seed=1))

    def _reset(self, _a: int, _b: int) -> None:
        self._edit(Reset(self.session.active))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_whatever_a_person_does_everything_tells_of_the_same_rows(steps: list[tuple[str, int, int]]) -> None:
    person = Person(small_session())
    first = person.session.state
    for step in steps:
        person.do(*step)
    kept = kept_session(person.session)
    back = restored_session(kept)
    assert (back.state.added_users, back.state.added_movies) == (kept_added(person.session))
    while person.done:
        person.do("undo", 0, 0)
    assert person.session.state is first


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_a_large_table_with_edits_beside_it_too(steps: list[tuple[str, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cfgui.core.edited_ratings.COPIED_RATINGS", 5)
        person = Person(small_session(table=True))
        for step in [("rate", 2, 3), *steps]:
            person.do(*step)
        if person.session.ratings.n_ratings > 8:
            person.do("rate", 1, 1)
            assert isinstance(person.session.ratings, EditedRatings) or not person.done


def kept_added(session: Session) -> tuple[dict[str, str], dict[str, str]]:
    return dict(session.state.added_users), dict(session.state.added_movies)


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


def with_new_rows(session: Session) -> Session:
    do(session, AddUser("Zoë", {0: 4.5, 3: 2.0, 7: 5.0}))
    do(session, AddUser())
    do(session, AddMovie("", "A new movie (2020)", "Comedy", {1: 3.5}))
    train(session, 3)
    return session


def test_a_session_comes_back_bit_for_bit(session: Session, tmp_path: Path) -> None:
    with_new_rows(session)
    do(session, AddUser("later"))
    path = tmp_path / "kept.cfgui"
    write_session(kept_session(session), path, Parts())
    back = restored_session(read_session(path, Parts()))
    again = Session(session.document(), Hyperparameters(), name="another")
    back.put_into(again)
    assert again.state.added_users == {"Zoë": KEPT, "new 1": "fold-in", "later": "fold-in"}
    assert list(again.state.added_users) == list(session.state.added_users)
    assert again.view_choice == session.view_choice
    for name, sheet in session.state.sheets.items():
        assert again.sheet(name).factors.equals(sheet.factors)
        assert again.sheet(name).start.equals(sheet.start)
    assert again.ratings.user_ids == session.ratings.user_ids
    assert np.array_equal(again.ratings.values, session.ratings.values)
    assert again.ratings.titles == session.ratings.titles
    train(again)
    train(session)
    assert again.sheet("dot").factors.equals(session.sheet("dot").factors)
    check(again)


def test_what_makes_no_sense_in_a_session_is_left_out(session: Session) -> None:
    do(session, AddUser())
    kept = kept_session(session)
    for added in (None, 3, {"users": ["a"]}, {"users": {"nobody": "fold-in", "new 1": 7}}):
        object.__setattr__(kept, "view", {**kept.view, "added": added})
        back = restored_session(kept)
        assert dict(back.state.added_users) == {}


@pytest.fixture
def exported(session: Session, tmp_path: Path) -> tuple[Session, Path]:
    with_new_rows(session)
    path = tmp_path / "sixteen.xlsx"
    write_workbook(session.document(), path)
    return session, path


def test_a_workbook_of_17_x_16_comes_back_bit_for_bit(exported: tuple[Session, Path]) -> None:
    session, path = exported
    back = read_workbook(path)
    assert (back.ratings.n_users, back.ratings.n_movies) == (17, 16)
    assert back.ratings.user_ids == session.ratings.user_ids
    assert back.ratings.movie_ids[-1] == "new 1"
    assert np.array_equal(back.ratings.crosstab, session.ratings.crosstab)
    for name in ("dot", "bias"):
        assert back.factors[name].equals(session.sheet(name).factors)
    again = Session(back, Hyperparameters(), name="again")
    assert again.rmse("dot") == pytest.approx(session.rmse("dot"), abs=1e-12)


def test_libreoffice_calculates_the_same_with_new_rows(soffice: str, exported: tuple[Session, Path]) -> None:
    checks = verify_workbook(exported[1])
    assert any("LibreOffice" in check.name for check in checks)
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]


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
