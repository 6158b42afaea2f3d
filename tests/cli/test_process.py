"""``cfgui`` as a process: what it loads, how it ends, what Ctrl+C does."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from cfgui import __version__, cli

NO_DISPLAY = {
    key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
}


def cfgui(
    project: Path, *words: str, env: Mapping[str, str] = NO_DISPLAY, program: tuple[str, ...] = ("-m", "cfgui")
) -> subprocess.CompletedProcess[str]:
    """Run the program from the checkout to its end."""
    command = [sys.executable, *program, *words]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False, timeout=60)


def loaded(project: Path, *words: str) -> set[str]:
    """Top-level modules in memory after a command line has run in a process of its own."""
    script = (
        "import sys; from cfgui.__main__ import main; code = main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    result = cfgui(project, *words, program=("-c", script))
    assert result.returncode == 0, result.stderr
    return set(result.stderr.split())


@pytest.fixture(scope="module")
def book(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "sample.xlsx"
    assert cfgui(project, "export", str(path)).returncode == 0
    return path


QT = {"PySide6", "shiboken6", "pyqtgraph"}


def test_commands_without_training_load_neither_qt_nor_torch(project: Path, book: Path, tmp_path: Path) -> None:
    for words in (["info", str(book)], ["export", str(tmp_path / "o.xlsx")], ["train", "--gradient", "forward"]):
        assert not loaded(project, *words) & (QT | {"torch"}), words


def test_verify_loads_neither_qt_nor_torch(project: Path, book: Path) -> None:
    assert not loaded(project, "verify", str(book)) & (QT | {"torch"})


def test_autograd_loads_torch_and_no_qt(project: Path) -> None:
    modules = loaded(project, "train", "--steps", "1")
    assert "torch" in modules
    assert not modules & QT


def test_downloading_needs_neither_numbers_nor_a_window(project: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ml-latest-small.zip", "w") as archive:
        archive.writestr("ml-latest-small/ratings.csv", "userId,movieId,rating\n1,2,3.0\n")
    assert not loaded(project, "download", "ml-latest-small", "--folder", str(tmp_path)) & (QT | {"torch", "numpy"})


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["train", "--help"], ["info", "--help"]])
def test_help_and_version_need_not_even_numpy(project: Path, words: list[str]) -> None:
    assert not loaded(project, *words) & (QT | {"torch", "numpy"})


def test_version(project: Path) -> None:
    assert cfgui(project, "--version").stdout == f"cfgui {__version__}\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize("program", [("-m", "cfgui"), ("main.py",)])
@pytest.mark.parametrize("words", [[], ["book.xlsx"]])
def test_without_a_display_one_line_names_the_commands(
    project: Path, program: tuple[str, ...], words: list[str]
) -> None:
    result = cfgui(project, *words, program=program)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("cfgui: there is no display")
    for command in ("info", "train", "export", "verify", "--help"):
        assert command in line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the list of libraries is Linux's")
def test_missing_system_libraries_are_named_before_qt_aborts(monkeypatch: pytest.MonkeyPatch, xvfb: str) -> None:
    from cfgui import __main__ as entry
    from cfgui.app import system_libraries

    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":54321")  # where no server is
    assert "there is no display" in str(entry.why_no_window())
    monkeypatch.setenv("DISPLAY", xvfb)
    assert entry.why_no_window() is None
    monkeypatch.setattr(system_libraries, "_loads", lambda name: name != "libxcb-cursor.so.0")
    assert "Qt needs libxcb-cursor.so.0, which this system lacks" in str(entry.why_no_window())


def test_a_missing_python_library_is_named(project: Path) -> None:
    script = "import sys; sys.modules['PySide6'] = None; from cfgui.__main__ import main; sys.exit(main([]))"
    result = cfgui(project, program=("-c", script), env={**NO_DISPLAY, "QT_QPA_PLATFORM": "offscreen"})
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cfgui: PySide6 is not installed for ")
    assert "pip install ." in line


def test_training_without_torch_names_it(project: Path) -> None:
    script = "import sys; sys.modules['torch'] = None; from cfgui.__main__ import main; sys.exit(main(sys.argv[1:]))"
    result = cfgui(project, "train", program=("-c", script))
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cfgui: torch is not installed for ")


def paints(project: Path, tmp_path: Path, *words: str, **env: str) -> bool:
    """Whether the window opened by these words paints, in a session of its own."""
    environment = {**NO_DISPLAY, "CFGUI_TRACE_STARTUP": "1", "CFGUI_STATE_DIR": str(tmp_path), **env}
    command = [sys.executable, "main.py", *words]
    process = subprocess.Popen(command, cwd=project, env=environment, stderr=subprocess.PIPE, text=True)
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        assert process.stderr is not None
        return any(line.startswith("first paint") for line in process.stderr)
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def test_the_window_opens_offscreen(project: Path, tmp_path: Path) -> None:
    assert paints(project, tmp_path, QT_QPA_PLATFORM="offscreen")


def test_the_window_opens_on_an_x_server_with_a_file(project: Path, tmp_path: Path, xvfb: str, book: Path) -> None:
    assert paints(project, tmp_path, str(book), DISPLAY=xvfb)


def test_exit_codes(project: Path, tmp_path: Path) -> None:
    assert cfgui(project, "train", "--gradient", "forward", "--steps", "1").returncode == 0
    assert cfgui(project, "info", str(tmp_path / "missing.xlsx")).returncode == 1
    assert cfgui(project, "train", "--learning-rate", "5", "--gradient", "central").returncode == 1
    assert cfgui(project, "train", "--steps", "x").returncode == 2


def test_no_traceback_when_the_reader_goes_away(project: Path, book: Path) -> None:
    command = f'"{sys.executable}" -m cfgui info "{book}" | true'
    result = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_progress_is_silent_where_stderr_is_not_a_terminal(project: Path) -> None:
    assert cfgui(project, "train", "--gradient", "forward", "--steps", "200", "--json").stderr == ""


def test_progress_is_drawn_on_a_terminal(project: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "cfgui", "train", "--gradient", "forward", "--steps", "2000", "--json"]
    environment = {**NO_DISPLAY, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    drawn = b""
    while chunk := _read(controller):
        drawn += chunk
    os.close(controller)
    printed, _ = process.communicate(timeout=60)
    assert json.loads(printed)["step"] == 2000
    assert b"RMSE" in drawn
    assert b"/2000" in drawn


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how a terminal says that its other end is closed
        return b""


def interrupt_when_training(process: subprocess.Popen[str], started: Path) -> tuple[str, str]:
    """Send Ctrl+C once a file says that training goes on; what the process then printed."""
    deadline = time.monotonic() + 30
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_still_writes_what_was_asked_for(project: Path, tmp_path: Path) -> None:
    started, out, history = tmp_path / "started", tmp_path / "out.xlsx", tmp_path / "h.csv"
    # The process itself tells that it has trained a while, so that the test depends on no time.
    script = (
        "import sys, pathlib; from cfgui.__main__ import main; from cfgui.core.trainer import Trainer\n"
        "advance = Trainer.advance\n"
        "def told(self, *rest, **more):\n"
        "    report = advance(self, *rest, **more)\n"
        f"    if report is not None and report.step == 10: pathlib.Path({str(started)!r}).touch()\n"
        "    return report\n"
        "Trainer.advance = told\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["train", "--gradient", "forward", "--steps", "1000000000", "--json"]
    words += ["--export", str(out), "--history", str(history)]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        cwd=project,
        env=NO_DISPLAY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    printed, errors = interrupt_when_training(process, started)
    assert process.returncode == 130
    found = json.loads(printed)
    assert found["step"] >= 10
    assert len(history.read_text().splitlines()) == found["step"] + 2
    assert out.stat().st_size > 5000
    (line,) = errors.splitlines()
    assert line == f"cfgui: interrupted after step {found['step']}; what was asked for is written."


def test_an_interrupt_while_the_command_is_loaded_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "cfgui.cli.entry":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "cfgui.cli.entry", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert cli.main(["info", "x.csv"]) == 130
    assert capsys.readouterr().err == "cfgui: interrupted.\n"
