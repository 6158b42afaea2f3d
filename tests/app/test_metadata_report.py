"""Hidden movies: what their metadata are worth, planted and on real ratings."""

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.evaluating import Length
from cfgui.app.metadata_report import MetadataChoice, MetadataReport, evaluate_metadata
from cfgui.core.chunks import Interrupted
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from tests.core.test_fold_in import model, ratings_of
from tests.helpers.reference import SHARED, real_ratings

ALS = Hyperparameters(
    model="bias", optimizer="als", als_lambda=0.1, als_kind="weighted", n_factors=3, init="normal", global_mean="on"
)
GENRES = ("Drama", "Comedy", "War", "Horror")


def planted(*, telling):
    """Ratings of movies whose weights follow from their genres, which are told, or mixed up."""
    rng = np.random.default_rng(4)
    has = rng.random((200, 4)) < 0.4
    factors = model(n_users=120, n_movies=200, k=3)
    rows = has @ rng.normal(0, 1.0, (4, 4))
    factors = replace(factors, movie_factors=rows[:, :3], movie_bias=rows[:, 3])
    told = has if telling else rng.permutation(has)
    genres = {str(movie): "|".join(np.array(GENRES)[told[movie]]) for movie in range(200)}
    return replace(ratings_of(factors, n=7_000), genres=genres)


def test_genres_that_tell_predict_hidden_movies():
    found = evaluate_metadata(Document(planted(telling=True), {}, active="bias"), ALS, Length(steps=20))
    assert found.helps
    assert found.r_squared > 0.9
    assert found.by_metadata < 0.35 * found.by_mean
    assert found.n_hidden == 40
    assert "off the mean movie's MSE" in found.sentence


def test_genres_that_tell_nothing_are_said_to_and_change_nothing():
    found = evaluate_metadata(Document(planted(telling=False), {}, active="bias"), ALS, Length(steps=20))
    assert not found.helps
    assert found.by_metadata == pytest.approx(found.by_mean, rel=1e-9)
    assert "no more than the mean movie" in found.sentence


def test_no_better_on_the_hidden_movies_is_said_too():
    found = MetadataReport("movie", 1, 1, 1.1, 1.0, 1.2, 0.1, True, "")
    assert found.sentence.endswith("their MSE is 10.0% above the mean's.")


def test_what_cannot_be_is_said_in_a_sentence():
    with pytest.raises(ValueError, match="between 0 and 1"):
        MetadataChoice(share=1.0)
    few = ratings_of(model(n_movies=2), n=30)
    with pytest.raises(ValueError, match="2 movies"):
        evaluate_metadata(Document(few, {}, active="bias"), ALS, Length(steps=1))
    document = Document(planted(telling=True), {}, active="bias")
    with pytest.raises(Interrupted):
        evaluate_metadata(document, ALS, Length(steps=1), stop=lambda: True)


def test_on_real_ratings_genres_and_years_beat_the_mean_movie():
    from cfgui.io.movie_titles import parse_titles

    ratings = real_ratings()
    path = SHARED / "data" / "ml-latest-small-2016" / "movies.csv"
    ratings, _ = parse_titles(path.read_bytes(), path.name).joined(ratings)
    found = evaluate_metadata(
        Document(ratings, {}, active="bias"), replace(ALS, n_factors=10), Length(steps=20), MetadataChoice(seed=1)
    )
    assert found.helps
    assert found.by_metadata < 0.96 * found.by_mean < found.by_mean < found.by_global_mean
