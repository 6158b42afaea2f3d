"""``cfgui download`` against a server of one's own: conditions, questions, where the archive lies."""

from __future__ import annotations

import functools
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfgui import cli
from cfgui.io.archive_transfer import Source
from cfgui.io.download import download
from cfgui.io.https_stream import Patience
from tests.helpers.https_server import ScriptedServer, make_certificate, says, sends


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("ml-latest-small/ratings.csv", "userId,movieId,rating\n1,2,3.0\n")
    return made.getvalue()


ZIP = zipped()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ScriptedServer]:
    """A server that the command asks instead of GroupLens."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))
    running = ScriptedServer(*certificate)
    running.replies(sends(ZIP))
    source = Source(running.base_url, str(running.certificate), Patience(5.0, 5.0))
    monkeypatch.setattr("cfgui.cli.download.download", functools.partial(download, source=source))
    yield running
    running.close()


class Terminal(io.StringIO):
    """Text as from somebody who sits there."""

    def isatty(self) -> bool:
        return True


def test_yes_downloads_into_the_cache_and_prints_where(
    server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["download", "ml-latest-small", "--yes"]) == 0
    printed = capsys.readouterr()
    path = tmp_path / "cache" / "downloads" / "ml-latest-small.zip"
    assert printed.out == f"{path}\n"
    assert path.read_bytes() == ZIP
    assert "may be used for research" in printed.err
    assert "10.1145/2827872" in printed.err


def test_what_is_there_is_used_without_a_question(
    server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ml-latest-small.zip").write_bytes(ZIP)
    assert cli.main(["download", "ml-latest-small", "--folder", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{tmp_path / 'ml-latest-small.zip'}\n", "")
    assert server.script.asked == []
    assert cli.main(["download", "ml-latest-small", "--folder", str(tmp_path), "--again", "--yes"]) == 0
    assert len(server.script.asked) == 1


def test_without_yes_and_a_terminal_nothing_is_downloaded(
    server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["download", "ml-latest-small"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1] == (
        "cfgui: to accept these conditions and download ml-latest-small, give --yes."
    )
    assert server.script.asked == []
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("answer", "code"),
    [("y\n", 0), ("YES\n", 0), ("\n", 1), ("n\n", 1), ("", 1)],
    ids=["y", "yes", "enter", "n", "end"],
)
def test_a_terminal_is_asked(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.main(["download", "ml-latest-small"]) == code
    text = said.getvalue()
    assert text.index("commercial") < text.index("Do you accept these conditions, to download 1 MB? [y/N]")
    assert len(server.script.asked) == (code == 0)
    assert ("nothing was downloaded." in text) is (code == 1)


def test_a_failure_is_one_sentence(server: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.replies(says(503))
    assert cli.main(["download", "ml-latest-small", "--yes"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1] == "cfgui: localhost is out of order at the moment (503). Try again later."


def test_ctrl_c_ends_with_130(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_arguments: object, **_more: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("cfgui.cli.download.download", interrupted)
    assert cli.main(["download", "ml-latest-small", "--yes"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "cfgui: interrupted."
