"""The rules of the house: import contracts, and what no tracked file may mention."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from PySide6.QtWidgets import QWidget

FORBIDDEN_TEXTS = {
    "a path of somebody's machine": r"(?<![\w.$}])/(?:root|home/\w+|work|Users/\w+|tmp/\w+)/|[A-Z]:\\Users\\",
    "the host of a package registry": r"pypi\.org|pythonhosted\.|download\.pytorch\.",
    "a password or key": r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}",
}
LARGEST_FILE = 1_000_000


def test_import_contracts_hold(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    code = lint_imports(no_cache=True, no_logo=True)
    assert code == 0, capfd.readouterr().out


def test_import_contracts_see_every_layer(project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A contract that finds nothing to look at would hold as well: break one in a copy and watch it fail."""
    copy = tmp_path / "cfgui"
    for layer in ("core", "io", "app", "cli", "gui"):
        (copy / layer).mkdir(parents=True)
        (copy / layer / "__init__.py").touch()
    (copy / "__init__.py").touch()
    (copy / "__main__.py").touch()
    (copy / "core" / "torch_gradients.py").write_text("import torch\n")
    (copy / "core" / "compiled_tiles.py").write_text("import numba\n")
    (copy / "core" / "compiling.py").write_text("import numba\n")
    (copy / "core" / "fast_sgd_loops.py").write_text("import numba\n")
    (copy / "io" / "compiled_rows.py").write_text("import numba\n")
    guilty = "".join(f"import {name}\n" for name in ("PySide6", "openpyxl", "torch", "numba", "cfgui.app"))
    (copy / "core" / "guilty.py").write_text(guilty)
    (copy / "cli" / "__init__.py").write_text("import cfgui.gui\n")
    (copy / "stray.py").touch()
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from importlinter.cli import lint_imports\n"
        f"sys.exit(lint_imports(config_filename={str(project / 'pyproject.toml')!r}, no_cache=True, no_logo=True))"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "1 kept, 5 broken" in result.stdout
    for guilt in ("cfgui.core.guilty -> cfgui.app", "cfgui.core.guilty -> PySide6", "cfgui.core.guilty -> torch"):
        assert guilt in result.stdout


def tracked_files(project: Path) -> list[Path]:
    """Every file git tracks; skips where this is no checkout."""
    if not (project / ".git").exists():
        pytest.skip("not a git checkout, so no list of tracked files")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=True).stdout
    return [path for name in names.split("\0") if name and (path := project / name).is_file()]


def test_no_tracked_file_mentions_a_machine_or_a_registry(project: Path) -> None:
    found = []
    for path in tracked_files(project):
        text = path.read_bytes().decode("utf-8", "replace")
        for what, pattern in FORBIDDEN_TEXTS.items():
            found += [f"{path.relative_to(project)}: {what}: {match[0]}" for match in re.finditer(pattern, text)]
    assert not found, "\n".join(found)


def test_the_forbidden_patterns_find_what_they_are_for() -> None:
    samples = {  # each with a ~ in it, or this file would find itself
        "a path of somebody's machine": ["/ho~me/ann/x", "see /ro~ot/x", "C:~\\Users\\ann", "'/tm~p/v/bin'"],
        "the host of a package registry": ["https://py~pi.org/simple"],
        "a password or key": ["-----BEGIN RSA PRIVATE~ KEY-----"],
    }
    for what, texts in samples.items():
        for text in texts:
            assert re.search(FORBIDDEN_TEXTS[what], text.replace("~", "")), text


def test_no_tracked_file_is_large(project: Path) -> None:
    large = [path.name for path in tracked_files(project) if path.stat().st_size > LARGEST_FILE]
    assert not large


def test_the_top_level_holds_only_what_is_agreed(project: Path) -> None:
    folders = {"cfgui", "resources", "tests", "benchmarks", ".ci"}
    files = {
        "main.py",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "constraints.txt",
        ".gitignore",
    }
    top = {path.relative_to(project).parts[0] for path in tracked_files(project)}
    assert top <= folders | files


@pytest.mark.usefixtures("qapp")
def test_qt_calls_keep_their_references_to_none() -> None:
    """PySide6 6.12.0 on Python 3.10 and 3.11 loses one at every call, until the interpreter aborts."""
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.setEnabled(True)
    lost = before - sys.getrefcount(None)
    assert lost < 100
