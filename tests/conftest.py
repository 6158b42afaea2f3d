"""What every test gets: no real screen, no leaked thread or process, and a reason where something is not installed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything imports Qt, torch or numba.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

PROJECT = Path(__file__).resolve().parents[1]
LEAK_SECONDS = 2.0
"""How long what a test started may take to end after it."""


@pytest.fixture(autouse=True)
def _no_leaks() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + LEAK_SECONDS
    while (left := _running(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"left running: {', '.join(left)}"


def _running(before: set[threading.Thread]) -> list[str]:
    # A _DummyThread stands for a thread that Python did not start and cannot see the end of.
    threads = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    return [thread.name for thread in threads] + [child.name for child in multiprocessing.active_children()]


@pytest.fixture(scope="session")
def project() -> Path:
    """The top folder of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference files beside the checkout."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference files beside the checkout, ../shared, are not here")
    return folder


@pytest.fixture(scope="session")
def soffice() -> str:
    """The program of LibreOffice."""
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return found


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """The DISPLAY of an X server that draws into memory."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    command = [program, "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        yield f":{number}"
        server.terminate()
