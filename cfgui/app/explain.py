"""Explanations: where each number on a sheet comes from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cfgui.app.block import Block, rating_text, weight_text
from cfgui.app.blocks import PredictionsBlock
from cfgui.app.edits import WeightCell
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.app.explanation import Derivative, Explanation, Term
from cfgui.app.scope import Scope
from cfgui.app.session import Session
from cfgui.core.factors import Factors
from cfgui.core.gradients import GRADIENTS
from cfgui.core.ratings import Cell, Floats, Indices
from cfgui.core.view import View, part_of_factors
from cfgui.io.workbook_layout import Layout


def weight_name(session: Session, cell: WeightCell) -> str:
    """A weight in words: "user 14 factor 1", "movie 27 bias"."""
    table, row, factor = cell
    owner = (
        f"user {session.ratings.user_ids[row]}"
        if table.startswith("user")
        else f"movie {session.ratings.movie_ids[row]}"
    )
    return f"{owner} {'bias' if table.endswith('bias') else f'factor {factor + 1}'}"


def derivative(session: Session, model: str, cell: WeightCell) -> Derivative | None:
    """d loss / d weight estimated by finite differences and exactly; None while nothing is rated.

    The scheme is the chosen one, or forward where autograd is chosen; the loss is MSE plus the L2 penalty. Only the
    ratings that the weight takes part in are looked at: the others do not change with it.
    """
    factors, choices, scope = session.sheet(model).factors, session.hyperparameters, session.scope
    n_all = scope.ratings.n_ratings
    if not n_all:
        return None
    scheme = choices.gradient if choices.gradient in ("forward", "central") else "forward"
    part, users, movies, values = _ratings_of(scope, factors, cell)
    table, _, factor = cell
    index, weight = part.flat_index(table, 0, factor), weight_value(factors, cell)
    slopes = [2.0 * choices.weight_decay * weight] * 2
    if scheme == "forward":
        slopes[0] += choices.weight_decay * choices.epsilon  # ((w + h)^2 - w^2) / h = 2 w + h
    if len(values):
        share = len(values) / n_all
        for place, name in enumerate((scheme, "exact")):
            slope = GRADIENTS[name](replace(choices, weight_decay=0.0))
            with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
                slopes[place] += share * float(slope(part, users, movies, values, 0)[index])
    return Derivative(weight_name(session, cell), slopes[0], scheme, choices.epsilon, slopes[1])


def weight_value(factors: Factors, cell: WeightCell) -> float:
    """One weight."""
    table, owner, factor = cell
    weights = factors.tables[factors.table_names.index(table)]
    return float(weights[owner, factor] if weights.ndim == 2 else weights[max(owner, factor)])


def _ratings_of(scope: Scope, factors: Factors, cell: WeightCell) -> tuple[Factors, Indices, Indices, Floats]:
    """The ratings one user's or movie's weight takes part in: weights with that owner first, users, movies, values."""
    by_user, owner = cell[0].startswith("user"), cell[1]
    places = None if scope.view is None else scope.view.user_rows if by_user else scope.view.movie_columns
    line = owner if places is None else int(places[owner])
    if line < 0:
        partners, values = np.zeros(0, dtype=np.int32), np.zeros(0)
    else:
        partners, values = scope.ratings.user_line(line) if by_user else scope.ratings.movie_line(line)
    if scope.view is not None:
        partners = (scope.view.movies if by_user else scope.view.users)[partners]
    alone, others = np.array([owner], dtype=np.int32), np.arange(len(partners), dtype=np.int32)
    view = View(alone, partners, 0, 0) if by_user else View(partners, alone, 0, 0)
    first = np.zeros(len(partners), dtype=np.int32)
    users, movies = (first, others) if by_user else (others, first)
    return part_of_factors(factors, view), users, movies, values.astype(np.float64)


def prediction_terms(factors: Factors, user: int, movie: int) -> tuple[Term, ...]:
    """The addends of one prediction in the order in which the model adds them."""
    left, right = factors.user_factors[user], factors.movie_factors[movie]
    terms = [
        Term(f"factor {f + 1}", (float(left[f]), float(right[f])), float(left[f] * right[f]))
        for f in range(factors.n_factors)
    ]
    if factors.user_bias is not None and factors.movie_bias is not None:
        terms += [
            Term(name, (float(value),), float(value))
            for name, value in (("movie bias", factors.movie_bias[movie]), ("user bias", factors.user_bias[user]))
        ]
    return tuple(terms)


def _bracketed(number: float) -> str:
    text = weight_text(number)
    return f"({text})" if number < 0 else text


def terms_text(terms: tuple[Term, ...], total: float, decimals: int = 4) -> str:
    """ "0.19 × 0.71 + … = 0.91" with every term written out."""
    addends = " + ".join(" × ".join(_bracketed(part) for part in term.parts) for term in terms)
    return f"{addends} = {total:.{decimals}f}"


def explain_prediction(session: Session, block: Block, row: int, column: int, *, factor: int = 0) -> Explanation:
    """The prediction in a cell: its terms against the rating, and the derivative of one factor of its user.

    ``block`` is the ratings or the predictions block the cell was selected in. ``factor`` counts the terms: beyond the
    factors come the movie's and the user's bias.
    """
    model, ratings, user, movie = block.model, session.ratings, block.user(row), block.movie(column)
    factors = session.sheet(model).factors
    terms = prediction_terms(factors, user, movie)
    factor = min(factor, len(terms) - 1)
    prediction, rating = session.prediction(model, user, movie), ratings.rating(user, movie)
    in_predictions = block.name == "predictions"
    return Explanation(
        address=block.address(row, column),
        title=f"user {ratings.user_ids[user]} · {ratings.movie_name(movie)}",
        formula=block.layout.formula(block.name, row, column),
        numbers=_prediction_numbers(terms, prediction, rating)
        if in_predictions
        else _rating_numbers(prediction, rating),
        value=prediction if in_predictions else rating,
        terms=terms,
        prediction=prediction,
        rating=rating,
        user=user,
        movie=movie,
        factor=factor,
        derivative=derivative(session, model, _weight_of_term(factors, user, movie, factor)),
    )


def _weight_of_term(factors: Factors, user: int, movie: int, term: int) -> WeightCell:
    if term < factors.n_factors:
        return "user_factors", user, term
    return ("movie_bias", movie, 0) if term == factors.n_factors else ("user_bias", user, 0)


def _prediction_numbers(terms: tuple[Term, ...], prediction: float, rating: float | None) -> str:
    rated = "not rated: the sheet shows 0" if rating is None else f"rated {rating_text(rating)}"
    return f"{terms_text(terms, prediction)}   {rated}"


def _rating_numbers(prediction: float, rating: float | None) -> str:
    if rating is None:
        return f"not rated   predicted {prediction:.4f}"
    return f"rated {rating_text(rating)}   predicted {prediction:.4f}   residual {rating - prediction:+.4f}"


def explain_weight(session: Session, block: Block, row: int, column: int, cell: WeightCell) -> Explanation:
    """One factor or bias: its value and the derivative of the loss with respect to it."""
    table, owner, factor = cell
    is_user, is_bias = table.startswith("user"), table.endswith("bias")
    slope = derivative(session, block.model, cell)
    movement = ""
    if slope is not None:
        movement = f"d loss / d weight = {slope.estimate:.5f} (estimated)   {slope.exact:.5f} (exact)"
    name = weight_name(session, cell)
    title = "" if is_user else session.ratings.titles.get(session.ratings.movie_ids[owner])
    return Explanation(
        address=block.address(row, column),
        title=" · ".join(filter(None, (name, title))),
        formula="",
        numbers=movement,
        value=block.value(row, column),
        user=owner if is_user else None,
        movie=None if is_user else owner,
        factor=None if is_bias else factor,
        derivative=slope,
    )


def explain_rmse(session: Session, model: str, layout: Layout) -> Explanation:
    """The RMSE cell: its formula, and the sum and the count it is made of."""
    known, count = session.known_rmse(model, shown=True), session.visible.n_ratings
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
        return terms_text(whole.terms, whole.prediction)
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
