"""The rounds of simulations as columns and as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cfgui.app.simulating import ROUND_FIGURES, SimulationRun
from cfgui.app.simulation_words import label_of
from cfgui.core.ratings import Floats


def round_columns(runs: Sequence[SimulationRun]) -> dict[str, Floats | list[str]]:
    """Every round of every run as columns: the run's label, ``ROUND_FIGURES`` and the share of each genre.

    A genre that a run does not know is NaN there.
    """
    tables: dict[str, Floats | list[str]] = {"run": [label_of(run.choices) for run in runs for _ in run.reports]}
    for figure in ROUND_FIGURES:
        tables[figure.name] = np.concatenate([run.figure(figure.name) for run in runs] or [np.zeros(0)])
    names = dict.fromkeys(genre for run in runs for genre in run.world.genres)
    for genre in names:
        tables[_column_name(genre, tables)] = np.concatenate([_share_of(run, genre) for run in runs])
    return tables


def _share_of(run: SimulationRun, genre: str) -> Floats:
    shares = run.genre_shares()
    known = genre in run.world.genres
    return shares[:, run.world.genres.index(genre)] if known else np.full(len(shares), np.nan)


def _column_name(genre: str, taken: dict[str, Floats | list[str]]) -> str:
    """A plain name for a stranger's word, which may hold anything: "share_sci_fi"."""
    plain = "share_" + (re.sub(r"[^0-9a-z]+", "_", genre.casefold()).strip("_") or "other")
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name


def write_runs(runs: Sequence[SimulationRun], path: Path) -> None:
    """Write every round of these runs as .csv, .xlsx or .parquet; for a thread of its own.

    Raises TableError for another ending, SaveError where the disk refuses.
    """
    from cfgui.io.feedback_files import write_rounds

    write_rounds(round_columns(runs), path)
