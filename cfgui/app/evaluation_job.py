"""Evaluating behind the window: what a person wants measured, the work, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cfgui.app.engine_loading import load_engine
from cfgui.app.evaluating import Length, OnReport, RankingChoice, evaluate_split, read_held_out
from cfgui.app.evaluating_folds import FoldsEvaluation, evaluate_folds
from cfgui.app.evaluation_report import EvaluationReport, make_report
from cfgui.app.session import Session
from cfgui.app.training import step_limit
from cfgui.app.turnstile import TURNSTILE
from cfgui.core.chunks import Interrupted, Stop
from cfgui.core.document import Document
from cfgui.core.position import StepReport
from cfgui.core.split import SplitChoice, make_split
from cfgui.io.table_options import Progress, Report


@dataclass(frozen=True)
class EvaluationWish:
    """What is to be measured: ratings held out by ``split``, ``epochs`` of training (None: as long as usual), the
    first ``n`` recommendations, relevant from ``threshold`` on (None: 80 % of the highest rating).
    """

    split: SplitChoice
    epochs: int | None = None
    n: int = 10
    threshold: float | None = None


class EvaluationJob:
    """One evaluation of the model in front, from the weights that Reset brings back: the present ones have seen all.

    ``work`` is for a thread of its own; ``words`` say how far it is. A session that trains on what is shown only is
    evaluated on that.
    """

    def __init__(self, session: Session, wish: EvaluationWish, torch_settled: Callable[[], bool]) -> None:
        self._choices, self._wish, self._torch_settled = session.hyperparameters, wish, torch_settled
        model = session.active
        self._whole = Document(session.ratings, {model: session.sheet(model).start}, active=model)
        self._view = session.view if session.trains_visible and not session.view.is_whole else None
        self.words = "getting ready…"

    def work(self, report: Report, cancelled: Stop) -> EvaluationReport:
        """What came out, of folds those that came to their end; ``report`` is told the updates made of all.

        Raises Interrupted where it was cancelled before there was anything to show, and as ``make_split``, ``train``
        and reading a file do: a sentence for a person each.
        """

        def stop() -> bool:
            TURNSTILE.pass_through()
            return cancelled()

        document = self._whole if self._view is None else self._whole.part(self._view)
        shape = document.factors[self._choices.model]
        load_engine(document.ratings, shape, self._choices, stop, self._torch_settled)
        found = self._found(document, report, stop)
        if not found.folds:
            raise Interrupted
        self.words = "putting the tables together…"
        return make_report(found, self._choices, self._wish.split, self._wish.n)

    def _found(self, document: Document, report: Report, stop: Stop) -> FoldsEvaluation:
        choice, length = self._wish.split, Length(epochs=self._wish.epochs)
        rank = RankingChoice(self._wish.n, self._wish.threshold)
        if choice.kind == "folds":
            n_learnt = document.ratings.n_ratings * (choice.n_folds - 1) // choice.n_folds
            meter = _Meter(self, report, self._steps(n_learnt, length), choice.n_folds)
            return evaluate_folds(
                document, self._choices, choice.n_folds, choice.seed, length,
                rank=rank, on_fold=meter.on_fold, on_report=meter.on_report, stop=stop,
            )  # fmt: skip
        given = None
        if choice.kind == "file":
            self.words = f"reading {Path(choice.path).name}…"
            given = read_held_out(Path(choice.path), cancelled=stop)
        split = make_split(document.ratings, choice, given)
        on_report: OnReport = _Meter(self, report, self._steps(split.train.n_ratings, length), 1).on_report
        found = evaluate_split(document, self._choices, split, length, rank=rank, on_report=on_report, stop=stop)
        if stop():
            raise Interrupted
        return FoldsEvaluation((found,), 1)

    def _steps(self, n_learnt: int, length: Length) -> int:
        """Updates of one training; 0 where nobody knows."""
        return step_limit(self._choices, n_learnt, length.steps, length.epochs) or 0


class _Meter:
    """Turns reports of training into words and progress; the updates of a fold come after those before."""

    def __init__(self, job: EvaluationJob, report: Report, steps: int, n_folds: int) -> None:
        self._job, self._report, self._steps, self._n_folds, self._fold = job, report, steps, n_folds, 0

    def on_fold(self, fold: int, _n_folds: int) -> None:
        """The next fold begins."""
        self._fold = fold
        self._tell("splitting…", 0)

    def on_report(self, report: StepReport) -> None:
        """A look at the loss."""
        is_last = report.step >= self._steps > 0
        self._tell("measuring…" if is_last else f"step {report.step:,}, train RMSE {report.rmse:.4f}", report.step)

    def _tell(self, words: str, step: int) -> None:
        fold = f"fold {self._fold + 1} of {self._n_folds}: " if self._n_folds > 1 else ""
        self._job.words = fold + words
        self._report(Progress(self._fold * self._steps + min(step, self._steps), self._n_folds * self._steps))
