"""README and code agree: the tables, the commands, the links."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cfgui import cli
from cfgui.cli import COMMANDS
from tests.helpers.readme_tables import README, tables, with_tables


@pytest.fixture(scope="module")
def readme() -> str:
    """The text of README.md."""
    return README.read_text(encoding="utf-8")


def test_tables_are_the_code_s(readme: str) -> None:
    assert with_tables(readme) == readme, "python -m tests.helpers.readme_tables writes them anew"


def test_every_table_is_shown(readme: str) -> None:
    assert set(re.findall(r"<!-- table: (\w+) -->", readme)) == set(tables())


def test_a_table_that_differs_is_noticed(readme: str) -> None:
    assert with_tables(readme.replace("| `gd` | 0.5 |", "| `gd` | 0.6 |")) == readme


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown(readme: str, command: str) -> None:
    assert f"cfgui {command}" in readme


def test_figures_come_out_of_their_commands(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = re.findall(r"^\| `cfgui (train [^`]*)` \| RMSE (\d\.\d+)", readme, re.MULTILINE)
    assert len(rows) == 6
    for words, figure in rows:
        assert cli.main([*words.split(), "--json"]) == 0
        digits = len(figure.partition(".")[2])
        assert f"{json.loads(capsys.readouterr().out)['rmse']:.{digits}f}" == figure, words


def test_it_begins_with_the_two_commands(readme: str, project: Path) -> None:
    beginning = readme[:600]
    assert beginning.index("make run") < beginning.index("make test")
    targets = re.findall(r"^([a-z]+):", (project / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE)) <= set(targets)


def test_every_file_it_points_at_is_there(readme: str, project: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", readme)
    assert links
    assert not [link for link in links if not (project / link).exists()]
