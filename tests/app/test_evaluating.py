"""Evaluating: what is learnt from, what is measured, the rule for what was never learnt, folds, early stopping."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.evaluating import (
    Evaluation,
    Length,
    RankingChoice,
    evaluate,
    evaluate_split,
    learning_document,
    own_factors,
    watcher_for,
)
from cfgui.app.evaluating_folds import FoldsEvaluation, evaluate_folds, spread
from cfgui.app.training import step_limit, train, trained_document
from cfgui.core import models
from cfgui.core.baselines import bias_only
from cfgui.core.document import Document
from cfgui.core.evaluation import HeldOutWatcher, WeightPredictions
from cfgui.core.gibbs import SAMPLES
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.posterior_watcher import PosteriorWatcher
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice, make_folds, make_split, random_split
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document
from tests.helpers.reference import real_ratings
from tests.helpers.tables import random_table

RANDOM = SplitChoice("random", 0.2, seed=3)
GD = Hyperparameters(learning_rate=0.1)


@pytest.fixture(scope="module")
def sample() -> Document:
    return sample_document()


@pytest.fixture(scope="module")
def evaluation(sample: Document) -> Evaluation:
    return evaluate(sample, GD, RANDOM, Length(steps=30), rank=RankingChoice(5))


def document_of(ratings: Ratings, n_factors: int = 3) -> Document:
    size = ratings.n_users, ratings.n_movies, n_factors
    factors = {"dot": random_factors(*size, bias=False), "bias": random_factors(*size, bias=True, init="normal")}
    return Document(ratings, factors)


def test_training_sees_the_training_part_alone(sample: Document, evaluation: Evaluation) -> None:
    split = random_split(sample.ratings, 0.2, seed=3)
    alone = Trainer(split.train, sample.factors["dot"], GD)
    for _ in range(30):
        alone.advance()
    assert evaluation.result.factors.equals(alone.factors)
    assert evaluation.result.rmse == alone.rmse
    assert evaluation.score.train.rmse == pytest.approx(alone.rmse, rel=1e-12)


def test_figures_are_those_of_the_weights_it_ended_with(evaluation: Evaluation) -> None:
    held_out, factors = evaluation.split.held_out, evaluation.result.factors
    assert not evaluation.split.cold.any()
    residuals = held_out.values - models.predict(factors, held_out.users, held_out.movies)
    assert np.array_equal(evaluation.residuals, residuals)
    score = evaluation.score.held_out
    assert score.mse == pytest.approx(np.mean(residuals**2), rel=1e-12)
    assert score.rmse == math.sqrt(score.mse)
    assert score.mae == pytest.approx(np.mean(np.abs(residuals)), rel=1e-12)
    assert evaluation.by_user.counts.tolist() == held_out.user_counts.tolist()
    assert float((evaluation.by_movie.counts * np.nan_to_num(evaluation.by_movie.mse)).sum()) == pytest.approx(
        (residuals**2).sum()
    )


def test_both_curves_go_from_the_start_to_the_end(sample: Document, evaluation: Evaluation) -> None:
    result, held_out = evaluation.result, evaluation.split.held_out
    assert result.held_out is not None
    assert result.held_out.steps.tolist() == result.curve.steps.tolist() == list(range(31))
    assert result.held_out.rmses[0] == pytest.approx(models.rmse(sample.factors["dot"], held_out), rel=1e-12)
    assert result.held_out.rmses[-1] == pytest.approx(evaluation.score.held_out.rmse, rel=1e-12)
    assert result.best_step == int(np.argmin(result.held_out.rmses))
    assert (result.step, result.epoch, result.engine) == (30, 30, "torch")
    assert result.ratings_per_second > 0.0


def test_baselines_and_ranking_come_with_it(evaluation: Evaluation) -> None:
    names = ["global mean", "user mean", "item mean", "bias only", "most popular"]
    assert [it.name for it in evaluation.baselines] == names
    assert evaluation.baselines[3].train.rmse < evaluation.baselines[1].train.rmse < evaluation.baselines[0].train.rmse
    assert [it.ranking is None for it in evaluation.baselines] == [True, True, False, False, False]
    assert (evaluation.baselines[4].train.n, evaluation.baselines[4].held_out.n) == (0, 0), "it predicts no rating"
    assert evaluation.score.ranking is not None
    assert evaluation.score.ranking.n == 5


def test_the_same_seed_gives_the_same_bits(sample: Document, evaluation: Evaluation) -> None:
    again = evaluate(sample, GD, RANDOM, Length(steps=30), rank=RankingChoice(5))
    assert again.result.factors.equals(evaluation.result.factors)
    assert (again.score, again.baselines) == (evaluation.score, evaluation.baselines)
    assert again.result.held_out is not None
    assert evaluation.result.held_out is not None
    assert again.result.held_out.equals(evaluation.result.held_out)


def test_looking_changes_nothing_about_the_training(sample: Document) -> None:
    split = random_split(sample.ratings, 0.2, seed=3)
    learning, seen = learning_document(sample, split), []
    watched = train(learning, GD, steps=9, watcher=watcher_for(GD, split), on_look=lambda *look: seen.append(look))
    plain = train(learning, GD, steps=9)
    assert watched.factors.equals(plain.factors)
    assert watched.curve.equals(plain.curve)
    assert plain.held_out is plain.best_step is None
    assert watched.held_out is not None
    assert seen == list(zip(watched.held_out.steps.tolist(), watched.held_out.rmses.tolist(), strict=True))


def cold_table() -> tuple[Ratings, SplitChoice]:
    """A fold in which some movies and users have nothing to learn from."""
    return random_table(30, 60, 150, seed=8), SplitChoice("random", 0.4, seed=1)


def test_what_was_never_learnt_is_predicted_by_the_biases_of_the_training_ratings() -> None:
    ratings, choice = cold_table()
    document = document_of(ratings)
    found = evaluate(document, Hyperparameters(n_factors=3, learning_rate=0.02), choice, Length(steps=3))
    split, factors = found.split, found.result.factors
    held_out, rule = split.held_out, bias_only(split.train)
    assert split.cold_users.any()
    assert split.cold_movies.any()
    assert not split.cold.all()
    counts = np.bincount(split.train.users, minlength=30), np.bincount(split.train.movies, minlength=60)
    for place, (user, movie, rating) in enumerate(
        zip(held_out.users.tolist(), held_out.movies.tolist(), held_out.values.tolist(), strict=True)
    ):
        prediction = float(models.predict(factors, held_out.users[[place]], held_out.movies[[place]])[0])
        if not counts[0][user] or not counts[1][movie]:
            known = rule.mean + (rule.user_bias[user] if counts[0][user] else 0.0)
            known += rule.movie_bias[movie] if counts[1][movie] else 0.0
            prediction = min(max(known, split.train.scale[0]), split.train.scale[1])
        assert found.residuals[place] == pytest.approx(rating - prediction, abs=1e-12)
    assert found.result.held_out is not None
    assert found.result.held_out.rmses[-1] == pytest.approx(found.score.held_out.rmse, rel=1e-12)


def test_a_block_of_predictions_follows_the_same_rule() -> None:
    ratings, choice = cold_table()
    split = make_split(ratings, choice)
    factors = random_factors(30, 60, 3, bias=True, seed=2)
    predictions = WeightPredictions(factors, split.train, bias_only(split.train))
    users, movies = np.divmod(np.arange(1800, dtype=np.int32), 60)
    block = predictions.block(np.arange(30, dtype=np.int32), np.arange(60, dtype=np.int32))
    assert np.array_equal(block.ravel(), predictions(users.astype(np.int32), movies.astype(np.int32)))


def test_everything_held_out_may_be_cold() -> None:
    ratings = Ratings.from_crosstab("ab", "xy", np.array([[4.0, 0.0], [0.0, 2.0]]), np.eye(2, dtype=bool))
    split = make_split(ratings, SplitChoice("random", 0.5, seed=0))
    found = evaluate_split(document_of(ratings), Hyperparameters(n_factors=3), split, Length(steps=2))
    assert split.cold.all()
    assert found.score.held_out.rmse == 2.0


def test_a_given_file_may_bring_users_and_movies_along(sample: Document) -> None:
    some = sample.ratings.user_ids[0], sample.ratings.movie_ids[:2]
    given = Ratings.from_crosstab([some[0], "new"], [*some[1], "other"], np.full((2, 3), 3.0), np.ones((2, 3), bool))
    found = evaluate(sample, GD, SplitChoice("file", path="t.csv"), Length(steps=5), given=given)
    split = found.split
    assert (split.n_new_users, split.n_new_movies) == (1, 1)
    assert (split.n_cold_users, split.n_cold_movies, int(split.cold.sum())) == (1, 1, 4)
    assert (found.result.factors.n_users, found.result.factors.n_movies) == (16, 16)
    kept = own_factors(sample, found.result.factors)
    assert (kept.n_users, kept.n_movies) == (15, 15)
    assert np.array_equal(kept.user_factors, found.result.factors.user_factors[:15])
    assert own_factors(sample, sample.factors["bias"]) is sample.factors["bias"]


def test_patience_ends_the_run_and_brings_the_best_weights_back(sample: Document) -> None:
    split = random_split(sample.ratings, 0.2, seed=42)
    patient = replace(GD, learning_rate=0.5, patience=4)
    found = evaluate_split(sample, patient, split, Length(steps=500))
    result = found.result
    assert result.stopped_early
    assert result.held_out is not None
    best = int(np.argmin(result.held_out.rmses))
    assert result.best_step == result.step == best > 0
    assert result.held_out.steps[-1] == result.curve.steps[-1] == best + 4
    assert found.score.held_out.rmse == pytest.approx(result.held_out.rmses.min(), rel=1e-12)
    assert result.rmse == result.curve.rmses[best]
    to_best = evaluate_split(sample, replace(patient, patience=0), split, Length(steps=best)).result
    assert to_best.factors.equals(result.factors)
    assert not to_best.stopped_early


def test_divergence_ends_both_curves_at_the_last_good_step(sample: Document) -> None:
    result = evaluate(sample, Hyperparameters(learning_rate=5.0), RANDOM).result
    assert result.diverged is not None
    assert result.held_out is not None
    assert result.held_out.steps[-1] == result.curve.steps[-1] == result.step


def test_stopping_keeps_what_there_is(sample: Document) -> None:
    steps: list[int] = []
    found = evaluate(
        sample,
        GD,
        RANDOM,
        rank=RankingChoice(),
        on_report=lambda it: steps.append(it.step),
        stop=lambda: len(steps) > 6,
    )
    assert found.result.interrupted
    assert (found.result.step, found.score.held_out.n) == (7, 41)
    assert found.score.ranking is None


def test_nothing_held_out_is_a_sentence(sample: Document) -> None:
    with pytest.raises(ValueError, match="No rating is held out"):
        HeldOutWatcher(make_split(sample.ratings, SplitChoice()))


def test_a_document_trained_on_a_part_keeps_no_curve_of_the_part(sample: Document, evaluation: Evaluation) -> None:
    before = trained_document(sample, "dot", train(sample, GD, steps=2))
    assert "dot" in before.history
    after = trained_document(before, "dot", evaluation.result)
    assert "dot" not in after.history
    assert after.factors["dot"] is evaluation.result.factors
    assert after.ratings is sample.ratings


@pytest.fixture(scope="module")
def folds(sample: Document) -> FoldsEvaluation:
    return evaluate_folds(sample, GD, 4, 11, Length(steps=10))


def test_each_fold_is_an_evaluation_of_its_own(sample: Document, folds: FoldsEvaluation) -> None:
    for found, split in zip(folds.folds, make_folds(sample.ratings, 4, 11), strict=True):
        alone = evaluate_split(sample, GD, split, Length(steps=10))
        assert found.score == alone.score
    rmses = [it.score.held_out.rmse for it in folds.folds]
    found = folds.spread(lambda score: score.held_out.rmse)
    assert found == pytest.approx((np.mean(rmses), np.std(rmses, ddof=1)))


def test_errors_over_all_folds_count_every_rating_once(sample: Document, folds: FoldsEvaluation) -> None:
    assert folds.by_user.counts.tolist() == sample.ratings.user_counts.tolist()
    assert folds.by_movie.counts.tolist() == sample.ratings.movie_counts.tolist()
    squares = sum(float((it.residuals**2).sum()) for it in folds.folds)
    assert float((folds.by_user.counts * folds.by_user.mse).sum()) == pytest.approx(squares)


def test_folds_are_told_and_may_be_stopped(sample: Document) -> None:
    told: list[tuple[int, int]] = []
    found = evaluate_folds(
        sample, GD, 3, 0, Length(steps=2), on_fold=lambda *fold: told.append(fold), stop=lambda: len(told) == 2
    )
    assert told == [(0, 3), (1, 3)]
    assert found.interrupted
    assert len(found.folds) == 1


def test_spread_by_hand() -> None:
    assert spread([1.0, 3.0]) == (2.0, math.sqrt(2.0))
    assert spread([2.0])[0] == 2.0
    assert math.isnan(spread([2.0]).sd)
    assert math.isnan(spread([]).mean)


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_real_ratings_through_the_compiled_loops(model: str) -> None:
    """Many ratings: the curve by strides agrees with the figures by arrays, and the bits repeat."""
    document = document_of(real_ratings(), 5)
    hyperparameters = Hyperparameters(model=model, optimizer="sgd", learning_rate=0.01, init="normal")
    first, second = (evaluate(document, hyperparameters, RANDOM, Length(epochs=2)) for _ in range(2))
    assert first.result.engine == "compiled"
    assert first.split.cold.any()
    assert first.result.held_out is not None
    assert first.result.held_out.rmses[-1] == pytest.approx(first.score.held_out.rmse, rel=1e-12)
    assert first.result.factors.equals(second.result.factors)
    assert np.array_equal(first.residuals, second.residuals)


def test_sampling_is_measured_by_the_mean_of_its_draws() -> None:
    """Far better than any one draw, and than the biases; the same bits again."""
    document = document_of(real_ratings(), 5)
    hyperparameters = Hyperparameters(model="bias", optimizer="gibbs", n_factors=5)
    first, second = (evaluate(document, hyperparameters, RANDOM, Length(steps=40)) for _ in range(2))
    assert isinstance(watcher_for(hyperparameters, first.split), PosteriorWatcher)
    assert first.score.held_out.mse < first.baselines[-1].held_out.mse - 0.02
    assert first.result.held_out is not None
    assert first.result.held_out.rmses[-1] == pytest.approx(first.score.held_out.rmse, rel=1e-12)
    alone = HeldOutWatcher(first.split).rmse(first.result.factors)
    assert first.score.held_out.rmse < alone - 0.05
    assert np.array_equal(first.residuals, second.residuals)


def test_sampling_goes_for_as_many_draws_as_it_needs() -> None:
    hyperparameters = Hyperparameters(model="bias", optimizer="gibbs")
    assert step_limit(hyperparameters, 100_000, None, None) == SAMPLES
    assert step_limit(hyperparameters, 100_000, None, 7) == 7
