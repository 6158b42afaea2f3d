"""``cfgui download``: an edition of MovieLens from GroupLens, after its conditions were accepted."""

from __future__ import annotations

import shutil
import sys
import textwrap
from argparse import Namespace
from pathlib import Path

from cfgui.app.downloads import DownloadPace
from cfgui.cli.output import say
from cfgui.cli.progress import shown_work
from cfgui.io.download import download, downloaded
from cfgui.io.movielens_editions import EDITION_BY_ID, Edition, licence_notice


def run(arguments: Namespace) -> int:
    """Print where the archive lies; 0, or 1 where its conditions were not accepted."""
    edition: Edition = EDITION_BY_ID[arguments.edition]
    folder: Path | None = arguments.folder
    if (arguments.again or downloaded(edition, folder) is None) and not _accepted(edition, yes=arguments.yes):
        return 1
    with shown_work(edition.id, DownloadPace()) as report:
        path = download(edition, folder, again=arguments.again, report=report)
    print(path)
    return 0


def _accepted(edition: Edition, *, yes: bool) -> bool:
    """Show the conditions, and ask where there is somebody to ask."""
    width = min(shutil.get_terminal_size().columns, 100)
    lines = [textwrap.fill(line, width) for line in licence_notice(edition).splitlines()]
    print("\n".join(lines), end="\n\n", file=sys.stderr)
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        say(f"to accept these conditions and download {edition.id}, give --yes.")
        return False
    size = f"{edition.n_bytes / 1e6:,.0f} MB"
    print(f"Do you accept these conditions, to download {size}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    say("nothing was downloaded.")
    return False
