"""Session files: a kept session of any size, written in a moment and brought back bit for bit.

A session is an archive (``cfgui.io.archive``). What is large and does not change lies beside it in files of its own
(``cfgui.io.session_parts``), which the sessions that have it in common share.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.kept_session import KeptSession
from cfgui.core.models import MODELS
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.ratings import Ratings
from cfgui.io.archive import Archive, ArchiveError, Array, Meter, NewerArchiveError, write_archive
from cfgui.io.atomic import atomic_write
from cfgui.io.child import Cancelled as CancelledError
from cfgui.io.errors import WorkbookError
from cfgui.io.head_values import text, whole
from cfgui.io.kept_factors import factors_members, read_factors
from cfgui.io.kept_ratings import (
    base_ratings,
    edit_members,
    ratings_head,
    ratings_members,
    ratings_size,
    read_edits,
    read_ratings,
)
from cfgui.io.kept_report import read_report, read_texts, report_head, report_members
from cfgui.io.kept_sheets import Sheets, read_sheets, read_views, view_at
from cfgui.io.session_parts import BESIDE_BYTES, MissingPartError, Part, Parts, open_part
from cfgui.io.table_options import Cancelled, Report, never, no_report

SUFFIX = ".cfgui"
"""How the names of session files end."""

FORM, VERSION = "cfgui session", 2
"""The second version has nets and rating ranges; a file of the first is read as well."""


class SessionError(WorkbookError):
    """A kept session cannot be brought back; the text is one plain sentence."""


@dataclass(frozen=True)
class SessionSummary:
    """What a list of sessions says of one.

    ``step`` and ``rmse`` (None: not known) are those of the sheet that was open, ``parts`` the names of the files
    beside the session's.
    """

    name: str
    n_users: int
    n_movies: int
    n_ratings: int
    step: int
    rmse: float | None
    parts: tuple[str, ...] = ()


def write_session(
    session: KeptSession, path: Path, parts: Parts, *, report: Report = no_report, cancelled: Cancelled = never
) -> None:
    """Write a session to ``path``, all or nothing, and beside it what is large and not there yet.

    ``parts`` remembers that from one time to the next. Raises SaveError, Cancelled.
    """
    meter = Meter(report, cancelled)
    sheets, base = Sheets(session), base_ratings(session.ratings)
    edits = edit_members(session.ratings)
    members = sheets.members | edits | report_members(session.report)
    head = {
        "format": FORM,
        "version": VERSION,
        **_facts(session),
        **sheets.head,
        "edited": bool(edits),
        "ratings": _put_ratings(base, path, parts, members, meter),
        "weights": [
            _put_weights(factors, f"weights{place}", id(factors) in sheets.starts, path, parts, members, meter)
            for place, factors in enumerate(sheets.weights)
        ],
    }
    with atomic_write(path) as temporary:
        write_archive(temporary, head, members, meter)


def _facts(session: KeptSession) -> dict[str, object]:
    """What the head says in plain words and numbers."""
    ratings, choices = session.ratings, session.hyperparameters
    return {
        "name": session.name,
        "active": session.active,
        "rmse": session.rmse,
        "size": [ratings.n_users, ratings.n_movies, ratings.n_ratings],
        "hyperparameters": {field.name: getattr(choices, field.name) for field in fields(choices)},
        "remarks": list(session.remarks),
        "report": report_head(session.report),
        "view": dict(session.view),
    }


def _put_ratings(ratings: Ratings, path: Path, parts: Parts, members: dict[str, Array], meter: Meter) -> object:
    """Put the ratings among the members, or beside; what the head says of them."""
    head = ratings_head(ratings)
    if ratings_size(ratings) <= BESIDE_BYTES:
        members |= ratings_members(ratings, meter)
        return head
    part = parts.written(ratings, path.parent)
    if part is None:
        part = parts.write(ratings, path, ".ratings", head, lambda: ratings_members(ratings, meter), meter)
    return {"part": part.for_head()}


def _put_weights(
    factors: Factors, name: str, is_start: bool, path: Path, parts: Parts, members: dict[str, Array], meter: Meter
) -> object:
    """As ``_put_ratings``, for weights; only those that a sheet starts from stay the same for long."""
    part = parts.written(factors, path.parent)
    if part is None and is_start and 8 * factors.n_parameters > BESIDE_BYTES:
        part = parts.write(factors, path, ".weights", {}, lambda: factors_members(factors, "weights"), meter)
    if part is not None:
        return {"part": part.for_head(), "description": factors.description}
    members |= factors_members(factors, name)
    return {"description": factors.description}


def read_session(path: Path, parts: Parts, *, report: Report = no_report, cancelled: Cancelled = never) -> KeptSession:
    """The session that ``write_session`` wrote; ``parts`` learns what lies beside it.

    Raises SessionError, one plain sentence, whatever is wrong with the file; Cancelled.
    """
    meter = Meter(report, cancelled)
    with _plain_sentences(path), Archive(path, FORM, VERSION, meter) as archive:
        meter.total = path.stat().st_size + sum(part.n_bytes for part in _parts_of(archive.head))
        return _Reader(archive, path.parent, parts, meter).session()


def read_summary(path: Path) -> SessionSummary:
    """What a list of sessions says of this one; reads only the head. Raises SessionError."""
    with _plain_sentences(path), Archive(path, FORM, VERSION, Meter()) as archive:
        head = archive.head
        active = head["sheets"][text(head, "active")]
        n_users, n_movies, n_ratings = (whole({"size": size}, "size") for size in head["size"])
        return SessionSummary(
            name=text(head, "name"),
            n_users=n_users,
            n_movies=n_movies,
            n_ratings=n_ratings,
            step=whole(active, "step"),
            rmse=None if head["rmse"] is None else float(head["rmse"]),
            parts=tuple(part.file for part in _parts_of(head)),
        )


def _parts_of(head: dict[str, Any]) -> list[Part]:
    named = [head["ratings"], *head["weights"]]
    return [Part.from_head(described["part"]) for described in named if "part" in described]


class _Reader:
    """Puts a session together again from its archive and the files beside it."""

    def __init__(self, archive: Archive, folder: Path, parts: Parts, meter: Meter) -> None:
        self._archive, self._folder, self._parts, self._meter = archive, folder, parts, meter
        self._head = archive.head
        self._weights: dict[tuple[int, str], Factors] = {}
        self._ratings = self._read_ratings()

    def session(self) -> KeptSession:
        """Raises ArchiveError, and KeyError or TypeError where the head lacks something."""
        head, archive, base = self._head, self._archive, self._ratings
        active, shown = text(head, "active"), head["shown"]
        if active not in MODELS or not isinstance(head["view"], dict):
            raise ArchiveError("no such sheet")
        views = read_views(archive, base)
        ratings = read_edits(archive, base) if head["edited"] else base
        return KeptSession(
            ratings=ratings,
            sheets=read_sheets(archive, self._factors_at, views, ratings),
            name=text(head, "name"),
            active=active,
            hyperparameters=_hyperparameters(head["hyperparameters"]),
            remarks=read_texts(head["remarks"]),
            report=read_report(archive, head["report"]),
            shown=None if shown is None else view_at(views, shown),
            view=head["view"],
            rmse=None if head["rmse"] is None else float(head["rmse"]),
        )

    def _read_ratings(self) -> Ratings:
        described = self._head["ratings"]
        if "part" not in described:
            return read_ratings(self._archive, described, self._meter)
        part = Part.from_head(described["part"])
        with open_part(self._folder, part, self._meter) as archive:
            ratings = read_ratings(archive, archive.head, self._meter)
        self._parts.note(ratings, self._folder, part)
        return ratings

    def _factors_at(self, place: int, model: str) -> Factors:
        key = place, model
        if key not in self._weights:
            self._weights[key] = self._read_factors(self._head["weights"][place], f"weights{place}", model)
        return self._weights[key]

    def _read_factors(self, head: dict[str, Any], name: str, model: str) -> Factors:
        described = head.get("description")
        if "part" not in head:
            return read_factors(self._archive, name, self._ratings, model, described)
        part = Part.from_head(head["part"])
        with open_part(self._folder, part, self._meter) as archive:
            factors = read_factors(archive, "weights", self._ratings, model, described)
        self._parts.note(factors, self._folder, part)
        return factors


def _hyperparameters(described: dict[str, Any]) -> Hyperparameters:
    """The choices; one that this version does not know or allow, or that goes with no other, is left at its default."""
    known = {}
    for field in fields(Hyperparameters):
        option = OPTION_BY_NAME[field.name]
        with contextlib.suppress(ValueError, KeyError):
            value = described[field.name]
            option.check(value)
            if value is None or (option.type is str) == isinstance(value, str):
                known[field.name] = value
    with contextlib.suppress(ValueError):
        return Hyperparameters(**known)
    return Hyperparameters(**{name: value for name, value in known.items() if name not in _TOGETHER})


_TOGETHER = ("model", "range", "low", "high", "loss", "hidden", "n_movie_factors", "factor_rule")
"""Choices that may not go with each other; the sheets know most of them by themselves."""


@contextlib.contextmanager
def _plain_sentences(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a session is read into one plain sentence."""
    try:
        yield
    except (SessionError, CancelledError):
        raise
    except NewerArchiveError as error:
        raise SessionError(f"{path.name} was kept by a newer version of cfgui. Update cfgui to restore it.") from error
    except MissingPartError as error:
        raise SessionError(f"{path.name} needs the file {error}, which is gone. Choose another session.") from error
    except FileNotFoundError:
        raise SessionError(f"There is no session {path.name} any more. Choose another.") from None
    except MemoryError:
        raise SessionError(
            f"{path.name} needs more memory than there is. Close other programs and restore it again."
        ) from None
    except OSError as error:
        raise SessionError(
            f"{path.name} cannot be read ({error.strerror or error}). Check that you may open it, or choose another."
        ) from error
    except Exception as error:  # a damaged file can bring about anything at all
        raise SessionError(f"{path.name} is damaged and cannot be restored. Choose another session.") from error
