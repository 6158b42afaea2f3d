"""``cfgui new-movie``: what users would rate a movie without ratings, from its genres and the year in its title."""

from __future__ import annotations

from argparse import Namespace

import numpy as np

from cfgui.app.trained_model import TrainedModel
from cfgui.app.words import counted
from cfgui.cli.interruption import Interruption
from cfgui.cli.metadata_evaluation import evaluate
from cfgui.cli.output import print_json, say
from cfgui.cli.trained import trained_model
from cfgui.core.metadata_features import movie_features
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.movie_facts import NO_YEAR, facts_of, year_of
from cfgui.core.ratings import Floats
from cfgui.core.row_slopes import predict_row

NO_GENRES = "these ratings come without the genres of movies, so those told say nothing"


def run(arguments: Namespace) -> int:
    """Train or read, predict, print; 0 done."""
    if arguments.evaluate:
        return evaluate(arguments, "movie")
    with Interruption() as interruption:
        model = trained_model(arguments, lambda: interruption.wished)
        features = movie_features(facts_of(model.ratings))
        metadata = fit_metadata(model.ratings, model.factors, features.table)
        interruption.heed()
    year = year_of(arguments.title)
    genres = [genre for genre in arguments.genres.split("|") if genre.strip()]
    told, unknown = features.of(genres, year)
    if unknown:
        which = f"no movie of these ratings is of the genre {' or '.join(unknown)}" if features.genres else NO_GENRES
        say(f"{which}: left out.")
    if year == NO_YEAR:
        say(f"the title tells no year such as (1999): {features.usual_year}, the middle one, is taken.")
    row = metadata.rows(told[None, :])[0]
    predictions = predict_row(model.factors, "movie", row)
    best = _ends(model, predictions, arguments.n)
    if arguments.json:
        print_json(_facts(model, metadata, row, predictions, best, unknown, year))
    else:
        print("\n".join(_lines(model, metadata, predictions, best)))
    return 0


def _ends(model: TrainedModel, predictions: Floats, n: int) -> tuple[list[int], list[int]]:
    """The users who would like it most, and least, of those with a rating; all where nobody has any."""
    users = np.flatnonzero(model.ratings.user_counts > 0)
    users = users if len(users) else np.arange(len(predictions))
    order = users[np.argsort(-predictions[users], kind="stable")]
    return order[:n].tolist(), order[::-1][:n].tolist()


def _facts(
    model: TrainedModel,
    metadata: MetadataModel,
    row: Floats,
    predictions: Floats,
    ends: tuple[list[int], list[int]],
    unknown: tuple[str, ...],
    year: int,
) -> dict[str, object]:
    biased, ids = model.factors.has_bias, model.ratings.user_ids
    most, least = ([{"user": ids[at], "prediction": float(predictions[at])} for at in end] for end in ends)
    return {
        "model": model.model,
        "weights": model.note,
        "year": year or None,
        "n_unknown": len(unknown),
        "unknown_genres": list(unknown),
        "by_metadata": metadata.helps,
        "r_squared": metadata.r_squared,
        "bias": float(row[-1]) if biased else None,
        "vector": (row[:-1] if biased else row).tolist(),
        "mean_prediction": float(predictions.mean()),
        "most": most,
        "least": least,
    }


def _lines(
    model: TrainedModel, metadata: MetadataModel, predictions: Floats, ends: tuple[list[int], list[int]]
) -> list[str]:
    said = [model.note]
    if metadata.helps:
        said.append(f"for movies left out, genres and year explain {metadata.r_squared:.1%} of the vectors' variance")
    else:
        said.append("genres and year say no more here than the mean movie does, which is what is predicted")
    said.append(f"mean prediction over {counted(len(predictions), 'user')}: {predictions.mean():.2f}")
    for title, end in zip(("most", "least"), ends, strict=True):
        said += ["", f"would like it {title}:"]
        said += [f"  user {model.ratings.user_ids[at]:<8} {predictions[at]:.2f}" for at in end]
    return said
