"""The import report as text to show and to save."""

from __future__ import annotations

from pathlib import Path

from cfgui.core.import_report import ImportReport
from cfgui.io.atomic import atomic_write


def import_report_text(report: ImportReport | None, remarks: tuple[str, ...] = ()) -> str:
    """All of a report; for a workbook, which has none, its remarks."""
    if report is None:
        return "\n".join(f"• {remark}" for remark in remarks) or "Nothing unusual."
    from cfgui.io.report_text import report_text

    return report_text(report)


def save_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8, all or nothing. Raises ``SaveError`` with one plain sentence."""
    with atomic_write(path) as temporary:
        temporary.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
