"""Simulations in words, columns and files."""

import csv
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from cfgui.app.reading import Reading
from cfgui.app.simulating import ROUND_FIGURES, SimulationJob, new_run, play, same_world
from cfgui.app.simulation_files import round_columns, write_runs
from cfgui.app.simulation_words import difference, label_of, lesson, percent, world_words
from cfgui.core.chunks import Interrupted
from cfgui.core.feedback import simulate
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.starts import random_factors
from cfgui.io.table_options import TableError
from tests.helpers.tables import random_table

SMALL = {"n_users": 60, "n_movies": 40, "rounds": 3, "enthusiasts": 0.05}


def run_of(**chosen):
    run = new_run(FeedbackChoices(**{**SMALL, **chosen}))
    play(run)
    return run


@pytest.fixture(scope="module")
def plain():
    return run_of()


@pytest.fixture(scope="module")
def exploring():
    return run_of(exploration=0.2)


def test_a_run_holds_what_the_simulation_says(plain):
    reports = list(simulate(plain.world, plain.choices))
    assert plain.complete
    assert plain.figure("gini").tolist() == [it.gini for it in reports]
    assert plain.figure("n_ratings").tolist() == [it.n_ratings for it in reports]
    assert np.array_equal(plain.genre_shares(), [it.genre_shares for it in reports])
    name, n = plain.top_movies(1)[0]
    assert n == reports[-1].counts.max()
    assert name == plain.world.movie_names[int(np.argmax(reports[-1].counts))]


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.01, "1 %"), (0.005, "0.5 %"), (0.125, "12.5 %"), (0.36, "36 %"), (1.0, "100 %")],
)
def test_percents(share, words):
    assert percent(share) == words


def test_labels_tell_runs_apart(plain, exploring):
    assert label_of(plain.choices) == "5 % enthusiasts · no exploration"
    assert label_of(exploring.choices) == "5 % enthusiasts · exploration 20 %"
    both = FeedbackChoices(enthusiasts=0.0, exploration=1.0, exploration_kind="thompson", debiasing="weights")
    assert label_of(both) == "no enthusiasts · Thompson sampling 100 % · inverse propensity"
    assert difference(plain, exploring) == "no exploration"
    assert difference(exploring, plain) == "exploration 20 %"
    assert difference(plain, plain) == "before"


def test_the_sentences_say_the_numbers(plain, exploring):
    assert world_words(plain) == "60 users and 40 movies of a planted world; 3 enthusiasts rate all 5 movies of Anime."
    first, last = (percent(plain.reports[place].favourite_share) for place in (0, -1))
    said = lesson(plain)
    assert (
        f"from {first} to {last} of what everybody else is shown in 3 rounds; 12.5 % of the movies are Anime." in said
    )
    change = exploring.reports[-1].favourite_share - plain.reports[-1].favourite_share
    verdict = "more" if change >= 0.02 else "less" if change <= -0.02 else "about as much"
    assert lesson(exploring, plain).endswith(f" Without exploration it was {last} at round 3: here it is {verdict}.")
    assert f"In the run before ({label_of(exploring.choices)})" in lesson(plain, exploring)
    nobody = run_of(enthusiasts=0.0)
    assert world_words(nobody) == "60 users and 40 movies of a planted world; there are no enthusiasts."
    assert "what everybody is shown" in lesson(nobody)


def test_only_runs_of_one_world_are_compared(plain):
    other = run_of(world_seed=1)
    assert not same_world(plain, other)
    assert lesson(plain, other) == lesson(plain)
    assert lesson(new_run(plain.choices)) == ""


def test_runs_of_a_sheet_are_compared_while_its_weights_are_the_same():
    ratings = random_table(12, 9, 80, seed=4)
    first, second = (random_factors(12, 9, 3, bias=True, init="normal", seed=seed) for seed in (1, 2))
    runs = [
        new_run(FeedbackChoices(**{**SMALL, **more}), Reading(ratings, factors, "bias", "bias"))
        for factors, more in ((first, {}), (first, {"enthusiasts": 0.2}), (second, {}))
    ]
    assert same_world(runs[0], runs[1])
    assert not same_world(runs[0], runs[2])


