"""What a simulation of a feedback loop comes to, in sentences made of its own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cfgui.app.simulating import SimulationRun, same_world
from cfgui.app.words import counted
from cfgui.core.feedback_options import FeedbackChoices

MOVES = 0.02
"""A share that changes by less than this over a run is said to have stayed."""

WHOLE_FROM = 0.2
"""From this share on percents are told without a decimal."""


def label_of(choices: FeedbackChoices) -> str:
    """What is special about these choices: "1 % enthusiasts · exploration 20 %"."""
    said, exploring, debiasing = _parts(choices)
    return " · ".join([said, exploring, *([debiasing] if choices.debiasing != "none" else [])])


def difference(run: SimulationRun, other: SimulationRun) -> str:
    """What is special about a run beside another, in few words: "no exploration"."""
    parts = zip(_parts(run.choices), _parts(other.choices), strict=True)
    return ", ".join(mine for mine, theirs in parts if mine != theirs) or "before"


def _parts(choices: FeedbackChoices) -> tuple[str, str, str]:
    """Enthusiasts, exploration and debiasing in words."""
    kind = "Thompson sampling" if choices.exploration_kind == "thompson" else "exploration"
    debiasing = {"none": "no debiasing", "weights": "inverse propensity", "popularity": "popularity penalty"}
    return (
        f"{percent(choices.enthusiasts)} enthusiasts" if choices.enthusiasts else "no enthusiasts",
        f"{kind} {percent(choices.exploration)}" if choices.exploration else "no exploration",
        debiasing[choices.debiasing],
    )


def percent(share: float) -> str:
    """A share as "12 %" or "0.5 %"."""
    return f"{100 * share:.{0 if share >= WHOLE_FROM else 1}f}".removesuffix(".0") + " %"


def world_words(run: SimulationRun) -> str:
    """How large the world is and who the enthusiasts are, as one sentence."""
    world = run.world
    size = f"{counted(world.n_users, 'user')} and {counted(world.n_movies, 'movie')} of {run.source}"
    if not len(world.enthusiasts):
        return f"{size}; there are no enthusiasts."
    rate = "rates" if len(world.enthusiasts) == 1 else "rate"
    n_loved = int(np.count_nonzero(world.favourite_movies))
    who = counted(len(world.enthusiasts), "enthusiast")
    return f"{size}; {who} {rate} all {counted(n_loved, 'movie')} of {run.favourite}."


def lesson(run: SimulationRun, before: SimulationRun | None = None) -> str:
    """What the rounds so far teach, from their own numbers; ``before`` is an earlier run to compare with."""
    if not run.reports:
        return ""
    first, last = run.reports[0], run.reports[-1]
    genre, fair = run.favourite, percent(run.world.favourite_share)
    if not np.isfinite(first.favourite_share + last.favourite_share):
        return "Nobody is shown anything: there are no unseen movies, or nobody but the enthusiasts."
    who = "everybody" if not len(run.world.enthusiasts) else "everybody else"
    change = last.favourite_share - first.favourite_share
    how = "rose" if change >= MOVES else "fell" if change <= -MOVES else "moved"
    said = (
        f"{genre[:1].upper()}{genre[1:]} {how} from {percent(first.favourite_share)} to"
        f" {percent(last.favourite_share)} of what {who} is shown in {counted(last.number, 'round')};"
        f" {fair} of the movies are {genre}."
    )
    return f"{said} {_compared(run, before)}".rstrip()


def _compared(run: SimulationRun, before: SimulationRun | None) -> str:
    """How it was at the same round of another run of the same world."""
    if before is None or not same_world(run, before):
        return ""
    number = min(len(run.reports), len(before.reports))
    if not number:
        return ""
    there = before.reports[number - 1].favourite_share
    difference = run.reports[number - 1].favourite_share - there
    verdict = "more" if difference >= MOVES else "less" if difference <= -MOVES else "about as much"
    return f"{_other_way(run, before)} it was {percent(there)} at round {number}: here it is {verdict}."


def _other_way(run: SimulationRun, before: SimulationRun) -> str:
    """How an earlier run differs, in words."""
    mine, theirs = run.choices, before.choices
    left_out = [
        word
        for word, more in (
            ("enthusiasts", mine.enthusiasts > 0.0 == theirs.enthusiasts),
            ("exploration", mine.exploration > 0.0 == theirs.exploration),
            ("debiasing", mine.debiasing != "none" == theirs.debiasing),
        )
        if more
    ]
    alone = replace(mine, **{it: getattr(theirs, it) for it in ("enthusiasts", "exploration", "debiasing")})
    if left_out and alone == replace(theirs, exploration_kind=mine.exploration_kind):
        return f"Without {' and '.join(left_out)}"
    return f"In the run before ({label_of(before.choices)})"
