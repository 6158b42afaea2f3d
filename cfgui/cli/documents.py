"""``cfgui info``, ``export`` and ``verify``: look into a file, write a workbook, check one; without torch."""

from __future__ import annotations

import math
from argparse import Namespace
from collections import Counter

import numpy as np

from cfgui.app.documents import export_document
from cfgui.app.words import counted
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, say, size_text
from cfgui.cli.tables import check_fits, open_file, shown_part
from cfgui.cli.value_exports import check_value_folders, value_tasks
from cfgui.core import models
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.import_report import REASONS
from cfgui.core.ratings import Ratings
from cfgui.core.user_features import facts_in

_EXAMPLES = 4

_SLICE = 1_000_000
"""Ratings predicted at a time, so that 25 million of them take no gigabytes."""


def info(arguments: Namespace) -> int:
    """Print what a file holds; 0."""
    with Interruption() as interruption:
        document = shown_part(open_file(arguments, lambda: interruption.wished), arguments)
        known = facts(document)
    if interruption.wished:
        raise KeyboardInterrupt
    if arguments.json:
        print_json(known)
        return 0
    print(f"{known['format']}{', ' if known['encoding'] else ''}{known['encoding'] or ''}")
    print(f"{size_text(document.ratings)}: {_percent(document.ratings)} of all cells")
    print(f"ratings {known['rating_min']:g} to {known['rating_max']:g}, mean {known['rating_mean']:.4f}")
    if known["n_users_with_facts"]:
        print(f"{known['n_users_with_facts']:,} users with facts besides their ratings: {_examples(document.ratings)}")
    for line in _left_out(document):
        print(line)
    for name, factors in document.factors.items():
        mark = " (active)" if name == document.active else ""
        print(f"{name}: {factors.n_factors} factors, RMSE {_rmse(factors, document.ratings)!r}{mark}")
    for remark in document.remarks:
        print(f"note: {remark}")
    return 0


def facts(document: Document) -> dict[str, object]:
    """What ``cfgui info --json`` prints: sizes, the ratings' range and mean (NaN where there are none), each model.

    ``duplicates`` and ``rejected`` (by reason, a key of ``REASONS``) count what reading the whole table came to.
    """
    ratings, report = document.ratings, document.report
    values = ratings.values if ratings.n_ratings else np.array([np.nan])
    cells = ratings.n_users * ratings.n_movies
    return {
        "n_users": ratings.n_users,
        "n_movies": ratings.n_movies,
        "n_ratings": ratings.n_ratings,
        "n_users_with_facts": sum(raw_id in ratings.user_facts for raw_id in ratings.user_ids),
        "density": ratings.n_ratings / cells if cells else 0.0,
        "rating_min": float(values.min()),
        "rating_max": float(values.max()),
        "rating_mean": float(values.mean(dtype=np.float64)),
        "duplicates": report.n_duplicates if report else 0,
        "rejected": {rows.reason: rows.count for rows in report.rejected} if report else {},
        "format": report.format if report else "Excel workbook",
        "encoding": report.encoding or None if report else None,
        "n_factors": {name: factors.n_factors for name, factors in document.factors.items()},
        "rmse": {name: _rmse(factors, ratings) for name, factors in document.factors.items()},
        "active": document.active,
        "remarks": list(document.remarks),
    }


def _rmse(factors: Factors, ratings: Ratings) -> float:
    if ratings.n_ratings <= _SLICE:
        return models.rmse(factors, ratings)
    total = 0.0
    for start in range(0, ratings.n_ratings, _SLICE):
        part = slice(start, start + _SLICE)
        residuals = ratings.values[part] - models.predict(factors, ratings.users[part], ratings.movies[part])
        total += float(residuals @ residuals)
    return math.sqrt(total / ratings.n_ratings)


def _percent(ratings: Ratings) -> str:
    cells = ratings.n_users * ratings.n_movies
    share = ratings.n_ratings / cells if cells else 0.0
    return f"{share:.1%}" if share >= 0.1 else f"{100 * share:.2g}%"


def _examples(ratings: Ratings) -> str:
    """The facts that most users have, as "M (670), age 25-34 (325), …"."""
    counts = Counter(fact for raw_id in ratings.user_ids for fact in facts_in(ratings.user_facts.get(raw_id, "")))
    most = [f"{fact} ({n:,})" for fact, n in counts.most_common(_EXAMPLES)]
    return ", ".join(most) + (", …" if len(counts) > _EXAMPLES else "")


def _left_out(document: Document) -> list[str]:
    """What became of rows that are no ratings of their own, a line each."""
    report = document.report
    if report is None:
        return []
    kept = {"last": "the last one counts", "mean": "their mean counts"}.get(report.duplicates, "")
    twice = [f"{counted(report.n_duplicates, 'rating')} given twice: {kept}"] if report.n_duplicates else []
    what = "cell" if "crosstab" in report.format else "row"
    return twice + [f"{counted(rows.count, what)} left out: {REASONS[rows.reason]}" for rows in report.rejected]


def export(arguments: Namespace) -> int:
    """Write a document as a workbook, or its values as they were asked for; 0."""
    check_writable(arguments.out)
    check_value_folders(arguments)
    with Interruption() as interruption:
        document = shown_part(open_file(arguments, lambda: interruption.wished), arguments)
    if arguments.out is not None:
        check_fits(document, arguments.out, values_only=arguments.values_only)
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
