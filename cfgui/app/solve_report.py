"""Solve's answer report, made from the state before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cfgui.app.answer_report import AnswerReport, VariableCell
from cfgui.app.blocks import RmseBlock
from cfgui.app.layer_blocks import LayerBlock
from cfgui.app.session import Session
from cfgui.app.sheet_state import SheetState, State
from cfgui.app.training_run import Snapshot
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.app.weights import weight_name, weight_value
from cfgui.core.decay import has_decay
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lbfgs import MEMORY
from cfgui.core.models import rmse


def make_answer_report(session: Session, model: str, before: State, snapshot: Snapshot) -> AnswerReport:
    """What Solve did to one model's sheet: ``before`` is the state before it, the session holds the one after."""
    return AnswerReport(
        engine=f"L-BFGS ({MEMORY} moves remembered, strong Wolfe line search)",
        objective_address=f"{RmseBlock(session, model).layout.sheet}!{RmseBlock(session, model).address(0, 0)}",
        original_value=_original_value(session, before.sheets[model], snapshot),
        final_value=session.rmse(model),
        iterations=snapshot.n_steps,
        seconds=snapshot.seconds,
        gradient="exact, in closed form",
        stop_reason=snapshot.stop_reason or "you paused it",
        cells=tuple(_variable_cells(session, model, before)),
        minimised=_minimised(replace(session.hyperparameters, model=model)),
    )


def _minimised(choices: Hyperparameters) -> str:
    """What Solve minimises where that is not the squared error, whose root the sheet shows; else nothing."""
    bce = choices.loss == "bce"
    name = "Cross-entropy of the classes" if choices.model == "ordinal" else "Binary cross-entropy" if bce else ""
    if has_decay(choices):
        return f"{name or 'Squared error'} plus the decay of the weights"
    return name


def _original_value(session: Session, before: SheetState, snapshot: Snapshot) -> float:
    """The RMSE before: the run has noted it in its curve; of an edited sheet that stood elsewhere it is computed."""
    curve = snapshot.sheet.curve
    noted = curve.rmses[curve.steps == before.step]
    return float(noted[-1]) if len(noted) else rmse(session.scope.factors(before.factors), session.scope.ratings)


def _variable_cells(session: Session, model: str, before: State) -> Iterator[VariableCell]:
    factors, old = session.sheet(model).factors, before.sheets[model].factors
    layers = [LayerBlock(session, model, number) for number in range(1, len(factors.layers) + 1)]
    for block in (MovieWeightsBlock(session, model), UserWeightsBlock(session, model), *layers):
        n_rows, n_columns = block.shape
        for row in range(n_rows):
            for column in range(n_columns):
                cell = block.weight_cell(row, column)
                name, values = (
                    weight_name(session.ratings, factors, cell),
                    (weight_value(old, cell), weight_value(factors, cell)),
                )
                yield VariableCell(block.address(row, column), name, *values)
