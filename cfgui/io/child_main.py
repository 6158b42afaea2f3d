"""The inside of a child process: one job from standard input, one answer to standard output."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    """Read the job, do it, answer. An error that has a plain sentence goes back as one."""
    # The answer has standard output for itself: what any library prints there goes nowhere.
    answer_to = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays open until the process ends
    head, _, payload = sys.stdin.buffer.read().partition(b"\n")
    job: dict[str, Any] = json.loads(head)
    try:
        described, result = _JOBS[job["verb"]](job, payload)
    except (ValueError, OSError) as error:
        described = {"error": type(error).__name__, "message": str(error), "errno": getattr(error, "errno", None)}
        result = b""
    answer_to.write(json.dumps(described).encode("ascii") + b"\n" + result)
    answer_to.close()


def _read(job: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    _limit_memory(int(job["memory"]))
    from cfgui.io.document_codec import encode_document
    from cfgui.io.progress_note import note_in
    from cfgui.io.workbook_import import read_workbook

    if "note" in job:
        note_in(Path(job["note"]))
    return {}, encode_document(read_workbook(Path(job["path"])))


def _write(job: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    from cfgui.io.document_codec import decode_document
    from cfgui.io.workbook_export import fill_workbook

    scratch = Path(job["scratch"])
    fill_workbook(decode_document(payload), Path(job["path"]), values_only=bool(job["values_only"]), scratch=scratch)
    return {}, b""


def _write_values(job: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    from cfgui.io.value_workbook import write_values_job

    write_values_job(job)
    return {}, b""


def _sheet_rows(job: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    _limit_memory(int(job["memory"]))
    from cfgui.io.sheet_text import sheet_rows_job

    return sheet_rows_job(job), b""


def _sheet_text(job: Mapping[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    _limit_memory(int(job["memory"]))
    from cfgui.io.sheet_text import sheet_text_job

    return sheet_text_job(job), b""


_JOBS = {
    "read": _read,
    "write": _write,
    "write_values": _write_values,
    "sheet_rows": _sheet_rows,
    "sheet_text": _sheet_text,
}


def _limit_memory(n_bytes: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limit, macOS ignores it
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(
            resource.RLIMIT_AS, (n_bytes if hard == resource.RLIM_INFINITY else min(n_bytes, hard), hard)
        )
