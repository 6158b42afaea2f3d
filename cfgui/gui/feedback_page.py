"""FeedbackPage: plays simulations of a feedback loop, round by round, beside the ones played before."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.app.simulating import PLANTED, SimulationJob, SimulationRun, same_world
from cfgui.app.simulation_words import lesson, world_words
from cfgui.app.words import counted
from cfgui.core.chunks import Interrupted
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.feedback_world import PLANTED_GENRES, known_genres
from cfgui.gui.bridge import Bridge
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.feedback_form import FeedbackForm
from cfgui.gui.feedback_plots import FeedbackPlots, round_table
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.round_saver import RoundSaver
from cfgui.gui.sheet_page import Submit
from cfgui.gui.small_parts import push_button
from cfgui.gui.theme import Theme, current_theme

MOST_RUNS = 6
"""Simulations kept to compare with; the oldest goes first."""

LOOK_MS = 80
"""How often the rounds of a simulation in hand are looked at."""

EXPLORES = 0.2
"""What the button for comparing explores."""

INTRO = (
    "A model that learns from the ratings of what it recommended decides by its own lists what it will know. Here 1 %"
    " of the people love one genre and have rated all of it: press Simulate, and see what everybody else is shown."
)

TIPS = {
    "simulate": "Play all rounds: train, recommend, let everybody rate some of it, and train anew.  (Alt+A)",
    "stop": "End it after the round in hand; the rounds so far stay.  (Alt+O)",
    "explore": "Play the same again with a fifth of all places given to movies drawn at random.  (Alt+W)",
    "plain": "Play the same again without exploration.  (Alt+W)",
    "clear": "Forget the simulations so far.  (Alt+C)",
    "save": "Write every round of every simulation shown: CSV, Excel or Parquet.  (Alt+K)",
}


class FeedbackPage(ExplorePage):
    """Choices on top, three plots, what the numbers come to, and the rounds as a table."""

    title: ClassVar[str] = "Feedback"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.reading: Reading | None = None
        self.runs: list[SimulationRun] = []
        self.work, self.saver = LatestWork(self), RoundSaver(self)
        self.work.busy.connect(self._busy)
        self.saver.said.connect(self.said)
        self._job: SimulationJob | None = None
        self._n_shown = -1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.form = FeedbackForm()
        self.form.world.activated.connect(self._offer_genres)
        self._make_parts()
        self._lay_out()
        self.apply_theme(current_theme())
        self._show_run()
        self._busy(False)

    # Building

    def _make_parts(self) -> None:
        self.simulate = push_button("Simul&ate", TIPS["simulate"], self.play)
        self.stop = push_button("St&op", TIPS["stop"], self.end)
        self.again = push_button("Same with exploration", TIPS["explore"], self.play_the_other_way)
        self.clear = push_button("&Clear", TIPS["clear"], self.forget)
        self.save = push_button("&Keep as a file…", TIPS["save"], lambda: self.saver.ask_where(self.runs))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 6)
        self.bar.setAccessibleName("Rounds played")
        self.sentence, self.facts = QLabel(), QLabel()
        for label, name in ((self.sentence, "What the numbers say"), (self.facts, "The world and what is shown most")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setAccessibleName(name)
        self.plots = FeedbackPlots()
        self.table = NumberTable(name="Rounds of the newest simulation")
        self.table.said.connect(self.said)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.simulate, self.stop, self.again):
            buttons.addWidget(button)
        buttons.addSpacing(8)
        buttons.addWidget(self.bar)
        buttons.addStretch(1)
        buttons.addWidget(self.clear)
        buttons.addWidget(self.save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 6, 10, 6)
        whole.setSpacing(6)
        whole.addWidget(self.form)
        whole.addLayout(buttons)
        whole.addWidget(self.sentence)
        whole.addWidget(self.plots, 5)
        whole.addWidget(self.table, 3)
        whole.addWidget(self.facts)

    # What the window calls

    def show_reading(self, reading: Reading) -> None:
        """Keep what a simulation of the open sheet would begin with."""
        self.reading = reading

    def apply_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.form.apply_theme(theme)
        self.facts.setStyleSheet(f"color: {theme.muted.name()};")
        self.plots.apply_theme(theme, self._n_rounds)

    def finish(self) -> None:
        """End the simulation in hand, and wait for it and for a file that is being written."""
        self._timer.stop()
        self.work.finish()
        self.saver.finish()

    @property
    def copied_table(self) -> NumberTable | None:
        """Copy takes the rounds."""
        return self.table

    # Playing

    @property
    def newest(self) -> SimulationRun | None:
        """The simulation in hand, or the last one."""
        return self.runs[-1] if self.runs else None

    @property
    def _n_rounds(self) -> int:
        return self.newest.choices.rounds if self.newest else FeedbackChoices().rounds

    def play(self) -> None:
        """Play a simulation with the choices of the form."""
        self._play(self.form.choices(), of_sheet=self.form.of_sheet)

    def play_the_other_way(self) -> None:
        """Play the newest simulation again with exploration, or without where it explored."""
        newest = self.newest
        if newest is None:
            return
        choices = replace(newest.choices, exploration=0.0 if newest.choices.exploration else EXPLORES)
        self.form.show_choices(choices)
        self._play(choices, of_sheet=newest.source != PLANTED)

    def _play(self, choices: FeedbackChoices, *, of_sheet: bool) -> None:
        if self.work.working:
            return
        self._job = job = SimulationJob(choices, self.reading if of_sheet else None)
        self.work.begin(job.work, lambda _run: self._ended(), failed=self._failed)
        self._timer.start(LOOK_MS)

    def end(self) -> None:
        """End the simulation in hand; its rounds so far stay."""
        self.work.cancel()
        self._ended()

    def forget(self) -> None:
        """Forget all simulations."""
        self.end()
        self.runs = []
        self._show_run()
        self._busy(False)

    def _look(self) -> None:
        """Show the rounds that have come since the last look."""
        job = self._job
        if job is None or job.run is None:
            return
        if not self.runs or self.runs[-1] is not job.run:
            self.runs = [*self.runs, job.run][-MOST_RUNS:]
            self._n_shown = -1
            self.form.show_genres(job.run.world.genres)
        if len(job.run.reports) != self._n_shown:
            self._show_run()

    def _offer_genres(self) -> None:
        """The genres of the world that is chosen; of a sheet without any only a run finds groups."""
        ratings = self.reading.ratings if self.reading is not None and self.form.of_sheet else None
        self.form.show_genres(PLANTED_GENRES if ratings is None else known_genres(ratings))

    def _ended(self) -> None:
        self._look()
        self._timer.stop()
        self._job = None
        self._busy(self.work.working)

    def _failed(self, error: Exception) -> None:
        self._ended()
        if isinstance(error, Interrupted):
            return
        if not isinstance(error, ValueError):
            raise error
        self.said.emit(str(error), True)

    def _busy(self, busy: bool) -> None:
        self.simulate.setEnabled(not busy)
        self.stop.setEnabled(busy)
        self.form.setEnabled(not busy)
        has_rounds = any(run.reports for run in self.runs)
        self.again.setEnabled(not busy and has_rounds)
        self.clear.setEnabled(not busy and has_rounds)
        self.save.setEnabled(not busy and has_rounds)
        self.bar.setVisible(busy)

    # Showing

    def _show_run(self) -> None:
        run = self.newest
        explored = run is not None and run.choices.exploration > 0.0
        self.again.setText("Same &without exploration" if explored else "Same &with exploration")
        self.again.setToolTip(TIPS["plain" if explored else "explore"])
        self._n_shown = len(run.reports) if run else 0
        self.bar.setRange(0, self._n_rounds)
        self.bar.setValue(self._n_shown)
        self.plots.show_runs(self.runs, self._n_rounds)
        said = (lesson(run, self._before(run)) if run else "") or INTRO
        self.sentence.setText(said.replace(" %", "\N{NO-BREAK SPACE}%"))
        self.facts.setText(self._facts_of(run) if run else "")
        self.table.show_columns(round_table(run) if run else [])

    def _before(self, run: SimulationRun) -> SimulationRun | None:
        """The last simulation before this one that its numbers can be compared with."""
        earlier = (it for it in reversed(self.runs[:-1]) if it.reports and same_world(it, run))
        return next(earlier, None)

    @staticmethod
    def _facts_of(run: SimulationRun) -> str:
        top = ", ".join(f"{name} ({counted(n, 'time')})" for name, n in run.top_movies(4))
        return world_words(run) + (f" Shown most in round {run.reports[-1].number}: {top}." if top else "")
