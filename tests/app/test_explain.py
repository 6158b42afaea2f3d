"""Explanations: formulas as on the sheet, terms that add up, derivatives that an independent computation confirms."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import numpy as np
import pytest

from cfgui.app.blocks import PredictionsBlock, RatingsBlock, RmseBlock
from cfgui.app.derivatives import derivative
from cfgui.app.edits import SetFactorCount, SetRatings, SetWeights, WeightCell
from cfgui.app.embedding_blocks import EmbeddingRmseBlock, LookupsBlock, MovieTableBlock, UserTableBlock
from cfgui.app.explain import (
    explain_lookup,
    explain_prediction,
    explain_rmse,
    explain_table_cell,
    explain_weight,
)
from cfgui.app.session import Session
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.app.weights import weight_name
from cfgui.core.ratings import Floats

WEIGHTS: list[WeightCell] = [
    ("user_factors", 0, 0),
    ("user_factors", 14, 4),
    ("movie_factors", 0, 0),
    ("movie_factors", 7, 2),
    ("user_bias", 3, 0),
    ("movie_bias", 14, 0),
]


def loss(session: Session, model: str, cell: WeightCell, nudge: float, weight_decay: float = 0.0) -> float:
    """MSE + L2 with one weight nudged, from the formula on the sheet and plain numpy."""
    factors = session.sheet(model).factors
    tables: dict[str, Floats] = {
        "user_factors": factors.user_factors.copy(),
        "movie_factors": factors.movie_factors.copy(),
    }
    if factors.user_bias is not None and factors.movie_bias is not None:
        tables |= {"user_bias": factors.user_bias.copy(), "movie_bias": factors.movie_bias.copy()}
    table, row, factor = cell
    tables[table][(row, factor) if table.endswith("factors") else row] += nudge
    predictions = tables["user_factors"] @ tables["movie_factors"].T
    if "user_bias" in tables:
        predictions = predictions + tables["user_bias"][:, None] + tables["movie_bias"]
    rated, crosstab = session.ratings.rated, session.ratings.crosstab
    squares = sum(float((numbers**2).sum()) for numbers in tables.values())
    return float(((crosstab - predictions)[rated] ** 2).mean()) + weight_decay * squares


# Derivatives


def test_the_sheets_first_partials(session: Session) -> None:
    user, movie = (derivative(session, "dot", (table, 0, 0)) for table in ("user_factors", "movie_factors"))
    assert user is not None
    assert movie is not None
    assert (user.weight, movie.weight) == ("user 14 factor 1", "movie 27 factor 1")
    assert user.exact == pytest.approx(-0.234527276934, abs=1e-12)
    assert movie.exact == pytest.approx(-0.122455045470, abs=1e-12)


@pytest.mark.parametrize("scheme", ["forward", "central"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("model", ["dot", "bias"])
def test_derivatives_equal_numeric_ones(session: Session, model: str, weight_decay: float, scheme: str) -> None:
    session.choose(weight_decay=weight_decay, gradient=scheme, epsilon=0.01)
    for cell in WEIGHTS if model == "bias" else WEIGHTS[:4]:
        found = derivative(session, model, cell)
        assert found is not None
        assert (found.scheme, found.epsilon) == (scheme, 0.01)
        up, here, down = (loss(session, model, cell, h, weight_decay) for h in (0.01, 0.0, -0.01))
        # The loss is a parabola along one weight, so its central difference is exact at any h.
        assert found.exact == pytest.approx((up - down) / 0.02, abs=1e-11)
        estimate = (up - here) / 0.01 if scheme == "forward" else (up - down) / 0.02
        assert found.estimate == pytest.approx(estimate, abs=1e-11)
    assert scheme == "central" or abs(found.estimate - found.exact) > 1e-5


def test_beside_autograd_stands_a_forward_difference(session: Session) -> None:
    session.choose(gradient="autograd", epsilon=1e-6)
    found = derivative(session, "dot", ("user_factors", 0, 0))
    assert found is not None
    assert (found.scheme, found.epsilon) == ("forward", 1e-6)
    assert found.estimate == pytest.approx(found.exact, abs=1e-6)


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_flat_index_points_at_the_weight(session: Session, model: str) -> None:
    session.restore(SetFactorCount(model, 3, 1).apply(session.state))
    factors = session.sheet(model).factors
    flat = factors.flat()
    seen = []
    for table in ("user_factors", "movie_factors", *(("user_bias", "movie_bias") if model == "bias" else ())):
        numbers = getattr(factors, table)
        for place in np.ndindex(*numbers.shape):
            cell = (table, place[0], place[1] if len(place) > 1 else 0)
            seen.append(factors.flat_index(*cell))
            assert flat[seen[-1]] == numbers[place]
    assert sorted(seen) == list(range(factors.n_parameters))


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (("user_factors", 1, 4), "user 29 factor 5"),
        (("movie_factors", 1, 0), "movie 49 factor 1"),
        (("user_bias", 0, 0), "user 14 bias"),
        (("movie_bias", 14, 0), "movie 505 bias"),
    ],
)
def test_weight_names(session: Session, cell: WeightCell, name: str) -> None:
    assert weight_name(session.ratings, session.sheet("bias").factors, cell) == name


# Predictions


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_terms_add_up_to_the_prediction_bit_for_bit(session: Session, model: str) -> None:
    block = PredictionsBlock(session, model)
    for user, movie in ((0, 0), (3, 7), (14, 14)):
        shown = explain_prediction(session, block, user, movie)
        assert len(shown.terms) == (7 if model == "bias" else 5)
        assert reduce(add, (term.value for term in shown.terms)) == shown.prediction == shown.value
        assert all(math.prod(term.parts) == term.value for term in shown.terms)
        assert shown.rating == session.ratings.rating(user, movie)


def test_formulas_are_the_spreadsheets(session: Session) -> None:
    dot, bias = (PredictionsBlock(session, model) for model in ("dot", "bias"))
    assert explain_prediction(session, dot, 0, 0).formula == '=IF(H2="",0,MMULT($B25:$F25,H$19:H$23))'
    assert explain_prediction(session, bias, 0, 0).formula == '=IF(H2="",0,MMULT($B26:$F26,H$20:H$24)+H$19+$A26)'
    assert explain_prediction(session, dot, 14, 14).formula == '=IF(V16="",0,MMULT($B39:$F39,V$19:V$23))'
    rmse = explain_rmse(session, "dot", RmseBlock(session, "dot").layout)
    assert (rmse.address, rmse.formula) == ("V41", "=SQRT(SUMXMY2(H2:V16,H25:V39)/COUNT(H2:V16))")
    rmse = explain_rmse(session, "bias", RmseBlock(session, "bias").layout)
    assert (rmse.address, rmse.formula) == ("V42", "=SQRT(SUMXMY2(H2:V16,H26:V40)/COUNT(H2:V16))")


def test_the_numbers_of_a_prediction(small: Session) -> None:
    shown = explain_prediction(small, PredictionsBlock(small, "dot"), 0, 0)
    assert shown.numbers == "1.00 × 2.00 + 2.00 × 1.00 = 4.0000   rated 5"
    assert (shown.title, shown.user, shown.movie, shown.factor) == ("user a · Xanadu", 0, 0, 0)
    assert explain_prediction(small, PredictionsBlock(small, "bias"), 1, 1).numbers == (
        "0.50 × 1.00 + 0.50 × 0.00 + 0.00 + (-0.50) = 0.0000   not rated: the sheet shows 0"
    )


def test_the_numbers_of_a_rating(small: Session) -> None:
    block = RatingsBlock(small, "dot")
    rated, unrated = explain_prediction(small, block, 0, 0), explain_prediction(small, block, 1, 1)
    assert (rated.formula, rated.value, rated.numbers) == ("", 5.0, "rated 5   predicted 4.0000   residual +1.0000")
    assert (unrated.value, unrated.rating, unrated.numbers) == (None, None, "not rated   predicted 0.5000")
    assert unrated.address == block.address(1, 1)


@pytest.mark.parametrize(
    ("factor", "weight"),
    [(0, "user 14 factor 1"), (4, "user 14 factor 5"), (5, "movie 27 bias"), (6, "user 14 bias"), (99, "user 14 bias")],
)
def test_the_derivative_of_a_chosen_term(session: Session, factor: int, weight: str) -> None:
    shown = explain_prediction(session, PredictionsBlock(session, "bias"), 0, 0, factor=factor)
    assert shown.derivative is not None
    assert shown.derivative.weight == weight
    assert shown.factor == min(factor, 6)


# Weights and the RMSE


def test_a_weight_and_its_slope(session: Session) -> None:
    block = UserWeightsBlock(session, "dot")
    shown = explain_weight(session, block, 0, 0, block.weight_cell(0, 0))
    slope = shown.derivative
    assert slope is not None
    assert (shown.address, shown.title, shown.formula) == ("B25", "user 14 factor 1", "")
    assert shown.numbers == f"d loss / d weight = {slope.estimate:.5f} (estimated)   -0.23453 (exact)"
    assert shown.value == session.sheet("dot").factors.user_factors[0, 0]
    assert (shown.user, shown.movie, shown.factor) == (0, None, 0)


def test_a_bias_and_its_slope(session: Session) -> None:
    block = MovieWeightsBlock(session, "bias")
    shown = explain_weight(session, block, 0, 2, block.weight_cell(0, 2))
    assert (shown.address, shown.title) == ("J19", "movie 57 bias · Forrest Gump (1994)")
    assert (shown.user, shown.movie, shown.factor) == (None, 2, None)
    assert shown.derivative is not None
    assert shown.derivative.weight == "movie 57 bias"


def test_the_rmse_in_numbers(small: Session) -> None:
    shown = explain_rmse(small, "dot", RmseBlock(small, "dot").layout)
    assert shown.numbers == f"√(5.2500 ÷ 5) = {math.sqrt(1.05)!r}"
    assert shown.value == math.sqrt(1.05)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_an_rmse_beyond_all_numbers_is_not_called_unrated(small: Session) -> None:
    cells = {("user_factors", 0, 0): 1e200, ("movie_factors", 0, 0): 1e200, ("user_factors", 0, 1): -1e200}
    huge = cells | {("movie_factors", 0, 1): 1e200}
    small.restore(SetWeights("dot", huge).apply(small.state))
    shown = explain_rmse(small, "dot", RmseBlock(small, "dot").layout)
    assert math.isnan(small.rmse("dot"))
    assert (shown.value, shown.numbers) == (None, "√(nan ÷ 5) = nan")


def test_nothing_rated_is_said(small: Session) -> None:
    cells = zip(small.ratings.users.tolist(), small.ratings.movies.tolist(), strict=True)
    small.restore(SetRatings(dict.fromkeys(cells, None)).apply(small.state))
    shown = explain_rmse(small, "dot", RmseBlock(small, "dot").layout)
    assert (shown.value, shown.numbers) == (None, "nothing is rated")
    assert derivative(small, "dot", ("user_factors", 0, 0)) is None
    block = UserWeightsBlock(small, "dot")
    assert explain_weight(small, block, 0, 0, block.weight_cell(0, 0)).numbers == ""


# movielens_emb


def test_lookup_formulas_are_the_spreadsheets(session: Session) -> None:
    block = LookupsBlock(session)
    shown = {name: explain_lookup(session, block, 0, column) for column, name in enumerate(block.layout.line_columns)}
    assert [shown[name].formula for name in ("userId", "movieId", "rating")] == ["", "", ""]
    assert shown["user idx"].formula == "=MATCH(I3,$B$4:$B$18,0)"
    assert shown["movie idx"].formula == "=MATCH(J3,$B$22:$B$36,0)"
    assert shown["user 1"].formula == "=INDEX($C$4:$G$18,$L3,M$2)"
    assert shown["movie 5"].formula == "=INDEX($C$22:$G$36,$R3,W$2)"
    assert shown["predict"].formula == "=SUMPRODUCT(M3:Q3,S3:W3)"
    assert shown["error^2"].formula == "=(K3-X3)^2"
    assert (shown["predict"].address, shown["error^2"].address) == ("X3", "Y3")
    rmse = explain_rmse(session, "dot", EmbeddingRmseBlock(session).layout)
    assert (rmse.address, rmse.formula, rmse.value) == ("AA3", "=SQRT(AVERAGE(Y3:Y208))", session.rmse("dot"))


def test_the_numbers_of_a_line(small: Session) -> None:
    block = LookupsBlock(small)
    shown = [explain_lookup(small, block, 3, column) for column in range(11)]
    assert [explanation.numbers for explanation in shown] == [
        "",
        "",
        "rated 2   predicted 1.5000   residual +0.5000",
        "user b stands in row 2 of the table",
        "row 2 of the user table, factor 1: a one-hot row times the table picks this number",
        "row 2 of the user table, factor 2: a one-hot row times the table picks this number",
        "movie x stands in row 1 of the table",
        "row 1 of the movie table, factor 1: a one-hot row times the table picks this number",
        "row 1 of the movie table, factor 2: a one-hot row times the table picks this number",
        "0.50 × 2.00 + 0.50 × 1.00 = 1.5000",
        "(2 − 1.5000)² = 0.2500",
    ]
    assert [explanation.value for explanation in shown] == [None, None, 2.0, 2.0, 0.5, 0.5, 1.0, 2.0, 1.0, 1.5, 0.25]
    assert {(explanation.user, explanation.movie) for explanation in shown} == {(1, 0)}


def test_the_cells_of_a_table(session: Session) -> None:
    users, movies = UserTableBlock(session), MovieTableBlock(session)
    weight = explain_table_cell(session, users, 0, 2)
    assert (weight.address, weight.title) == ("C4", "user 14 factor 1")
    assert weight.derivative is not None
    assert weight.derivative.exact == pytest.approx(-0.234527276934, abs=1e-12)
    movie = explain_table_cell(session, movies, 0, 2)
    assert movie.derivative is not None
    assert (movie.address, movie.derivative.exact) == ("C22", pytest.approx(-0.122455045470, abs=1e-12))
    index, name = explain_table_cell(session, movies, 1, 0), explain_table_cell(session, movies, 1, 1)
    assert (index.address, index.numbers, index.value, index.derivative) == ("A23", "2", 2.0, None)
    assert (name.address, name.numbers, name.value) == ("B23", "49", None)
