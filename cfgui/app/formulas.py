"""The formula of a model in words, with its range and its mean as they are."""

from __future__ import annotations

from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.core.rating_range import RatingRange


def formula_words(factors: Factors) -> str:
    """ "score = user factors . movie factors; prediction = sigmoid(score) × 5.5 + 0"."""
    formula = MODELS[factors.model].formula
    if factors.global_mean:
        formula += f" + mean rating {factors.global_mean:.4g}"
    if factors.range.kind == "none":
        return formula
    return f"{formula.replace('prediction', 'score', 1)}; prediction = {range_words(factors.range, 'score')}"


def range_words(rating_range: RatingRange, score: str) -> str:
    """What the range makes of a score: "sigmoid(0.87) × 5.5 + 0", "6.20 clipped to 0.5 … 5"; "" where it is none."""
    formula = rating_range.formula
    if not formula:
        return ""
    return formula.replace("score", score) if "score" in formula else f"{score} {formula}"


def net_sizes(factors: Factors) -> str:
    """The numbers a net passes on, layer by layer: "5 + 5 → 10 → 1"."""
    units = " → ".join(str(layer.bias.size) for layer in factors.layers)
    return f"{factors.n_factors} + {factors.n_movie_factors} → {units}"
