"""Writing a file so that a reader finds the old one or the new one, whole, whatever happens half-way."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

STALE_SECONDS = 3600.0
"""A temporary file older than this was left by a write that died."""

_MARK = ".cfgui-part"
_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{16}" + re.escape(_MARK))


class SaveError(OSError):
    """A file could not be written; the text is one plain sentence. What stood there before is untouched."""


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give the block an empty temporary file beside ``path`` to fill, and put it in the place of ``path`` at the end.

    The new file keeps the mode of the old one; a link is followed, never replaced. When the block raises, the
    temporary file is removed and ``path`` stays as it was. Raises SaveError when the folder or the disk refuses, also
    inside the block.
    """
    target = Path(os.path.realpath(path))
    with _plain_sentences(path):
        temporary = _create_beside(target)
    try:
        with _plain_sentences(path):
            yield temporary
            _flush(temporary)
            os.replace(temporary, target)
            _flush_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sweep_stale(folder: Path, older_than: float = STALE_SECONDS) -> int:
    """Remove temporary files that dead writes left in ``folder`` over ``older_than`` seconds ago; how many it was."""
    removed = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if not (_LEFTOVER.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)):
                continue
            with contextlib.suppress(OSError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > older_than:
                    os.unlink(entry.path)
                    removed += 1
    return removed


def _create_beside(target: Path) -> Path:
    mode = _mode_of(target)
    sweep_stale(target.parent)
    # A name of 255 bytes is legal and leaves no room for the mark, so only its beginning goes in.
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}{_MARK}")
    # The mode goes in at creation: what a private file holds is never readable by others, not even for a moment.
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if mode is None else mode)
    os.close(handle)
    if mode is not None:
        with contextlib.suppress(OSError):
            temporary.chmod(mode)
    return temporary


def _mode_of(target: Path) -> int | None:
    """Permission bits of the file that stands there, None where there is none."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise SaveError(f"Could not save {target.name}: it is not a file. Choose another name.")
    return stat.S_IMODE(found.st_mode)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # Windows cannot open a folder, and some network disks cannot flush one: the file itself is safe by then.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _plain_sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except SaveError:
        raise
    except OSError as error:
        raise _save_error(path, error) from error


def _save_error(path: Path, error: OSError) -> SaveError:
    """The plain sentence for an error of the system while writing ``path``."""
    reasons = {
        errno.ENOENT: "its folder does not exist. Create the folder or choose another",
        errno.ENOTDIR: "its folder does not exist. Create the folder or choose another",
        errno.EACCES: "writing there is not allowed, or another program has the file open. Close it or choose another",
        errno.EPERM: "writing there is not allowed. Choose another folder",
        errno.EROFS: "the disk is read-only. Choose another folder",
        errno.ENOSPC: "the disk is full. Free some space and save again",
        errno.EDQUOT: "the disk is full. Free some space and save again",
        errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    }
    reason = reasons.get(error.errno or 0, f"{error.strerror or error}. Choose another place")
    return SaveError(f"Could not save {path.name}: {reason}.")
