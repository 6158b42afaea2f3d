"""``cfgui info``, ``export`` and ``verify``: look into a workbook, write one, check one; without torch."""

from __future__ import annotations

from argparse import Namespace

import numpy as np

from cfgui.app.documents import export_document, open_document
from cfgui.cli.output import check_writable, print_json, say, size_text
from cfgui.cli.value_exports import check_value_folders, value_tasks
from cfgui.core import models
from cfgui.core.document import Document


def info(arguments: Namespace) -> int:
    """Print what a workbook holds; 0."""
    document = open_document(arguments.file)
    if arguments.json:
        print_json(facts(document))
        return 0
    ratings = document.ratings
    known = facts(document)
    print(f"{size_text(ratings)}: {known['density']:.1%} of all cells")
    print(f"ratings {known['rating_min']:g} to {known['rating_max']:g}, mean {known['rating_mean']:.4f}")
    for name, factors in document.factors.items():
        mark = " (active)" if name == document.active else ""
        print(f"{name}: {factors.n_factors} factors, RMSE {models.rmse(factors, ratings)!r}{mark}")
    for remark in document.remarks:
        print(f"note: {remark}")
    return 0


def facts(document: Document) -> dict[str, object]:
    """What ``cfgui info --json`` prints: sizes, the ratings' range and mean (NaN where there are none), each model."""
    ratings = document.ratings
    values = ratings.values if ratings.n_ratings else np.array([np.nan])
    cells = ratings.n_users * ratings.n_movies
    return {
        "n_users": ratings.n_users,
        "n_movies": ratings.n_movies,
        "n_ratings": ratings.n_ratings,
        "density": ratings.n_ratings / cells if cells else 0.0,
        "rating_min": float(values.min()),
        "rating_max": float(values.max()),
        "rating_mean": float(values.mean()),
        "n_factors": {name: factors.n_factors for name, factors in document.factors.items()},
        "rmse": {name: models.rmse(factors, ratings) for name, factors in document.factors.items()},
        "active": document.active,
        "remarks": list(document.remarks),
    }


def export(arguments: Namespace) -> int:
    """Write a document as a workbook, or its values as they were asked for; 0."""
    check_writable(arguments.out)
    check_value_folders(arguments)
    document = open_document(arguments.file)
    if arguments.top_users or arguments.top_movies:
        ratings = document.ratings
        document = document.top(arguments.top_users or ratings.n_users, arguments.top_movies or ratings.n_movies)
    if arguments.out is not None:
        export_document(document, arguments.out, values_only=arguments.values_only)
        print(f"wrote {arguments.out}")
    for write in value_tasks(document, arguments).values():
        for path in write():
            print(f"wrote {path}")
    return 0


def verify(arguments: Namespace) -> int:
    """Print one line for every check of a workbook; 1 when one fails."""
    from cfgui.io.workbook_verify import verify_workbook

    checks = verify_workbook(arguments.file)
    for check in checks:
        print(f"{'ok' if check.ok else 'FAILED':<6} {check.name}{': ' if check.detail else ''}{check.detail}")
    failed = [check.name for check in checks if not check.ok]
    if failed:
        say(f"{arguments.file}: {len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")
    return 1 if failed else 0
