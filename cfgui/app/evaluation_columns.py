"""The figures of an evaluation: what they are called above a table, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.app.evaluation_figures import FIGURES, Figure

COLD_RULE = (
    "Of a user or movie without a rating to learn from nothing is known: its weights are still those of the start."
    " Such a rating is predicted from the biases-only baseline instead: mean of all ratings + bias of the user or movie"
    " that is known, or the mean alone. Gibbs sampling needs no such rule: it draws weights for it from the spread of"
    " the others."
)
"""The rule for held-out ratings of which nothing could be learnt."""

BASELINE_TIPS = {
    "global mean": "Always the mean of all ratings that were learnt from. It cannot tell movies apart, so it"
    " recommends nothing.",
    "user mean": "The mean of the user's own ratings, whatever the movie. It recommends nothing either.",
    "item mean": "The mean of the movie's ratings, whoever asks: everybody is recommended the same.",
    "bias only": "Mean + bias of the user + bias of the movie: no taste, only who is generous and what is liked. A"
    " model with factors is worth its trouble where it does better.",
    "most popular": "The movies with the most ratings that the user has not rated, for everybody the same. It predicts"
    " no rating, and is hard to beat by precision: held-out ratings are mostly of popular movies.",
}
"""What the baselines are, by name."""


@dataclass(frozen=True)
class Column:
    """One figure: its key, what stands above it, the sentence that teaches it, and whether the lowest is the best."""

    key: str
    title: str
    tip: str
    figure: Figure
    lowest_is_best: bool | None = None


def columns(n: int, threshold: float) -> tuple[Column, ...]:
    """The figures where the first ``n`` recommendations are judged and ratings from ``threshold`` on are relevant."""
    relevant = f"rated {threshold:g} or more among the held-out ratings"
    return (
        Column(
            "train_rmse", "Train RMSE",
            "RMSE over the ratings that were learnt from. Where it is far below the held-out RMSE, the model has learnt"
            " these ratings by heart instead of what they have in common: it overfits.",
            FIGURES["train_rmse"],
        ),
        Column(
            "valid_mse", "MSE",
            "Mean of the squared residuals, (rating - prediction)², of the held-out ratings: what the course's"
            " notebooks call valid_loss.",
            FIGURES["valid_mse"], True,
        ),
        Column(
            "valid_rmse", "RMSE",
            "Root of the MSE, so that it is in stars again. Large misses weigh more than small ones.",
            FIGURES["valid_rmse"], True,
        ),
        Column(
            "valid_mae", "MAE",
            "Mean of the misses without their sign, |rating - prediction|: how many stars a prediction is off.",
            FIGURES["valid_mae"], True,
        ),
        Column(
            f"precision@{n}", f"Precision@{n}",
            f"Each user gets the {n} movies with the highest predictions among those not learnt from. Precision is the"
            f" share of these that the user {relevant}. It is low by nature, for nobody has rated everything.",
            FIGURES["precision"], False,
        ),
        Column(
            f"recall@{n}", f"Recall@{n}",
            f"The other way round: of the movies that the user {relevant}, the share that is among the first {n}.",
            FIGURES["recall"], False,
        ),
        Column(
            f"ndcg@{n}", f"NDCG@{n}",
            "Normalised discounted cumulative gain: like precision, but a hit counts the more the higher it stands,"
            " 1 / log2(rank + 1), and the sum is compared with that of the best order there could be. 1 is perfect.",
            FIGURES["ndcg"], False,
        ),
        Column(
            "coverage", "Coverage",
            "The share of the movies with ratings that anybody is recommended. Low: everybody gets the same few.",
            FIGURES["coverage"], False,
        ),
        Column(
            "popularity_share", "Popular",
            "The share of recommendations that fall on the tenth of the movies with the most ratings. Near 100 %: it"
            " recommends what everybody knows anyway.",
            FIGURES["popularity_share"],
        ),
    )  # fmt: skip


SHARES = ("coverage", "popularity_share")
"""Columns in percent."""
