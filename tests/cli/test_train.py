"""``cfgui train`` in this process: what it prints, writes and returns."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.app import documents
from cfgui.cli.parser import parse
from cfgui.cli.train import chosen_hyperparameters
from cfgui.core.document import Document
from cfgui.core.rating_range import RatingRange
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook

KEYS = [
    "model",
    "optimizer",
    "n_users",
    "n_movies",
    "n_ratings",
    "step",
    "epoch",
    "loss",
    "rmse",
    "start_rmse",
    "seconds",
    "diverged",
    "valid_mse",
    "valid_rmse",
    "valid_mae",
    "n_cold",
    "n_cold_users",
    "n_cold_movies",
    "epochs",
    "ratings_per_second",
    "engine",
    "peak_memory_mb",
]


def run_json(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, object]:
    """The one JSON object that ``cfgui train ... --json`` prints."""
    assert cli.main(["train", *words, "--json"]) == code
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return dict(found)


def read_csv(path: Path) -> list[tuple[int, float]]:
    header, *rows = csv.reader(path.read_text().splitlines())
    assert header == ["step", "rmse"]
    return [(int(step), float(rmse)) for step, rmse in rows]


@pytest.fixture
def book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The sample as a workbook, its weights trained by 3 steps of each model."""
    path = tmp_path / "book.xlsx"
    assert cli.main(["train", "--model", "bias", "--steps", "3", "--export", str(path)]) == 0
    assert cli.main(["train", str(path), "--steps", "3", "--export", str(path)]) == 0
    capsys.readouterr()
    return path


def test_json_has_the_promised_keys_and_the_spreadsheets_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "--learning-rate", "0.1", "--steps", "5")
    assert list(found) == KEYS
    assert (found["model"], found["optimizer"], found["diverged"]) == ("dot", "gd", False)
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (15, 15, 206)
    assert (found["step"], found["epoch"]) == (5, 5)
    assert found["rmse"] == pytest.approx(2.327108538962, abs=1e-9)
    assert found["loss"] == pytest.approx(2.327108538962**2, abs=1e-8)
    assert found["start_rmse"] == pytest.approx(2.8060620616483134, abs=1e-13)


def test_zero_steps_train_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "--model", "bias", "--steps", "0")
    assert (found["step"], found["rmse"]) == (0, found["start_rmse"])
    assert found["rmse"] == pytest.approx(2.018003803304626, abs=1e-13)


@pytest.mark.parametrize("gradient", ["autograd", "forward", "central"])
@pytest.mark.parametrize("optimizer", ["gd", "sgd", "momentum", "adagrad", "rmsprop", "adam", "lbfgs"])
def test_every_optimizer_learns_by_every_gradient(
    capsys: pytest.CaptureFixture[str], optimizer: str, gradient: str
) -> None:
    length = ["--epochs", "20"] if optimizer == "sgd" else ["--steps", "60"]
    found = run_json(capsys, "--optimizer", optimizer, "--gradient", gradient, *length)
    assert not found["diverged"]
    assert found["rmse"] < 0.9 < found["start_rmse"]


def test_seeds_and_starts_make_a_difference_that_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    def trained(*words: str) -> object:
        return run_json(capsys, "--steps", "3", *words)["rmse"]

    first = trained("--init", "normal", "--seed", "1")
    assert trained("--init", "normal", "--seed", "1") == first
    assert len({first, trained("--init", "normal", "--seed", "2"), trained("--init", "uniform", "--seed", "1")}) == 3


def test_history_holds_every_step_to_the_last_bit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = run_json(capsys, "--steps", "10", "--history", str(tmp_path / "h.csv"))
    rows = read_csv(tmp_path / "h.csv")
    assert [step for step, _ in rows] == list(range(11))
    assert rows[0][1] == found["start_rmse"]
    assert rows[1][1] == pytest.approx(2.319990381204, abs=1e-9)
    assert rows[-1][1] == found["rmse"]


