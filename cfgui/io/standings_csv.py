"""All movies, or users, with bias, mean and factors as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.core.ratings import Ratings
from cfgui.core.standings import Places, Standings
from cfgui.io.atomic import atomic_write
from cfgui.io.value_arrays import id_array, number_array, taken, text_array, whole_array
from cfgui.io.value_files import fill_csv
from cfgui.io.value_tables import Advance, ValueTable

if TYPE_CHECKING:
    import pyarrow as pa


def write_standings(found: Standings, ratings: Ratings, order: Places, path: Path) -> None:
    """movie, title, genres (or user, facts) where known, n_ratings, mean, bias, departure, factor_1 …, in ``order``.

    ``departure`` is bias - what the mean lets expect. A number that is not known stays empty, and a model without
    biases has no such columns. Atomic; raises SaveError where the file cannot be written.
    """
    import pyarrow as pa

    columns = {name: taken(array, order) for name, array in _labels(found, ratings).items()}
    columns |= {"n_ratings": whole_array(found.counts[order]), "mean": number_array(found.means[order])}
    if found.bias is not None:
        columns |= {"bias": number_array(found.bias[order]), "departure": number_array(found.departures[order])}
    for number, factor in enumerate(found.factors[order].T, start=1):
        columns[f"factor_{number}"] = number_array(factor)
    batch = pa.record_batch(columns)

    def batches(_advance: Advance) -> Iterator[pa.RecordBatch]:
        yield batch

    with atomic_write(path) as temporary:
        fill_csv(ValueTable(f"{found.side}s", batch.schema, len(order), 1, batches), temporary, lambda _n: None)


def _labels(found: Standings, ratings: Ratings) -> dict[str, pa.Array]:
    """Ids, and titles and genres of movies, or facts about users, where any is known."""
    ids, texts = ratings.movie_ids, {"title": ratings.titles, "genres": ratings.genres}
    if found.side == "user":
        ids, texts = ratings.user_ids, {"facts": ratings.user_facts}
    labels: dict[str, pa.Array] = {found.side: id_array(ids)}
    for name, known in texts.items():
        if known:
            labels[name] = text_array([known.get(raw_id) or None for raw_id in ids])
    return labels
