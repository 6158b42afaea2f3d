"""Measuring how well new users are predicted: the work behind the window, how far it is, and what came out in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cfgui.app.cold_start_evaluation import (
    ITEM_MEAN,
    LABELS,
    ColdStartChoice,
    ColdStartEvaluation,
    evaluate_cold_start,
)
from cfgui.app.engine_loading import load_engine
from cfgui.app.evaluating import Length
from cfgui.app.learnt_ratings import learnt_ratings
from cfgui.app.number_columns import Column
from cfgui.app.session import Session
from cfgui.app.training import step_limit
from cfgui.app.turnstile import TURNSTILE
from cfgui.app.words import counted
from cfgui.core.chunks import Stop
from cfgui.core.document import Document
from cfgui.core.position import StepReport
from cfgui.core.ratings import Ratings

MANY = 40
"""Users with enough ratings from which the usual choice is taken."""

FEW = 300
"""Predicted ratings below which figures are mostly chance."""


def usual_choice(ratings: Ratings) -> ColdStartChoice:
    """Whom to hold out of a table at first: up to 100 of the users with 30 ratings, or what fits a small sheet."""
    n_enough = int((ratings.user_counts >= ColdStartChoice.min_ratings).sum())
    if n_enough >= MANY:
        return ColdStartChoice(n_users=min(ColdStartChoice.n_users, n_enough // 4))
    return choice_for(ratings, max(2, int(np.median(ratings.user_counts)) if ratings.n_users else 2))


def choice_for(ratings: Ratings, min_ratings: int, n_users: int | None = None) -> ColdStartChoice:
    """A choice of users with at least ``min_ratings``: so many are given at most that a third is left to predict."""
    most = 20 if min_ratings >= 30 else max(1, 2 * min_ratings // 3)
    given = tuple(sorted({0, round(most / 4), round(most / 2), most}))
    return ColdStartChoice(max(1, ratings.n_users // 4) if n_users is None else n_users, min_ratings, given)


class ColdStartJob:
    """One measurement: the model in front is trained anew without some users, from the weights Reset brings back."""

    def __init__(
        self, session: Session, choice: ColdStartChoice, epochs: int | None, torch_settled: Callable[[], bool]
    ) -> None:
        self._choices, self._choice, self._length = session.hyperparameters, choice, Length(epochs=epochs)
        self._torch_settled, state, model = torch_settled, session.state, session.active
        self._added = state.added_users, state.added_movies
        self._document = Document(session.ratings, {model: session.sheet(model).start}, active=model)
        self.words, self.share = "getting ready…", 0.0

    def work(self, cancelled: Stop) -> ColdStartEvaluation:
        """For a thread of its own. Raises Interrupted where it was cancelled, and ValueError, one plain sentence."""

        def stop() -> bool:
            TURNSTILE.pass_through()
            return cancelled()

        document = replace(self._document, ratings=learnt_ratings(self._document.ratings, *self._added))
        ratings, shape = document.ratings, document.factors[document.active]
        load_engine(ratings, shape, self._choices, stop, self._torch_settled)
        limit = step_limit(self._choices, ratings.n_ratings, self._length.steps, self._length.epochs) or 0

        def told(report: StepReport) -> None:
            self.share = min(1.0, report.step / limit) if limit else 0.0
            is_last = report.step >= limit > 0
            self.words = "predicting…" if is_last else f"step {report.step:,}, train RMSE {report.rmse:.4f}"

        return evaluate_cold_start(document, self._choices, self._length, self._choice, on_report=told, stop=stop)


def figures(found: ColdStartEvaluation) -> list[Column]:
    """The table: the MSE of each method after each number of ratings."""
    names = list(found.mse)
    columns = [Column("method", [LABELS[name] for name in names], None, "How the new user is predicted.", wide=True)]
    for place, n in enumerate(found.given):
        tip = f"Mean squared error over the ratings predicted, {counted(n, 'rating')} of each user being known."
        columns.append(Column(f"after {n}", np.array([found.mse[name][place] for name in names]), 4, tip))
    return columns


def sentence(found: ColdStartEvaluation) -> str:
    """What came out: whether fold-in improves with every step, and where the item mean is better all the same."""
    folded, mean, item = (found.mse[name] for name in ("fold-in", "mean", ITEM_MEAN))
    falls = "falls with every step" if found.falls else "does not fall with every step"
    words = [
        f"{counted(found.n_users, 'user')} held out, {counted(found.n_ratings, 'rating')} predicted. The fold-in's mean"
        f" squared error {falls}, from {folded[0]:.3f} to {folded[-1]:.3f}; the mean user's is {mean[-1]:.3f}."
    ]
    better = [n for n, own, other in zip(found.given, folded, item, strict=True) if other < own]
    if better:
        after = " and ".join(filter(None, (", ".join(map(str, better[:-1])), str(better[-1]))))
        words.append(f"After {after} ratings the item mean ({item[0]:.3f}) is better still.")
    else:
        words.append(f"It is below the item mean's {item[0]:.3f} throughout.")
    if found.facts_sentence:
        words.append(found.facts_sentence)
    if found.n_ratings < FEW:
        words.append("Of so few ratings that says little: open a larger table.")
    if found.n_unknown:
        words.append(
            f"{counted(found.n_unknown, 'rating')} of movies nobody else rated are predicted by the mean movie."
        )
    return " ".join(words)
