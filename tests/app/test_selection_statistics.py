"""The status bar's numbers against plain numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from cfgui.app.block import Block
from cfgui.app.blocks import PredictionsBlock, RatingsBlock
from cfgui.app.edits import SetWeights
from cfgui.app.embedding_blocks import LookupsBlock, UserTableBlock
from cfgui.app.selection_statistics import Rectangle, SelectionStatistics, selection_statistics
from cfgui.app.session import Session
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Mask
from cfgui.io.sample import sample_document
from tests.helpers.predictions import all_predictions


def everything(block: Block) -> list[Rectangle]:
    return [(slice(0, block.shape[0]), slice(0, block.shape[1]))]


def cells(mask: Mask) -> list[Rectangle]:
    return [(slice(row, row + 1), slice(column, column + 1)) for row, column in np.argwhere(mask).tolist()]


@pytest.mark.parametrize("model", ["dot", "bias"])
@settings(max_examples=60, deadline=None)
@given(selected=arrays(np.bool_, (15, 15)))
def test_ratings_and_predictions(model: str, selected: Mask) -> None:
    session = Session(sample_document(), Hyperparameters(), name="original")
    rated, crosstab = session.ratings.rated, session.ratings.crosstab
    both = selected & rated
    rmse = np.sqrt(((crosstab - all_predictions(session, model))[both] ** 2).mean()) if both.any() else None
    for block, numbers in (
        (RatingsBlock(session, model), crosstab[both]),
        (PredictionsBlock(session, model), all_predictions(session, model)[selected]),
    ):
        found = selection_statistics(block, cells(selected))
        if not len(numbers):
            assert found is None
            continue
        assert found is not None
        assert found.count == len(numbers)
        assert (found.minimum, found.maximum) == (numbers.min(), numbers.max())
        assert found.sum == pytest.approx(numbers.sum(), abs=1e-11)
        assert found.mean == pytest.approx(numbers.mean(), abs=1e-12)
        assert found.rmse == (None if rmse is None else pytest.approx(rmse, abs=1e-12))


def test_all_of_the_original(session: Session) -> None:
    found = selection_statistics(RatingsBlock(session, "dot"), everything(RatingsBlock(session, "dot")))
    assert found is not None
    assert (found.count, found.minimum, found.maximum) == (206, 1.0, 5.0)
    assert found.rmse == session.rmse("dot")
    predicted = selection_statistics(PredictionsBlock(session, "bias"), everything(PredictionsBlock(session, "bias")))
    assert predicted is not None
    assert (predicted.count, predicted.rmse) == (225, session.rmse("bias"))


def test_by_hand(small: Session) -> None:
    selected = np.array([[True, False, True], [True, True, False]])
    ratings, predictions = RatingsBlock(small, "dot"), PredictionsBlock(small, "dot")
    rmse = math.sqrt((1.0 + 4.0 + 0.25) / 3)
    assert selection_statistics(ratings, cells(selected)) == SelectionStatistics(3, 10.0, 10.0 / 3, 2.0, 5.0, rmse)
    assert selection_statistics(predictions, cells(selected)) == SelectionStatistics(4, 11.0, 2.75, 0.5, 5.0, rmse)


def test_weights_have_no_rmse(session: Session) -> None:
    factors = session.sheet("bias").factors
    users, movies = (kind(session, "bias") for kind in (UserWeightsBlock, MovieWeightsBlock))
    found = selection_statistics(users, everything(users))
    assert found is not None
    assert (found.count, found.rmse) == (90, None)
    assert found.sum == pytest.approx(factors.user_factors.sum() + factors.user_bias.sum(), abs=1e-12)
    only_bias = np.zeros(movies.shape, dtype=np.bool_)
    only_bias[0] = True
    found = selection_statistics(movies, cells(only_bias))
    assert found is not None
    assert (found.count, found.mean) == (15, pytest.approx(factors.movie_bias.mean(), abs=1e-14))


def test_ids_are_no_numbers(session: Session) -> None:
    for block in (UserTableBlock(session), LookupsBlock(session)):
        ids = np.zeros(block.shape, dtype=np.bool_)
        ids[:, 1] = True
        assert selection_statistics(block, cells(ids)) is None


def test_nothing_selected_is_none(session: Session) -> None:
    block = RatingsBlock(session, "dot")
    assert selection_statistics(block, cells(np.zeros(block.shape, dtype=np.bool_))) is None
    assert selection_statistics(block, cells(~session.ratings.rated)) is None


def test_cancelling_numbers_add_up_exactly(small: Session) -> None:
    small.restore(SetWeights("dot", {("user_factors", 0, 0): 1e17, ("user_factors", 1, 1): -1e17}).apply(small.state))
    found = selection_statistics(UserWeightsBlock(small, "dot"), everything(UserWeightsBlock(small, "dot")))
    assert found is not None
    assert found.sum == 2.5


@pytest.mark.filterwarnings("ignore:overflow")
def test_numbers_too_large_to_add_up_are_infinite(small: Session) -> None:
    cells = {("user_factors", 0, 0): 1e308, ("user_factors", 1, 0): 1e308}
    small.restore(SetWeights("dot", cells).apply(small.state))
    users, predictions = UserWeightsBlock(small, "dot"), PredictionsBlock(small, "dot")
    found = selection_statistics(users, everything(users))
    assert found is not None
    assert (found.sum, found.minimum, found.maximum) == (math.inf, 0.5, 1e308)
    small.restore(SetWeights("dot", {("user_factors", 1, 0): -1e308}).apply(small.state))
    found = selection_statistics(predictions, everything(predictions))
    assert found is not None
    assert (found.minimum, found.maximum) == (-math.inf, math.inf)
    assert math.isnan(found.sum)
