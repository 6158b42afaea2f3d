"""``cfgui evaluate``, and held-out ratings in ``cfgui train``: what is printed, written and returned."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cfgui import cli
from cfgui.app import evaluating
from cfgui.cli.parser import parse
from cfgui.cli.train import chosen_hyperparameters
from cfgui.core.document import Document
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document
from cfgui.io.workbook_import import read_workbook
from tests.helpers.tables import random_table

FIGURES = ["train_mse", "train_rmse", "train_mae", "valid_mse", "valid_rmse", "valid_mae"]
FIGURES += ["precision", "recall", "ndcg", "coverage", "popularity_share"]


def run_json(capsys: pytest.CaptureFixture[str], command: str, *words: str, code: int = 0) -> dict[str, object]:
    """The one JSON object that a command prints."""
    assert cli.main([command, *words, "--json"]) == code
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")))


@pytest.fixture
def given_file(tmp_path: Path) -> Path:
    """Two ratings of the sample's cells and one by somebody new, as a table."""
    ratings = sample_document().ratings
    path = tmp_path / "test.csv"
    (first, second), user = ratings.movie_ids[:2], ratings.user_ids[0]
    path.write_text(f"userId,movieId,rating\n{user},{first},3\n{user},{second},4\nnew,{first},5\n")
    return path


def test_json_has_every_figure_of_model_and_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "evaluate", "--steps", "20", "-n", "3", "--relevant", "4.5")
    assert (found["split"], found["n_train"], found["n_valid"], found["n_cold"]) == ("random", 165, 41, 0)
    assert (found["n"], found["relevant"], found["epochs"], found["engine"]) == (3, 4.5, 20, "torch")
    assert all(isinstance(found[name], float) for name in FIGURES)
    assert list(found["baselines"]) == ["global mean", "user mean", "item mean", "bias only", "most popular"]
    for own in found["baselines"].values():
        assert list(own) == FIGURES
    assert found["baselines"]["global mean"]["precision"] is None
    popular = found["baselines"]["most popular"]
    assert popular["valid_rmse"] is None, "it ranks and predicts no rating"
    assert all(isinstance(popular[name], float) for name in ("precision", "recall", "ndcg", "coverage"))
    assert found["folds"] is found["valid_rmse_sd"] is None
    assert found["peak_memory_mb"] > 10.0


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "--steps", "5", "--leave-out", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "dot by gd on 15 users x 15 movies, 206 ratings"
    assert said[1].startswith("held out: 30 ratings, 2 of each user (seed 42); 0 users with too few keep all")
    rows = [line[:12].strip() for line in said if line[:12].strip() in ("dot", "global mean", "user mean", "bias only")]
    assert rows == ["dot", "global mean", "user mean", "bias only"]
    assert "first 10" in said[4]


def test_folds_are_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "evaluate", "--steps", "5", "--folds", "4", "--split-seed", "9")
    assert (found["n_folds"], found["split_seed"], len(found["folds"])) == (4, 9, 4)
    for name in FIGURES:
        assert found[name] == pytest.approx(sum(fold[name] for fold in found["folds"]) / 4)
    assert found["valid_rmse_sd"] > 0.0
    assert cli.main(["evaluate", "--steps", "5", "--folds", "4"]) == 0
    assert "over 4 folds" in capsys.readouterr().out


def test_errors_by_user_and_movie_are_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    users, movies = tmp_path / "u.csv", tmp_path / "m.csv"
    words = ["--steps", "5", "--folds", "3", "--by-user", str(users), "--by-movie", str(movies)]
    assert cli.main(["evaluate", *words]) == 0
    assert f"wrote {users}" in capsys.readouterr().out
    rows = list(csv.DictReader(users.read_text().splitlines()))
    ratings = sample_document().ratings
    assert [row["user"] for row in rows] == list(ratings.user_ids)
    assert [int(row["n_held_out"]) for row in rows] == ratings.user_counts.tolist()
    assert all(float(row["rmse"]) == pytest.approx(float(row["mse"]) ** 0.5) for row in rows)
    assert movies.read_text().splitlines()[0] == "movie,title,n_ratings,n_held_out,mse,rmse,mae,mean_residual"


def test_a_file_is_held_out(capsys: pytest.CaptureFixture[str], given_file: Path) -> None:
    found = run_json(capsys, "evaluate", "--steps", "5", "--valid", str(given_file))
    assert (found["split"], found["n_train"], found["n_valid"]) == ("file", 204, 3)
    assert (found["n_cold"], found["n_cold_users"], found["n_cold_movies"]) == (1, 1, 0)
    assert cli.main(["evaluate", "--steps", "5", "--valid", str(given_file)]) == 0
    said = capsys.readouterr().out
    assert "with 1 new user and 0 new movies; 2 ratings taken out of FILE" in said


def test_train_says_what_evaluate_says(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--model", "bias", "--steps", "12", "--valid", "0.3", "--split-seed", "5"]
    trained, evaluated = (run_json(capsys, command, *words) for command in ("train", "evaluate"))
    for name in ("valid_mse", "valid_rmse", "valid_mae", "engine", "epochs"):
        assert trained[name] == evaluated[name]
    assert trained["valid_rmse"] == pytest.approx(trained["valid_mse"] ** 0.5)
    assert trained["rmse"] == pytest.approx(evaluated["train_rmse"], rel=1e-12)


def test_train_without_held_out_ratings_has_no_valid_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "train", "--steps", "3")
    assert found["valid_mse"] is found["valid_rmse"] is found["valid_mae"] is None
    assert (found["epochs"], found["engine"]) == (3, "torch")


