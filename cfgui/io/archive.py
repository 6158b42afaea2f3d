"""Archives: named arrays and one head of JSON in a zip, the form of the files in which sessions are kept.

Nothing in such a file can run, nothing is unpacked to disk, and every array is checked, by the size that its name, type
and shape lead to, before there is memory for it, and by its SHA-256 after. All work goes in slices that leave Python's
lock to others, so a thread that reads or writes does not hold up a window.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cfgui.io.child import Cancelled as CancelledError
from cfgui.io.table_options import Cancelled, Progress, Report, never, no_report

Array = NDArray[Any]

MAX_HEAD = 16 * 2**20
"""Bytes of JSON that a head may have."""

MAX_DIRECTORY = 2**20
"""Bytes that the list of members may have: some ten thousand names."""

SLICE = 2**20
"""Bytes that are hashed and written in one go, in about a millisecond."""

_HEAD = "head.json"
_NAME = re.compile(r"[a-z0-9_.]{1,80}")
_NPY_MAGIC, _NPY_START = npy.magic(1, 0), 10
_END_SIZE, _LOCATOR_SIZE = 22, 20
"""Bytes of a zip's two last records."""


class ArchiveError(ValueError):
    """A file is not an archive of the kind asked for, or damaged; the text is for programmers."""


class NewerArchiveError(ArchiveError):
    """An archive of a later version of the format."""


class Meter:
    """Counts the bytes that went by, tells ``report`` and raises Cancelled when ``cancelled()`` says so."""

    def __init__(self, report: Report = no_report, cancelled: Cancelled = never, total: int = 0) -> None:
        self.total = total
        self._report, self._cancelled, self._done = report, cancelled, 0

    def count(self, n_bytes: int) -> None:
        """``n_bytes`` more are done."""
        self._done += n_bytes
        self._report(Progress(self._done, self.total))
        self.look()

    def look(self) -> None:
        """Raise Cancelled if that is wished."""
        if self._cancelled():
            raise CancelledError


def write_archive(path: Path, head: Mapping[str, object], members: Mapping[str, Array], meter: Meter) -> str:
    """Fill the file ``path``; returns the SHA-256 of its head, which stands for all that is in it.

    ``head`` holds what JSON can. Raises ValueError for more than MAX_HEAD of it, OSError, Cancelled.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        digests = {name: _write_member(archive, name, array, meter) for name, array in members.items()}
        text = json.dumps({**head, "members": digests}, allow_nan=False).encode("ascii")
        if len(text) > MAX_HEAD:
            raise ValueError("the head of a session is too long")
        with archive.open(zipfile.ZipInfo(_HEAD), "w") as stream:
            stream.write(text)
    return hashlib.sha256(text).hexdigest()


def _write_member(archive: zipfile.ZipFile, name: str, array: Array, meter: Meter) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name} is no name for a member")
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    header = io.BytesIO()
    npy.write_array_header_1_0(header, npy.header_data_from_array_1_0(array))
    digest = hashlib.sha256(header.getvalue())
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=array.nbytes > 2**30) as stream:
        stream.write(header.getvalue())
        data = array.data.cast("B") if array.size else memoryview(b"")
        for start in range(0, len(data), SLICE):
            part = data[start : start + SLICE]
            digest.update(part)
            stream.write(part)
            meter.count(len(part))
    return digest.hexdigest()


class Archive:
    """An archive to read from; a context. Raises ArchiveError, NewerArchiveError and what zipfile raises; OSError.

    ``form`` and ``version`` are what the head must say of itself, the version at most. ``digest`` is the SHA-256 of
    the head.
    """

    def __init__(self, path: Path, form: str, version: int, meter: Meter) -> None:
        self._meter = meter
        _check_directory(path)
        self._zip = zipfile.ZipFile(path)
        try:
            self._size = path.stat().st_size
            text = self._read_head()
            self.digest = hashlib.sha256(text).hexdigest()
            self.head = _checked_head(text, form, version)
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def _read_head(self) -> bytes:
        info = self._plain(_HEAD)
        if info.file_size > MAX_HEAD:
            raise ArchiveError("the head is too long")
        return self._zip.read(info)

    def _plain(self, name: str) -> zipfile.ZipInfo:
        """The entry of a member, which must lie in the file as it is: neither packed nor encrypted."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            raise ArchiveError(f"no member {name}") from None
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.file_size != info.compress_size:
            raise ArchiveError(f"{name} is packed")
        if not 0 <= info.file_size <= self._size:
            raise ArchiveError(f"{name} is larger than its file")
        return info

    def _check_names(self) -> None:
        members = self.head["members"]
        names = [name for name in self._zip.namelist() if name != _HEAD]
        if len(names) != len(members) or {f"{name}.npy" for name in members} != set(names):
            raise ArchiveError("other members than the head names")

    def array(self, name: str, dtypes: str, shape: tuple[int | None, ...]) -> Array:
        """The member of this name, read-only, of just this type and shape; None stands for any length.

        ``dtypes`` may name several types, with blanks between. Raises ArchiveError where it is anything else.
        """
        digest = self.head["members"].get(name)
        info = self._plain(f"{name}.npy")
        with self._zip.open(info) as stream:
            found = _read_header(stream, name, dtypes.split(), shape, info.file_size)
            array = np.empty(found.shape, found.dtype)
            hasher = hashlib.sha256(found.header)
            data = array.data.cast("B") if array.size else memoryview(b"")
            for start in range(0, len(data), SLICE):
                part = data[start : start + SLICE]
                part[:] = _exactly(stream, len(part))
                hasher.update(part)
                self._meter.count(len(part))
        if hasher.hexdigest() != digest:
            raise ArchiveError(f"{name} is damaged")
        array.flags.writeable = False
        return array


