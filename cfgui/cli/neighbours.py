"""``cfgui neighbours``: the movies, or users, whose factors are nearest to those of one."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import asdict

from cfgui.app.neighbours_report import NeighboursReport, make_neighbours_report
from cfgui.app.subjects import find_subject
from cfgui.app.trained_model import TrainedModel
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import print_json
from cfgui.cli.trained import trained_model
from cfgui.core.one_side import SideName


def run(arguments: Namespace) -> int:
    """Train or read, compare, print; 0 done, 1 for a user or movie that there is not."""
    side: SideName = "movie" if arguments.movie is not None else "user"
    wanted = arguments.movie if side == "movie" else arguments.user
    with Interruption() as interruption:
        model = trained_model(
            arguments, lambda: interruption.wished, check=lambda ratings: find_subject(ratings, side, wanted)
        )
        interruption.heed()
    index = find_subject(model.ratings, side, wanted)
    found = make_neighbours_report(
        model.ratings, model.factors, side, index, arguments.n, arguments.measure, arguments.min_ratings
    )
    if arguments.json:
        print_json(facts(model, found))
    else:
        print("\n".join(lines(model, found)))
    return 0


def facts(model: TrainedModel, found: NeighboursReport) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    return {
        "model": model.model,
        "weights": model.note,
        "side": f"{found.side}s",
        "id": found.id,
        "label": found.label,
        "n_ratings": found.n_ratings,
        "measure": found.measure,
        "min_ratings": found.min_ratings,
        "n_among": found.n_among,
        "neighbours": [asdict(row) for row in found.rows],
    }


def lines(model: TrainedModel, found: NeighboursReport) -> list[str]:
    """The same in words and a table."""
    said = [model.note, found.words]
    if found.rows:
        width = max([len(found.side), *(len(row.id) for row in found.rows)])
        header = f"{'rank':>6}  {found.side:<{width}}  {found.measure:>8}  ratings    mean     bias"
        said += ["", header + ("  title" if found.side == "movie" else "")]
    for row in found.rows:
        numbers = f"{_number(row.value, 8, '.4f')}  {row.n_ratings:>7,}"
        numbers += f"  {_number(row.mean, 6, '.3f')}  {_number(row.bias, 7, '+.3f')}"
        said.append(f"{row.rank:>6}  {row.id:<{width}}  {numbers}" + (f"  {row.name}" if found.side == "movie" else ""))
    if found.min_ratings < found.usual > 1:
        said += ["", found.lesson]
    return said


def _number(number: float, width: int, form: str) -> str:
    return f"{number:{form}}".rjust(width) if math.isfinite(number) else "-".rjust(width)
