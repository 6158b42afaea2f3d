"""One file over HTTPS, read in a thread of its own, so that waiting for a network never holds up who asks.

Nothing but HTTPS is spoken, also after a redirect. Time-outs alone would never end a server that trickles; whoever
reads the stream gets a word at least every ``POLL_SECONDS`` and decides about speed and cancelling.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import requests  # not in earnest: it takes a tenth of a second to import

POLL_SECONDS = 0.05
MAX_REDIRECTS = 5
CHUNK = 256 * 1024
_WAITING_CHUNKS = 16
_REDIRECTS = (301, 302, 303, 307, 308)


class DownloadError(OSError):
    """A download that failed: one plain sentence saying what happened and what to do."""


class ConnectionBroken(Exception):  # noqa: N818 - the caller knows how far it came and says the sentence
    """The connection ended before the answer was whole."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for: ``connect_seconds`` to connect, ``read_seconds`` for each word of an answer."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0


@dataclass(frozen=True)
class Answer:
    """What the server said before the file itself; header names are looked up regardless of case."""

    status: int
    reason: str
    headers: Mapping[str, str]


class HttpsStream:
    """The answer to one GET request; use it in a ``with`` block.

    ``verify`` is True for the usual certificates or the path of a file of others. ``take`` gives the next piece.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, verify: bool | str, patience: Patience) -> None:
        self._url, self._headers, self._verify, self._patience = url, dict(headers), verify, patience
        self.host = urlsplit(url).hostname or url
        self._pieces: queue.Queue[Answer | bytes | Exception] = queue.Queue(_WAITING_CHUNKS)
        self._stop = threading.Event()
        self._response: requests.Response | None = None
        # A daemon: looking up a name or connecting cannot be interrupted, and must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=f"download from {self.host}", daemon=True)

    def __enter__(self) -> HttpsStream:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        response = self._response
        if response is not None:
            with suppress(Exception):  # it may have ended by itself in this very moment
                response.raw.shutdown()  # wakes the thread where it waits for the network
        self._thread.join(4 * POLL_SECONDS)  # not for its end: it may be waiting to connect

    def take(self) -> Answer | bytes | None:
        """The answer, then piece after piece of the file, b"" at its end; None when nothing came in a while.

        Raises DownloadError where the server cannot be spoken to, ConnectionBroken where it stopped half-way.
        """
        try:
            piece = self._pieces.get(timeout=POLL_SECONDS)
        except queue.Empty:
            return None
        if isinstance(piece, Exception):
            raise piece
        return piece

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: whoever takes gets it
            self._put(error)

    def _put(self, piece: Answer | bytes | Exception) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                self._pieces.put(piece, timeout=POLL_SECONDS)
                return

    def _read(self) -> None:
        import requests
        import urllib3

        with requests.Session() as session:
            response = self._open(session)
            self._response = response
            self._put(Answer(response.status_code, response.reason, response.headers))
            try:
                while not self._stop.is_set() and (piece := response.raw.read1(CHUNK, decode_content=False)):
                    self._put(piece)
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise ConnectionBroken(str(error)) from error
            finally:
                response.close()
            self._put(b"")

    def _open(self, session: requests.Session) -> requests.Response:
        """The answer after all redirects, with its body still to be read."""
        import requests

        url = self._url
        for _ in range(MAX_REDIRECTS + 1):
            if urlsplit(url).scheme != "https":
                raise DownloadError(
                    f"{self.host} leads to an address without encryption ({url}), which is not followed: nothing was"
                    " downloaded. Try again later, or from another network."
                )
            try:
                response = session.get(
                    url,
                    headers=self._headers,
                    stream=True,
                    allow_redirects=False,
                    verify=self._verify,
                    timeout=(self._patience.connect_seconds, self._patience.read_seconds),
                )
            except requests.RequestException as error:
                raise self._unreachable(error) from error
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response
            url = urljoin(url, response.headers["Location"])
            response.close()
        raise DownloadError(
            f"{self.host} sends from one address to the next without end: nothing was downloaded. Try again later."
        )

    def _unreachable(self, error: Exception) -> DownloadError:
        import requests

        if isinstance(error, requests.exceptions.SSLError):
            return DownloadError(
                f"It is not certain that {self.host} is the one that answers (its certificate was not accepted):"
                " nothing was downloaded. Check the clock of this computer, or try from another network."
            )
        if isinstance(error, requests.exceptions.ProxyError):
            return DownloadError(
                f"The proxy of this computer does not lead to {self.host}. Check the proxy settings and try again."
            )
        if isinstance(error, requests.exceptions.ReadTimeout):
            return DownloadError(
                f"{self.host} did not answer within {self._patience.read_seconds:g} seconds. Try again later."
            )
        return DownloadError(f"{self.host} could not be reached. Check the connection to the internet and try again.")
