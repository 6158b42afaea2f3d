"""What a fresh machine gets: pins, the wheel with its resources, the Makefile, the system libraries."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import cfgui
from cfgui.app import system_libraries


@pytest.fixture(scope="module")
def pins(project: Path) -> dict[str, Version]:
    """Pinned version by package of constraints.txt."""
    lines = (project / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


@pytest.fixture(scope="module")
def metadata(project: Path) -> dict[str, object]:
    """The [project] table of pyproject.toml."""
    return dict(tomllib.loads((project / "pyproject.toml").read_text())["project"])


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("cfgui-*.whl")
    return wheel


def test_every_requirement_is_pinned_to_a_version_it_allows(
    pins: dict[str, Version], metadata: dict[str, dict[str, list[str]]]
) -> None:
    texts = [*metadata["dependencies"], *metadata["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, texts):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_pins_the_issue_asks_for(pins: dict[str, Version], metadata: dict[str, list[str]]) -> None:
    assert pins["torch"] == Version("2.13.0")
    requirements = {r.name: r.specifier for r in map(Requirement, metadata["dependencies"])}
    assert Version("6.11.3") in requirements["PySide6-Essentials"]
    assert Version("6.12.0") not in requirements["PySide6-Essentials"]
    assert metadata["requires-python"] == ">=3.11"


def test_wheel_holds_the_package_the_resources_and_the_licence(project: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    # Tracked files only: what lies about untracked in a checkout is not part of the project.
    listed = subprocess.run(["git", "ls-files", "resources"], cwd=project, capture_output=True, text=True, check=False)
    resources = listed.stdout.split() or [str(p.relative_to(project)) for p in (project / "resources").rglob("*.csv")]
    assert resources
    assert {f"cfgui/{name}" for name in resources} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "cfgui/__main__.py" in names
    assert not any(name.startswith("tests/") for name in names)


def test_installed_wheel_finds_its_sample_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    script = (
        "import cfgui, sys; from cfgui.__main__ import main; print(cfgui.__file__, file=sys.stderr); sys.exit(main())"
    )
    command = [sys.executable, "-c", script, "train", "--steps", "0", "--gradient", "forward", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(target)}
    result = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
    assert Path(result.stderr.strip()).is_relative_to(target)
    assert json.loads(result.stdout)["start_rmse"] == pytest.approx(2.8060620616483134, abs=1e-13)


def test_console_script_points_at_the_entry(metadata: dict[str, dict[str, str]]) -> None:
    assert metadata["scripts"] == {"cfgui": "cfgui.__main__:main"}


def test_changelog_and_version_agree(project: Path) -> None:
    newest = re.search(r"^## (\S+)", (project / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == cfgui.__version__


def make(project: Path, *words: str, python: str) -> subprocess.CompletedProcess[str]:
    """What make answers where only this Python can be found."""
    command = ["make", "-s", f"CANDIDATES={python}", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_make_says_so_when_there_is_no_python(project: Path, tmp_path: Path) -> None:
    result = make(project, f"VENV={tmp_path}/venv", f"{tmp_path}/venv/.created", python="no-such-python")
    assert result.returncode != 0
    assert "cfgui needs Python 3.11 or newer and found none" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_make_refuses_an_old_python(project: Path, tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    result = make(project, f"VENV={tmp_path}/venv", f"{tmp_path}/venv/.created", python=str(old))
    assert result.returncode != 0
    assert "found none" in result.stderr


def test_missing_libraries_are_named_with_the_packages_that_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "_loads", lambda name: name not in ("libEGL.so.1", "libxcb-cursor.so.0"))
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    missing = system_libraries.missing_libraries()
    assert missing == ["libEGL.so.1", "libxcb-cursor.so.0"]
    assert system_libraries.missing_libraries(x11=False) == ["libEGL.so.1"]
    for installer, words in (
        ("apt-get", "sudo apt-get install libegl1 libxcb-cursor0"),
        ("dnf", "sudo dnf install 'libEGL.so.1()(64bit)' 'libxcb-cursor.so.0()(64bit)'"),
        ("none", "with the system's package manager"),
    ):
        monkeypatch.setattr(
            system_libraries.shutil, "which", lambda name, here=installer: name if name == here else None
        )
        assert words in system_libraries.advice(missing)


def test_root_on_debian_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(system_libraries, "missing_libraries", lambda: ["libEGL.so.1"])
    monkeypatch.setattr(system_libraries, "has_fonts", lambda: False)
    monkeypatch.setattr(system_libraries, "_install", lambda packages: installed.extend(packages) or 0)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: name)
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 0, raising=False)
    assert system_libraries.main(["--install"]) == 0
    assert installed == ["libegl1", "fonts-dejavu-core"]


def test_others_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(system_libraries, "missing_libraries", lambda: ["libEGL.so.1"])
    monkeypatch.setattr(system_libraries, "has_fonts", lambda: True)
    monkeypatch.setattr(system_libraries, "_install", lambda packages: pytest.fail("no right to install"))
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000, raising=False)
    assert system_libraries.main(["--install"]) == 0
    assert "libEGL.so.1" in capsys.readouterr().err


def test_a_library_that_is_not_there_does_not_load() -> None:
    assert not system_libraries._loads("libcfgui-no-such-library.so.1")
