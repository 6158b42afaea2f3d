"""README and code agree: the tables, the commands, the links."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from pathlib import Path

import pytest

import cfgui
from cfgui import cli
from cfgui.app.embedding_blocks import MAX_LINES
from cfgui.app.kept_sessions import sessions_folder
from cfgui.cli import COMMANDS
from cfgui.core.import_report import MAX_LINES as REPORTED_LINES
from cfgui.core.optimizer_defaults import SGD_FROM
from cfgui.gui.find_bar import MAX_VALUES
from cfgui.io.download import downloads_folder
from cfgui.io.id_coding import MAX_IDS
from cfgui.io.report_text import MAX_RANGES
from cfgui.io.table_cache import CACHED_ABOVE, tables_folder
from cfgui.io.workbook_size import MAX_FORMULAS
from tests.helpers.readme_tables import README, tables, with_tables

ASKING = ("biases", "neighbours", "recommend", "new-user", "new-movie", "simulate")
"""The commands that ask a model."""


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


def test_examples_run(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))
    blocks = [text for text in re.findall(r"```\n(.*?)```", readme, re.DOTALL) if text.startswith("cfgui sample")]
    assert len(blocks) == 2
    examples, asking = ([shlex.split(line)[1:] for line in block.splitlines()] for block in blocks)
    assert [words[0] for words in examples] == ["sample", "info", "train", "train", "export"]
    assert {words[0] for words in asking} == {"sample", "train", *ASKING}
    said = []
    for words in [*examples, *asking]:
        assert cli.main(words) == 0, words
        said.append(capsys.readouterr().out)
    promised = re.findall(r"The third of these examples prints `([^`]+)`", readme)
    assert len(promised) == 1
    assert promised[0] in said[2]
    written = {"factors-users.csv", "factors-movies.csv", "top.xlsx", "recommendations.csv"}
    assert written | {"weights.npz", "lists.csv", "rounds.csv"} <= {path.name for path in tmp_path.iterdir()}


def test_folders_are_the_code_s(readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path))
    rows = re.findall(r"^\| .* \| `~/\S+/cfgui/(\w+)`.* \| `(CFGUI_\w+_DIR)` \|$", readme, re.MULTILINE)
    folders = {"tables": tables_folder(), "downloads": downloads_folder(), "sessions": sessions_folder()}
    assert {name: variable for name, variable in rows if name in folders} == {
        "tables": "CFGUI_CACHE_DIR",
        "downloads": "CFGUI_CACHE_DIR",
        "sessions": "CFGUI_STATE_DIR",
    }
    assert all(folder == tmp_path / name for name, folder in folders.items())


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (r"at most ([\d,]+) users", MAX_IDS),
        (r"`movielens_emb` has ([\d,]+) lines", MAX_LINES),
        (r"stops at ([\d,]+) formulas", MAX_FORMULAS),
        (r"blocks of up to ([\d,]+) cells", MAX_VALUES),
        (r"first ([\d,]+) for each reason", REPORTED_LINES),
        (r"writes ([\d,]+) ranges", MAX_RANGES),
        (r"more than ([\d,]+) ratings that were read before", CACHED_ABOVE),
        (r"From ([\d,]+) ratings on", SGD_FROM),
    ],
)
def test_limits_are_the_code_s(readme: str, words: str, number: int) -> None:
    found = re.findall(words, " ".join(readme.split()))
    assert [int(text.replace(",", "")) for text in found] == [number]


def test_the_map_names_what_is_there(project: Path) -> None:
    layers = {"core", "io", "app", "gui", "cli"}
    modules = {path.stem for layer in layers for path in (project / "cfgui" / layer).glob("*.py")} | layers
    modules |= {f"{path.parent.name}.{path.stem}" for path in (project / "cfgui").glob("*/*.py")}
    named = re.findall(r"``([\w.*]+)``", cfgui.__doc__ or "")
    assert len(named) > 40
    assert not [name for name in named if not fnmatch.filter(modules, name)]


def test_it_begins_with_the_two_commands(readme: str, project: Path) -> None:
    beginning = readme[:600]
    assert beginning.index("make run") < beginning.index("make test")
    targets = re.findall(r"^([a-z-]+):", (project / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE)) <= set(targets)


def test_every_file_it_points_at_is_there(readme: str, project: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", readme)
    assert links
    assert not [link for link in links if not (project / link).exists()]
