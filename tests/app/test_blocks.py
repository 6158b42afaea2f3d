"""Blocks of ``dotprod`` and ``bias``: addresses as on the sheet, values, texts, and the edits they make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.block import ALL, Block, rating_text, weight_text
from cfgui.app.blocks import PredictionsBlock, RatingsBlock, RmseBlock
from cfgui.app.edits import SetFactorCount, SetRatings, SetWeights
from cfgui.app.layer_blocks import LayerBlock
from cfgui.app.session import Session
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.structure import starting_weights
from tests.helpers.predictions import all_predictions

KINDS = (RatingsBlock, MovieWeightsBlock, UserWeightsBlock, PredictionsBlock, RmseBlock)


@pytest.mark.parametrize(
    ("model", "kind", "row", "column", "address"),
    [
        ("dot", RatingsBlock, 0, 0, "H2"),
        ("dot", RatingsBlock, 14, 14, "V16"),
        ("dot", MovieWeightsBlock, 0, 0, "H19"),
        ("dot", MovieWeightsBlock, 4, 14, "V23"),
        ("dot", UserWeightsBlock, 0, 0, "B25"),
        ("dot", UserWeightsBlock, 14, 4, "F39"),
        ("dot", PredictionsBlock, 0, 0, "H25"),
        ("dot", PredictionsBlock, 14, 14, "V39"),
        ("dot", RmseBlock, 0, 0, "V41"),
        ("bias", RatingsBlock, 0, 0, "H2"),
        ("bias", MovieWeightsBlock, 0, 0, "H19"),
        ("bias", MovieWeightsBlock, 1, 0, "H20"),
        ("bias", MovieWeightsBlock, 5, 14, "V24"),
        ("bias", UserWeightsBlock, 0, 0, "A26"),
        ("bias", UserWeightsBlock, 14, 0, "A40"),
        ("bias", UserWeightsBlock, 0, 1, "B26"),
        ("bias", UserWeightsBlock, 14, 5, "F40"),
        ("bias", PredictionsBlock, 0, 0, "H26"),
        ("bias", PredictionsBlock, 14, 14, "V40"),
        ("bias", RmseBlock, 0, 0, "V42"),
    ],
)
def test_addresses_are_the_spreadsheets(
    session: Session, model: str, kind: type[Block], row: int, column: int, address: str
) -> None:
    assert kind(session, model).address(row, column) == address


@pytest.mark.parametrize("n_factors", [1, 5, 8])
@pytest.mark.parametrize("model", ["dot", "bias"])
def test_place_is_the_inverse_of_address(session: Session, model: str, n_factors: int) -> None:
    session.restore(SetFactorCount(model, n_factors, 1).apply(session.state))
    blocks = [kind(session, model) for kind in KINDS]
    seen: set[str] = set()
    for block in blocks:
        n_rows, n_columns = block.shape
        for row in range(n_rows):
            for column in range(n_columns):
                address = block.address(row, column)
                found = block.layout.block_at(address)
                assert found is not None
                assert block.place(*found) == (row, column)
                assert [other.name for other in blocks if other.place(*found)] == [block.name]
                seen.add(address)
    bias = int(model == "bias")
    assert len(seen) == 2 * 225 + 30 * (n_factors + bias) + 1


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_shapes_values_texts_and_headers_agree(session: Session, model: str) -> None:
    for kind in KINDS:
        block = kind(session, model)
        values = block.values()
        assert values.shape == block.shape
        assert np.isnan(values).sum() == (19 if kind is RatingsBlock else 0)
        for row, column in np.ndindex(*block.shape):
            value = block.value(row, column)
            if value is None:
                assert np.isnan(values[row, column])
                assert block.text(row, column) == block.full_text(row, column) == ""
                continue
            assert value == values[row, column]
            assert float(block.full_text(row, column)) == value
            assert float(block.text(row, column)) == pytest.approx(value, abs=0.005 + 1e-12)
            assert block.tip(row, column)
        assert all(isinstance(block.row_header(row), str) and block.row_tip(row) for row in range(block.shape[0]))
        assert [block.column_header(column) for column in range(block.shape[1])]


def test_weights_stand_as_on_the_bias_sheet(small: Session) -> None:
    movies, users = MovieWeightsBlock(small, "bias"), UserWeightsBlock(small, "bias")
    assert movies.values().tolist() == [[0.25, 0.0, -1.0], [2.0, 1.0, 5.0], [1.0, 0.0, 0.0]]
    assert users.values().tolist() == [[0.5, 1.0, 2.0], [-0.5, 0.5, 0.5]]
    assert MovieWeightsBlock(small, "dot").values().tolist() == [[2.0, 1.0, 5.0], [1.0, 0.0, 0.0]]
    assert [movies.row_header(row) for row in range(3)] == ["bias", "factor 1", "factor 2"]
    assert [users.column_header(column) for column in range(3)] == ["bias", "1", "2"]


def test_a_weight_cell_is_where_its_value_is(session: Session) -> None:
    for model in ("dot", "bias"):
        for block in (MovieWeightsBlock(session, model), UserWeightsBlock(session, model)):
            for row, column in np.ndindex(*block.shape):
                edit = block.edit({(row, column): 77.5})
                assert isinstance(edit, SetWeights)
                after = edit.apply(session.state).sheets[model].factors
                expected = block.values().copy()
                expected[row, column] = 77.5
                assert np.array_equal(block._table(after, ALL, ALL), expected)


def test_ratings_are_shown_as_typed(session: Session) -> None:
    block = RatingsBlock(session, "dot")
    assert (block.text(0, 0), block.value(0, 0)) == ("3", 3.0)
    session.restore(SetRatings({(0, 0): 3.25, (0, 1): None}).apply(session.state))
    assert (block.text(0, 0), block.text(0, 1), block.value(0, 1)) == ("3.25", "", None)
    assert (rating_text(4.0), rating_text(3.5), rating_text(0.1 + 0.2)) == ("4", "3.5", "0.3")


def test_weights_are_shown_to_two_decimals() -> None:
    assert [weight_text(value) for value in (0.714, -1.005e3, 12345678.0)] == ["0.71", "-1,005.00", "1.2e+07"]


def test_headers_and_tips_name_what_they_stand_for(session: Session) -> None:
    ratings, predictions = RatingsBlock(session, "dot"), PredictionsBlock(session, "dot")
    assert (ratings.row_header(0), ratings.column_header(0)) == ("14", "27")
    assert ratings.tip(0, 0) == "user 14 · movie 27 · Braveheart (1995)"
    value = all_predictions(session, "dot")[0, 0]
    assert predictions.tip(0, 0) == (
        f"user 14 · movie 27 · Braveheart (1995) · predicted {value:.2f}, rated 3, residual {3 - value:+.2f}"
    )
    user, movie = (int(index[0]) for index in np.nonzero(~session.ratings.rated))
    assert predictions.tip(user, movie).endswith("not rated")


def test_only_what_is_typed_can_be_edited(session: Session) -> None:
    assert [kind(session, "dot").can_edit(0, 0) for kind in KINDS] == [True, True, True, False, False]
    with pytest.raises(ValueError, match="edit a factor or a rating instead"):
        PredictionsBlock(session, "dot").edit({(0, 0): 1.0})
    with pytest.raises(ValueError, match="only ratings may be left blank"):
        UserWeightsBlock(session, "dot").edit({(0, 0): 1.0, (0, 1): None})
    assert RatingsBlock(session, "dot").edit({(0, 0): None}) == SetRatings({(0, 0): None})


def test_changed_is_new_minus_old(small: Session) -> None:
    users, predictions = UserWeightsBlock(small, "dot"), PredictionsBlock(small, "dot")
    assert users.changed() is None
    assert predictions.changed() is None
    assert RatingsBlock(small, "dot").changed() is None
    small.restore(SetWeights("dot", {("user_factors", 1, 0): 2.5}).apply(small.state))
    change, moved = users.changed(), predictions.changed()
    assert change is not None
    assert change.tolist() == [[0.0, 0.0], [2.0, 0.0]]
    assert moved is not None
    assert moved.tolist() == [[0.0, 0.0, 0.0], [4.0, 2.0, 10.0]]
    small.restore(SetFactorCount("dot", 3, 0).apply(small.state))
    assert users.changed() is None


def test_rmse_block_is_the_one_number(session: Session) -> None:
    assert RmseBlock(session, "dot").full_text(0, 0) == repr(session.rmse("dot"))
    assert RmseBlock(session, "dot").text(0, 0) == "2.81"
    assert RmseBlock(session, "bias").text(0, 0) == "2.02"


# Nets


def test_the_layers_are_blocks_with_names_for_every_row_and_column(session: Session) -> None:
    first, last, none = (LayerBlock(session, "neural", number) for number in (1, 2, 3))
    assert (first.shape, last.shape, none.shape) == ((11, 10), (11, 1), (0, 0))
    assert [first.row_header(row) for row in (0, 4, 5, 9, 10)] == ["user f1", "user f5", "movie f1", "movie f5", "bias"]
    assert [last.row_header(row) for row in (0, 9, 10)] == ["hidden 1", "hidden 10", "bias"]
    assert (first.column_header(0), last.column_header(0)) == ("1", "score")
    output = LayerBlock(session, "ordinal", 2)
    assert [output.column_header(column) for column in range(8)] == ["1", "2", "2.5", "3", "3.5", "4", "4.5", "5"]
    for block in (first, last, output):
        assert all(block.row_tip(row) for row in range(block.shape[0]))
        assert all(block.column_tip(column) for column in range(block.shape[1]))
        assert block.tip(0, 0)
        assert block.tip(block.n_inputs, 0).startswith(("layer 1 · bias of", "output · bias of"))


@pytest.mark.parametrize("model", ["neural", "ordinal"])
def test_every_weight_of_a_net_is_one_cell_with_its_own_address(session: Session, model: str) -> None:
    factors = starting_weights(
        session.ratings, Hyperparameters(model=model, n_factors=4, n_movie_factors=6, hidden="7,3")
    )
    sheet = replace(session.sheet(model), factors=factors, start=factors)
    session.restore(session.state.with_sheet(model, sheet))
    layers = [LayerBlock(session, model, number) for number in (1, 2, 3)]
    blocks = [MovieWeightsBlock(session, model), UserWeightsBlock(session, model), *layers]
    assert [block.shape for block in blocks[:2]] == [(6, 15), (15, 4)]
    places, addresses = set(), set()
    for block in blocks:
        for row, column in np.ndindex(*block.shape):
            edit = block.edit({(row, column): 77.5})
            assert isinstance(edit, SetWeights)
            after = edit.apply(session.state).sheets[model].factors
            (place,) = np.flatnonzero(after.flat() != factors.flat()).tolist()
            places.add(place)
            expected = block.values().copy()
            expected[row, column] = 77.5
            assert np.array_equal(block._table(after, ALL, ALL), expected)
            assert block.value(row, column) == factors.flat()[place]
            address = block.address(row, column)
            found = block.layout.block_at(address)
            assert found is not None
            assert block.place(*found) == (row, column)
            assert [other.name for other in blocks if other.place(*found)] == [block.name]
            addresses.add(address)
    assert len(places) == len(addresses) == factors.n_parameters


def test_what_changed_in_a_layer_and_in_predictions(session: Session) -> None:
    block, predictions = LayerBlock(session, "neural", 2), PredictionsBlock(session, "neural")
    assert block.changed() is None
    before, start = predictions.values(), float(block.values()[10, 0])
    session.restore(SetWeights("neural", {("layer2.bias", 0, 0): start + 2.0}).apply(session.state))
    change, moved = block.changed(), predictions.changed()
    assert change is not None
    assert change[:, 0] == pytest.approx([0.0] * 10 + [2.0], abs=1e-12)
    assert moved is not None
    assert moved == pytest.approx(predictions.values() - before, abs=1e-12)


def test_probabilities_of_an_ordinal_net_make_its_predictions(session: Session) -> None:
    block = PredictionsBlock(session, "ordinal")
    shares = block.shares(slice(2, 5), slice(1, 9))
    assert shares is not None
    assert shares.shape == (3, 8, 8)
    assert shares.sum(axis=2) == pytest.approx(1.0)
    classes = np.array(session.sheet("ordinal").factors.classes)
    assert shares @ classes == pytest.approx(block.part(slice(2, 5), slice(1, 9)))
    assert PredictionsBlock(session, "neural").shares(ALL, ALL) is None
