"""Explanations of ranges, means, nets and samples: sums that are the prediction, slopes that plain loops confirm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.blocks import PredictionsBlock
from cfgui.app.derivatives import derivative
from cfgui.app.edits import SetWeights, WeightCell
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.app.explain import explain_lookup, explain_prediction, explain_rmse, explain_weight
from cfgui.app.formulas import formula_words, net_sizes, range_words
from cfgui.app.layer_blocks import LayerBlock
from cfgui.app.session import Session
from cfgui.app.terms import MAX_UNITS, terms_of
from cfgui.app.weights import weight_name, weight_value
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import predict_all
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Floats
from cfgui.core.structure import starting_weights

WIDE = (("sigmoid", 0.0, 5.5), ("tanh", 0.5, 5.5), ("clip", 1.0, 5.0), ("none", 0.0, 0.0))


def put(session: Session, model: str, **choices: object) -> Factors:
    """Give a sheet new weights of this structure, and make them all matter."""
    factors = starting_weights(session.ratings, Hyperparameters(model=model, **choices))  # type: ignore[arg-type]
    vector = factors.flat() + np.random.default_rng(3).normal(0.0, 0.3, factors.n_parameters)
    factors = replace(factors.view_of(vector), range=factors.range, global_mean=factors.global_mean).copy()
    sheet = session.sheet(model)
    session.restore(session.state.with_sheet(model, replace(sheet, factors=factors, start=factors, before=None)))
    return factors


def naive_loss(session: Session, factors: Factors, loss: str) -> float:
    """The mean cost over the ratings, one by one, from the definitions."""
    low, width, costs = factors.range.low, factors.range.high - factors.range.low, []
    for user, movie, value in zip(session.ratings.users, session.ratings.movies, session.ratings.values, strict=True):
        values: Floats = np.concatenate([factors.user_factors[user], factors.movie_factors[movie]])
        for number, layer in enumerate(factors.layers):
            values = (np.maximum(values, 0.0) if number else values) @ layer.weights + layer.bias
        if factors.classes:
            shares = np.exp(values) / np.exp(values).sum()
            costs.append(-math.log(shares[factors.classes.index(float(value))]))
            continue
        score = float(values[0]) if factors.layers else float(factors.user_factors[user] @ factors.movie_factors[movie])
        if factors.user_bias is not None and factors.movie_bias is not None:
            score += float(factors.user_bias[user] + factors.movie_bias[movie]) + factors.global_mean
        share = 1.0 / (1.0 + math.exp(-score))
        if loss == "bce":
            target = (float(value) - low) / width
            costs.append(-target * math.log(share) - (1.0 - target) * math.log(1.0 - share))
            continue
        made = {
            "none": score,
            "clip": min(max(score, low), low + width),
            "sigmoid": share * width + low,
            "tanh": math.tanh(score) * width / 2 + low + width / 2,
        }[factors.range.kind]
        costs.append((float(value) - made) ** 2)
    return float(np.mean(costs))


def nudged(session: Session, model: str, cell: WeightCell, nudge: float) -> Factors:
    value = weight_value(session.sheet(model).factors, cell)
    return SetWeights(model, {cell: value + nudge}).apply(session.state).sheets[model].factors


# The terms


@pytest.mark.parametrize("model", ["dot", "bias", "neural", "ordinal"])
@pytest.mark.parametrize(("kind", "low", "high"), WIDE)
def test_terms_and_the_step_make_the_prediction(
    session: Session, model: str, kind: str, low: float, high: float
) -> None:
    ends = {} if kind == "none" else {"low": low, "high": high}
    factors = put(session, model, range=kind, global_mean="on", hidden="7,4", n_factors=3, **ends)
    expected = predict_all(factors)
    for user, movie in ((0, 0), (3, 7), (14, 2)):
        shown = explain_prediction(session, PredictionsBlock(session, model), user, movie)
        assert shown.prediction == pytest.approx(expected[user, movie], abs=1e-12)
        total = math.fsum(term.value for term in shown.terms)
        if kind == "none" or model == "ordinal":
            assert shown.score is None
            assert total == pytest.approx(shown.prediction, abs=1e-12)
        else:
            assert shown.score == pytest.approx(total, abs=1e-12)
            assert RatingRange(kind, low, high).apply(np.array([total]))[0] == pytest.approx(
                shown.prediction, abs=1e-12
            )
            assert shown.step == range_words(factors.range, f"{shown.score:.4f}")
            assert f"{shown.step} = {shown.prediction:.4f}" in shown.numbers
        for term in shown.terms:
            assert math.prod(term.parts) == pytest.approx(term.value, abs=1e-15)


def test_the_mean_is_a_term_without_a_derivative(session: Session) -> None:
    factors = put(session, "bias", global_mean="on")
    shown = explain_prediction(session, PredictionsBlock(session, "bias"), 0, 0, factor=7)
    assert [term.label for term in shown.terms[5:]] == ["movie bias", "user bias", "mean rating"]
    assert shown.terms[7].value == factors.global_mean == pytest.approx(float(session.ratings.values.mean()))
    assert shown.derivative is None


def test_of_many_units_those_that_count_are_shown_and_the_rest_is_one_term(session: Session) -> None:
    factors = put(session, "neural", hidden="40")
    terms, total = terms_of(factors, 2, 5)
    assert len(terms) == MAX_UNITS + 2
    assert [term.label for term in terms[-2:]] == ["28 others", "output bias"]
    assert total == pytest.approx(predict_all(factors)[2, 5], abs=1e-12)
    pair = np.concatenate([factors.user_factors[2], factors.movie_factors[5]])
    inputs = np.maximum(pair @ factors.layers[0].weights + factors.layers[0].bias, 0.0)
    addends = np.abs(inputs * factors.layers[1].weights[:, 0])
    places = [int(term.label.removeprefix("hidden ")) - 1 for term in terms[:-2]]
    assert places == sorted(places)
    assert set(places) == set(np.argsort(-addends, kind="stable")[:MAX_UNITS].tolist())


def test_a_unit_says_what_comes_into_it(session: Session) -> None:
    factors = put(session, "neural")
    pair = np.concatenate([factors.user_factors[0], factors.movie_factors[0]])
    sums = pair @ factors.layers[0].weights + factors.layers[0].bias
    for unit, term in enumerate(terms_of(factors, 0, 0).terms[:-1]):
        assert term.detail.startswith(f"the unit's input adds up to {sums[unit]:.4f}")
        assert term.detail.endswith("it is off for this pair") == (sums[unit] <= 0.0)
        assert term.weight == ("layer2.weights", unit, 0)


def test_a_net_without_hidden_layers_adds_up_its_embeddings(session: Session) -> None:
    factors = put(session, "neural", hidden="")
    terms, total = terms_of(factors, 0, 0)
    assert [term.label for term in terms[::5]] == ["user f1", "movie f1", "output bias"]
    assert total == pytest.approx(predict_all(factors)[0, 0], abs=1e-12)


def test_probabilities_stand_by_rating_value_with_the_given_one_marked(session: Session) -> None:
    factors = put(session, "ordinal")
    shown = explain_prediction(session, PredictionsBlock(session, "ordinal"), 0, 0)
    assert shown.shares
    assert [term.label for term in shown.terms] == ["1", "2", "2.5", "3", "3.5", "4", "4.5", "5"]
    assert math.fsum(term.parts[0] for term in shown.terms) == pytest.approx(1.0, abs=1e-12)
    assert shown.rated_term == factors.classes.index(3.0)
    assert shown.rating == 3.0


# Derivatives


@pytest.mark.parametrize("scheme", ["forward", "central"])
@pytest.mark.parametrize(
    ("model", "loss", "kind"),
    [
        ("neural", "mse", "none"),
        ("neural", "mse", "tanh"),
        ("neural", "bce", "sigmoid"),
        ("ordinal", "mse", "none"),
        ("dot", "bce", "sigmoid"),
        ("bias", "mse", "sigmoid"),
    ],
)
def test_derivatives_equal_those_of_plain_loops(
    session: Session, model: str, loss: str, kind: str, scheme: str
) -> None:
    ends = {} if kind == "none" else {"low": 0.0, "high": 5.5}
    factors = put(session, model, range=kind, hidden="6,4", global_mean="on", **ends)
    session.activate(model)
    own = {"weight_decay": 0.01, "layer_decay": 0.03, "movie_decay": 0.002, "bias_decay": 0.004}
    session.choose(loss=loss, gradient=scheme, epsilon=1e-3, dropout=0.3, **own)
    cells: list[WeightCell] = [("user_factors", 3, 1), ("movie_factors", 7, 2)]
    if factors.layers:
        cells += [("layer1.weights", 4, 2), ("layer1.bias", 0, 5), ("layer2.weights", 1, 3), ("layer3.bias", 0, 0)]
    if factors.has_bias:
        cells += [("user_bias", 3, 0), ("movie_bias", 14, 0)]
    for cell in cells:
        decay = own[
            {"user_factors": "weight_decay", "movie_factors": "movie_decay"}.get(
                cell[0], "layer_decay" if cell[0].startswith("layer") else "bias_decay"
            )
        ]

        def whole(nudge: float, cell: WeightCell = cell, decay: float = decay) -> float:
            moved = nudged(session, model, cell, nudge)
            return naive_loss(session, moved, loss) + decay * weight_value(moved, cell) ** 2

        found = derivative(session, model, cell)
        assert found is not None
        assert found.exact == pytest.approx((whole(1e-5) - whole(-1e-5)) / 2e-5, rel=1e-6, abs=1e-9)
        low, run = (0.0, 1e-3) if scheme == "forward" else (-1e-3, 2e-3)
        assert found.estimate == pytest.approx((whole(1e-3) - whole(low)) / run, rel=1e-7, abs=1e-9)


def test_decoupled_decay_is_no_part_of_the_loss(session: Session) -> None:
    plain = derivative(session, "dot", ("user_factors", 0, 0))
    session.choose(weight_decay=0.5, decay_kind="decoupled")
    assert derivative(session, "dot", ("user_factors", 0, 0)) == plain


def test_a_loss_that_has_no_meaning_has_no_derivative(session: Session) -> None:
    put(session, "bias", range="sigmoid", low=0.0, high=5.5)
    session.activate("bias")
    session.choose(loss="bce")
    assert derivative(session, "bias", ("user_bias", 0, 0)) is not None
    assert derivative(session, "dot", ("user_factors", 0, 0)) is None
    from cfgui.app.weight_blocks import UserWeightsBlock

    block = UserWeightsBlock(session, "dot")
    assert "needs the sigmoid range" in explain_weight(session, block, 0, 0, block.weight_cell(0, 0)).numbers


def test_where_too_many_ratings_depend_on_a_layer_that_is_said(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfgui.app.derivatives.MAX_WORK", 1000)
    block = LayerBlock(session, "neural", 1)
    shown = explain_weight(session, block, 0, 0, block.weight_cell(0, 0))
    assert shown.derivative is None
    assert "so many ratings" in shown.numbers
    assert derivative(session, "neural", ("user_factors", 0, 0)) is not None


# Words


@pytest.mark.parametrize(
    ("model", "cell", "name"),
    [
        ("neural", ("layer1.weights", 2, 3), "layer 1 weight user f3 → hidden 4"),
        ("neural", ("layer1.weights", 5, 0), "layer 1 weight movie f1 → hidden 1"),
        ("neural", ("layer1.bias", 0, 9), "layer 1 bias of hidden 10"),
        ("neural", ("layer2.weights", 6, 0), "output weight hidden 7 → score"),
        ("ordinal", ("layer2.weights", 6, 2), "output weight hidden 7 → rating 2.5"),
        ("ordinal", ("layer2.bias", 0, 7), "output bias of rating 5"),
    ],
)
def test_weights_of_layers_have_names(session: Session, model: str, cell: WeightCell, name: str) -> None:
    assert weight_name(session.ratings, session.sheet(model).factors, cell) == name


def test_formulas_say_range_and_mean(session: Session) -> None:
    assert formula_words(session.sheet("dot").factors) == "prediction = user factors . movie factors"
    clipped = replace(session.sheet("dot").factors, range=RatingRange("clip", 1.0, 5.0))
    assert formula_words(clipped) == "score = user factors . movie factors; prediction = score clipped to 1 … 5"
    bent = replace(session.sheet("bias").factors, range=RatingRange("sigmoid", 0.0, 5.5), global_mean=3.5)
    assert formula_words(bent) == (
        "score = user factors . movie factors + movie bias + user bias + mean rating 3.5;"
        " prediction = sigmoid(score) × 5.5 + 0"
    )
    assert net_sizes(put(session, "neural", n_factors=4, n_movie_factors=6, hidden="9,3")) == "4 + 6 → 9 → 3 → 1"
    block = PredictionsBlock(session, "dot")
    assert block.tip_more(0, 0) == formula_words(session.sheet("dot").factors)


def test_the_formula_bar_has_the_range_in_it(session: Session) -> None:
    put(session, "dot", range="clip", low=1.0, high=5.0)
    formula = explain_prediction(session, PredictionsBlock(session, "dot"), 0, 0).formula
    assert formula.startswith('=IF(H2="",0,MIN(')
    lookup = explain_lookup(session, LookupsBlock(session), 0, 15)
    assert lookup.formula.startswith("=MIN(")
    assert "clipped to 1 … 5" in lookup.numbers


def test_a_nets_prediction_points_at_its_line(session: Session) -> None:
    block = PredictionsBlock(session, "neural")
    layout = block.layout
    unrated = tuple(map(int, np.argwhere(~session.ratings.rated)[0]))
    assert explain_prediction(session, block, *unrated).formula.endswith(",0,0)")
    places = list(zip(session.ratings.users.tolist(), session.ratings.movies.tolist(), strict=True))
    for line in (0, 17, 205):
        formula = explain_prediction(session, block, *places[line]).formula
        assert formula.endswith(f"{layout.blocks['lines'].row + line + 1})")
        found = layout.block_at(formula.rsplit(",", 1)[1].rstrip(")"))
        assert found is not None
        assert found[:2] == ("lines", line)
    assert explain_rmse(session, "neural", layout).formula.startswith("=SQRT(AVERAGE(")


# Samples


def test_a_sheet_with_samples_shows_their_mean_and_spread(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def posterior(users: Floats, movies: Floats) -> tuple[Floats, Floats]:
        return users + movies / 10.0, 0.25 + 0.0 * users

    block = PredictionsBlock(session, "dot")
    own = block.value(3, 7)
    assert block.spread(slice(0, 2), slice(0, 2)) is None
    monkeypatch.setattr(session, "posterior", lambda model: posterior if model == "dot" else None)
    assert block.value(3, 7) == 3.7
    assert block.part(slice(1, 3), slice(4, 6)).tolist() == [[1.4, 1.5], [2.4, 2.5]]
    spread = block.spread(slice(1, 3), slice(4, 6))
    assert spread is not None
    assert spread.tolist() == [[0.25, 0.25]] * 2
    assert "predicted 3.70 ± 0.25, rated" in block.tip(3, 7)
    shown = explain_prediction(session, block, 3, 7)
    assert (shown.prediction, shown.spread, shown.score) == (3.7, 0.25, own)
    assert shown.step == f"this sample {own:.4f}; mean of all samples"
    assert LookupsBlock(session).value(0, 15) == 0.0
    assert explain_prediction(session, PredictionsBlock(session, "bias"), 3, 7).spread is None
