"""The answer report: its sentence, its text and the order of its cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cfgui.app.answer_report import AnswerReport, VariableCell

REPORT = AnswerReport(
    engine="L-BFGS",
    objective_address="dotprod!V41",
    original_value=2.8060620616483134,
    final_value=0.39290079,
    iterations=1412,
    seconds=0.2134,
    gradient="exact derivatives",
    stop_reason="gradient is zero to 1e-9",
    cells=(VariableCell("B25", "user 14 factor 1", 0.1, 0.3), VariableCell("H19", "movie 27 factor 1", 2.0, -0.5)),
)


def test_the_text_reads_like_a_report() -> None:
    assert REPORT.text().splitlines() == [
        "Answer report",
        "RMSE fell from 2.80606 to 0.392901.",
        "",
        "Engine:          L-BFGS",
        "Gradient:        exact derivatives",
        "Iterations:      1,412",
        "Time:            0.213 s",
        "Stopped because: gradient is zero to 1e-9",
        "",
        "Objective cell (minimise)",
        "Cell         Name      Original value  Final value               Change",
        "dotprod!V41  RMSE  2.8060620616483134   0.39290079  -2.4131612716483133",
        "",
        "Variable cells",
        "Cell  Name               Original value  Final value               Change",
        "B25   user 14 factor 1              0.1          0.3  0.19999999999999998",
        "H19   movie 27 factor 1             2.0         -0.5                 -2.5",
    ]


def test_a_report_without_progress_says_so() -> None:
    stuck = replace(REPORT, final_value=REPORT.original_value)
    assert stuck.result == "Nothing lower was found: RMSE stays at 2.80606."


def test_a_loss_that_the_sheet_does_not_show_is_named() -> None:
    report = replace(REPORT, minimised="Cross-entropy of the classes")
    assert report.objective == "Cross-entropy of the classes; RMSE in dotprod!V41 only follows"
    assert "Objective: Cross-entropy of the classes" in report.text().splitlines()
    assert replace(report, final_value=3.0).result == "RMSE rose from 2.80606 to 3."
    assert REPORT.objective == "RMSE in dotprod!V41, minimised"


def test_a_report_without_cells_is_still_a_report() -> None:
    lines = replace(REPORT, cells=()).text().splitlines()
    assert lines[-2:] == ["Variable cells", "Cell  Name  Original value  Final value  Change"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("B2", "B10"), ("Z99", "AA1"), ("B25", "H19"), ("dotprod!$B$25", "dotprod!$C$1"), ("b2", "C1")],
)
def test_cells_sort_as_they_stand_on_the_sheet(first: str, second: str) -> None:
    assert VariableCell(first, "", 0, 0).place < VariableCell(second, "", 0, 0).place


def test_an_odd_address_comes_first_and_does_no_harm() -> None:
    assert VariableCell("somewhere", "", 0, 0).place < VariableCell("A1", "", 0, 0).place
