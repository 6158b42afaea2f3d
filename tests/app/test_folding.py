"""New users and movies follow their ratings: against ridge regression written plainly, in the undo step of the edit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.edits import Edit, SetRatings, SetWeights
from cfgui.app.folding import FoldIn, Following
from cfgui.app.holding import prepare_holding
from cfgui.app.row_edits import AddMovie, AddUser, RemoveRows
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.warm_prior import NOISE_RATINGS, warm_part, warm_prior
from cfgui.core import models
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.prior import NOISE, OWN_ROWS
from cfgui.core.split import SplitChoice
from tests.helpers.tables import random_table


def plain_fold_in(factors: Factors, side: str, warm: list[int], noise: float, rated: dict[int, float]) -> np.ndarray:
    """The most probable weights by normal equations, with the covariance of the trained rows inverted."""
    mine, others = (factors.user_factors, factors.movie_factors), (factors.movie_factors, factors.user_factors)
    own, other = mine[side == "movie"], others[side == "movie"]
    places, values = list(rated), np.array(list(rated.values()))
    features, rest = other[places], values.copy()
    if factors.has_bias:
        own_bias = factors.user_bias if side == "user" else factors.movie_bias
        other_bias = factors.movie_bias if side == "user" else factors.user_bias
        own = np.column_stack([own, own_bias])
        features = np.column_stack([features, np.ones(len(places))])
        rest -= other_bias[places] + factors.global_mean
    rows = own[warm]
    n = len(rows)
    covariance = np.cov(rows.T)
    covariance = (n * covariance + OWN_ROWS * np.diag(np.diag(covariance) + 1e-8)) / (n + OWN_ROWS)
    precision = np.linalg.inv(covariance)
    mean = rows.mean(axis=0)
    return np.linalg.solve(features.T @ features / noise + precision, features.T @ rest / noise + precision @ mean)


def apply(session: Session, edit: Edit, following: Following | None = None) -> State:
    before = session.state
    session.restore((following or Following()).follow(before, edit.apply(before), session.active))
    return before


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_a_new_user_follows_every_rating(session: Session, model: str) -> None:
    following = Following()
    noise = NOISE * models.mse(session.sheet(model).factors, session.ratings)
    session.activate(model)
    apply(session, AddUser())
    rated: dict[int, float] = {}
    for movie, value in ((3, 4.5), (0, 1.0), (7, 5.0), (3, 2.0)):
        rated[movie] = value
        apply(session, SetRatings({(15, movie): value}), following)
        factors = session.sheet(model).factors
        expected = plain_fold_in(factors, "user", list(range(15)), noise, rated)
        assert factors.user_factors[15] == pytest.approx(expected[:5], abs=1e-8)
        if factors.user_bias is not None:
            assert factors.user_bias[15] == pytest.approx(expected[5], abs=1e-8)
        assert session.prediction(model, 15, 4) == pytest.approx(models.predict_all(factors)[15, 4], abs=1e-12)


def test_one_edit_is_one_step_that_undo_takes_back(session: Session) -> None:
    apply(session, AddUser())
    before = apply(session, SetRatings({(15, 0): 1.0, (15, 1): 5.0}))
    now = session.sheet("dot")
    assert now.before is before.sheets["dot"].factors  # the sheet marks what moved
    assert np.array_equal(now.factors.user_factors[:15], now.before.user_factors[:15])
    assert np.array_equal(now.factors.movie_factors, now.before.movie_factors)
    assert not np.array_equal(now.factors.user_factors[15], now.before.user_factors[15])
    session.restore(before)
    mean = session.sheet("dot").factors.user_factors[:15].mean(axis=0)
    assert session.sheet("dot").factors.user_factors[15] == pytest.approx(mean)


def test_without_its_ratings_again_the_row_is_the_mean(session: Session) -> None:
    following = Following()
    apply(session, AddUser(ratings={2: 5.0, 5: 0.5}), following)
    mean = session.sheet("bias").factors.user_factors[:15].mean(axis=0)
    assert not np.allclose(session.sheet("bias").factors.user_factors[15], mean)
    apply(session, SetRatings({(15, 2): None, (15, 5): None}), following)
    assert session.sheet("bias").factors.user_factors[15] == pytest.approx(mean, abs=1e-12)


def test_a_new_movie_follows_too(session: Session) -> None:
    noise = NOISE * models.mse(session.sheet("bias").factors, session.ratings)
    apply(session, AddMovie(title="A movie"))
    apply(session, SetRatings({(1, 15): 4.0, (9, 15): 1.5}))
    factors = session.sheet("bias").factors
    expected = plain_fold_in(factors, "movie", list(range(15)), noise, {1: 4.0, 9: 1.5})
    assert np.append(factors.movie_factors[15], factors.movie_bias[15]) == pytest.approx(expected, abs=1e-8)


def test_edits_of_others_and_of_who_is_kept_move_nobody(session: Session) -> None:
    apply(session, AddUser("n", {0: 4.0}))
    factors = session.sheet("dot").factors
    apply(session, SetRatings({(2, 3): 1.0}))
    assert session.sheet("dot").factors is factors
    state = session.state.trained("dot", session.sheet("dot"))
    session.restore(state)
    apply(session, SetRatings({(15, 5): 1.0}))
    assert session.sheet("dot").factors is factors
    apply(session, AddUser("stays", {0: 4.0}, method="mean"))
    mean = factors.user_factors.mean(axis=0)
    assert session.sheet("dot").factors.user_factors[16] == pytest.approx(mean)
    apply(session, SetRatings({(16, 5): 1.0}))
    assert session.sheet("dot").factors.user_factors[16] == pytest.approx(mean)


def test_nets_follow_on_the_sheet_that_is_open(session: Session) -> None:
    apply(session, AddUser())
    mean = session.sheet("ordinal").factors.user_factors[15].copy()
    apply(session, SetRatings({(15, 0): 5.0}))
    assert np.array_equal(session.sheet("ordinal").factors.user_factors[15], mean)
    for model in ("neural", "ordinal"):
        session.activate(model)
        old = session.prediction(model, 15, 0)
        apply(session, SetRatings({(15, 0): 0.5, (15, 1): 1.0, (15, 2): 0.5}))
        assert session.prediction(model, 15, 0) < old
        apply(session, SetRatings({(15, 0): 5.0, (15, 1): 5.0, (15, 2): None}))
        assert session.prediction(model, 15, 0) > old


def test_what_is_remembered_changes_no_bit(session: Session) -> None:
    """The same edits one by one with one memory, with a fresh memory each, and after undo and redo in between."""
    edits = [AddUser(), AddUser("b", {1: 3.0}), SetRatings({(15, 0): 4.0}), AddMovie("movie"),
             SetRatings({(16, 2): 1.0, (15, 15): 2.0}), SetRatings({(3, 3): 5.0}),
             SetWeights("dot", {("user_factors", 1, 0): 2.0}), SetRatings({(15, 4): 0.5})]  # fmt: skip
    start = session.state
    found = []
    for memory in ("one", "fresh", "wandering"):
        session.restore(start)
        following = Following()
        for edit in edits:
            before = apply(session, edit, following if memory != "fresh" else None)
            if memory == "wandering":
                after = session.state
                session.restore(before)
                if before is not start:
                    apply(session, SetRatings({(15, 7): 1.0}), following)
                session.restore(after)
        found.append({name: sheet.factors for name, sheet in session.state.sheets.items()})
    for name, factors in found[0].items():
        assert all(other[name].equals(factors) for other in found[1:])


def test_held_out_ratings_are_not_folded_in(session: Session) -> None:
    ratings = {movie: 1.0 + movie % 4 for movie in range(12)}
    apply(session, AddUser("n", ratings))
    session.hold_out(prepare_holding(session.ratings, SplitChoice("random", 0.5, seed=1)))
    held = [movie for movie in ratings if session.is_held_out(15, movie)]
    assert 0 < len(held) < 12
    edit = SetRatings({(15, 13): 2.0})
    before = session.state
    after = Following().follow(before, edit.apply(before), "dot", session.is_held_out)
    learnt = {movie: value for movie, value in ratings.items() if movie not in held} | {13: 2.0}
    factors = after.sheets["dot"].factors
    warm = warm_prior(after, "dot", "user").plain
    assert factors.user_factors[15] == pytest.approx(
        plain_fold_in(factors, "user", list(range(15)), warm.noise, learnt), abs=1e-8
    )


def test_the_command_folds_anybody_in(session: Session) -> None:
    before = session.sheet("dot").factors
    movies, values = session.ratings.user_line(4)
    prior = warm_prior(session.state, "dot", "user", [4]).plain
    assert prior.n_rows == 14
    apply(session, FoldIn("dot", "user", (session.ratings.user_ids[4],)))
    factors = session.sheet("dot").factors
    warm = [user for user in range(15) if user != 4]
    rated = dict(zip(movies.tolist(), values.tolist(), strict=True))
    expected = plain_fold_in(before, "user", warm, prior.noise, rated)
    assert factors.user_factors[4] == pytest.approx(expected, abs=1e-8)
    assert session.sheet("bias").factors is session.state.sheets["bias"].factors
    only = session.state
    for user in session.ratings.user_ids[1:]:
        only = RemoveRows((user,)).apply(only)
    with pytest.raises(ValueError, match="another user with ratings"):
        FoldIn("dot", "user", only.ratings.user_ids).apply(only)


def test_of_a_large_table_evenly_spread_ratings_tell_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    table = random_table(60, 50, 900, seed=2)
    everybody = np.ones(60, dtype=np.bool_), np.ones(50, dtype=np.bool_)
    assert warm_part(table, *everybody).n_ratings == 900
    assert NOISE_RATINGS > 100_004  # all of ml-latest-small
    monkeypatch.setattr("cfgui.app.warm_prior.NOISE_RATINGS", 400)
    part = warm_part(EditedRatings(table, {(0, 0): 3.0}), *everybody)
    assert np.array_equal(part.values, table.values[::3])
    everybody[0][table.users[0]] = False
    assert warm_part(table, *everybody).n_ratings < 300
    assert replace(part).n_users == 60
