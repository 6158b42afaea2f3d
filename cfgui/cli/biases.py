"""``cfgui biases``: movies or users by bias, and how far that is from sorting by mean rating."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from cfgui.app.standings_report import (
    HIGHEST_CODE,
    LOWEST_CODE,
    Standing,
    correlation_words,
    ends,
    listed,
    no_bias_words,
    sort_values,
)
from cfgui.app.trained_model import TrainedModel, own_model
from cfgui.app.words import counted
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json
from cfgui.cli.trained import trained_model
from cfgui.cli.training_flags import training_flags
from cfgui.core.one_side import SideName
from cfgui.core.standings import Standings, standings

SIDES: dict[str, SideName] = {"movies": "movie", "users": "user"}
"""What ``--side`` takes."""

N_DIFFERING = 10
"""Movies named whose bias and mean differ most, at least."""


def run(arguments: Namespace) -> int:
    """Train or read, compare, print; 0 done, 1 where the model has no biases or a file could not be written."""
    check_writable(arguments.csv)
    _choose_biases(arguments)
    with Interruption() as interruption:
        model = _with_biases(trained_model(arguments, lambda: interruption.wished), arguments)
        found = standings(model.ratings, model.factors, SIDES[arguments.side], arguments.min_ratings)
        if arguments.csv is not None:
            _write(found, model, arguments)
        interruption.heed()
    low, high = (
        listed(found, model.ratings, places)
        for places in ends(found, arguments.sort, arguments.n, arguments.min_ratings or 0)
    )
    differing = listed(found, model.ratings, found.farthest(max(arguments.n, N_DIFFERING)))
    if arguments.json:
        print_json(facts(model, found, arguments.sort, low, high, differing))
        return 0
    print("\n".join(lines(model, found, arguments.sort, low, high, differing)))
    if arguments.csv is not None:
        print(f"wrote {arguments.csv}")
    return 0


def _choose_biases(arguments: Namespace) -> None:
    """Have the bias model trained where options of training are given and none says which. Raises ValueError."""
    if arguments.model not in (None, "bias"):
        raise ValueError(no_bias_words(arguments.model).replace("choose the model bias", "give --model bias"))
    if training_flags(arguments) and arguments.preset is None:
        arguments.model = "bias"


def _with_biases(model: TrainedModel, arguments: Namespace) -> TrainedModel:
    """The model, or that of the same workbook which has biases where nobody chose one. Raises ValueError without."""
    if model.factors.has_bias:
        return model
    is_open = not training_flags(arguments) and arguments.weights is None and arguments.file is not None
    if is_open and "bias" in model.document.factors:
        return own_model(model.document, "bias", arguments.file.name)
    brought = arguments.weights if arguments.weights is not None else arguments.file
    if brought is not None and brought.suffix.lower() == ".npz":
        raise ValueError(no_bias_words(model.model).replace("choose the model bias", "bring weights of the bias model"))
    raise ValueError(no_bias_words(model.model).replace("choose the model bias", "give --model bias"))


def _write(found: Standings, model: TrainedModel, arguments: Namespace) -> None:
    from cfgui.io.standings_csv import write_standings

    order = np.argsort(sort_values(found, arguments.sort), kind="stable")
    write_standings(found, model.ratings, order, arguments.csv)


def facts(
    model: TrainedModel,
    found: Standings,
    sort: str,
    low: Sequence[Standing],
    high: Sequence[Standing],
    differing: Sequence[Standing],
) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    return {
        "model": model.model,
        "weights": model.note,
        "side": f"{found.side}s",
        "n": found.n,
        "n_rated": found.n_rated,
        "rank_correlation": found.rank_correlation,
        "sort": sort,
        "lowest": [asdict(it) for it in low],
        "highest": [asdict(it) for it in high],
        "min_ratings": found.min_ratings,
        "differ_most": [asdict(it) for it in differing],
    }


def lines(
    model: TrainedModel,
    found: Standings,
    sort: str,
    low: Sequence[Standing],
    high: Sequence[Standing],
    differing: Sequence[Standing],
) -> list[str]:
    """The same in words and tables."""
    said = [model.note, f"{counted(found.n, found.side)}, {found.n_rated:,} of them rated", correlation_words(found)]
    codes = {"lowest": LOWEST_CODE, "highest": HIGHEST_CODE}
    what = {"bias": "bias", "mean": "mean rating", "count": "number of ratings"}[sort]
    for end, rows in (("lowest", low), ("highest", high)):
        code = f": {codes[end][found.side].format(n=len(rows))}" if sort == "bias" else ""
        said += ["", f"{end} {what}{code}", *table(found.side, rows)]
    if differing:
        least = counted(found.min_ratings, "rating")
        said += ["", f"bias and mean differ most, of those with {least} or more", *table(found.side, differing)]
    return said


def table(side: SideName, rows: Sequence[Standing]) -> list[str]:
    """A header and one line for each."""
    width = max([len(side), *(len(it.id) for it in rows)])
    said = [f"  {side:<{width}}  ratings    mean     bias  bias - expected" + ("  title" if side == "movie" else "")]
    for it in rows:
        numbers = f"{it.n_ratings:>7,}  {_number(it.mean, 6, '.3f')}  {_number(it.bias, 7, '+.3f')}"
        title = f"  {it.name}" if side == "movie" else ""
        said.append(f"  {it.id:<{width}}  {numbers}  {_number(it.departure, 15, '+.3f')}{title}")
    return said


def _number(number: float, width: int, form: str) -> str:
    return f"{number:{form}}".rjust(width) if math.isfinite(number) else "-".rjust(width)
