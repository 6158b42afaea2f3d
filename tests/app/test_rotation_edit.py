"""RotateFactors: an edit like any other, which changes weights and no prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.rotation_edit import RotateFactors
from cfgui.app.session import Session
from cfgui.core.curve import Curve
from cfgui.core.models import predict_all
from cfgui.core.rotation import rotated


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_predictions_stay_and_the_rest_of_the_sheet(session: Session, model: str) -> None:
    curve = Curve("run 1", [0, 3], [2.0, 1.0])
    trained = replace(session.sheet(model), curve=curve, step=3, seen=3, optimizer_state="adam's", samples=None)
    session.restore(session.state.with_sheet(model, trained))
    before = session.state
    session.restore(RotateFactors(model).apply(before))
    old, new = before.sheets[model], session.sheet(model)
    predictions = predict_all(old.factors)
    assert np.abs(predict_all(new.factors) - predictions).max() <= 1e-12 * np.abs(predictions).max()
    assert session.rmse(model) == pytest.approx(2.806062061648313 if model == "dot" else 2.018003803304626, rel=1e-12)
    assert (new.step, new.seen, new.curve, new.start) == (3, 3, curve, old.start)
    assert new.before is old.factors
    assert new.optimizer_state is None
    assert new.samples is None
    other = "bias" if model == "dot" else "dot"
    assert session.sheet(other) is before.sheets[other]
    session.restore(before)
    assert session.sheet(model).factors is old.factors


def test_a_rotation_worked_out_before_is_used_only_for_its_own_weights(session: Session) -> None:
    factors = session.sheet("dot").factors
    prepared = rotated(factors)
    assert RotateFactors("dot", prepared).apply(session.state).sheets["dot"].factors is prepared.factors
    elsewhere = replace(session.sheet("dot"), factors=factors.copy())
    state = session.state.with_sheet("dot", elsewhere)
    assert RotateFactors("dot", prepared).apply(state).sheets["dot"].factors is not prepared.factors


def test_a_net_is_refused_in_a_sentence(session: Session) -> None:
    with pytest.raises(ValueError, match=r"The factors of a net cannot be rotated: .*Choose the sheet"):
        RotateFactors("neural").apply(session.state)