def test_train_over_folds_ends_with_all_ratings(capsys: pytest.CaptureFixture[str]) -> None:
    found, plain = (run_json(capsys, "train", "--steps", "4", *words) for words in (["--folds", "3"], []))
    assert found["rmse"] == plain["rmse"]
    evaluated = run_json(capsys, "evaluate", "--steps", "4", "--folds", "3")
    assert found["valid_rmse"] == pytest.approx(evaluated["valid_rmse"])


def test_train_writes_both_curves_and_weights_of_the_files_own_users(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, given_file: Path
) -> None:
    history, out = tmp_path / "h.csv", tmp_path / "out.xlsx"
    words = ["--valid", str(given_file), "--steps", "4", "--history", str(history), "--export", str(out)]
    found = run_json(capsys, "train", *words)
    header, *rows = csv.reader(history.read_text().splitlines())
    assert header == ["step", "rmse", "valid_rmse"]
    assert [int(row[0]) for row in rows] == [0, 1, 2, 3, 4]
    assert float(rows[-1][1]) == found["rmse"]
    assert float(rows[-1][2]) == pytest.approx(found["valid_rmse"], rel=1e-12)
    document = read_workbook(out)
    assert (document.ratings.n_users, document.ratings.n_ratings) == (15, 206)
    assert "dot" not in document.history


def test_patience_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--valid", "0.2", "--patience", "5", "--steps", "1000"]) == 0
    said = capsys.readouterr().out
    assert "stopped early: the held-out RMSE was lowest at step" in said
    assert "held out: 41 ratings" in said


def test_failures_are_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "advance", lambda *_words, **_more: pytest.fail("trained first"))
    for words, expected in (
        (["--valid", str(tmp_path / "none.csv")], "none.csv"),
        (["--folds", "300"], "206 ratings cannot be split into 300 folds"),
        (["--leave-out", "15"], "No user has more than 15 ratings"),
        (["--by-user", str(tmp_path / "no" / "u.csv")], "there is no folder"),
    ):
        assert cli.main(["evaluate", *words]) == 1
        (sentence,) = capsys.readouterr().err.splitlines()
        assert expected in sentence


def test_divergence_is_told_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "--learning-rate", "5", "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["diverged"] is True
    assert "the rate 5 is too large" in printed.err


def test_a_wish_to_stop_shows_what_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = evaluating.train

    def interrupted(*words: object, **more: object) -> object:
        import signal

        signal.raise_signal(signal.SIGINT)
        return real(*words, **more)

    monkeypatch.setattr(evaluating, "train", interrupted)
    assert cli.main(["evaluate", "--json"]) == 130
    printed = capsys.readouterr()
    assert json.loads(printed.out)["steps"] == 0
    assert "interrupted" in printed.err
    assert cli.main(["evaluate", "--folds", "3"]) == 130
    assert capsys.readouterr().err == "cfgui: interrupted.\n"


def test_the_usual_optimizer_is_that_of_the_ratings_learnt_from() -> None:
    """Of 24,000 ratings a fifth held out leaves too few for SGD."""
    document = document_of(random_table(400, 300, 24_000))
    for words, optimizer in (
        (["--steps", "1"], "sgd"),
        (["--valid", "0.2"], "gd"),
        (["--valid", "0.1"], "sgd"),
        (["--folds", "5"], "gd"),
        (["--folds", "8"], "sgd"),
        (["--leave-out", "20"], "gd"),
        (["--valid", "test.csv"], "sgd"),
    ):
        assert chosen_hyperparameters(parse(["train", *words]), document).optimizer == optimizer


def document_of(ratings: Ratings) -> Document:
    return Document(ratings, {"dot": random_factors(ratings.n_users, ratings.n_movies, 2, bias=False)})


def test_the_figures_do_not_depend_on_the_number_of_threads(project: Path, tmp_path: Path) -> None:
    table = tmp_path / "ratings.csv"
    assert cli.main(["sample", "--users", "400", "--movies", "300", "--ratings", "30000", str(table)]) == 0
    found = []
    for threads in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        command = [sys.executable, "-m", "cfgui", "evaluate", str(table), "--model", "bias", "--epochs", "2", "--json"]
        environment = os.environ | dict.fromkeys(names, threads)
        result = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True)
        figures = json.loads(result.stdout)
        found.append({name: figures[name] for name in (*FIGURES, "baselines", "n_cold")})
    assert found[0] == found[1]


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_users_and_movies_of_the_held_out_file_alone_are_counted_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    learnt = "".join(f"u{user},m{movie},{(user * movie) % 5 + 1}\n" for user in range(1, 9) for movie in range(1, 7))
    (tmp_path / "learnt.csv").write_text(f"user,movie,rating\n{learnt}")
    (tmp_path / "held.csv").write_text("user,movie,rating\nu1,m2,3\nnew1,m1,4\nu2,newm,2\nnew2,newm2,5\n")
    words = [command, str(tmp_path / "learnt.csv"), "--valid", str(tmp_path / "held.csv"), "--steps", "2"]
    assert cli.main(words) == 0
    assert "3 ratings without a learnt user or movie (2 users, 2 movies)" in capsys.readouterr().out
    assert cli.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_cold"], found["n_cold_users"], found["n_cold_movies"]) == (3, 2, 2)
