"""``cfgui sample``: a synthetic table of ratings, for trying out sizes."""

from __future__ import annotations

from argparse import Namespace

from cfgui.app.work_pace import WorkPace
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, size_text
from cfgui.cli.progress import shown_work


def run(arguments: Namespace) -> int:
    """Write the table and say what is in it; 0."""
    from cfgui.io.synthetic import write_synthetic

    check_writable(arguments.out)
    with Interruption() as interruption, shown_work("making", WorkPace()) as report:
        ratings = write_synthetic(
            arguments.out,
            arguments.users,
            arguments.movies,
            arguments.ratings,
            arguments.seed,
            report=report,
            cancelled=lambda: interruption.wished,
        )
    print(f"wrote {arguments.out}: {size_text(ratings)}")
    return 0
