"""A server of files over HTTPS on this machine that misbehaves as it is told."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

Reply = Callable[[BaseHTTPRequestHandler], None]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) of localhost, made by itself and good for a day."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so no certificate for a server of one's own")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    words += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *words], check=True, capture_output=True)
    return certificate, key


@dataclass
class Script:
    """What the server does: the replies of the next requests, one after the other (the last one again and again)."""

    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of every request, in lower case, and its path as ``path``."""


class ScriptedServer:
    """Runs until ``close``; ``base_url`` ends in "/"."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.script, self.certificate = Script(), certificate
        self.released = threading.Event()  # lets replies that wait go home
        script = self.script

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = {name.lower(): value for name, value in self.headers.items()}
                script.asked.append(asked | {"path": self.path})
                reply = script.replies.pop(0) if len(script.replies) > 1 else script.replies[0]
                reply(self)
                self.close_connection = True

            def log_message(self, *_words: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_request: object) -> None:
                pass  # a client that goes away is what many tests are about

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.base_url = f"https://localhost:{self._server.server_address[1]}/"

    def replies(self, *replies: Reply) -> None:
        """Set what comes next."""
        self.script.replies[:] = replies

    def close(self) -> None:
        """End it and everything it waits for."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def sends(
    body: bytes,
    *,
    etag: str = '"one"',
    length: int | None = None,
    cut: int | None = None,
    ranges: bool = True,
    kind: str = "application/zip",
) -> Reply:
    """A well-behaved reply, or nearly: another ``length`` than the body's, only ``cut`` bytes of it, deaf to ranges."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        part = body
        if ranges and asked and handler.headers.get("If-Range") == etag:
            start = int(asked[1])
            if start >= len(body):
                return _head(handler, 416, {"Content-Range": f"bytes */{len(body)}"})
            part = body[start:]
            _head(handler, 206, {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}, etag, len(part))
        else:
            _head(handler, 200, {"Content-Type": kind}, etag, len(body) if length is None else length)
        handler.wfile.write(part[:cut])
        return None

    return reply


def says(status: int) -> Reply:
    """No file, but a status and a page about it."""
    return lambda handler: handler.send_error(status)


def redirects(location: str) -> Reply:
    """To another address."""
    return lambda handler: _head(handler, 302, {"Location": location}, length=0)


def begins_and_waits(
    body: bytes, released: threading.Event, *, length: int, etag: str = '"one"', every: float = 0.0
) -> Reply:
    """Sends ``body`` of a file of ``length`` bytes, then nothing, or with ``every`` a byte each so many seconds."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, 200, {}, etag, length)
        handler.wfile.write(body)
        handler.wfile.flush()
        while not released.wait(every or 20.0) and every:
            handler.wfile.write(b"x")
            handler.wfile.flush()

    return reply


def _head(
    handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], etag: str = "", length: int | None = None
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if etag:
        handler.send_header("ETag", etag)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
