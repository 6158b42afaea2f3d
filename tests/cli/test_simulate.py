"""``cfgui simulate``: what is printed, written and returned."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.app import simulating
from cfgui.cli.explore_parsers import simulate_parser
from cfgui.cli.parser import parse
from cfgui.cli.simulate import chosen
from cfgui.core.feedback import simulate
from cfgui.core.feedback_options import FEEDBACK_OPTIONS, FeedbackChoices
from cfgui.core.feedback_world import planted_world

SMALL = ("--world-users", "60", "--world-movies", "40", "--rounds", "3")


def run_json(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, object]:
    """The one JSON object that the command prints."""
    assert cli.main(["simulate", *words, "--json"]) == code
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")))


def test_every_option_is_a_flag() -> None:
    assert chosen(parse(["simulate"])) == FeedbackChoices()
    values = {"genre": "Drama", "exploration_kind": "thompson", "debiasing": "weights"}
    for option in FEEDBACK_OPTIONS:
        value = values.get(option.name, 0.25 if option.type is float else 7)
        choices = chosen(simulate_parser().parse_args([option.flag, str(value)]))
        assert choices == FeedbackChoices(**{option.name: value}), option.name


def test_json_has_every_round(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *SMALL, "--exploration", "0.3")
    choices = FeedbackChoices(n_users=60, n_movies=40, rounds=3, exploration=0.3)
    reports = list(simulate(planted_world(choices), choices))
    assert (found["world"], found["n_users"], found["n_movies"]) == ("a planted world", 60, 40)
    assert (found["genre"], found["n_enthusiasts"], found["interrupted"]) == ("Anime", 1, False)
    assert found["genre_share_of_movies"] == 0.125
    assert found["choices"]["exploration"] == 0.3
    assert found["compared"] is None
    for told, report in zip(found["rounds"], reports, strict=True):
        assert told["round"] == report.number
        assert told["gini"] == report.gini
        assert told["truth_rmse"] == report.truth_rmse
        assert list(told["genre_shares"].values()) == report.genre_shares.tolist()
    assert found["top_movies"][0]["n"] == int(np.max(reports[-1].counts))


def test_a_second_run_to_compare_with(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *SMALL, "--exploration", "0.5", "--debiasing", "popularity", "--compare")
    plain = run_json(capsys, *SMALL)
    assert found["compared"]["rounds"] == plain["rounds"]
    assert found["compared"]["choices"]["debiasing"] == "none"
    assert "Without exploration and debiasing it was" in found["lesson"]
    assert run_json(capsys, *SMALL, "--compare")["compared"] is None


def test_people_get_a_table_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "rounds.csv"
    assert cli.main(["simulate", *SMALL, "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "60 users and 40 movies of a planted world; 1 enthusiast rates all 5 movies of Anime."
    assert said[3].split()[:3] == ["Round", "Ratings", "New"]
    assert [line.split()[0] for line in said[4:7]] == ["1", "2", "3"]
    assert said[-2].startswith("Anime ")
    assert said[-1] == f"wrote {out}"
    with out.open(encoding="utf-8", newline="") as file:
        assert [line["round"] for line in csv.DictReader(file)] == ["1", "2", "3"]


def test_the_truth_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = ["userId,movieId,rating"]
    lines += [f"{u},{m},{rng.integers(1, 6)}" for u in range(1, 13) for m in range(1, 11) if rng.random() < 0.7]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(lines) + "\n")
    found = run_json(capsys, str(path), "--model", "bias", "--factors", "2", "--epochs", "5", "--rounds", "2")
    assert (found["n_users"], found["n_movies"]) == (12, 10)
    assert set(found["genres"]) == {"factor 1", "factor 2"}
    assert "ratings.csv" in found["world"]
    assert len(found["rounds"]) == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--genre", "Western"), "There is no genre 'Western': choose one of Anime, Action, "),
        (("--weights", "trained.npz"), "give their FILE too"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    assert cli.main(["simulate", *SMALL, *words]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [("--rounds", "0"), ("--exploration", "2"), ("--out", "rounds.txt")])
def test_wrong_words_are_a_usage_error(words: tuple[str, ...]) -> None:
    assert cli.main(["simulate", *words]) == 2


def test_ctrl_c_keeps_the_rounds_so_far(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(world, choices, *, stop):  # type: ignore[no-untyped-def]
        for report in simulate(world, choices, stop=stop):
            yield report
            if report.number == 2:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(simulating, "simulate", interrupted)
    found = run_json(capsys, "--world-users", "60", "--world-movies", "40", "--rounds", "9", code=130)
    assert len(found["rounds"]) == 2
    assert found["interrupted"] is True


def test_help_needs_no_numpy() -> None:
    code = "import sys; from cfgui import cli; cli.main(['simulate', '--help']); sys.exit('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0
    assert "--enthusiasts" in found.stdout


def test_a_world_in_which_nobody_can_be_shown_anything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("user,movie,rating\nu1,m1,4\n")
    found = run_json(capsys, str(tmp_path / "one.csv"), "--rounds", "2")
    assert found["lesson"] == "Nobody is shown anything: there are no unseen movies, or nobody but the enthusiasts."
    assert cli.main(["simulate", str(tmp_path / "one.csv"), "--rounds", "2"]) == 0
    said = capsys.readouterr().out
    assert "nan" not in said
    assert "rates all 1 movie of" in said
