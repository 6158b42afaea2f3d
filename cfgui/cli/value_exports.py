"""Flags that write factors, recommendations and ratings as values, for ``cfgui export`` and ``cfgui train``."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.cli.output import check_writable
from cfgui.cli.progress import REDRAW_SECONDS
from cfgui.io.table_options import Cancelled, Progress, Report, never, no_report

if TYPE_CHECKING:
    from cfgui.app.exports import What
    from cfgui.core.document import Document
    from cfgui.core.samples import Samples

WHATS: tuple[What, ...] = ("factors", "recommendations", "ratings")
METAVARS = {
    "factors": "OUT.{csv,parquet,npz,xlsx,tsv}",
    "recommendations": "OUT.{csv,parquet,xlsx}",
    "ratings": "OUT.{csv,parquet}",
}
HELPS = {
    "factors": "write all factors and biases of the active model (csv, parquet and tsv make OUT-users and OUT-movies;"
    " tsv is for the Embedding Projector)",
    "recommendations": "write the unseen movies with the highest predictions for each user",
    "ratings": "write the ratings, one a line",
}


def add_value_exports(parser: ArgumentParser, prefix: str = "--") -> None:
    """Give a command ``--factors``, ``--recommendations``, ``--ratings``, begun with ``prefix``, and ``-n``."""
    group = parser.add_argument_group("values, without formulas")
    for what in WHATS:
        group.add_argument(
            f"{prefix}{what}", dest=f"{what}_out", type=path_of(what), metavar=METAVARS[what], help=HELPS[what]
        )
    group.add_argument(
        "-n", dest="n_recommended", type=_count, default=10, metavar="N", help="recommendations a user (default: 10)"
    )


def asked_for(arguments: Namespace) -> dict[What, Path]:
    """The files of values that were asked for."""
    found = {what: getattr(arguments, f"{what}_out", None) for what in WHATS}
    return {what: path for what, path in found.items() if path is not None}


def check_value_exports(parser: ArgumentParser, arguments: Namespace, *others: Path | None) -> None:
    """Have the parser complain where two outputs, ``others`` included, name the same file."""
    paths = [*asked_for(arguments).values(), *(path for path in others if path is not None)]
    if len(set(paths)) < len(paths):
        parser.error("two outputs name the same file")


def settle_outputs(parser: ArgumentParser, arguments: Namespace, workbook_path: Callable[[str], Path]) -> None:
    """Tell FILE and OUT.xlsx apart where one of them is given: FILE where values are asked for, else OUT.xlsx."""
    if arguments.out is None and not asked_for(arguments):
        if arguments.file is None:
            parser.error("the following arguments are required: OUT.xlsx")
        try:
            arguments.file, arguments.out = None, workbook_path(str(arguments.file))
        except ArgumentTypeError as error:
            parser.error(f"argument OUT.xlsx: {error}")
    check_value_exports(parser, arguments, arguments.out)


def check_value_folders(arguments: Namespace) -> None:
    """Raise OSError with one plain sentence where a file of values cannot be written: better before a long run."""
    for path in asked_for(arguments).values():
        check_writable(path)


def value_tasks(
    document: Document, arguments: Namespace, samples: Samples | None = None, *, cancelled: Cancelled = never
) -> dict[Path, Callable[[], tuple[Path, ...]]]:
    """What writes each file of values that was asked for, by its path; each returns the files it wrote.

    ``samples`` are the draws whose mean recommends, of Gibbs sampling. A call raises TableError or OSError, one plain
    sentence, or ``Cancelled``.
    """
    from cfgui.app.exports import ExportSource, ValueExport, export_values

    source = ExportSource(document.ratings, document.factors[document.active], samples=samples)

    def task(what: What, path: Path) -> Callable[[], tuple[Path, ...]]:
        choice = ValueExport(what, n=arguments.n_recommended, ending=path.suffix.lower())

        def write() -> tuple[Path, ...]:
            with shown_export(path.name) as report:
                return export_values(source, choice, path, report=report, cancelled=cancelled)

        return write

    return {path: task(what, path) for what, path in asked_for(arguments).items()}


@contextmanager
def shown_export(name: str) -> Iterator[Report]:
    """Show a bar on stderr while the block writes a file; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield no_report
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task, due = bar.add_task(f"writing {name}", total=None), 0.0

        def show(progress: Progress) -> None:
            nonlocal due
            now = time.monotonic()
            if now >= due:
                due = now + REDRAW_SECONDS
                bar.update(task, completed=progress.done, total=progress.total or None)

        yield show


def path_of(what: What) -> Callable[[str], Path]:
    """Makes of a word the path of a file that can hold this; it raises ArgumentTypeError."""

    def convert(text: str) -> Path:
        from cfgui.app.exports import FORMATS_OF

        path, endings = Path(text), FORMATS_OF[what]
        if path.suffix.lower() not in endings:
            raise ArgumentTypeError(f"{text!r} must end in {', '.join(endings)}")
        return path

    return convert


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)
