"""The answer report of a real Solve: every variable cell with its address, and the numbers before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cfgui.app.edits import SetStructure
from cfgui.app.session import Session
from cfgui.app.solve_report import make_answer_report
from cfgui.app.training_run import Snapshot, TrainingRun
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.core.hyperparameters import Hyperparameters


def solve(session: Session, model: str, steps: int | None = None) -> Snapshot:
    choices = Hyperparameters(model=model, optimizer="lbfgs", gradient="forward")
    run = TrainingRun(session.ratings, session.sheet(model), choices, steps=steps, gradient="exact")
    run.start()
    run.join()
    snapshot = run.take()
    assert snapshot is not None
    session.restore(session.state.with_sheet(model, snapshot.sheet))
    return snapshot


@pytest.mark.parametrize(
    ("model", "objective", "start", "best", "n_cells", "corners"),
    [
        ("dot", "dotprod!V41", 2.8060620616483134, 0.3930, 150, {"H19", "V23", "B25", "F39"}),
        ("bias", "bias!V42", 2.018003803304626, 0.3187, 180, {"H19", "V24", "A26", "F40"}),
    ],
)
def test_a_whole_solve(
    session: Session, model: str, objective: str, start: float, best: float, n_cells: int, corners: set[str]
) -> None:
    before = session.state
    snapshot = solve(session, model)
    report = make_answer_report(session, model, before, snapshot)
    assert report.objective_address == objective
    assert report.original_value == pytest.approx(start, abs=1e-14)
    assert report.final_value == session.rmse(model) <= best
    assert (report.iterations, report.seconds) == (snapshot.n_steps, snapshot.seconds)
    assert report.stop_reason == snapshot.stop_reason
    assert len(report.cells) == len({cell.address for cell in report.cells}) == n_cells
    assert corners <= {cell.address for cell in report.cells}


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_every_cell_has_its_own_numbers(session: Session, model: str) -> None:
    before = session.state
    old = {
        block.address(row, column): float(block.values()[row, column])
        for block in (MovieWeightsBlock(session, model), UserWeightsBlock(session, model))
        for row in range(block.shape[0])
        for column in range(block.shape[1])
    }
    snapshot = solve(session, model, steps=3)
    report = make_answer_report(session, model, before, snapshot)
    assert {cell.address: cell.original for cell in report.cells} == old
    for block in (MovieWeightsBlock(session, model), UserWeightsBlock(session, model)):
        values = block.values()
        final = {block.address(row, column): values[row, column] for row in range(len(values)) for column in (0, 4)}
        assert final.items() <= {cell.address: cell.final for cell in report.cells}.items()
    by_address = {cell.address: cell.name for cell in report.cells}
    assert by_address["H20" if model == "bias" else "H19"] == "movie 27 factor 1"
    assert by_address["B26" if model == "bias" else "B25"] == "user 14 factor 1"
    if model == "bias":
        assert (by_address["H19"], by_address["A26"]) == ("movie 27 bias", "user 14 bias")


def test_a_paused_solve_says_so(session: Session) -> None:
    before = session.state
    snapshot = replace(solve(session, "dot", steps=2), stop_reason="")
    assert make_answer_report(session, "dot", before, snapshot).stop_reason == "you paused it"


@pytest.mark.parametrize(
    ("choices", "minimised"),
    [
        ({"model": "dot"}, ""),
        ({"model": "ordinal"}, "Cross-entropy of the classes"),
        ({"model": "neural", "weight_decay": 0.1}, "Squared error plus the decay of the weights"),
        ({"model": "dot", "loss": "bce", "range": "sigmoid"}, "Binary cross-entropy"),
    ],
)
def test_the_report_names_the_loss(session: Session, choices: dict[str, object], minimised: str) -> None:
    model = str(choices["model"])
    session.activate(model)
    if "range" in choices:
        wanted = Hyperparameters(model=model, range="sigmoid")
        session.restore(SetStructure(wanted, "range").apply(session.state))
    session.choose(**{name: value for name, value in choices.items() if name in ("loss", "weight_decay")})  # type: ignore[arg-type]
    before = session.state
    report = make_answer_report(session, model, before, solve(session, model, steps=1))
    assert report.minimised == minimised
