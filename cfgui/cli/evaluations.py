"""Measuring how well somebody or something new is predicted: open FILE, train without it, measure, in one way."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cfgui.app.evaluating import Length, OnReport
from cfgui.app.training import step_limit
from cfgui.cli.interruption import Interruption
from cfgui.cli.progress import shown_progress
from cfgui.cli.tables import open_file, shown_part
from cfgui.cli.trained import Stop, chosen_training
from cfgui.core.chunks import Interrupted
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Wished:
    """What the command line asks to be trained and measured; ``on_report`` shows how far it is, None without a bar."""

    document: Document
    hyperparameters: Hyperparameters
    length: Length
    on_report: OnReport | None
    stop: Stop


def measured(arguments: Namespace, measure: Callable[[Wished], Found]) -> Found:
    """What ``measure`` finds. Raises KeyboardInterrupt where the person wished to stop, and what ``measure`` raises."""
    with Interruption() as interruption:

        def stop() -> bool:
            return interruption.wished

        document = shown_part(open_file(arguments, stop), arguments)
        hyperparameters, length = chosen_training(arguments, document)
        total = step_limit(hyperparameters, document.ratings.n_ratings, length.steps, length.epochs)
        with shown_progress(total) as on_report:
            try:
                found = measure(Wished(document, hyperparameters, length, on_report, stop))
            except Interrupted:
                raise KeyboardInterrupt from None
        interruption.heed()
    return found
