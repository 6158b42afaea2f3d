"""What the commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.app.words import counted

if TYPE_CHECKING:
    from cfgui.core.document import Document  # not in earnest: `cfgui --help` needs no numpy
    from cfgui.core.hyperparameters import Hyperparameters
    from cfgui.core.ratings import Ratings


def print_json(values: Mapping[str, object]) -> None:
    """One JSON object on one line of stdout; a number that is not finite becomes null, for JSON has no NaN."""
    print(json.dumps({key: _finite(value) for key, value in values.items()}, allow_nan=False))


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def say(sentence: object) -> None:
    """One line on stderr, in the program's name."""
    print("cfgui:", " ".join(str(sentence).split()), file=sys.stderr)


def size_text(ratings: Ratings) -> str:
    """How large a crosstab is, in words."""
    crosstab = f"{counted(ratings.n_users, 'user')} x {counted(ratings.n_movies, 'movie')}"
    return f"{crosstab}, {counted(ratings.n_ratings, 'rating')}"


def training_facts(document: Document, hyperparameters: Hyperparameters) -> dict[str, object]:
    """What ``--json`` says first of every training; scripts depend on the names."""
    ratings = document.ratings
    return {
        "model": hyperparameters.model,
        "optimizer": hyperparameters.optimizer,
        "n_users": ratings.n_users,
        "n_movies": ratings.n_movies,
        "n_ratings": ratings.n_ratings,
    }


def training_text(document: Document, hyperparameters: Hyperparameters) -> str:
    """The same in words."""
    return f"{hyperparameters.model} by {hyperparameters.optimizer} on {size_text(document.ratings)}"


def reason(error: Exception) -> str:
    """An error as one sentence: the system's own words and the file for an OSError, else the error's text."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error) or type(error).__name__


def check_writable(path: Path | None) -> None:
    """Raise OSError with one plain sentence where a file cannot be written at ``path``: better before a long run."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise OSError(f"cannot write {path}: there is no folder {path.parent}.")
    if path.exists() and not path.is_file():
        raise OSError(f"cannot write {path}: it is not a file.")
