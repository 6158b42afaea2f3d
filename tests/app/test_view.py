"""The session's view: what is shown of a table, what of it trains, and the RMSE of either."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app import scope as scope_module
from cfgui.app.blocks import PredictionsBlock, RatingsBlock
from cfgui.app.changes import Changes
from cfgui.app.derivatives import derivative
from cfgui.app.edits import SetRatings, SetWeights
from cfgui.app.embedding_blocks import LookupsBlock, UserTableBlock
from cfgui.app.explain import explain_lookup, explain_prediction, explain_rmse
from cfgui.app.kept_state import kept_session, restored_session
from cfgui.app.scope import prepare_view
from cfgui.app.session import Session
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.core import edited_ratings, models, optimizer_defaults
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from cfgui.core.view import ViewChoice

N, M, K = 40, 30, 3


@pytest.fixture
def table() -> Document:
    rng = np.random.default_rng(8)
    rated = rng.random((N, M)) < rng.uniform(0.1, 0.9, (N, 1))
    values = rng.integers(1, 11, (N, M)) / 2.0
    users, movies = [str(100 - u) for u in range(N)], [str(50 - m) for m in range(M)]
    ratings = Ratings.from_crosstab(users, movies, values, rated)
    factors = {name: random_factors(N, M, K, bias=name == "bias", seed=2) for name in ("dot", "bias")}
    return Document(ratings, factors, report=ImportReport("t.csv", "CSV"))


@pytest.fixture
def session(table: Document) -> Session:
    return Session(table, Hyperparameters(n_factors=K), name="t.csv")


def plain_rmse(document: Document, model: str, users: list[int], movies: list[int]) -> float:
    """By a double loop."""
    ratings, factors = document.ratings, document.factors[model]
    squares = []
    for user in users:
        for movie in movies:
            if ratings.rated[user, movie]:
                predicted = float(factors.user_factors[user] @ factors.movie_factors[movie])
                if factors.user_bias is not None and factors.movie_bias is not None:
                    predicted += factors.user_bias[user] + factors.movie_bias[movie]
                squares.append((ratings.crosstab[user, movie] - predicted) ** 2)
    return math.sqrt(sum(squares) / len(squares))


def test_a_table_opens_at_its_most_rated_fifteen_in_order_of_ids(session: Session, table: Document) -> None:
    assert session.view_choice == ViewChoice(15, 15, "id", "id")
    counts = table.ratings.rated.sum(axis=1)
    wanted = sorted(range(N), key=lambda u: (-counts[u], int(table.ratings.user_ids[u])))[:15]
    assert session.view.users.tolist() == sorted(wanted, key=lambda u: int(table.ratings.user_ids[u]))
    block = RatingsBlock(session, "dot")
    assert block.shape == (15, 15)
    user, movie = int(session.view.users[2]), int(session.view.movies[7])
    assert block.row_header(2) == table.ratings.user_ids[user]
    assert block.value(2, 7) == table.ratings.rating(user, movie)
    assert session.visible.rating(2, 7) == table.ratings.rating(user, movie)


def test_a_workbook_opens_whole() -> None:
    document = Document(
        Ratings.from_crosstab(["b", "a"], ["y", "x"], np.ones((2, 2)), np.ones((2, 2), dtype=bool)),
        {name: random_factors(2, 2, K, bias=name == "bias", seed=2) for name in ("dot", "bias")},
    )
    session = Session(document, Hyperparameters(n_factors=K), name="b.xlsx")
    assert session.view.is_whole
    assert session.visible is document.ratings


def test_every_block_reads_and_edits_through_the_view(session: Session, table: Document) -> None:
    session.show(ViewChoice(4, 5, "ratings", "mean"))
    users, movies = session.view.users, session.view.movies
    for model in ("dot", "bias"):
        factors, whole = table.factors[model], models.predict_all(table.factors[model])
        bias = int(model == "bias")
        assert np.array_equal(PredictionsBlock(session, model).values(), whole[np.ix_(users, movies)])
        movie_table = MovieWeightsBlock(session, model).values()
        assert np.array_equal(movie_table[bias:], factors.movie_factors[movies].T)
        user_table = UserWeightsBlock(session, model).values()
        assert np.array_equal(user_table[:, bias:], factors.user_factors[users])
    edit = RatingsBlock(session, "dot").edit({(1, 2): 4.5})
    assert edit == SetRatings({(int(users[1]), int(movies[2])): 4.5})
    edit = UserWeightsBlock(session, "bias").edit({(3, 0): 1.5, (3, 1): 2.5})
    assert edit == SetWeights("bias", {("user_bias", int(users[3]), 0): 1.5, ("user_factors", int(users[3]), 0): 2.5})
    session.restore(edit.apply(session.state))
    assert UserWeightsBlock(session, "bias").value(3, 0) == 1.5
    assert UserTableBlock(session).shape == (4, K + 2)


def test_lookups_are_the_ratings_shown(session: Session) -> None:
    session.show(ViewChoice(4, 5, "ratings", "mean"))
    block = LookupsBlock(session)
    assert block.shape[0] == session.visible.n_ratings
    user, movie = block.cell_of(3)
    line = [block.text(3, column) for column in range(block.shape[1])]
    assert line[:2] == [session.ratings.user_ids[user], session.ratings.movie_ids[movie]]
    assert block.value(3, 2) == session.ratings.rating(user, movie)
    assert block.value(3, block.shape[1] - 2) == pytest.approx(session.prediction("dot", user, movie), abs=1e-14)
    assert block.texts(slice(3, 4), slice(0, block.shape[1])) == [line]
    explanation = explain_lookup(session, block, 3, 3)
    row = int(session.view.user_rows[user])
    assert explanation.numbers == f"user {session.ratings.user_ids[user]} stands in row {row + 1} of the table"


def test_rmse_of_all_and_of_what_is_shown(session: Session, table: Document) -> None:
    for model in ("dot", "bias"):
        everything = plain_rmse(table, model, list(range(N)), list(range(M)))
        shown = plain_rmse(table, model, session.view.users.tolist(), session.view.movies.tolist())
        assert session.rmse(model) == pytest.approx(everything, abs=1e-12)
        assert session.rmse(model, shown=True) == pytest.approx(shown, abs=1e-12)
        session.train_on_visible(True)
        assert session.rmse(model) == pytest.approx(shown, abs=1e-12)
        session.train_on_visible(False)
    explanation = explain_rmse(session, "dot", RatingsBlock(session, "dot").layout)
    assert explanation.value == session.rmse("dot", shown=True)
    assert f"÷ {session.visible.n_ratings})" in explanation.numbers


def test_training_on_what_is_shown_moves_nothing_else(session: Session) -> None:
    session.show(ViewChoice(6, 7, "id", "mean"))
    session.train_on_visible(True)
    scope, whole = session.scope, session.sheet("bias")
    narrow = scope.narrowed(whole)
    choices = Hyperparameters(model="bias", n_factors=K, optimizer="momentum", gradient="forward")
    trainer = Trainer(scope.ratings, narrow.factors, choices)
    report = trainer.advance()
    trained = scope.widened(replace(narrow, factors=trainer.factors, optimizer_state=trainer.optimizer_state), whole)
    hidden = np.setdiff1d(np.arange(N), session.view.users)
    assert np.array_equal(trained.factors.user_factors[hidden], whole.factors.user_factors[hidden])
    assert not np.array_equal(
        trained.factors.user_factors[session.view.users], whole.factors.user_factors[session.view.users]
    )
    assert trained.start is whole.start
    session.restore(session.state.with_sheet("bias", trained))
    assert session.rmse("bias") == pytest.approx(report.rmse, abs=1e-13)
    again = session.scope.narrowed(session.sheet("bias"))
    assert again.optimizer_state is trainer.optimizer_state
    session.train_on_visible(False)
    assert session.scope.narrowed(session.sheet("bias")).optimizer_state is None


def test_a_derivative_is_that_of_the_ratings_that_train(session: Session, table: Document) -> None:
    ratings, factors = table.ratings, table.factors["bias"]
    exact = models.gradient(factors, ratings.users, ratings.movies, ratings.values)
    for cell in (("user_factors", 5, 1), ("movie_factors", 7, 2), ("user_bias", 3, 0), ("movie_bias", 4, 0)):
        found = derivative(session, "bias", cell)
        assert found is not None
        assert found.exact == pytest.approx(exact[factors.flat_index(*cell)], abs=1e-14)
        assert found.estimate == pytest.approx(found.exact, abs=0.01)
    session.train_on_visible(True)
    hidden = int(np.setdiff1d(np.arange(N), session.view.users)[0])
    found = derivative(session, "bias", ("user_factors", hidden, 0))
    assert found is not None
    assert (found.exact, found.estimate) == (0.0, 0.0)
    shown = session.visible
    part = session.scope.factors(factors)
    exact = models.gradient(part, shown.users, shown.movies, shown.values)
    found = derivative(session, "bias", ("movie_factors", int(session.view.movies[2]), 1))
    assert found is not None
    assert found.exact == pytest.approx(exact[part.flat_index("movie_factors", 2, 1)], abs=1e-14)


def test_explained_cells_are_those_of_the_view(session: Session) -> None:
    block = PredictionsBlock(session, "dot")
    explanation = explain_prediction(session, block, 2, 3)
    assert (explanation.user, explanation.movie) == (block.user(2), block.movie(3))
    assert explanation.prediction == block.value(2, 3)
    assert explanation.address == block.address(2, 3)


def test_a_large_table_is_measured_in_the_background(
    session: Session, table: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_module, "QUICK_WORK", 0)
    session.restore(SetWeights("dot", {("user_factors", 0, 0): 0.5}).apply(session.state))
    assert math.isnan(session.rmse("dot"))
    assert explain_rmse(session, "dot", RatingsBlock(session, "dot").layout).numbers.startswith("being measured")
    told: list[Changes] = []
    session.subscribe(told.append)
    waiting = session.unmeasured("dot")
    assert len(waiting) == 2
    for measured in waiting:
        value = models.rmse(measured.scope.factors(measured.whole), measured.scope.ratings)
        session.note_rmse("dot", measured, value)
    assert session.unmeasured("dot") == []
    changed = {**table.factors, "dot": session.sheet("dot").factors}
    by_hand = Document(table.ratings, changed)
    assert session.rmse("dot") == pytest.approx(plain_rmse(by_hand, "dot", list(range(N)), list(range(M))), abs=1e-12)
    assert told == [Changes(measured=True)] * 2
    old = waiting[0]
    session.restore(SetWeights("dot", {("user_factors", 0, 0): 0.75}).apply(session.state))
    session.note_rmse("dot", old, 1.0)
    assert math.isnan(session.rmse("dot"))
    assert session.curve("dot").rmses[-1] != 1.0


def test_edits_of_a_large_table_are_seen_in_the_view(table: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edited_ratings, "COPIED_RATINGS", 10)
    session = Session(table, Hyperparameters(n_factors=K), name="t.csv")
    before = session.visible
    user, movie = int(session.view.users[1]), int(session.view.movies[2])
    hidden = int(np.setdiff1d(np.arange(N), session.view.users)[0])
    session.restore(SetRatings({(user, movie): 0.25, (hidden, movie): 3.0}).apply(session.state))
    assert session.visible.rating(1, 2) == 0.25
    assert RatingsBlock(session, "dot").value(1, 2) == 0.25
    assert session.visible.n_ratings == before.n_ratings + (before.rating(1, 2) is None)
    prepared = prepare_view(session.ratings, ViewChoice(3, 3, "id", "id"))
    session.show(ViewChoice(3, 3, "id", "id"), prepared)
    assert session.visible.n_ratings == int((~np.isnan(RatingsBlock(session, "dot").values())).sum())


def test_a_table_with_many_ratings_is_trained_by_sgd(table: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(table, Hyperparameters(n_factors=K), name="t.csv")
    assert not session.turns_to_sgd(table)
    monkeypatch.setattr(optimizer_defaults, "SGD_FROM", table.ratings.n_ratings)
    assert session.turns_to_sgd(table)
    session.open(table, "t.csv")
    choices = session.hyperparameters
    assert (choices.optimizer, choices.batch(999), choices.gradient) == ("sgd", 1, "autograd")
    session.choose(optimizer="adam")
    session.open(table, "t.csv")
    assert session.hyperparameters.optimizer == "adam"


def test_what_was_chosen_before_comes_back_with_few_ratings(
    table: Document, monkeypatch: pytest.MonkeyPatch, sample: Document
) -> None:
    monkeypatch.setattr(optimizer_defaults, "SGD_FROM", table.ratings.n_ratings)
    session = Session(sample, Hyperparameters(gradient="forward", learning_rate=0.3), name="s")
    session.open(table, "t.csv")
    session.open(table, "t.csv")  # another large one in between
    session.choose(learning_rate=0.02, weight_decay=0.1)
    assert session.turns_back_to(sample) == "gd"
    session.open(sample, "s")
    choices = session.hyperparameters
    assert (choices.optimizer, choices.gradient, choices.rate, choices.batch(206)) == ("gd", "forward", 0.3, 206)
    assert choices.weight_decay == 0.1
    assert not session.turns_back_to(sample)


def test_what_the_person_chose_for_many_ratings_stays(
    table: Document, monkeypatch: pytest.MonkeyPatch, sample: Document
) -> None:
    monkeypatch.setattr(optimizer_defaults, "SGD_FROM", table.ratings.n_ratings)
    session = Session(sample, Hyperparameters(gradient="forward"), name="s")
    session.open(table, "t.csv")
    session.choose(optimizer="adam")
    session.choose(optimizer="sgd")
    assert not session.turns_back_to(sample)
    session.open(sample, "s")
    assert (session.hyperparameters.optimizer, session.hyperparameters.gradient) == ("sgd", "autograd")


def test_a_restored_large_session_gives_back_what_there_was(
    table: Document, monkeypatch: pytest.MonkeyPatch, sample: Document
) -> None:
    monkeypatch.setattr(optimizer_defaults, "SGD_FROM", table.ratings.n_ratings)
    large = Session(sample, Hyperparameters(gradient="forward"), name="s")
    large.open(table, "t.csv")
    restored = restored_session(kept_session(large))
    session = Session(sample, Hyperparameters(gradient="forward", learning_rate=0.3), name="s")
    restored.put_into(session)
    assert (session.hyperparameters.optimizer, session.hyperparameters.gradient) == ("sgd", "autograd")
    session.open(sample, "s")
    choices = session.hyperparameters
    assert (choices.optimizer, choices.gradient, choices.rate) == ("gd", "forward", 0.3)


def test_an_export_of_what_is_shown_has_only_curves_over_that(session: Session) -> None:
    state = session.sheet("dot")
    over_all = replace(state, step=3, curve=Curve("run 1", [0, 3], [2.0, 1.0]))
    session.restore(session.state.with_sheet("dot", over_all))
    session.train_on_visible(True)
    assert session.shown_document()().history == {}
    trained = session.scope.widened(session.scope.narrowed(over_all), over_all)
    session.restore(session.state.with_sheet("dot", replace(trained, curve=Curve("run 2", [3, 4], [1.5, 1.25]))))
    history = session.shown_document()().history
    assert list(history) == ["dot"]
    assert history["dot"].steps[:2].tolist() == [3, 4]
    assert history["dot"].rmses[-1] == session.rmse("dot")
