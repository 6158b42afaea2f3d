"""``cfgui lr-find``: the learning rate with which the loss falls best, and the sweep that says so."""

from __future__ import annotations

from argparse import Namespace

import numpy as np

from cfgui.app.training import starting_factors
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, training_facts, training_text
from cfgui.cli.tables import open_file, shown_part
from cfgui.cli.train import chosen_hyperparameters
from cfgui.core.chunks import Interrupted
from cfgui.core.document import Document
from cfgui.core.engines import engine_name
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lr_finder import RateFinding, find_rate
from cfgui.io.rates_csv import write_rates

EVERY = 3
"""Of the rates tried, how many make one line of the printed table; the file and JSON have them all."""


def run(arguments: Namespace) -> int:
    """Sweep and print; 0 done, 130 interrupted. Raises as opening a file and ``find_rate``."""
    check_writable(arguments.out)
    with Interruption() as interruption:
        document = shown_part(open_file(arguments, lambda: interruption.wished), arguments)
        choices = chosen_hyperparameters(arguments, document)
        found = _found(document, choices, interruption)
    if arguments.out is not None:
        write_rates(found.rates, found.losses, arguments.out)
    if arguments.json:
        print_json(_facts(document, choices, found))
        return 0
    print("\n".join(_lines(document, choices, found)))
    if arguments.out is not None:
        print(f"wrote {arguments.out}")
    return 0


def _found(document: Document, choices: Hyperparameters, interruption: Interruption) -> RateFinding:
    """The finding from the weights that training would start from. Raises KeyboardInterrupt where Ctrl+C came."""
    factors = starting_factors(document, choices)
    try:
        return find_rate(document.ratings, factors, choices, lambda: interruption.wished)
    except Interrupted:
        raise KeyboardInterrupt from None


def _facts(document: Document, choices: Hyperparameters, found: RateFinding) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    return {
        **training_facts(document, choices),
        "engine": engine_name(document.ratings.n_ratings, choices),
        "suggestion": found.suggestion,
        "diverged_at": found.diverged_at,
        "rates": list(found.rates),
        "losses": list(found.losses),
    }


def _lines(document: Document, choices: Hyperparameters, found: RateFinding) -> list[str]:
    """The same in words and a table of every third rate."""
    said = [training_text(document, choices), found.sentence, ""]
    said += [f"{'rate':>10}{'loss':>14}"]
    nearest = _nearest(found)
    for place, (rate, loss) in enumerate(zip(found.rates, found.losses, strict=True)):
        if place % EVERY == 0 or place in (nearest, len(found.rates) - 1):
            mark = f"  <- try {found.suggestion:g}" if place == nearest else ""
            said.append(f"{rate:>10.2g}{loss:>14.6g}{mark}")
    return said


def _nearest(found: RateFinding) -> int | None:
    """The place of the rate tried that is nearest to the suggestion, by their ratio; None without one."""
    if found.suggestion is None:
        return None
    return int(np.abs(np.log(np.array(found.rates) / found.suggestion)).argmin())
