"""The import report as text to save and as data to print."""

from __future__ import annotations

from collections.abc import Sequence

from cfgui.core.import_report import REASONS, ImportReport, RejectedRows
from cfgui.io.table_options import ENCODINGS

MAX_RANGES = 2000
"""Ranges of line numbers written for one reason."""

_DUPLICATES = {"last": "the last one counts", "mean": "their mean counts", "refuse": "the file is refused"}


def report_text(report: ImportReport) -> str:
    """All of a report: counts, every reason with its line numbers as ranges, the remarks."""
    noun = "cells with something in them" if "crosstab" in report.format else "rows"
    lines = [f"Import report of {report.file}", "", f"Read as: {report.format}"]
    if report.encoding:
        lines.append(f"Encoding: {ENCODINGS.get(report.encoding, report.encoding)}")
    lines += [
        f"Read: {report.n_rows:,} {noun}",
        f"Left out: {report.n_rejected:,}",
        f"Given more than once: {report.n_duplicates:,}"
        + (f" ({_DUPLICATES.get(report.duplicates, report.duplicates)})" if report.n_duplicates else ""),
    ]
    for rejected in report.rejected:
        lines += ["", *_reason_lines(rejected)]
    if report.remarks:
        lines += ["", "Remarks:", *(f"- {remark}" for remark in report.remarks)]
    return "\n".join(lines) + "\n"


def _reason_lines(rejected: RejectedRows) -> list[str]:
    lines = [f"{REASONS.get(rejected.reason, rejected.reason)}: {rejected.count:,}"]
    if rejected.example:
        lines.append(f"  for example: {rejected.example}")
    ranges = line_ranges(rejected.lines.tolist())
    if ranges:
        shown = ", ".join(ranges[:MAX_RANGES])
        known = f", … (the first {len(rejected.lines):,} are known)" if len(rejected.lines) < rejected.count else ""
        more = f", … ({len(ranges) - MAX_RANGES:,} ranges more)" if len(ranges) > MAX_RANGES else known
        lines.append(f"  line{'' if ranges == [str(rejected.lines[0])] else 's'} {shown}{more}")
    return lines


def line_ranges(numbers: Sequence[int]) -> list[str]:
    """Ascending numbers as ranges: 2, 3, 4, 7 become "2-4" and "7"."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
