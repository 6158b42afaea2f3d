"""Getting an edition of MovieLens from GroupLens, once: over HTTPS, checked, and found again without a network.

An archive is received as ``NAME.zip.part`` and put in its place only when its length and its SHA-256 are right, or, for
an edition without a published SHA-256, every sum inside the zip. Cancelling or a broken connection leave the part where
the server lets it be continued, and nothing otherwise; the next try goes on from there, or begins anew when the file on
the server is another one by then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from cfgui.io.archive_transfer import GROUPLENS, Source, Transfer
from cfgui.io.downloaded_archive import note_path, note_sum, noted_sum, sha256_of, why_unsound
from cfgui.io.https_stream import DownloadError
from cfgui.io.movielens_editions import Edition
from cfgui.io.partial_file import PartialFile
from cfgui.io.table_options import Cancelled as IsCancelled
from cfgui.io.table_options import Report, never, no_report

__all__ = ["DownloadError", "Source", "download", "downloaded", "downloads_folder"]


def downloads_folder() -> Path:
    """Where editions are kept. ``CFGUI_CACHE_DIR`` names another folder for everything that can be had again."""
    folder = os.environ.get("CFGUI_CACHE_DIR") or platformdirs.user_cache_dir("cfgui", appauthor=False)
    return Path(folder) / "downloads"


def downloaded(edition: Edition, folder: Path | None = None) -> Path | None:
    """The archive of an edition that seems to be there, without reading it; None where there is none."""
    path = (downloads_folder() if folder is None else folder) / edition.file_name
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        return None
    return path if size == edition.n_bytes or (edition.changing and size > 0) else None


def download(
    edition: Edition,
    folder: Path | None = None,
    *,
    report: Report = no_report,
    cancelled: IsCancelled = never,
    again: bool = False,
    source: Source = GROUPLENS,
) -> Path:
    """The archive of an edition in ``folder`` (default ``downloads_folder()``), downloaded where no sound one is there.

    ``again`` downloads in any case. Progress counts bytes. Raises DownloadError, one plain sentence, or Cancelled; what
    stood there before stays until the new archive is complete.
    """
    folder = downloads_folder() if folder is None else folder
    target = folder / edition.file_name
    damage = _damage(edition, target, report, cancelled)
    if damage == "" and not again:
        return target
    try:
        with _plain_sentences(target):
            folder.mkdir(parents=True, exist_ok=True)
            with PartialFile(target) as part:
                Transfer(edition, part, source, report, cancelled).run()
    except DownloadError as error:
        if damage:
            raise DownloadError(f"{target} cannot be used ({damage}), and getting it anew failed: {error}") from error
        raise
    return target


def _damage(edition: Edition, target: Path, report: Report, cancelled: IsCancelled) -> str | None:
    """What is wrong with the archive that is there, "" where nothing is; None where there is none."""
    if not target.is_file():
        return None
    noted = noted_sum(note_path(target))
    try:
        damage = why_unsound(target, edition.sha256 or noted, report=report, cancelled=cancelled)
        if damage == "" and edition.sha256 is None and noted is None:
            with suppress(OSError):  # a folder that cannot be written to holds a sound archive all the same
                note_sum(note_path(target), target.name, sha256_of(target, no_report, cancelled))
    except OSError as error:
        return error.strerror or "it cannot be read"
    return damage


@contextmanager
def _plain_sentences(target: Path) -> Iterator[None]:
    """Errors of the disk as sentences."""
    try:
        yield
    except DownloadError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise DownloadError(
            f"{target.name} could not be written to {target.parent} ({reason}). Free some space or choose another"
            " folder."
        ) from error
