"""Writing what an evaluation shows into files."""

from __future__ import annotations

from pathlib import Path

from cfgui.app.evaluation_report import EvaluationReport

TABLES = ("figures", "errors-by-user", "errors-by-movie")
"""What can be written, as files are named."""


def write_table(report: EvaluationReport, table: str, path: Path) -> None:
    """Write one of ``TABLES`` as CSV; for a thread of its own. Raises SaveError where the file cannot be written."""
    if table == "figures":
        from cfgui.io.figures_csv import write_figures

        write_figures(report.table(), path)
        return
    from cfgui.io.error_tables import write_movie_errors, write_user_errors

    if table == "errors-by-user":
        write_user_errors(report.split, report.by_user.errors, path)
    else:
        write_movie_errors(report.split, report.by_movie.errors, path)
