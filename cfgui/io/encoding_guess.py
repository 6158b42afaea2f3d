"""What a file is made of and in which encoding its text is, from its first bytes."""

from __future__ import annotations

import codecs
import contextlib
import zlib

from cfgui.io.table_options import Kind, TableError

GZIP, PARQUET, ZIP, OLD_OR_ENCRYPTED = b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""The first bytes of files."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")
_CP1252_HOLES = frozenset(b"\x81\x8d\x8f\x90\x9d")
WESTERN_REMARK = "The file is not UTF-8: it was taken for Western text (Windows-1252). Look at names with accents."


def unpacked_head(data: bytes, limit: int, name: str) -> bytes:
    """The first ``limit`` bytes of what a gzip file unpacks to. Raises TableError where it is damaged."""
    unpacker = zlib.decompressobj(31)
    with contextlib.suppress(zlib.error):
        head = unpacker.decompress(data, limit)
        if head or unpacker.eof:
            return head
    raise TableError(f"{name} is a damaged gzip file. Get it again.")


def guess_encoding(head: bytes, name: str) -> tuple[str, str]:
    """(a codec's name, a remark or ""). Raises TableError, naming the file, where ``head`` is no text."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, ""
    if (wide := _without_mark(head)) is not None:
        return wide, "The file has no mark of its encoding: it was taken for UTF-16."
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head[:65536])
    if b"\0" in head or controls > len(head[:65536]) / 100:
        raise TableError(f"{name} holds no text but binary data: choose a table of ratings.")
    if is_utf8(head):
        return "utf-8", ""
    return ("latin-1" if _CP1252_HOLES & set(head) else "cp1252"), WESTERN_REMARK


def is_utf8(data: bytes) -> bool:
    """Whether ``data`` is UTF-8, but for a character that its end cuts."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(head: bytes) -> str | None:
    """UTF-16 that nothing announces: in text of digits and commas every second byte is zero."""
    sample = head[:4096]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * pairs and even == 0:
        return "utf-16-le"
    if even > 0.6 * pairs and odd == 0:
        return "utf-16-be"
    return None


def checked_encoding(encoding: str) -> str:
    """``encoding`` if Python has a text codec of that name, else TableError."""
    try:
        if codecs.lookup(encoding)._is_text_encoding:
            return encoding
    except (LookupError, ValueError):
        pass
    raise TableError(f"There is no encoding {encoding}: choose another, as utf-8, utf-16 or cp1252.")


def decoded_head(head: bytes, encoding: str, name: str, *, whole: bool) -> str:
    """The text of the first bytes, up to the end of the last line where the file goes on (``whole`` is False).

    Bytes that are none in this encoding become replacement characters. Raises TableError where it is no text at all.
    """
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head, whole)
    except (UnicodeError, ValueError):
        raise TableError(f"{name} is no text in the encoding {encoding}: choose another.") from None
    if "\0" in text:
        raise TableError(f"{name} holds no text but binary data: choose a table of ratings.")
    text = text.removeprefix("\ufeff")
    if not whole:
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        # One line that is longer than the head: all there is to look at.
        return text[:end] if end else text
    return text


def kind_of(head: bytes) -> Kind | None:
    """What the first bytes announce; "xlsx" for every zip; None where they announce nothing."""
    if head.startswith(ZIP) or head.startswith(b"PK\x05\x06"):
        return "xlsx"
    return "parquet" if head.startswith(PARQUET) else None
