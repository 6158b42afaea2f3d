"""Facts about new users: hidden users, the comparison after a few ratings, and rows of the session that follow them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.cold_start_evaluation import FACTS, LABELS, ColdStartChoice, evaluate_cold_start
from cfgui.app.cold_start_job import figures, sentence
from cfgui.app.edits import SetRatings
from cfgui.app.evaluating import Length
from cfgui.app.folding import FoldIn, Following
from cfgui.app.metadata_report import MetadataChoice, evaluate_metadata
from cfgui.app.new_user import NewUserQuestion, answer_of, uncertainty_sentence
from cfgui.app.new_user_model import new_user_model
from cfgui.app.reading import reading_of
from cfgui.app.row_edits import AddUser, RemoveRows
from cfgui.app.session import Session
from cfgui.app.standings_table import standings_table
from cfgui.app.told_facts import ToldFacts, cold_start_told
from cfgui.core.cold_start import ColdStart
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.side_rows import rows_of_side
from cfgui.core.standings import standings
from cfgui.core.user_features import user_features
from cfgui.io.standings_csv import write_standings
from cfgui.io.value_tables import user_table
from tests.app.test_metadata_report import ALS
from tests.core.test_user_features import planted

CHOICE = ColdStartChoice(n_users=20, min_ratings=16, given=(0, 3, 9))


def document(*, telling: bool = True) -> Document:
    """Planted ratings; nothing is trained yet."""
    return Document(planted(telling=telling)[0], {}, active="bias")


@pytest.fixture
def session() -> Session:
    """The planted truth on the sheet of biases."""
    ratings, factors, _ = planted()
    dot = replace(factors, user_bias=None, movie_bias=None, global_mean=0.0)
    document = Document(ratings, {"dot": dot, "bias": factors}, active="bias")
    return Session(document, Hyperparameters(model="bias"), name="planted")


def test_facts_that_tell_predict_hidden_users():
    found = evaluate_metadata(document(), ALS, Length(steps=20), MetadataChoice(side="user"))
    assert (found.side, found.n_hidden, found.helps) == ("user", 40, True)
    assert found.r_squared > 0.8
    assert found.by_metadata < 0.5 * found.by_mean
    assert "The facts about users take" in found.sentence
    assert found.sentence.endswith("off the mean user's MSE.")


def test_facts_that_tell_nothing_are_said_to_and_change_nothing():
    found = evaluate_metadata(document(telling=False), ALS, Length(steps=20), MetadataChoice(side="user"))
    assert not found.helps
    assert found.by_metadata == pytest.approx(found.by_mean, rel=1e-9)
    assert "no more than the mean user" in found.sentence


def test_without_facts_there_is_nothing_to_measure():
    plain = document()
    plain = replace(plain, ratings=replace(plain.ratings, user_facts={}))
    with pytest.raises(ValueError, match=r"users\.csv"):
        evaluate_metadata(plain, ALS, Length(steps=1), MetadataChoice(side="user"))
    found = evaluate_cold_start(plain, ALS, Length(steps=3), CHOICE)
    assert set(found.mse) == set(LABELS) - {FACTS}
    assert (found.facts_help, found.facts_sentence) == (None, "")


def test_beginning_from_facts_is_compared_after_every_number_of_ratings():
    found = evaluate_cold_start(document(), ALS, Length(steps=20), CHOICE)
    facts, folded = found.mse[FACTS], found.mse["fold-in"]
    assert found.facts_help
    assert facts[0] < 0.5 * folded[0]
    assert all(own < other for own, other in zip(facts, folded, strict=True))
    assert "-" in found.facts_sentence
    assert found.facts_sentence in sentence(found)
    assert LABELS[FACTS] in figures(found)[0].values
    idle = evaluate_cold_start(document(telling=False), ALS, Length(steps=20), CHOICE)
    assert idle.mse[FACTS] == idle.mse["fold-in"]
    assert "change nothing" in idle.facts_sentence


def test_what_was_typed_is_looked_up_and_what_is_unknown_said():
    ratings, factors, _ = planted()
    features = user_features(ratings)
    cold = ColdStart(ratings, factors, features=features.table)
    told, facts = cold_start_told(cold, features, "m, Artist|pirate")
    assert (facts.known, facts.unknown, facts.helps) == (("m", "Artist"), ("pirate",), True)
    assert "pirate" in facts.sentence
    assert "begins from" in facts.sentence
    np.testing.assert_array_equal(told.told, features.of(["M", "artist"])[0])
    assert cold_start_told(cold, features, "")[1] == ToldFacts()
    nobody, unknown = cold_start_told(cold, features, "pirate")
    assert nobody.prior is cold.plain_prior
    assert not unknown.helps
    assert "change nothing" in ToldFacts(("M",)).sentence


def test_the_page_answers_by_the_facts(session: Session):
    model = new_user_model(reading_of(session), {}, {})
    plain = answer_of(model, NewUserQuestion((("3", 4.0),)))
    told = answer_of(model, NewUserQuestion((("3", 4.0),), facts="F|writer"))
    expected = model.cold.of(model.features.of(["F", "writer"])[0]).guess("fold-in", told.places, [4.0])
    np.testing.assert_array_equal(told.guesses["fold-in"].predictions, expected.predictions)
    np.testing.assert_array_equal(told.guesses["mean"].predictions, plain.guesses["mean"].predictions)
    assert (plain.told.sentence, told.told.known) == ("", ("F", "writer"))
    assert told.spreads[0] < plain.spreads[0]
    assert "users like this one" in uncertainty_sentence(answer_of(model, NewUserQuestion(facts="F")))


def test_a_kept_user_with_facts_begins_and_goes_on_from_them(session: Session):
    features = user_features(session.ratings)
    cold = ColdStart(session.ratings, session.sheet("bias").factors, features=features.table)
    told = cold.of(features.of(["F", "writer"])[0])
    following, before = Following(), session.state
    after = following.follow(before, AddUser("ann", facts="F|writer").apply(before), "bias")
    assert after.ratings.user_facts["ann"] == "F|writer"
    np.testing.assert_allclose(rows_of_side(after.sheets["bias"].factors, "user")[-1], told.prior.mean, rtol=1e-12)
    given: dict[int, float] = {}
    for movie, value in ((3, 4.5), (8, 1.0)):
        given[movie] = value
        edit = SetRatings({(200, movie): value})
        before, after = after, following.follow(after, edit.apply(after), "bias")
        expected = told.guess("fold-in", [*given], [*given.values()]).weights
        np.testing.assert_allclose(rows_of_side(after.sheets["bias"].factors, "user")[-1], expected, rtol=1e-9)
    again = FoldIn("bias", "user", ("ann",)).apply(after)
    np.testing.assert_allclose(rows_of_side(again.sheets["bias"].factors, "user")[-1], expected, rtol=1e-9)
    assert "ann" not in RemoveRows(users=("ann",)).apply(after).ratings.user_facts


def test_the_table_of_users_shows_facts(session: Session):
    columns = {column.title: column.values for column in standings_table(reading_of(session), "user").columns}
    assert columns["facts"][0] == session.ratings.user_facts[session.ratings.user_ids[0]].replace("|", ", ")
    assert "facts" not in {column.title for column in standings_table(reading_of(session), "movie").columns}


def test_exported_users_have_facts(session: Session, tmp_path):
    ratings, factors = session.ratings, session.sheet("bias").factors
    table = user_table(ratings, factors)
    assert table.schema.names[:3] == ["id", "facts", "n_ratings"]
    (batch,) = table.batches(lambda _n: None)
    assert batch.column("facts")[7].as_py() == ratings.user_facts[ratings.user_ids[7]]
    assert "facts" not in user_table(replace(ratings, user_facts={}), factors).schema.names
    found = standings(ratings, factors, "user")
    write_standings(found, ratings, np.array([4, 2]), tmp_path / "users.csv")
    header, first, _ = (tmp_path / "users.csv").read_text().splitlines()
    assert header.startswith("user,facts,n_ratings")
    assert first.split(",")[1].strip('"') == ratings.user_facts[ratings.user_ids[4]]
