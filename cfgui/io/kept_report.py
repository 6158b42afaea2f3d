"""The report of an import as part of an archive, and back."""

from __future__ import annotations

from typing import TypeVar

from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.io.archive import Archive, ArchiveError, Array

Kind = TypeVar("Kind")

_FIELDS = ("file", "format", "encoding", "n_rows", "n_duplicates", "duplicates")


def report_head(report: ImportReport | None) -> dict[str, object] | None:
    """What the head says of a report; its line numbers are members."""
    if report is None:
        return None
    return {
        **{name: getattr(report, name) for name in _FIELDS},
        "rejected": [[rows.reason, rows.count, rows.example] for rows in report.rejected],
        "remarks": list(report.remarks),
    }


def report_members(report: ImportReport | None) -> dict[str, Array]:
    """The line numbers of rows that were left out."""
    rejected = () if report is None else report.rejected
    return {f"rejected{number}.lines": rows.lines for number, rows in enumerate(rejected)}


def read_report(archive: Archive, head: object) -> ImportReport | None:
    """The report that a head describes. Raises ArchiveError, KeyError, TypeError where it describes none."""
    if head is None:
        return None
    if not isinstance(head, dict):
        raise ArchiveError("no report")
    rejected = []
    for number, (reason, count, example) in enumerate(_checked(head["rejected"], list)):
        lines = archive.array(f"rejected{number}.lines", "<i8", (None,))
        rejected.append(RejectedRows(_checked(reason, str), _checked(count, int), lines, _checked(example, str)))
    return ImportReport(
        file=_checked(head["file"], str),
        format=_checked(head["format"], str),
        encoding=_checked(head["encoding"], str),
        n_rows=_checked(head["n_rows"], int),
        n_duplicates=_checked(head["n_duplicates"], int),
        duplicates=_checked(head["duplicates"], str),
        rejected=tuple(rejected),
        remarks=read_texts(head["remarks"]),
    )


def read_texts(value: object) -> tuple[str, ...]:
    """A list of sentences. Raises ArchiveError."""
    return tuple(_checked(sentence, str) for sentence in _checked(value, list))


def _checked(value: object, kind: type[Kind]) -> Kind:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ArchiveError(f"no {kind.__name__}")
    return value
