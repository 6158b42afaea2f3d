"""The grammar: flags from the option table, usage errors, help."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable

import pytest

from cfgui.app.training import DEFAULT_STEPS
from cfgui.cli import COMMANDS
from cfgui.cli.parser import PARSERS, parse
from cfgui.cli.tables import table_choices
from cfgui.cli.training_parsers import evaluate_parser, train_parser
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.options import OPTIONS
from cfgui.io.table_options import TABLE_OPTIONS, WHITESPACE, TableChoices

TRAIN_FLAGS = [
    "--preset",
    "--model",
    "--gradient",
    "--epsilon",
    "--optimizer",
    "--learning-rate",
    "--weight-decay",
    "--batch-size",
    "--factors",
    "--steps",
    "--epochs",
    "--global-mean",
    "--range",
    "--low",
    "--high",
    "--loss",
    "--hidden",
    "--dropout",
    "--freeze",
    "--decay-kind",
    "--movie-decay",
    "--bias-decay",
    "--layer-decay",
    "--lambda",
    "--lambda-kind",
    "--momentum",
    "--schedule",
    "--schedule-epochs",
    "--clip",
    "--patience",
    "--order",
    "--engine",
    "--device",
    "--movie-factors",
    "--factor-rule",
    "--init",
    "--seed",
    "--valid",
    "--leave-out",
    "--folds",
    "--split-seed",
    "--export",
    "--export-factors",
    "--export-recommendations",
    "--export-ratings",
    "-n",
    "--history",
    "--json",
    "--train-on",
    "--values-only",
    *(option.flag for option in TABLE_OPTIONS),
]


def usage_error(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What stderr says about wrong usage."""
    with pytest.raises(SystemExit) as stop:
        parse(words)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_train_has_exactly_the_stable_flags() -> None:
    flags = {flag for action in train_parser()._actions for flag in action.option_strings}
    assert flags == {*TRAIN_FLAGS, "-h", "--help"}


@pytest.mark.parametrize("parser", [train_parser, evaluate_parser])
def test_every_option_is_a_flag_with_its_choices(parser: Callable[[], ArgumentParser]) -> None:
    actions = {action.dest: action for action in parser()._actions}
    for option in OPTIONS:
        assert actions[option.name].option_strings == [option.flag]
        assert tuple(actions[option.name].choices or ()) == option.choices


def test_every_command_has_a_parser() -> None:
    assert tuple(PARSERS) == COMMANDS


def test_values_arrive_with_their_types() -> None:
    words = [
        "train",
        "book.xlsx",
        "--epsilon",
        "1e-6",
        "--batch-size",
        "10",
        "--factors",
        "3",
        "--seed",
        "7",
        "--optimizer",
        "adam",
        "--steps",
        "0",
    ]
    parsed = parse(words)
    assert (parsed.command, str(parsed.file)) == ("train", "book.xlsx")
    assert (parsed.epsilon, parsed.batch_size, parsed.n_factors, parsed.seed) == (1e-6, 10, 3, 7)
    assert (parsed.optimizer, parsed.steps, parsed.epochs) == ("adam", 0, None)
    assert parsed.learning_rate is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("train --model deep", "invalid choice: 'deep'"),
        ("train --epsilon 0", "Epsilon must lie between"),
        ("train --learning-rate nan", "must be a finite number"),
        ("train --learning-rate x", "'x' is not a number"),
        ("train --factors 2.5", "'2.5' is not a whole number"),
        ("train --factors 0", "Factors must lie between 1 and 1000"),
        ("train --steps -1", "must be 0 or more"),
        ("train --steps many", "'many' is not a whole number"),
        ("train --steps 1 --epochs 1", "not allowed with argument"),
        ("train --export out.xls", "must end in .xlsx"),
        ("train --export o.xlsx --history o.xlsx", "name the same file"),
        ("train --learn 1", "unrecognized arguments"),
        ("train a.xlsx b.xlsx", "unrecognized arguments: b.xlsx"),
        ("export", "required: OUT.xlsx"),
        ("export out.csv", "must end in .xlsx"),
        ("info", "required: FILE"),
        ("verify", "required: OUT.xlsx"),
        ("info a.csv --columns user", "'user' is not user=…, item=… or rating=…"),
        ("info a.csv --columns user=", "'user=' is not user=…, item=… or rating=…"),
        ("info a.csv --columns users=1", "'users=1' is not user=…"),
        ("info a.csv --columns item=1,movie=2", "movie is given twice"),
        ("info a.csv --separator x", "'x' is none of comma, semicolon, tab, bar, colons, blanks"),
        ("info a.csv --encoding klingon", "'klingon' is no encoding"),
        ("info a.csv --encoding base64", "'base64' is no encoding"),
        ("info a.csv --decimal ;", "invalid choice: ';'"),
        ("info a.csv --duplicates first", "invalid choice: 'first'"),
        ("info a.csv --top-users 0", "at least 1"),
        ("train --train-on visible", "needs --top-users or --top-movies"),
        ("train --valid 1.5", "must lie between 0 and 1, not 1.5"),
        ("train --valid 0.2 --folds 3", "not allowed with argument"),
        ("train --leave-out 0", "at least 1"),
        ("evaluate --folds 1", "at least 2 folds"),
        ("evaluate --relevant nan", "must be a finite number"),
        ("evaluate --by-user e.csv --by-movie e.csv", "name the same file"),
        ("train --patience 3", "--patience needs held-out ratings"),
        ("train --patience 3 --folds 3", "--patience does not go with --folds"),
        ("download", "required: EDITION"),
        ("download ml-5m", "invalid choice: 'ml-5m'"),
        ("sample out.csv --users 3 --movies 2", "required: --ratings"),
        ("sample out.xlsx --users 3 --movies 2 --ratings 4", "must end in .csv, .csv.gz or .parquet"),
        ("a.xlsx b.xlsx", "the window opens one FILE"),
        ("--nonsense", "unrecognized arguments"),
    ],
)
def test_wrong_usage_exits_2_and_says_what(capsys: pytest.CaptureFixture[str], words: str, expected: str) -> None:
    assert expected in usage_error(capsys, *words.split())


