"""``cfgui simulate``: a feedback loop of recommending, rating and training anew, round by round."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from cfgui.app.simulating import ROUND_FIGURES, SimulationRun, new_run, play
from cfgui.app.simulation_files import write_runs
from cfgui.app.simulation_words import label_of, lesson, percent, world_words
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, reason, say
from cfgui.cli.progress import shown_work
from cfgui.cli.trained import trained_model
from cfgui.core.chunks import Interrupted, Stop
from cfgui.core.feedback_options import FEEDBACK_OPTIONS, FeedbackChoices
from cfgui.io.table_options import Progress

if TYPE_CHECKING:
    from cfgui.app.reading import Reading

N_TOP = 5
"""Movies named that are recommended most."""


def run(arguments: Namespace) -> int:
    """Play, print, write; 0 done, 1 where the file could not be written, 130 interrupted, with the rounds so far."""
    check_writable(arguments.out)
    choices = chosen(arguments)
    with Interruption() as interruption:
        reading = _reading(arguments, lambda: interruption.wished)
        runs = [new_run(each, reading) for each in _wanted(choices, compare=arguments.compare)]
        _play(runs, lambda: interruption.wished)
        runs = [it for it in runs if it.reports]
        if not runs:
            raise KeyboardInterrupt
        written = arguments.out is None or _write(runs, arguments)
    if arguments.json:
        print_json(facts(runs, interrupted=interruption.wished))
    else:
        print("\n".join(lines(runs)))
        if arguments.out is not None and written:
            print(f"wrote {arguments.out}")
    if interruption.wished:
        say("interrupted; the rounds until then are shown.")
        return 130
    return 0 if written else 1


def chosen(arguments: Namespace) -> FeedbackChoices:
    """The choices of the command line, the defaults where nothing is said. Raises ValueError."""
    given = {option.name: getattr(arguments, option.name) for option in FEEDBACK_OPTIONS}
    return FeedbackChoices(**{name: value for name, value in given.items() if value is not None})


def _wanted(choices: FeedbackChoices, *, compare: bool) -> list[FeedbackChoices]:
    """What is played, the plain way first."""
    plain = replace(choices, exploration=0.0, debiasing="none")
    return [plain, choices] if compare and plain != choices else [choices]


def _reading(arguments: Namespace, stop: Stop) -> Reading | None:
    """The trained truth, None for a planted one."""
    if arguments.file is None:
        if arguments.weights is not None:
            raise ValueError("--weights needs the ratings they go with: give their FILE too.")
        return None
    from cfgui.app.reading import Reading

    model = trained_model(arguments, stop)
    return Reading(model.ratings, model.factors, model.model, f"{model.model} of {arguments.file.name}")


class _Words:
    """How far it is, for the bar."""

    def __init__(self) -> None:
        self._now = ""

    def observe(self, progress: Progress) -> None:
        """Note how many rounds are done."""
        self._now = f"round {progress.done} of {progress.total}"

    def words(self) -> str:
        """That, in words."""
        return self._now


def _play(runs: list[SimulationRun], stop: Stop) -> None:
    total, done = sum(it.choices.rounds for it in runs), 0
    with shown_work("simulating", _Words()) as report:

        def count(_round: object) -> None:
            nonlocal done
            done += 1
            report(Progress(done, total, done))

        try:
            for each in runs:
                play(each, stop, on_round=count)
        except Interrupted:
            return


def _write(runs: list[SimulationRun], arguments: Namespace) -> bool:
    try:
        write_runs(runs, arguments.out)
    except (OSError, ValueError) as error:
        say(reason(error))
        return False
    return True


def facts(runs: list[SimulationRun], *, interrupted: bool) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names. ``compared`` is the plain run of ``--compare``."""
    newest, before = runs[-1], runs[0] if len(runs) > 1 else None
    world = newest.world
    return {
        "world": newest.source,
        "n_users": world.n_users,
        "n_movies": world.n_movies,
        "genres": list(world.genres),
        "genre": newest.favourite,
        "genre_share_of_movies": world.favourite_share,
        "n_enthusiasts": len(world.enthusiasts),
        **_run_facts(newest),
        "compared": None if before is None else _run_facts(before),
        "lesson": lesson(newest, before),
        "interrupted": interrupted,
    }


def _run_facts(it: SimulationRun) -> dict[str, object]:
    return {
        "choices": asdict(it.choices),
        "rounds": [
            {figure.name: figure.of(report) for figure in ROUND_FIGURES}
            | {"genre_shares": dict(zip(it.world.genres, report.genre_shares.tolist(), strict=True))}
            for report in it.reports
        ],
        "top_movies": [{"movie": name, "n": n} for name, n in it.top_movies(N_TOP)],
    }


def lines(runs: list[SimulationRun]) -> list[str]:
    """The same in words and a table for each run."""
    said = [world_words(runs[-1])]
    for it in runs:
        said += ["", label_of(it.choices), *_table(it)]
        top = ", ".join(f"{name} ({n:,})" for name, n in it.top_movies(N_TOP))
        said += [f"shown most at the end: {top}"] if top else []
    return [*said, "", lesson(runs[-1], runs[0] if len(runs) > 1 else None)]


def _table(it: SimulationRun) -> list[str]:
    widths = [max(len(figure.title), 7) + 2 for figure in ROUND_FIGURES]
    said = ["".join(f"{figure.title:>{width}}" for figure, width in zip(ROUND_FIGURES, widths, strict=True))]
    for report in it.reports:
        cells = []
        for figure, width in zip(ROUND_FIGURES, widths, strict=True):
            cells.append(f"{_text(figure.name, figure.of(report), figure.digits):>{width}}")
        said.append("".join(cells))
    return said


def _text(name: str, number: float, digits: int | None) -> str:
    if not math.isfinite(number):
        return "-"
    if name.endswith("_share"):
        return percent(number)
    return f"{number:,.0f}" if digits is None else f"{number:.{digits}f}"