class _Header(NamedTuple):
    header: bytes
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def _read_header(stream: IO[bytes], name: str, dtypes: list[str], wanted: tuple[int | None, ...], size: int) -> _Header:
    """The header of a member that holds what is wanted in ``size`` bytes, header included."""
    start = _exactly(stream, _NPY_START)
    if start[: len(_NPY_MAGIC)] != _NPY_MAGIC:
        raise ArchiveError(f"{name} is no array")
    rest = _exactly(stream, int.from_bytes(start[-2:], "little"))
    shape, by_column, found = npy.read_array_header_1_0(io.BytesIO(start[-2:] + rest))
    fits = len(shape) == len(wanted) and all(b is None or a == b for a, b in zip(shape, wanted, strict=True))
    if by_column or found.str not in dtypes or not fits or any(length < 0 for length in shape):
        raise ArchiveError(f"{name} is {found} {shape}, not {dtypes} {wanted}")
    if len(start) + len(rest) + math.prod(shape) * found.itemsize != size:
        raise ArchiveError(f"{name} is cut off")
    return _Header(start + rest, shape, found)


def _exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    data: bytes = stream.read(n_bytes)
    if len(data) != n_bytes:
        raise ArchiveError("the file ends too early")
    return data


def _checked_head(text: bytes, form: str, version: int) -> dict[str, Any]:
    head = json.loads(text)
    if not isinstance(head, dict) or head.get("format") != form or not isinstance(head.get("version"), int):
        raise ArchiveError(f"no {form}")
    if head["version"] > version:
        raise NewerArchiveError(f"version {head['version']}")
    members = head.get("members")
    if not isinstance(members, dict) or not all(_NAME.fullmatch(name) for name in members):
        raise ArchiveError("no list of members")
    return head


def _check_directory(path: Path) -> None:
    """Refuse a list of members so long that reading it would take memory and time; zipfile reads it whole."""
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - _END_SIZE - _LOCATOR_SIZE))
        tail = file.read()
        end, locator = tail[-_END_SIZE:], tail[:-_END_SIZE]
        if len(end) < _END_SIZE or end[:4] != b"PK\5\6":
            raise ArchiveError("no zip, or cut off")  # our own files have no comment after the end
        length = struct.unpack("<L", end[12:16])[0]
        if locator[:4] == b"PK\6\7":
            file.seek(min(struct.unpack("<Q", locator[8:16])[0], size))
            length = max(length, struct.unpack("<Q", _exactly(file, 48)[40:])[0])
    if length > MAX_DIRECTORY:
        raise ArchiveError("too many members")
