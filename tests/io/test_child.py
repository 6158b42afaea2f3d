"""The child processes: what they import, that they end, and that nothing is left behind."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cfgui.io import child
from cfgui.io.atomic import SaveError
from cfgui.io.child import Cancelled, ChildDied, ChildTimeout, run_child
from cfgui.io.errors import WorkbookError
from cfgui.io.workbook_import import read_workbook_guarded, write_workbook_in_child
from tests.io.documents import random_document


def after(n_calls):
    """A ``cancelled`` that says yes at its n-th call."""
    calls = []

    def cancelled():
        calls.append(time.monotonic())
        return len(calls) >= n_calls

    return cancelled, calls


@pytest.fixture
def processes(monkeypatch):
    """Every child that was started."""
    started, start = [], child._start

    def remember():
        started.append(start())
        return started[-1]

    monkeypatch.setattr(child, "_start", remember)
    return started


@pytest.fixture
def sleeper(monkeypatch):
    """Children that sleep for a minute instead of working."""
    monkeypatch.setattr(child, "_START", "import time; time.sleep(60)  # {path!r}")


def test_a_child_that_takes_too_long_is_ended(sleeper, processes):
    start = time.monotonic()
    with pytest.raises(ChildTimeout):
        run_child({"verb": "read"}, timeout=0.3)
    assert 0.3 <= time.monotonic() - start < 3
    assert processes[0].poll() is not None


def test_a_reader_that_takes_too_long_gives_a_sentence(sleeper, exported):
    with pytest.raises(
        WorkbookError, match=r"sample\.xlsx kept the reader busy for 0\.2 seconds without a row and was given up"
    ):
        read_workbook_guarded(exported, 0.2)


def test_cancelling_ends_a_reader_at_once(sleeper, processes, exported):
    cancelled, calls = after(4)
    start = time.monotonic()
    with pytest.raises(Cancelled):
        read_workbook_guarded(exported, 60, cancelled=cancelled)
    assert time.monotonic() - start < 3
    assert len(calls) == 4
    assert processes[0].poll() is not None


def test_cancelling_a_writer_leaves_the_old_file_and_nothing_else(sleeper, processes, tmp_path):
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    cancelled, _calls = after(2)
    with pytest.raises(Cancelled):
        write_workbook_in_child(random_document(3, 3, 2), path, cancelled=cancelled)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.xlsx"]
    assert processes[0].poll() is not None


def test_a_child_that_dies_is_noticed(monkeypatch, exported, tmp_path):
    monkeypatch.setattr(child, "_START", "import os; os._exit(9)  # {path!r}")
    with pytest.raises(ChildDied):
        run_child({"verb": "read"})
    with pytest.raises(WorkbookError, match="needs more memory"):
        read_workbook_guarded(exported)
    with pytest.raises(SaveError, match=r"Could not save out\.xlsx: writing it was ended from outside"):
        write_workbook_in_child(random_document(3, 3, 2), tmp_path / "out.xlsx")
    assert os.listdir(tmp_path) == []


def test_a_writer_without_its_folder(tmp_path):
    with pytest.raises(SaveError, match="its folder does not exist"):
        write_workbook_in_child(random_document(2, 2, 1), tmp_path / "missing" / "out.xlsx")


SPY = """
import sys
sys.path[:] = {path!r}
from cfgui.io.child_main import main
main()
open({seen!r}, "w").write(" ".join(sys.modules))
"""


@pytest.mark.parametrize("verb", ["read", "write"])
def test_children_import_neither_torch_nor_qt_nor_pandas(monkeypatch, exported, tmp_path, verb):
    seen = tmp_path / "modules.txt"
    monkeypatch.setattr(child, "_START", SPY.replace("{seen!r}", repr(str(seen))))
    if verb == "read":
        read_workbook_guarded(exported)
    else:
        write_workbook_in_child(random_document(2, 2, 1), tmp_path / "out.xlsx")
    modules = {name.split(".")[0] for name in seen.read_text().split()}
    assert not modules & {"torch", "PySide6", "pyqtgraph", "pandas", "numba"}
    assert ("openpyxl" in modules, "xlsxwriter" in modules) == (verb == "read", verb == "write")


def test_reading_module_costs_the_window_no_spreadsheet_library(project):
    code = (
        "import sys; import cfgui.io.workbook_import, cfgui.io.sample, cfgui.io.workbook_layout;"
        "print([name for name in ('openpyxl', 'xlsxwriter', 'torch', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_program_without_a_main_guard_is_not_run_again(project, exported, tmp_path):
    """As when started by ``python main.py``: the child must never run the program that started it."""
    script = tmp_path / "main.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(project)!r})\n"
        "from pathlib import Path\n"
        "from cfgui.io.workbook_import import read_workbook_guarded\n"
        "print('started')\n"
        "print(read_workbook_guarded(Path(sys.argv[1])).ratings.n_ratings)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(exported)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["started", "206"]
    assert done.stderr == ""


def test_a_relative_path_is_the_callers(exported, monkeypatch):
    monkeypatch.chdir(exported.parent)
    assert read_workbook_guarded(Path("sample.xlsx")).ratings.n_ratings == 206


def test_what_a_library_prints_does_not_spoil_the_answer(monkeypatch, exported):
    start = "import sys; sys.path[:] = {path!r}; from cfgui.io import child_main; read = child_main._JOBS['read'];"
    noisy = "child_main._JOBS['read'] = lambda *job: (print('noise'), read(*job))[1]; child_main.main()"
    monkeypatch.setattr(child, "_START", start + noisy)
    assert read_workbook_guarded(exported).ratings.n_ratings == 206


def test_the_answer_is_one_line_and_bytes(exported):
    described, result = run_child({"verb": "read", "path": str(exported), "memory": 2**31})
    assert described == {}
    assert json.loads(result.split(b"\n", 1)[0])["active"] == "dot"
