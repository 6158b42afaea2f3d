"""Receiving one archive: what to ask the server for, whether to go on or begin anew, and when to give up."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field

from cfgui import __version__
from cfgui.io.child import Cancelled
from cfgui.io.downloaded_archive import note_path, note_sum, sha256_of, why_unsound
from cfgui.io.https_stream import Answer, ConnectionBroken, DownloadError, HttpsStream, Patience
from cfgui.io.movielens_editions import BASE_URL, Edition
from cfgui.io.partial_file import Origin, PartialFile
from cfgui.io.table_options import Cancelled as IsCancelled
from cfgui.io.table_options import Progress, Report

_ZIP_BEGINS = b"PK\x03\x04"
_SOME = len(_ZIP_BEGINS)


@dataclass(frozen=True)
class Source:
    """Where archives come from, and what is put up with.

    ``base_url`` ends in "/". ``verify`` is True for the usual certificates, or a file of others. A download under
    ``slow_bytes`` in ``slow_seconds`` is given up; ``most_bytes`` bounds an edition that may have grown, any other is
    bounded by its published length.
    """

    base_url: str = BASE_URL
    verify: bool | str = True
    patience: Patience = field(default_factory=Patience)
    slow_bytes: int = 30 * 1024
    slow_seconds: float = 30.0
    most_bytes: int = 4 * 2**30


GROUPLENS = Source()
"""The server of GroupLens Research."""


class Transfer:
    """One try to receive an archive into a part, check it and put it in its place."""

    def __init__(
        self, edition: Edition, part: PartialFile, source: Source, report: Report, cancelled: IsCancelled
    ) -> None:
        self._edition, self._part, self._source = edition, part, source
        self._report, self._cancelled = report, cancelled
        self._url = source.base_url + edition.file_name
        self._total = 0
        self._pace_since, self._pace_bytes = time.monotonic(), 0
        self._new_bytes = 0

    def run(self) -> None:
        """All of it."""
        if not self._is_complete() and not self._receive(self._start()):
            self._receive(0)
        self._check()

    def _is_complete(self) -> bool:
        """Whether an earlier try ended between the last byte and the check."""
        origin = self._part.origin()
        return origin is not None and origin.url == self._url and 0 < origin.total == self._part.size

    def _start(self) -> int:
        """Where to go on."""
        origin = self._part.origin()
        return self._part.size if origin is not None and origin.url == self._url else 0

    def _receive(self, start: int) -> bool:
        """Receive everything from ``start`` on; False where the server cannot go on there."""
        headers = {"Accept-Encoding": "identity", "User-Agent": f"cfgui/{__version__}"}
        origin = self._part.origin()
        if start and origin is not None:
            headers |= {"Range": f"bytes={start}-", "If-Range": origin.validator}
        stream = HttpsStream(self._url, headers, verify=self._source.verify, patience=self._source.patience)
        with stream:
            answer = self._answer(stream)
            if answer.status == 416 and start:
                return False
            if answer.status == 206 and start:
                if not self._continues(answer, start):
                    return False
            else:
                self._begin(stream.host, answer)
            self._take_all(stream)
        return True

    def _answer(self, stream: HttpsStream) -> Answer:
        try:
            while not isinstance(piece := stream.take(), Answer):
                self._keep_pace(stream.host)
        except ConnectionBroken:
            raise DownloadError(f"{stream.host} broke the connection off. Try again later.") from None
        return piece

    def _continues(self, answer: Answer, start: int) -> bool:
        """Whether the answer is the rest of the file that the part is the beginning of."""
        origin = self._part.origin()
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        if origin is None or found is None or (int(found[1]), int(found[2])) != (start, origin.total):
            return False
        self._total = origin.total
        return Origin.of(self._url, answer.headers, origin.total) == origin

    def _begin(self, host: str, answer: Answer) -> None:
        """Make ready for the whole file. Raises DownloadError where it is not what it should be."""
        name = self._edition.file_name
        if answer.status != 200:
            raise DownloadError(_refusal(host, name, answer))
        length = answer.headers.get("Content-Length", "")
        self._total = int(length) if length.isdecimal() else 0
        wanted = self._edition.n_bytes
        if self._total > self._most_bytes or (self._total and self._total != wanted and not self._edition.changing):
            raise DownloadError(
                f"{host} offers {name} with {self._total:,} bytes instead of {wanted:,}, so it is not the edition that"
                " was published: nothing was downloaded. Try again later."
            )
        folder = self._part.path.parent
        free = shutil.disk_usage(folder).free
        if self._total > free:
            raise DownloadError(
                f"{folder} has {_size(free)} free and {name} needs {_size(self._total)}: free some space or choose"
                " another folder."
            )
        self._part.restart(Origin.of(self._url, answer.headers, self._total))

    @property
    def _most_bytes(self) -> int:
        return self._source.most_bytes if self._edition.changing else 2 * self._edition.n_bytes

    def _take_all(self, stream: HttpsStream) -> None:
        received, begins = self._part.size, b""
        try:
            while (piece := stream.take()) != b"":
                if isinstance(piece, bytes):
                    if received < _SOME:
                        begins += piece[:_SOME]
                        self._check_beginning(stream.host, begins)
                    self._part.append(piece)
                    received += len(piece)
                    self._new_bytes += len(piece)
                    self._check_cap(stream.host, received)
                self._report(Progress(received, max(self._total, received)))
                self._keep_pace(stream.host)
        except ConnectionBroken:
            raise self._broke_off(stream.host, received) from None
        if received < self._total:
            raise self._broke_off(stream.host, received)

    def _check_beginning(self, host: str, begins: bytes) -> None:
        if begins[:_SOME] != _ZIP_BEGINS[: len(begins)]:
            self._part.discard()
            raise DownloadError(
                f"{host} sent something else than an archive, perhaps the page of a network that wants a login. Open a"
                " web page in a browser, then try again."
            )

    def _check_cap(self, host: str, received: int) -> None:
        if received > self._most_bytes:
            self._part.discard()
            raise DownloadError(
                f"{host} sent over {_size(self._most_bytes)} for {self._edition.file_name}, far more than it should be:"
                " nothing was kept. Try again later."
            )

    def _broke_off(self, host: str, received: int) -> DownloadError:
        goes_on = "it goes on from there" if self._part.origin() is not None else "it begins anew"
        of_all = f" of {_size(self._total)}" if self._total else ""
        return DownloadError(
            f"The connection to {host} broke off after {_size(received)}{of_all}. Try again: {goes_on}."
        )

    def _keep_pace(self, host: str) -> None:
        """Raise Cancelled on a wish, DownloadError where too little has come in too long a time."""
        if self._cancelled():
            raise Cancelled
        now, source = time.monotonic(), self._source
        if now - self._pace_since < source.slow_seconds:
            return
        if self._new_bytes - self._pace_bytes < source.slow_bytes:
            raise DownloadError(
                f"{host} sent next to nothing for {source.slow_seconds:g} seconds, so the download was ended. Try again"
                " later."
            )
        self._pace_since, self._pace_bytes = now, self._new_bytes

    def _check(self) -> None:
        """Put the archive in its place where it is sound; else remove it."""
        edition, part = self._edition, self._part
        part.flush()
        damage = why_unsound(part.path, edition.sha256, report=self._report, cancelled=self._cancelled)
        if damage:
            part.discard()
            raise DownloadError(
                f"{edition.file_name} arrived damaged ({damage}) and was not kept. Try again; if it stays so, the file"
                " on the server is not the published one."
            )
        note = note_path(part.target)
        sum_ = None if edition.sha256 else sha256_of(part.path, self._report, self._cancelled)
        note.unlink(missing_ok=True)  # before the archive changes, so that an old sum never stands beside a new archive
        part.finish()
        if sum_ is not None:
            note_sum(note, part.target.name, sum_)


def _refusal(host: str, name: str, answer: Answer) -> str:
    """The sentence for a status that brings no file."""
    if answer.status in (404, 410):
        return f"{host} has no {name} any more ({answer.status}). Look for it at grouplens.org/datasets/movielens."
    if answer.status >= 500:
        return f"{host} is out of order at the moment ({answer.status}). Try again later."
    return f"{host} did not give {name} ({answer.status} {answer.reason}). Try again later."


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
