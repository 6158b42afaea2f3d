"""Explanations: where each number on a sheet comes from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cfgui.app.block import Block, rating_text, weight_text
from cfgui.app.blocks import PredictionsBlock
from cfgui.app.derivatives import derivative, loss_has_meaning
from cfgui.app.edits import WeightCell
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.app.explanation import Explanation, Term
from cfgui.app.formulas import range_words
from cfgui.app.predicted import one_prediction
from cfgui.app.session import Session
from cfgui.app.terms import terms_of
from cfgui.app.weights import layer_number, weight_name
from cfgui.core.factors import Factors
from cfgui.core.networks import class_places
from cfgui.core.ratings import Cell
from cfgui.core.view import visible_ratings
from cfgui.io.net_layout import NetLayout
from cfgui.io.workbook_layout import Layout


def _bracketed(number: float) -> str:
    text = weight_text(number)
    return f"({text})" if number < 0 else text


def _terms_text(terms: tuple[Term, ...], total: float, decimals: int = 4) -> str:
    """ "0.19 × 0.71 + … = 0.91" with every term written out."""
    addends = " + ".join(" × ".join(_bracketed(part) for part in term.parts) for term in terms)
    return f"{addends} = {total:.{decimals}f}"


def explain_prediction(session: Session, block: Block, row: int, column: int, *, factor: int = 0) -> Explanation:
    """The prediction in a cell: its terms against the rating, and the derivative of one weight of its terms.

    ``block`` is the ratings or the predictions block the cell was selected in. ``factor`` counts the terms: beyond the
    factors come the movie's and the user's bias; of a net it counts units, or rating values.
    """
    model, ratings, user, movie = block.model, session.ratings, block.user(row), block.movie(column)
    factors = session.sheet(model).factors
    terms, total = terms_of(factors, user, movie)
    factor = min(factor, len(terms) - 1)
    (prediction, spread), rating = one_prediction(session, model, user, movie), ratings.rating(user, movie)
    step, score = step_of(factors, total, prediction, spread)
    in_predictions, weight = block.name == "predictions", terms[factor].weight
    whole = Explanation(
        address=block.address(row, column),
        title=f"user {ratings.user_ids[user]} · {ratings.movie_name(movie)}",
        formula=_formula(session, block, row, column),
        numbers=_rating_numbers(prediction, rating),
        value=prediction if in_predictions else rating,
        terms=terms,
        prediction=prediction,
        rating=rating,
        user=user,
        movie=movie,
        factor=factor,
        derivative=None if weight is None else derivative(session, model, weight),
        score=score,
        step=step,
        shares=bool(factors.classes),
        rated_term=class_of(factors, rating),
        spread=spread,
    )
    return replace(whole, numbers=_prediction_numbers(whole, net=bool(factors.layers))) if in_predictions else whole


def _formula(session: Session, block: Block, row: int, column: int) -> str:
    """The Excel formula of a cell; that of a net's prediction points at the line of its rating."""
    layout = block.layout
    if not isinstance(layout, NetLayout) or block.name != "predictions":
        return layout.formula(block.name, row, column)
    if not layout.has_lines:
        return ""
    shown = visible_ratings(session.ratings, session.view) if session.view.is_whole else session.visible
    rated, _ = shown.user_line(row)
    place = int(np.searchsorted(rated, column))
    is_rated = place < len(rated) and int(rated[place]) == column
    return layout.crosstab_formula(row, column, int(shown.user_counts[:row].sum()) + place if is_rated else None)


def step_of(factors: Factors, total: float, prediction: float, spread: float | None) -> tuple[str, float | None]:
    """How the prediction follows from what the terms add up to, in numbers; and that sum where it is a score."""
    if spread is not None:
        own = range_words(factors.range, f"{total:.4f}") or f"{total:.4f}"
        return f"this sample {own}; mean of all samples", total
    if factors.classes:
        return "sum of probability × rating", None
    if factors.range.kind == "none":
        return "", None
    return range_words(factors.range, f"{total:.4f}"), total


def class_of(factors: Factors, rating: float | None) -> int | None:
    """The place of a rating among the classes of an ordinal net; None without them or without a rating."""
    if rating is None or not factors.classes:
        return None
    return int(class_places(factors.classes, np.array([rating]))[0])


def _prediction_numbers(whole: Explanation, *, net: bool) -> str:
    prediction = math.nan if whole.prediction is None else whole.prediction
    numbers = _terms_text(whole.terms, prediction if whole.score is None else whole.score)
    if whole.score is not None:
        about = "" if whole.spread is None else f" ± {whole.spread:.4f}"
        numbers += f"   {whole.step} = {prediction:.4f}{about}"
    unrated = "not rated" if net else "not rated: the sheet shows 0"
    return f"{numbers}   {unrated if whole.rating is None else f'rated {rating_text(whole.rating)}'}"


