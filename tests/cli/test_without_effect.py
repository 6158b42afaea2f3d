"""Options that would be passed over, empty ids and late interruptions of the commands that ask a model."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cfgui import cli
from cfgui.cli.interruption import Interruption
from cfgui.cli.parser import ASKING, PARSERS
from cfgui.io.factors_export import write_factors
from cfgui.io.sample import sample_document


@pytest.fixture
def weights(tmp_path: Path) -> str:
    document = sample_document()
    write_factors(document.ratings, document.factors["bias"], tmp_path / "w.npz")
    return str(tmp_path / "w.npz")


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (["biases", "--weights", "{}", "--epochs", "3"], "--epochs"),
        (["neighbours", "{}", "--movie", "27", "--optimizer", "adam", "--seed", "2"], "--optimizer, --seed"),
        (["recommend", "{}", "--user", "14", "--weights", "{}"], "--weights"),
        (["recommend", "{}", "--user", "14", "--top-users", "3"], "--top-users"),
        (["new-user", "--evaluate", "--ratings", "27=4"], "--ratings"),
        (["new-user", "--evaluate-facts", "--method", "mean"], "--method"),
        (["new-user", "--evaluate", "--weights", "{}"], "--weights"),
        (["new-user", "{}", "--evaluate"], "an .npz holds none"),
        (["new-user", "--hold-users", "3"], "--hold-users"),
        (["new-movie", "--evaluate", "--genres", "War"], "--genres"),
        (["simulate", "--model", "dot"], "--model"),
        (["simulate", "--exploration-kind", "thompson"], "--exploration"),
        (["simulate", "--debiasing-strength", "2", "--debiasing", "none"], "--debiasing"),
    ],
)
def test_an_option_that_would_change_nothing_is_wrong_usage(
    words: list[str], flag: str, weights: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([word.format(weights) for word in words]) == 2
    said = capsys.readouterr()
    assert flag in said.err.splitlines()[-1]
    assert not said.out


@pytest.mark.parametrize(
    "words", [["recommend", "--user", ""], ["neighbours", "--movie", " "], ["recommend", "--user", "14", "--why", ""]]
)
def test_an_empty_id_is_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    assert "not an empty word" in capsys.readouterr().err


@pytest.mark.parametrize("command", ASKING)
def test_the_help_says_where_learning_rates_and_presets_stand(command: str) -> None:
    text = PARSERS[command]().format_help()
    assert "see below" in text
    assert "stand below\nthe options of cfgui train --help" in text


def test_a_wish_to_stop_that_nothing_noticed_is_heeded() -> None:
    with Interruption() as interruption:
        interruption.heed()  # nobody wished anything
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interruption.heed()