@pytest.mark.parametrize(
    ("words", "file", "values_only"),
    [
        ("export out.xlsx", None, False),
        ("export in.xlsx out.xlsx", "in.xlsx", False),
        ("export --values-only out.xlsx", None, True),
        ("export in.xlsx --values-only out.xlsx", "in.xlsx", True),
        ("export in.xlsx out.xlsx --values-only", "in.xlsx", True),
    ],
)
def test_export_takes_one_or_two_files_and_the_flag_anywhere(words: str, file: str | None, values_only: bool) -> None:
    parsed = parse(words.split())
    assert str(parsed.out) == "out.xlsx"
    assert (str(parsed.file) if parsed.file else None, parsed.values_only) == (file, values_only)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ([], TableChoices()),
        (["--columns", "user=who, Item=what,rating=3"], TableChoices(user="who", movie="what", rating="3")),
        (["--columns", "movie=a=b"], TableChoices(movie="a=b")),
        (["--separator", "tab", "--decimal", ","], TableChoices(separator="\t", decimal=",")),
        (["--separator", "::"], TableChoices(separator="::")),
        (["--separator", "Blanks"], TableChoices(separator=WHITESPACE)),
        (["--separator", " "], TableChoices(separator=WHITESPACE)),
        (["--separator", "\\t", "--header", "no"], TableChoices(separator="\t", header=False)),
        (
            ["--encoding", "UTF-16", "--layout", "wide", "--header", "yes"],
            TableChoices("wide", None, "utf-16", None, True),
        ),
        (["--sheet", "My ratings", "--duplicates", "mean"], TableChoices(sheet="My ratings", duplicates="mean")),
    ],
)
@pytest.mark.parametrize("command", ["info", "train", "evaluate", "export"])
def test_every_command_takes_the_choices_of_a_table(command: str, words: list[str], choices: TableChoices) -> None:
    assert table_choices(parse([command, "in.csv", *["out.xlsx"] * (command == "export"), *words])) == choices


def test_every_option_of_a_table_is_a_flag_with_its_choices() -> None:
    for command in ("info", "train", "evaluate", "export"):
        actions = {action.dest: action for action in PARSERS[command]()._actions}
        for option in TABLE_OPTIONS:
            assert actions[option.name].option_strings == [option.flag]
            assert tuple(actions[option.name].choices or ()) == option.choices
            assert actions[option.name].default == option.default


@pytest.mark.parametrize("words", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help_exits_0(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(words)
    assert stop.value.code == 0
    assert "usage: cfgui" in capsys.readouterr().out


def test_help_of_train_tells_each_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert f"default: {DEFAULT_STEPS};" in text
    assert "None" not in text
    for own in OPTIMIZER_DEFAULTS.values():
        assert f"{own.learning_rate:g} {own.batch_size or 'all'} {own.help}" in text
