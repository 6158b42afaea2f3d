"""Tables that were read before, kept in the user's cache folder so that a second open need not parse them again.

An entry is an archive (``io.archive``) of the ratings and their import report, named by a hash of the file's real path,
size, time of change and options. It is found again only while all of these are the same, checked by its SHA-256, and
thrown away at the first doubt. Nothing here may fail a read: without a cache everything is only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
import zipfile
from dataclasses import asdict
from pathlib import Path

import platformdirs

from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.io.archive import Archive, ArchiveError, Meter, write_archive
from cfgui.io.kept_ratings import ratings_head, ratings_members, ratings_size, read_ratings
from cfgui.io.kept_report import read_report, report_head, report_members
from cfgui.io.long_table import read_long
from cfgui.io.table_options import Cancelled, Report, TableOptions, never, no_report

CACHED_ABOVE = 500_000
"""Tables of more ratings are kept; smaller ones are read in no time."""

MAX_CACHE_BYTES = 2 * 2**30
"""All entries together; those that were not used for longest go first."""

_FORM, _VERSION = "cfgui table", 1
_SUFFIX, _PART = ".table", ".part"
_STALE_SECONDS = 3600.0

_YOUNG_SECONDS = 2.0
"""A file changed so lately may change again without its time telling."""

_DOUBTS = (ArchiveError, OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, RecursionError)


def tables_folder() -> Path:
    """Where entries are kept. ``CFGUI_CACHE_DIR`` names another folder for everything that can be had again."""
    root = os.environ.get("CFGUI_CACHE_DIR") or platformdirs.user_cache_dir("cfgui", appauthor=False)
    return Path(root) / "tables"


def read_long_cached(
    path: Path, options: TableOptions, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport]:
    """``read_long``, from the cache where the same file was read before. Raises TableError and Cancelled."""
    found = load_cached(path, options, report=report, cancelled=cancelled)
    if found is None:
        found = read_long(path, options, report=report, cancelled=cancelled)
        store(path, options, *found, cancelled=cancelled)
    return found


def load_cached(
    path: Path, options: TableOptions, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport] | None:
    """What was stored for this file and these options, or None. Raises Cancelled; progress counts the entry's bytes."""
    entry = _entry(path, options)
    if entry is None or not entry.is_file():
        return None
    try:
        meter = Meter(report, cancelled, entry.stat().st_size)
        with Archive(entry, _FORM, _VERSION, meter) as archive:
            ratings = read_ratings(archive, archive.head["ratings"], meter)
            import_report = read_report(archive, archive.head["report"])
        if import_report is None:
            raise ArchiveError("no report")
        os.utime(entry)
    except (*_DOUBTS, zipfile.BadZipFile, NotImplementedError):
        with contextlib.suppress(OSError):
            entry.unlink()
        return None
    return ratings, import_report


def store(
    path: Path, options: TableOptions, ratings: Ratings, report: ImportReport, *, cancelled: Cancelled = never
) -> None:
    """Keep what was read from ``path``, if it is large; a disk that refuses is no error. Raises Cancelled."""
    if ratings.n_ratings <= CACHED_ABOVE or ratings_size(ratings) > MAX_CACHE_BYTES:
        return
    entry = _entry(path, options)
    if entry is None or _is_young(path):
        return
    part = entry.with_name(f"{entry.stem}.{secrets.token_hex(8)}{_PART}")
    meter = Meter(cancelled=cancelled)
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        head = {
            "format": _FORM,
            "version": _VERSION,
            "ratings": ratings_head(ratings),
            "report": report_head(report),
        }
        write_archive(part, head, ratings_members(ratings, meter) | report_members(report), meter)
        # Not flushed to the disk first: an entry that a power cut spoils is found out by its SHA-256.
        os.replace(part, entry)
        _make_room(entry)
    except (OSError, ValueError):
        pass
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _entry(path: Path, options: TableOptions) -> Path | None:
    """The file for this table as it stands now, None where it cannot be looked at."""
    try:
        real = os.path.realpath(path)
        found = os.stat(real)
    except OSError:
        return None
    key = [real, found.st_size, found.st_mtime_ns, asdict(options), _VERSION]
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode("ascii")).hexdigest()
    return tables_folder() / f"{digest[:32]}{_SUFFIX}"


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _YOUNG_SECONDS
    except OSError:
        return True


def _make_room(newest: Path) -> None:
    """Remove what dead writes left, and the entries not used for longest until all fit; never the newest one."""
    used = []
    for file in os.scandir(newest.parent):
        state = file.stat(follow_symlinks=False)
        if file.name.endswith(_PART) and time.time() - state.st_mtime > _STALE_SECONDS:
            os.unlink(file.path)
        elif file.name.endswith(_SUFFIX) and file.name != newest.name:
            used.append((state.st_mtime, state.st_size, file.path))
    room = MAX_CACHE_BYTES - newest.stat().st_size
    for _, size, name in sorted(used, reverse=True):
        room -= size
        if room < 0:
            with contextlib.suppress(OSError):
                os.unlink(name)
