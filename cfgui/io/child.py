"""Work in a child process: files from strangers get a time and a memory limit, slow writers keep off the window.

The child is a fresh interpreter that imports ``cfgui.io.child_main`` and nothing of the program that started it, so it
works alike from ``main.py``, from the console script and under pytest, and never runs any of them again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cfgui.io.progress_note import NoteReader
from cfgui.io.table_options import Report

MEMORY_LIMIT = 2 * 2**30
"""Bytes of address space for a reading child, where the system knows such a limit."""

_POLL_SECONDS = 0.05
_PACKAGE_FOLDER = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path[:] = {path!r}; from cfgui.io.child_main import main; main()"


class Cancelled(Exception):  # noqa: N818 - it is a wish that was granted, not a fault
    """The person asked to stop; nothing was changed."""


class ChildTimeout(Exception):  # noqa: N818 - the caller turns it into the sentence that fits
    """The child did not finish in time and was ended."""


class ChildDied(Exception):  # noqa: N818 - the caller turns it into the sentence that fits
    """The child ended without an answer: out of memory, or ended from outside."""


def run_child(
    job: Mapping[str, object],
    payload: bytes = b"",
    *,
    timeout: float | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Mapping[str, object], bytes]:
    """Have a child do ``job`` with ``payload``; returns its answer: a mapping and bytes.

    ``cancelled`` is asked about 20 times a second. Raises Cancelled, ChildTimeout or ChildDied; the child has ended by
    then in every case.
    """
    deadline = None if timeout is None else time.monotonic() + timeout

    def look() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if deadline is not None and time.monotonic() > deadline:
            raise ChildTimeout

    return _run(job, payload, look)


def run_reporting_child(
    job: Mapping[str, object],
    payload: bytes = b"",
    *,
    stall: float,
    report: Report,
    cancelled: Callable[[], bool],
) -> tuple[Mapping[str, object], bytes]:
    """As ``run_child``, for long work: the child says how far it is and has ``stall`` seconds from word to word.

    The child finds in ``job["note"]`` the path for its ``NoteWriter``; what it notes goes to ``report``.
    """
    with tempfile.TemporaryDirectory(prefix="cfgui-") as folder:
        note = Path(folder, "note")
        reader, deadline = NoteReader(note), time.monotonic() + stall

        def look() -> None:
            nonlocal deadline
            if cancelled():
                raise Cancelled
            if (news := reader.news()) is not None:
                deadline = time.monotonic() + stall
                report(news)
            if time.monotonic() > deadline:
                raise ChildTimeout

        return _run({**job, "note": str(note)}, payload, look)


def _run(job: Mapping[str, object], payload: bytes, look: Callable[[], None]) -> tuple[Mapping[str, object], bytes]:
    request = json.dumps(dict(job)).encode("ascii") + b"\n" + payload
    process = _start()
    try:
        answer = _converse(process, request, look)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
    head, separator, rest = answer.partition(b"\n")
    if not separator:
        raise ChildDied
    described: Mapping[str, object] = json.loads(head)
    return described, rest


def _start() -> subprocess.Popen[bytes]:
    folders = [_PACKAGE_FOLDER, *(folder for folder in sys.path if folder and folder != _PACKAGE_FOLDER)]
    return subprocess.Popen(
        [sys.executable, "-c", _START.format(path=folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # One thread of linear algebra: each more reserves address space, which counts against the memory limit.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _converse(process: subprocess.Popen[bytes], request: bytes, look: Callable[[], None]) -> bytes:
    """What the child answers; ``look`` is called about 20 times a second and may raise."""
    to_send: bytes | None = request
    while True:
        try:
            return process.communicate(to_send, timeout=_POLL_SECONDS)[0]
        except subprocess.TimeoutExpired:
            to_send = None  # it was taken over at the first call
        look()
