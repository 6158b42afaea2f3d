"""``cfgui lr-find``: what is printed, written and returned."""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path

import pytest

from cfgui import cli
from cfgui.cli import lr_find
from cfgui.core.chunks import Interrupted
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lr_finder import RateFinding, find_rate
from cfgui.io.sample import sample_document


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """The one JSON object that the command prints."""
    assert cli.main(["lr-find", *words, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")))


def test_json_has_the_whole_finding(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "--gradient", "forward", "--optimizer", "adam", "--model", "bias")
    sample = sample_document()
    choices = Hyperparameters(gradient="forward", optimizer="adam", model="bias")
    expected = find_rate(sample.ratings, sample.factors["bias"], choices)
    assert (found["rates"], found["losses"]) == (list(expected.rates), list(expected.losses))
    assert (found["suggestion"], found["diverged_at"]) == (expected.suggestion, expected.diverged_at)
    assert (found["model"], found["optimizer"], found["n_ratings"], found["engine"]) == ("bias", "adam", 206, "numpy")


def test_the_suggestion_is_said_and_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lr-find", "--gradient", "forward"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "dot by gd on 15 users x 15 movies, 206 ratings"
    assert said[1].startswith("Try a rate of 0.21: there the loss falls best")
    assert said[3].split() == ["rate", "loss"]
    (marked,) = [line for line in said if "<-" in line]
    assert marked.endswith("<- try 0.21")
    assert float(marked.split()[0]) == pytest.approx(0.21, rel=0.1)
    rates = [float(line.split()[0]) for line in said[4:]]
    assert rates == sorted(rates)
    assert rates[0] == 1e-7


def test_the_suggestion_trains(capsys: pytest.CaptureFixture[str]) -> None:
    rate = run_json(capsys, "--gradient", "forward")["suggestion"]
    assert cli.main(["train", "--gradient", "forward", "--learning-rate", str(rate), "--steps", "20", "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["rmse"] < trained["start_rmse"] / 2


def test_the_sweep_is_written_bit_for_bit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "rates.csv"
    found = run_json(capsys, "--gradient", "forward", "--out", str(out))
    header, *rows = csv.reader(out.read_text().splitlines())
    assert header == ["rate", "loss"]
    assert [float(rate) for rate, _ in rows] == found["rates"]
    assert [float(loss) for _, loss in rows] == found["losses"]
    assert cli.main(["lr-find", "--gradient", "forward", "--out", str(out)]) == 0
    assert f"wrote {out}" in capsys.readouterr().out


def test_a_preset_and_a_part_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "--preset", "course-bias", "--gradient", "forward", "--top-users", "10")
    assert (found["model"], found["optimizer"], found["n_users"]) == ("bias", "adam", 10)


@pytest.mark.parametrize("optimizer", ["als", "gibbs", "lbfgs"])
def test_optimizers_without_a_rate_say_so(capsys: pytest.CaptureFixture[str], optimizer: str) -> None:
    assert cli.main(["lr-find", "--optimizer", optimizer]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert "finds out by itself how far to move: choose another optimizer" in said.err


def test_failures_are_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lr_find, "find_rate", lambda *_words: pytest.fail("swept first"))
    assert cli.main(["lr-find", "--out", str(tmp_path / "no" / "r.csv")]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert cli.main(["lr-find", str(tmp_path / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err
    assert cli.main(["lr-find", "--epochs", "3"]) == 2


def test_nothing_to_find_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = RateFinding((1e-7, 1e-6), (1.0, 1.0), None, None)
    monkeypatch.setattr(lr_find, "find_rate", lambda *_words: nothing)
    assert cli.main(["lr-find"]) == 0
    said = capsys.readouterr().out
    assert "No rate lowers the loss" in said
    assert "<-" not in said
    assert run_json(capsys)["suggestion"] is None


def test_ctrl_c_ends_with_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def sweep(*words: object) -> RateFinding:
        signal.raise_signal(signal.SIGINT)
        stop = words[3]
        assert callable(stop)
        assert stop()
        raise Interrupted

    monkeypatch.setattr(lr_find, "find_rate", sweep)
    assert cli.main(["lr-find"]) == 130
    assert capsys.readouterr().err == "cfgui: interrupted.\n"