def test_export_holds_the_trained_model_and_the_other_as_it_was(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    found = run_json(capsys, "--model", "bias", "--steps", "4", "--export", str(out))
    document = read_workbook(out)
    assert document.active == "bias"
    assert document.factors["dot"].equals(sample_document().factors["dot"])
    assert document.history["bias"].last == (4, found["rmse"])
    again = run_json(capsys, str(out), "--model", "bias", "--steps", "0")
    assert again["start_rmse"] == found["rmse"]


def test_a_workbook_starts_from_its_own_factors(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    assert run_json(capsys, str(book), "--steps", "0")["rmse"] == run_json(capsys, "--steps", "3")["rmse"]


def test_a_workbook_keeps_its_number_of_factors(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seven = tmp_path / "seven.xlsx"
    start = run_json(capsys, "--factors", "7", "--steps", "0", "--export", str(seven))
    assert start["rmse"] == pytest.approx(2.8060620616483134, abs=1e-12)
    assert read_workbook(seven).factors["dot"].n_factors == 7
    out = tmp_path / "out.xlsx"
    run_json(capsys, str(seven), "--init", "uniform", "--steps", "1", "--export", str(out))
    assert read_workbook(out).factors["dot"].n_factors == 7
    assert read_workbook(out).factors["bias"].n_factors == 5


def test_divergence_writes_what_was_asked_and_fails_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out, history = tmp_path / "out.xlsx", tmp_path / "h.csv"
    words = ["train", "--learning-rate", "5", "--export", str(out), "--history", str(history), "--json"]
    assert cli.main(words) == 1
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["diverged"] is True
    assert math.isfinite(found["rmse"])
    assert found["rmse"] <= found["start_rmse"]
    assert read_csv(history)[-1] == (found["step"], found["rmse"])
    document = read_workbook(out)
    assert np.isfinite(document.factors["dot"].flat()).all()
    (sentence,) = printed.err.splitlines()
    assert sentence.startswith("cfgui: Step ")
    assert "the rate 5 is too large" in sentence


def test_the_suggested_rate_does_train(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--learning-rate", "5"]) == 1
    rate = capsys.readouterr().err.rstrip(".\n").split()[-1]
    assert not run_json(capsys, "--learning-rate", rate)["diverged"]


def test_people_get_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    history = tmp_path / "h.csv"
    assert cli.main(["train", "--optimizer", "lbfgs", "--history", str(history)]) == 0
    printed = capsys.readouterr()
    assert f"wrote {history}" in printed.out
    assert "15 users x 15 movies, 206 ratings" in printed.out
    assert "RMSE 2.806062062 -> 0.3929" in printed.out
    assert "finished: " in printed.out
    assert printed.err == ""


@pytest.mark.parametrize("flag", ["--export", "--history"])
def test_a_missing_folder_is_said_before_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setattr(Trainer, "advance", lambda *_words, **_more: pytest.fail("trained first"))
    assert cli.main(["train", flag, str(tmp_path / "no" / "out.xlsx")]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "there is no folder" in sentence


def test_one_file_that_cannot_be_written_does_not_cost_the_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(document: Document, path: Path, *, values_only: bool = False) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("cfgui.cli.train.export_document", refuse)
    words = ["--export", str(tmp_path / "o.xlsx"), "--history", str(tmp_path / "h.csv"), "--steps", "2", "--json"]
    assert cli.main(["train", *words]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["step"] == 2
    assert "No space left on device" in printed.err
    assert len(read_csv(tmp_path / "h.csv")) == 3


def test_an_unforeseen_error_is_a_sentence_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> Document:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("cfgui.cli.train.open_file", fail)
    assert cli.main(["train"]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError: a b" in sentence


def test_the_window_and_the_command_line_share_the_verbs(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    documents.export_document(sample_document(), path)
    assert documents.open_document(path).factors["dot"].equals(documents.open_document(None).factors["dot"])
    write_workbook(sample_document(), tmp_path / "y.xlsx")
    assert read_workbook(tmp_path / "y.xlsx").ratings.n_ratings == 206


def test_a_files_own_range_holds_until_another_is_chosen() -> None:
    sample = sample_document()
    own = dataclasses.replace(sample.factors["dot"], range=RatingRange("sigmoid", 0.0, 5.5)).with_n_factors(7, 0)
    document = dataclasses.replace(sample, factors={**sample.factors, "dot": own})

    def chosen(*words: str) -> tuple[object, ...]:
        found = chosen_hyperparameters(parse(["train", *words]), document)
        return found.range, found.low, found.high, found.n_factors

    assert chosen() == ("sigmoid", 0.0, 5.5, 7)
    assert chosen("--range", "clip", "--factors", "3") == ("clip", None, None, 3)
    assert chosen("--model", "bias") == ("none", None, None, 5)
    assert chosen("--model", "neural") == ("none", None, None, 5)