def test_a_trained_truth_is_named_by_its_sheet():
    ratings = random_table(12, 9, 80, seed=4)
    reading = Reading(ratings, random_factors(12, 9, 3, bias=True, init="normal", seed=1), "bias", "bias")
    job = SimulationJob(FeedbackChoices(**SMALL), reading)
    assert job.run is None
    run = job.work(lambda: False)
    assert run is job.run
    assert world_words(run).startswith("12 users and 9 movies of the truth of bias; 1 enthusiast rates all")


def test_what_was_played_before_a_stop_stays():
    job = SimulationJob(FeedbackChoices(**{**SMALL, "rounds": 50}), None)
    with pytest.raises(Interrupted):
        job.work(lambda: job.run is not None and len(job.run.reports) >= 2)
    assert len(job.run.reports) == 2
    assert not job.run.complete


def test_columns_hold_every_round_of_every_run(plain, exploring):
    columns = round_columns([plain, exploring])
    assert columns["run"] == [label_of(plain.choices)] * 3 + [label_of(exploring.choices)] * 3
    assert columns["round"].tolist() == [1, 2, 3, 1, 2, 3]
    assert columns["share_anime"].tolist() == columns["favourite_share"].tolist()
    shares = [values for name, values in columns.items() if name.startswith("share_")]
    assert np.sum(shares, axis=0) == pytest.approx(np.ones(6))
    assert [name for name in columns if not name.startswith("share_")][1:] == [figure.name for figure in ROUND_FIGURES]
    assert list(columns)[-1] == "share_sci_fi"


def test_strange_genres_become_plain_names_of_columns():
    ratings = random_table(12, 4, 40, seed=4)
    genres = dict(zip(ratings.movie_ids, ['=cmd,"x"', "cmd x", "日本", "Sci-Fi"], strict=True))
    reading = Reading(
        replace(ratings, genres=genres), random_factors(12, 4, 2, bias=False, init="normal", seed=1), "dot", "dotprod"
    )
    run = new_run(FeedbackChoices(**SMALL), reading)
    play(run)
    names = [name for name in round_columns([run]) if name.startswith("share_")]
    assert names == ["share_cmd_x", "share_sci_fi", "share_cmd_x_2", "share_other"]


def test_runs_of_different_genres_leave_gaps(plain):
    ratings = random_table(12, 9, 80, seed=4)
    reading = Reading(ratings, random_factors(12, 9, 2, bias=True, init="normal", seed=1), "bias", "bias")
    other = new_run(FeedbackChoices(**SMALL), reading)
    play(other)
    columns = round_columns([plain, other])
    assert np.isnan(columns["share_factor_1"][:3]).all()
    assert np.isnan(columns["share_anime"][3:]).all()


def test_files_hold_the_same_numbers(plain, exploring, tmp_path):
    columns = round_columns([plain, exploring])
    write_runs([plain, exploring], tmp_path / "rounds.csv")
    with (tmp_path / "rounds.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == list(columns)
    assert [line["run"] for line in lines] == columns["run"]
    for name in ("round", "gini", "share_drama", "truth_rmse"):
        assert [float(line[name]) for line in lines] == columns[name].tolist(), name
    write_runs([plain, exploring], tmp_path / "rounds.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "rounds.xlsx", read_only=True)["rounds"]
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == list(columns)
    assert [row[1] for row in rows[1:]] == [1, 2, 3, 1, 2, 3]
    assert [row[list(columns).index("gini")] for row in rows[1:]] == pytest.approx(columns["gini"].tolist(), rel=1e-14)
    write_runs([plain], tmp_path / "rounds.parquet")
    assert (tmp_path / "rounds.parquet").stat().st_size > 0
    with pytest.raises(TableError, match=r"must end in \.csv, \.xlsx, \.parquet"):
        write_runs([plain], tmp_path / "rounds.txt")
