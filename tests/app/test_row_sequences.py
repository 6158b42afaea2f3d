"""Random sequences of adding, rating, training, removing and undoing: everything tells of the same rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfgui.app.edits import Reset, SetFactorCount, SetRatings
from cfgui.app.folding import Following
from cfgui.app.holding import prepare_holding
from cfgui.app.kept_state import kept_session, restored_session
from cfgui.app.row_edits import AddMovie, AddUser, RemoveRows
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.split import SplitChoice
from cfgui.core.view import ViewChoice
from tests.app.rows import check, do, small_session, train

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
