"""Evaluating and looking for a rate behind the window: what is measured, what is shown of it, and cancelling."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app import engine_loading
from cfgui.app.edits import SetRatings
from cfgui.app.evaluating import Length, RankingChoice, evaluate
from cfgui.app.evaluating_folds import evaluate_folds
from cfgui.app.evaluation_groups import GroupTable
from cfgui.app.evaluation_job import EvaluationJob, EvaluationWish
from cfgui.app.evaluation_report import EvaluationReport
from cfgui.app.rate_job import RateJob
from cfgui.app.session import Session
from cfgui.core.chunks import Interrupted
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lr_finder import find_rate
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.starts import random_factors
from cfgui.core.view import ViewChoice
from cfgui.io.sample import sample_document
from cfgui.io.table_options import Progress

GD = Hyperparameters(gradient="forward")
RANDOM = EvaluationWish(SplitChoice("random", 0.2, seed=3), epochs=10, n=5)
FOLDS = EvaluationWish(SplitChoice("folds", n_folds=4, seed=3), epochs=10, n=5)


def quiet(_progress: Progress) -> None:
    """Progress that nobody looks at."""


def never() -> bool:
    return False


def settled() -> bool:
    return True


@pytest.fixture
def session() -> Session:
    return Session(sample_document(), GD, name="the sample")


def reported(session: Session, wish: EvaluationWish) -> EvaluationReport:
    return EvaluationJob(session, wish, settled).work(quiet, never)


def trained(session: Session) -> None:
    """Move the weights of the sheet in front, as training does."""
    sheet = session.sheet("dot")
    moved = replace(sheet.factors, user_factors=sheet.factors.user_factors + 0.1)
    session.restore(session.state.with_sheet("dot", replace(sheet, factors=moved, step=1)))


def test_figures_are_those_of_an_evaluation_from_the_start(session: Session) -> None:
    trained(session)  # weights that have seen every rating must not be evaluated
    report = reported(session, RANDOM)
    expected = evaluate(sample_document(), GD, RANDOM.split, Length(epochs=10), rank=RankingChoice(5))
    assert [row.name for row in report.rows][:2] == ["dotprod by Gradient descent", "Global mean"]
    assert [row.name for row in report.rows][4:] == ["Biases only", "Most popular"]
    score = expected.score
    assert score.ranking is not None
    figures = [score.train.rmse, score.held_out.mse, score.held_out.rmse, score.held_out.mae, score.ranking.precision]
    figures += [score.ranking.recall, score.ranking.ndcg, score.ranking.coverage, score.ranking.popularity_share]
    assert [cell.mean for cell in report.rows[0].cells] == figures
    assert [cell.mean for cell in report.rows[4].cells][2] == expected.baselines[3].held_out.rmse
    assert not report.has_spread
    assert report.shown(0, 2) == (f"{score.held_out.rmse:.4f}", "")
    assert report.shown(1, 4) == ("–", "")
    assert report.shown(5, 2) == ("–", ""), "the most popular are a ranking and predict no rating"
    popular = expected.baselines[4].ranking
    assert popular is not None
    assert [cell.mean for cell in report.rows[5].cells][4:] == [
        popular.precision, popular.recall, popular.ndcg, popular.coverage, popular.popularity_share
    ]  # fmt: skip
    assert report.columns[6].title == "NDCG@5"
    assert report.facts.startswith("dotprod by Gradient descent: 10 epochs, 10 steps, ")
    assert "Held out: 41 ratings of 206 at random." in report.facts


def test_folds_show_means_and_spread(session: Session) -> None:
    report = reported(session, FOLDS)
    expected = evaluate_folds(sample_document(), GD, 4, 3, Length(epochs=10), rank=RankingChoice(5))
    rmses = [it.score.held_out.rmse for it in expected.folds]
    mean, sd = report.rows[0].cells[2]
    assert mean == pytest.approx(np.mean(rmses), rel=1e-14)
    assert sd == pytest.approx(np.std(rmses, ddof=1), rel=1e-12)
    assert report.shown(0, 2) == (f"{mean:.4f}", f"± {sd:.4f}")
    assert report.shown(0, 7)[0].endswith(" %")
    header, first, *_ = report.table()
    assert header[:3] == ["name", "train_rmse", "train_rmse_sd"]
    assert float(first[header.index("valid_rmse")]) == mean
    assert sum(report.by_user.errors.counts) == 206
    assert "all 4 folds, about 52 ratings held out in each" in report.held_out


def test_the_best_of_a_column_is_known(session: Session) -> None:
    report = reported(session, RANDOM)
    rmses = [row.cells[2].mean for row in report.rows[:5]]
    assert [report.is_best(row, 2) for row in range(5)] == [rmse == min(rmses) for rmse in rmses]
    assert not any(report.is_best(row, 0) for row in range(5)), "a low train RMSE is no merit"
    same = replace(report, rows=(report.rows[0],) * 2)
    assert not same.is_best(0, 2)
    ndcg = max(row.cells[6].mean for row in report.rows if math.isfinite(row.cells[6].mean))
    assert [row.cells[6].mean for place, row in enumerate(report.rows) if report.is_best(place, 6)] == [ndcg]


def test_groups_are_sorted_by_any_column(session: Session) -> None:
    report = reported(session, FOLDS)
    table = report.by_movie
    assert [column.key for column in table.columns][:2] == ["movie", "title"]
    ids = [table.shown(row, 0) for row in table.order(0, descending=False)]
    assert ids == sorted(ids, key=int)
    titles = [table.shown(row, 1) for row in table.order(1, descending=True)]
    assert titles == sorted(titles, key=str.casefold, reverse=True)
    rmses = [float(table.full(row, 4)) for row in table.order(4, descending=True)]
    assert rmses == sorted(rmses, reverse=True)
    assert table.full(0, 2) == table.shown(0, 2) == str(int(session.ratings.movie_counts[0]))
    assert report.by_user.columns[1].key == "n_ratings"
    assert report.by_user.n_rows == 15


def test_ids_that_are_no_numbers_come_last() -> None:
    ids = ("b", "10", "9", "a")
    users = np.repeat(np.arange(4, dtype=np.int32), 3)
    movies = np.tile(np.arange(3, dtype=np.int32), 4)
    ratings = Ratings(ids, ("x", "y", "z"), users, movies, np.arange(12, dtype=np.float32) % 5 + 1)
    factors = {"dot": random_factors(4, 3, 2, bias=False), "bias": random_factors(4, 3, 2, bias=True)}
    session = Session(Document(ratings, factors), GD, name="small")
    table = reported(session, EvaluationWish(SplitChoice("folds", n_folds=3), epochs=1)).by_user
    assert isinstance(table, GroupTable)
    assert [table.shown(row, 0) for row in table.order(0, descending=False)] == ["9", "10", "a", "b"]


def test_cold_ratings_are_counted(session: Session) -> None:
    report = reported(session, RANDOM)
    assert report.cold == ""
    session.restore(SetRatings({(0, movie): None for movie in range(1, 15)}).apply(session.state))
    cold = reported(session, FOLDS).cold  # the one rating left to the first user is held out once
    assert cold == "1 held-out rating of 1 user without any rating to learn from"


def test_what_is_shown_is_evaluated_where_only_that_trains(session: Session) -> None:
    session.show(ViewChoice(10, 15))
    session.train_on_visible(True)
    report = reported(session, RANDOM)
    assert report.split.train.n_users == 10
    assert report.split.train.n_ratings + report.split.held_out.n_ratings == session.visible.n_ratings


def test_cancelled_folds_show_those_that_are_done(session: Session) -> None:
    job = EvaluationJob(session, FOLDS, settled)
    seen: list[Progress] = []
    report = job.work(seen.append, lambda: "fold 3" in job.words)
    assert report.held_out.startswith("the first 2 of 4 folds")
    assert [(it.done, it.total) for it in seen] == sorted((it.done, it.total) for it in seen)
    assert seen[0].total == 40
    cancelled = EvaluationJob(session, FOLDS, settled)
    with pytest.raises(Interrupted):
        cancelled.work(quiet, lambda: True)
    with pytest.raises(Interrupted):
        EvaluationJob(session, RANDOM, settled).work(quiet, lambda: True)


def test_a_rate_is_found_from_the_present_weights(session: Session) -> None:
    trained(session)
    job, seen = RateJob(session, settled), list[Progress]()
    before = session.state
    found = job.work(seen.append, never)
    assert found == find_rate(session.ratings, session.sheet("dot").factors, GD)
    assert job.points == list(zip(found.rates, found.losses, strict=True))
    assert job.title == "Gradient descent on dotprod"
    assert session.state is before
    assert 0 <= seen[0].done < seen[-1].done <= 100
    with pytest.raises(Interrupted):
        RateJob(session, settled).work(quiet, lambda: True)


def test_work_that_needs_torch_waits_for_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.choose(gradient="autograd")
    asked = [False, False, True]
    monkeypatch.setattr(engine_loading, "WAIT_SECONDS", 0.0)
    RateJob(session, lambda: asked.pop(0)).work(quiet, never)
    assert not asked
    with pytest.raises(Interrupted):
        RateJob(session, lambda: False).work(quiet, lambda: True)
