"""``cfgui new-user`` and ``cfgui new-movie``: what is printed and returned, against the core's own answers."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.cli.explore_parsers import typed_ratings
from cfgui.core.cold_start import ColdStart
from cfgui.core.rating_range import RatingRange
from cfgui.io.factors_export import write_factors
from cfgui.io.sample import sample_document
from tests.helpers.tables import random_table

TRAINED = ["--model", "bias", "--optimizer", "als", "--steps", "6", "--lambda", "1", "--init", "uniform"]


def run_json(capsys, *words):
    assert cli.main([*words, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "ratings.csv"
    ratings = random_table(80, 60, 2_800)
    rows = zip(ratings.users.tolist(), ratings.movies.tolist(), ratings.values.tolist(), strict=True)
    path.write_text("userId,movieId,rating\n" + "".join(f"{user},{movie},{value}\n" for user, movie, value in rows))
    return str(path)


def test_ratings_are_typed_by_id_or_title_even_with_a_comma():
    typed = typed_ratings("1=4, Matrix, The (1999) = 2.5,x=y=3")
    assert typed == [("1", 4.0), ("Matrix, The (1999)", 2.5), ("x=y", 3.0)]
    assert typed_ratings("") == typed_ratings(" , ") == []
    assert typed_ratings("1=4,,2=3\n3=5,") == [("1", 4.0), ("2", 3.0), ("3", 5.0)]


def test_ratings_may_be_given_in_several_words(capsys):
    ids = sample_document().ratings.movie_ids
    together = run_json(capsys, "new-user", "--ratings", f"{ids[0]}=5,{ids[3]}=2", *TRAINED)
    apart = run_json(capsys, "new-user", "--ratings", f"{ids[0]}=5", "--ratings", f"{ids[3]}=2", *TRAINED)
    assert apart == together
    assert apart["n_ratings"] == 2


@pytest.mark.parametrize("wrong", ["1", "1=", "1=four", "1=nan", "=4"])
def test_ratings_that_are_none_are_wrong_usage(capsys, wrong):
    assert cli.main(["new-user", "--ratings", wrong]) == 2
    assert "--ratings" in capsys.readouterr().err


def test_the_sample_predicts_what_the_core_says(capsys):
    ratings = sample_document().ratings
    ids = ratings.movie_ids
    found = run_json(capsys, "new-user", "--ratings", f"{ids[0]}=5,{ids[3]}=2", "-n", "4", *TRAINED)
    assert (found["method"], found["n_ratings"], found["n_unknown"]) == ("fold-in", 2, 0)
    from cfgui.app.evaluating import Length
    from cfgui.app.trained_model import newly_trained
    from cfgui.core.hyperparameters import Hyperparameters

    choices = Hyperparameters(model="bias", optimizer="als", als_lambda=1.0, init="uniform")
    model = newly_trained(sample_document(), choices, Length(steps=6))
    guess = ColdStart(ratings, model.factors).guess("fold-in", [0, 3], [5.0, 2.0])
    predictions = guess.predictions.copy()
    predictions[[0, 3]] = -np.inf
    best = np.argsort(-predictions, kind="stable")[:4]
    assert [row["movie"] for row in found["recommendations"]] == [ids[movie] for movie in best]
    assert [row["prediction"] for row in found["recommendations"]] == predictions[best].tolist()
    assert found["vector"] == guess.weights[:-1].tolist()
    assert found["bias"] == guess.weights[-1]
    for row, movie in zip(found["recommendations"], best, strict=True):
        assert row["item_mean"] == pytest.approx(ratings.values[ratings.movies == movie].mean())


@pytest.mark.parametrize("method", ["mean", "average", "fold-in", "bayesian"])
def test_every_method_can_be_asked_for(capsys, method):
    found = run_json(capsys, "new-user", "--method", method, "-n", "2", *TRAINED)
    assert found["method"] == method
    assert (found["like"] is not None) == (method == "average")
    assert (found["recommendations"][0]["sd"] is not None) == (method == "bayesian")


def test_average_taste_can_be_that_of_a_user(capsys):
    user = sample_document().ratings.user_ids[4]
    assert run_json(capsys, "new-user", "--method", "average", "--like", user, *TRAINED)["like"] == user
    assert cli.main(["new-user", "--like", user, *TRAINED]) == 2
    assert "--method average" in capsys.readouterr().err
    assert cli.main(["new-user", "--method", "average", "--like", "nobody", *TRAINED]) == 1
    assert "There is no user nobody" in capsys.readouterr().err


def test_unknown_movies_are_left_out_and_counted_and_never_anothers(capsys):
    plain = run_json(capsys, "new-user", *TRAINED)
    assert cli.main(["new-user", "--ratings", "nosuch=5,-1=1", "--json", *TRAINED]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["n_ratings"], found["n_unknown"]) == (0, 2)
    assert found["recommendations"] == plain["recommendations"]
    assert "There is no movie nosuch" in err
    assert "There is no movie -1" in err


def test_a_rating_off_the_scale_is_refused(capsys):
    assert cli.main(["new-user", "--ratings", f"{sample_document().ratings.movie_ids[0]}=9", *TRAINED]) == 1
    assert "outside the scale" in capsys.readouterr().err


def test_the_questionnaire_asks_until_it_has_answers(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("4\n\nnonsense\n9\n3,5\nq\n"))
    assert cli.main(["new-user", "--questionnaire", "8", "--json", *TRAINED]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["n_ratings"] == 2
    assert err.count("4/8") == 1
    assert "nonsense is no rating." in err
    assert "A rating of 9 is outside the scale" in err


def test_the_questionnaire_ends_with_the_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["new-user", "--questionnaire", "3", *TRAINED]) == 0
    assert "after 0 ratings" in capsys.readouterr().out


def test_draws_of_gibbs_sampling_make_it_bayesian(capsys, table):
    sampled = ["--model", "bias", "--optimizer", "gibbs", "--steps", "26", "--init", "normal", "--global-mean", "on"]
    found = run_json(capsys, "new-user", table, "-n", "3", *sampled)
    assert (found["method"], found["n_draws"]) == ("bayesian", 6)
    assert all(row["sd"] > 0 for row in found["recommendations"])


def test_held_out_users_are_evaluated(capsys, table):
    found = run_json(capsys, "new-user", table, "--evaluate", "--hold-users", "5", *TRAINED)
    assert found["given"] == [0, 5, 10, 20]
    assert set(found["mse"]) == {"mean", "average", "fold-in", "bayesian", "item mean"}
    assert cli.main(["new-user", table, "--evaluate", "--hold-users", "5", *TRAINED]) == 0
    out = capsys.readouterr().out
    assert f"{found['mse']['fold-in'][2]:.4f}" in out
    assert "Item mean" in out


def test_people_read_a_table(capsys):
    assert cli.main(["new-user", "-n", "3", "--method", "bayesian", *TRAINED]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("bayesian, after 0 ratings")
    assert len(lines) == 7


def test_a_new_movie_is_predicted_from_its_metadata(capsys):
    found = run_json(capsys, "new-movie", "--title", "X (1999)", "--genres", "Drama|Quux", "-n", "2", *TRAINED)
    assert (found["year"], found["n_unknown"]) == (1999, 2)
    assert len(found["most"]) == len(found["least"]) == 2
    assert found["most"][0]["prediction"] >= found["most"][1]["prediction"] > found["least"][0]["prediction"]
    assert cli.main(["new-movie", *TRAINED]) == 0
    out, err = capsys.readouterr()
    assert "would like it most" in out
    assert "tells no year" in err


def test_hidden_movies_are_evaluated(capsys, table):
    found = run_json(capsys, "new-movie", table, "--evaluate", *TRAINED)
    assert (found["n_movies"], found["helps"]) == (12, False)
    assert found["by_metadata"] == pytest.approx(found["by_mean_movie"])
    assert cli.main(["new-movie", table, "--evaluate", *TRAINED]) == 0
    assert "no more than the mean movie" in capsys.readouterr().out


@pytest.fixture
def with_facts(table):
    users = "".join(f"{user},{('M', 'F')[user % 2]}\n" for user in range(80))
    (Path(table).parent / "users.csv").write_text(f"userId,sex\n{users}")
    return table


def test_facts_that_say_nothing_are_said_to_and_unknown_ones_counted(capsys, with_facts):
    plain = run_json(capsys, "new-user", with_facts, *TRAINED)
    assert (plain["facts"], plain["n_unknown_facts"], plain["by_facts"]) == ([], 0, False)
    assert cli.main(["new-user", with_facts, "--facts", "sex M|pirate", "--json", *TRAINED]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["facts"], found["unknown_facts"], found["n_unknown_facts"]) == (["sex M"], ["pirate"], 1)
    assert "pirate" in err
    assert "change nothing" in err
    assert found["vector"] == plain["vector"]


def test_what_facts_are_worth_is_evaluated(capsys, with_facts):
    found = run_json(capsys, "new-user", with_facts, "--evaluate", "--hold-users", "5", *TRAINED)
    assert found["mse"]["facts"] == found["mse"]["fold-in"]
    assert found["facts_help"] is False
    assert "change nothing" in found["facts_sentence"]
    found = run_json(capsys, "new-user", with_facts, "--evaluate-facts", *TRAINED)
    assert (found["n_users"], found["helps"]) == (16, False)
    assert found["by_metadata"] == pytest.approx(found["by_mean_user"])
    assert cli.main(["new-user", with_facts, "--evaluate-facts", *TRAINED]) == 0
    assert "16 users hidden" in capsys.readouterr().out
    assert cli.main(["new-user", "--evaluate-facts", *TRAINED]) == 1
    assert "users.csv" in capsys.readouterr().err


def test_info_counts_users_with_facts(capsys, with_facts):
    assert run_json(capsys, "info", with_facts)["n_users_with_facts"] == 80
    assert cli.main(["info", with_facts]) == 0
    assert "80 users with facts besides their ratings: sex M (40), sex F (40)" in capsys.readouterr().out


def test_a_movie_rated_twice_and_an_empty_list_are_said(capsys):
    ids, titles = sample_document().ratings.movie_ids, sample_document().ratings.titles
    twice = f"{ids[0]}=5,{titles[ids[0]]}=2,{ids[3]}=4,nothing=3"
    assert cli.main(["new-user", "--ratings", twice, "--min-ratings", "1000", *TRAINED]) == 0
    out, err = capsys.readouterr()
    assert f"{titles[ids[0]]} given more than once: the last rating counts." in err
    assert out.splitlines()[-1].startswith("Nothing to list: no unrated movie has so many ratings.")
    found = run_json(capsys, "new-user", "--ratings", twice, *TRAINED)
    alone = run_json(capsys, "new-user", "--ratings", f"{ids[0]}=2,{ids[3]}=4", *TRAINED)
    assert found["unknown"] == ["There is no movie nothing among the 15 movies of these ratings."]
    assert found["recommendations"] == alone["recommendations"]
    best = run_json(capsys, "new-user", "-n", "1", *TRAINED)["recommendations"][0]
    assert cli.main(["new-user", "-n", "1", *TRAINED]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"{best['movie']} · {best['title']}")


def test_genres_are_said_to_be_missing_where_no_movie_has_any(capsys):
    assert cli.main(["new-movie", "--title", "X (1999)", "--genres", "Drama", *TRAINED]) == 0
    assert "these ratings come without the genres of movies" in capsys.readouterr().err


def test_at_most_half_of_the_users_are_held_out_where_nobody_says_how_many(capsys, table):
    assert run_json(capsys, "new-user", table, "--evaluate", *TRAINED)["n_users"] == 40  # of 80, all with 30 or more
    assert run_json(capsys, "new-user", table, "--evaluate", "--hold-users", "3", *TRAINED)["n_users"] == 3


def test_the_range_of_a_model_tells_the_scale_where_there_are_no_ratings(capsys, tmp_path):
    document = sample_document()
    ids, factors = document.ratings.movie_ids, document.factors["bias"]
    write_factors(document.ratings, replace(factors, range=RatingRange("clip", 0.5, 5.0)), tmp_path / "w.npz")
    assert cli.main(["new-user", str(tmp_path / "w.npz"), "--ratings", f"{ids[0]}=7"]) == 1
    assert "outside the scale of this model: its predictions go from 0.5 to 5." in capsys.readouterr().err
    assert run_json(capsys, "new-user", str(tmp_path / "w.npz"), "--ratings", f"{ids[0]}=5")["n_ratings"] == 1