def _rating_numbers(prediction: float, rating: float | None) -> str:
    if rating is None:
        return f"not rated   predicted {prediction:.4f}"
    return f"rated {rating_text(rating)}   predicted {prediction:.4f}   residual {rating - prediction:+.4f}"


def explain_weight(session: Session, block: Block, row: int, column: int, cell: WeightCell) -> Explanation:
    """One factor or bias: its value and the derivative of the loss with respect to it."""
    table, owner, factor = cell
    is_user, is_bias, is_layer = table.startswith("user"), table.endswith("bias"), bool(layer_number(table))
    slope = derivative(session, block.model, cell)
    movement = ""
    if slope is not None:
        movement = f"d loss / d weight = {slope.estimate:.5f} (estimated)   {slope.exact:.5f} (exact)"
    elif session.scope.ratings.n_ratings:
        movement = _no_derivative(session, block)
    name = weight_name(session.ratings, block.factors, cell)
    title = "" if is_user or is_layer else session.ratings.titles.get(session.ratings.movie_ids[owner])
    return Explanation(
        address=block.address(row, column),
        title=" · ".join(filter(None, (name, title))),
        formula="",
        numbers=movement,
        value=block.value(row, column),
        user=owner if is_user else None,
        movie=None if is_user or is_layer else owner,
        factor=None if is_bias else factor,
        derivative=slope,
    )


def _no_derivative(session: Session, block: Block) -> str:
    """Why a weight has no derivative to show."""
    if loss_has_meaning(session.hyperparameters, block.factors):
        return "Its derivative depends on so many ratings that it is not worked out here."
    return "Binary cross-entropy has no derivative here: it needs the sigmoid range."


def explain_rmse(session: Session, model: str, layout: Layout) -> Explanation:
    """The RMSE cell: its formula, and the sum and the count it is made of."""
    measured = session.measured(model, shown=True)
    known, count = session.known_rmse(model, shown=True), measured.scope.ratings.n_ratings
    value = math.nan if known is None else known
    numbers = f"√({value * value * count:.4f} ÷ {count}) = {value!r}" if count else "nothing is rated"
    if known is None:
        numbers = f"being measured over {count:,} ratings…"
    return Explanation(
        address=layout.address("rmse", 0, 0),
        title="RMSE",
        formula=layout.formula("rmse"),
        numbers=numbers,
        value=None if math.isnan(value) else value,
    )


def explain_lookup(session: Session, block: LookupsBlock, line: int, column: int, *, factor: int = 0) -> Explanation:
    """One cell of a line of ``movielens_emb``: the lookup or the sum it is, and the prediction of its line."""
    user, movie = block.cell_of(line)
    name = block.layout.line_columns[column]
    place = int(session.view.user_rows[user]), int(session.view.movie_columns[movie])
    whole = explain_prediction(session, PredictionsBlock(session, block.model), *place, factor=factor)
    return replace(
        whole,
        address=block.address(line, column),
        formula=block.layout.formula("lookups", line, column),
        numbers=_lookup_numbers(session, whole, name, place),
        value=block.value(line, column),
    )


def _lookup_numbers(session: Session, whole: Explanation, column: str, place: Cell) -> str:
    side, _, what = column.partition(" ")
    ids = session.ratings.user_ids if side == "user" else session.ratings.movie_ids
    owner, index = (whole.user, place[0]) if side == "user" else (whole.movie, place[1])
    if owner is None or whole.prediction is None or whole.rating is None:
        return ""
    if what == "idx":
        return f"{side} {ids[owner]} stands in row {index + 1} of the table"
    if side in ("user", "movie") and what:
        return f"row {index + 1} of the {side} table, factor {what}: a one-hot row times the table picks this number"
    if column == "predict":
        return _prediction_numbers(replace(whole, rating=None), net=True).removesuffix("   not rated")
    if column == "error^2":
        residual = whole.rating - whole.prediction
        return f"({rating_text(whole.rating)} − {whole.prediction:.4f})² = {residual * residual:.4f}"
    return _rating_numbers(whole.prediction, whole.rating) if column == "rating" else ""


def explain_table_cell(session: Session, block: Block, row: int, column: int) -> Explanation:
    """One cell of an embedding table: a weight with its derivative, or the idx or id of its row."""
    if block.can_edit(row, column):
        cell = ("user_factors", block.user(row)) if block.name == "users" else ("movie_factors", block.movie(row))
        return explain_weight(session, block, row, column, (*cell, column - 2))
    return Explanation(
        address=block.address(row, column),
        title=block.row_tip(row),
        formula="",
        numbers=block.text(row, column),
        value=block.value(row, column),
    )
