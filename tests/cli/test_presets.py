"""``--preset``: it sets what is not given, how long included."""

from __future__ import annotations

import json

import pytest

from cfgui import cli
from cfgui.cli.parser import parse
from cfgui.cli.train import chosen_hyperparameters
from cfgui.cli.training_help import flags_of
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.presets import PRESETS
from cfgui.io.sample import sample_document


def chosen(*words: str) -> Hyperparameters:
    """What a command line comes to on the original sheet."""
    return chosen_hyperparameters(parse(words), sample_document())


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_preset_sets_what_is_not_given(command: str) -> None:
    arguments = parse([command, "--preset", "fastai-wd"])
    assert (arguments.epochs, arguments.steps) == (5, None)
    choices = chosen(command, "--preset", "fastai-wd")
    assert choices == Hyperparameters(**PRESETS["fastai-wd"].complete)


def test_what_is_given_stays() -> None:
    choices = chosen("train", "--preset", "fastai-wd", "--weight-decay", "0", "--factors", "7", "--seed", "3")
    expected = {**PRESETS["fastai-wd"].complete, "weight_decay": 0.0, "n_factors": 7, "seed": 3}
    assert choices == Hyperparameters(**expected)
    assert parse(["train", "--preset", "fastai-wd", "--epochs", "2"]).epochs == 2
    steps = parse(["train", "--preset", "fastai-wd", "--steps", "2"])
    assert (steps.steps, steps.epochs) == (2, None)


def test_the_flags_in_the_help_do_the_same() -> None:
    preset = PRESETS["course-neural"]
    assert chosen("train", *flags_of(preset).split()) == chosen("train", "--preset", preset.name)


def test_without_a_preset_the_document_decides() -> None:
    assert (chosen("train").optimizer, chosen("train").n_factors) == ("gd", 5)


def test_a_preset_trains(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--preset", "course-bias", "--factors", "5", "--epochs", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["optimizer"], found["epochs"]) == ("bias", "adam", 3)
    assert found["rmse"] < found["start_rmse"]


def test_the_help_lists_every_preset(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--help"]) == 0
    shown = capsys.readouterr().out
    for preset in PRESETS.values():
        assert f"  {preset.name}: {preset.label}, {preset.epochs} epochs" in shown
    assert max(map(len, shown[shown.index("presets (") :].splitlines())) <= 160
