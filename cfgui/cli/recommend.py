"""``cfgui recommend``: the unseen movies with the highest predictions, for one user with reasons, or for all users."""

from __future__ import annotations

import time
from argparse import Namespace

from cfgui.app.exports import ExportSource, ValueExport, export_values
from cfgui.app.peak_memory import peak_memory_mb
from cfgui.app.recommend_words import figure_words, filter_words, reason_words, tally_words, user_words
from cfgui.app.recommending import Recommender, UserList, Wish
from cfgui.app.subjects import find_subject
from cfgui.app.trained_model import TrainedModel
from cfgui.app.why_not import WhyNot, sentences, why_not
from cfgui.cli.interruption import Interruption
from cfgui.cli.output import check_writable, print_json, say
from cfgui.cli.trained import trained_model
from cfgui.cli.value_exports import shown_export
from cfgui.core.movie_facts import MovieFacts, facts_of
from cfgui.core.movie_filter import MovieFilter, popular_mask
from cfgui.core.ranking_metrics import POPULAR_SHARE
from cfgui.core.ratings import Ratings
from cfgui.core.recommend_lists import ListTally
from cfgui.core.unknown import UNKNOWN


def run(arguments: Namespace) -> int:
    """Train or read, recommend, print or write; 0 done, 1 for a movie or genre that there is not, 2 for wrong usage."""
    if arguments.why is not None and arguments.user is None:
        say("--why needs --user: it tells of one user's list.")
        return 2
    check_writable(arguments.all_users)
    wish = Wish(arguments.n, _filter(arguments), arguments.diversity)
    with Interruption() as interruption:
        model = trained_model(arguments, lambda: interruption.wished, check=lambda ratings: _check(ratings, arguments))
        facts = facts_of(model.ratings)
        wish.only.candidates(facts)  # of an .npz, which nobody has checked
        if arguments.all_users is not None:
            return _for_everyone(arguments, model, facts, wish, interruption)
        interruption.heed()
    _for_one(arguments, Recommender(model.ratings, model.factors, model.samples, facts), model, wish)
    return 0


def _check(ratings: Ratings, arguments: Namespace) -> None:
    """Raise ValueError for a genre or a movie that there is not: better before a long training."""
    if arguments.genre or arguments.not_genre:
        _filter(arguments).candidates(facts_of(ratings))
    if arguments.why is not None:
        find_subject(ratings, "movie", arguments.why)


def _filter(arguments: Namespace) -> MovieFilter:
    genres, without = tuple(arguments.genre), tuple(arguments.not_genre)
    return MovieFilter(genres, without, arguments.min_ratings, arguments.from_year, arguments.to_year)


# One user


def _for_one(arguments: Namespace, recommender: Recommender, model: TrainedModel, wish: Wish) -> None:
    asked = None if arguments.why is None else find_subject(model.ratings, "movie", arguments.why)
    listed = recommender.for_user(arguments.user, wish)
    answer = None if asked is None else why_not(recommender, listed, asked)
    if arguments.json:
        print_json(_facts(recommender, model, listed, answer))
    else:
        print("\n".join(_lines(recommender, model, listed, answer)))


def _facts(recommender: Recommender, model: TrainedModel, listed: UserList, answer: WhyNot | None) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    figures, known = listed.figures, listed.user != UNKNOWN
    return {
        "model": model.model,
        "weights": model.note,
        "user": listed.user_id,
        "known": known,
        "n_unknown": int(not known),
        "n": listed.wish.n,
        **_wish_facts(listed.wish),
        "n_unseen": listed.n_unseen,
        "n_candidates": listed.n_candidates,
        "popularity_share": figures.popularity_share,
        "diversity_of_list": figures.diversity,
        "n_genres": figures.n_genres,
        "recommendations": [_movie_facts(recommender, listed, place) for place in range(len(listed.movies))],
        "why": None if answer is None else _why_facts(recommender, answer, listed),
    }


def _wish_facts(wish: Wish) -> dict[str, object]:
    only = wish.only
    return {
        "genres": list(only.genres),
        "not_genres": list(only.without),
        "min_ratings": only.min_ratings,
        "from_year": only.from_year,
        "to_year": only.to_year,
        "diversity": wish.diversity,
    }


def _movie_facts(recommender: Recommender, listed: UserList, place: int) -> dict[str, object]:
    movie, own = int(listed.movies[place]), listed.reasons[place]
    ratings, facts = recommender.ratings, recommender.facts
    return {
        "rank": place + 1,
        "id": ratings.movie_ids[movie],
        "title": ratings.titles.get(ratings.movie_ids[movie]),
        "prediction": float(listed.predictions[place]),
        "n_ratings": int(facts.counts[movie]),
        "year": int(facts.years[movie]) or None,
        "genres": list(facts.genres_of(movie)),
        "addends": [{"name": each.name, "value": each.value} for each in own.addends],
        "near": [
            {
                "id": ratings.movie_ids[near.movie],
                "title": ratings.titles.get(ratings.movie_ids[near.movie]),
                "cosine": near.cosine,
                "rating": near.rating,
            }
            for near in own.near
        ],
    }


def _why_facts(recommender: Recommender, found: WhyNot, listed: UserList) -> dict[str, object]:
    return {
        "id": recommender.ratings.movie_ids[found.movie],
        "name": found.name,
        "prediction": found.prediction,
        "rating": found.rating,
        "place": found.place,
        "rank": found.rank,
        "n_unseen": found.n_unseen,
        "rank_passing": found.rank_passing,
        "n_passing": found.n_passing,
        "objections": list(found.objections),
        "needed": found.needed,
        "against": [{"name": each.name, "value": each.value} for each in found.against],
        "too_alike": found.too_alike,
        "sentences": list(sentences(found, listed.user_id, listed.wish.n)),
    }


def _lines(recommender: Recommender, model: TrainedModel, listed: UserList, answer: WhyNot | None) -> list[str]:
    """The same in words and a table."""
    only = filter_words(listed.wish.only)
    diverse = f"diversity {listed.wish.diversity:g}" if listed.wish.diversity else ""
    said = [model.note, user_words(recommender, listed)]
    if wished := ", ".join(filter(None, (only, diverse))):
        said.append(f"wished: {wished}")
    said += [figure_words(listed)]
    if len(listed.movies):
        names = [recommender.ratings.movie_label(int(movie)).removeprefix("movie ") for movie in listed.movies]
        width = max(5, *map(len, names))
        said += ["", f"{'rank':>4}  {'movie':<{width}}  prediction  ratings  reasons"]
        for place, (movie, name) in enumerate(zip(listed.movies.tolist(), names, strict=True)):
            numbers = f"{listed.predictions[place]:>10.4f}  {int(recommender.facts.counts[movie]):>7,}"
            said.append(f"{place + 1:>4}  {name:<{width}}  {numbers}  {reason_words(recommender, listed, place)}")
    if answer is not None:
        said += ["", *sentences(answer, listed.user_id, listed.wish.n)]
    return said


# All users


def _for_everyone(
    arguments: Namespace, model: TrainedModel, facts: MovieFacts, wish: Wish, interruption: Interruption
) -> int:
    path = arguments.all_users
    tally = ListTally(popular_mask(facts, POPULAR_SHARE), int(wish.only.candidates(facts).sum()))
    choice = ValueExport("recommendations", False, wish.n, path.suffix.lower(), wish.only, wish.diversity)
    source = ExportSource(model.ratings, model.factors, samples=model.samples)
    began = time.perf_counter()
    with shown_export(path.name) as report:
        export_values(source, choice, path, tally=tally, report=report, cancelled=lambda: interruption.wished)
    seconds = time.perf_counter() - began
    if arguments.json:
        said = {"model": model.model, "weights": model.note, "file": str(path), "n": wish.n, **_wish_facts(wish)}
        print_json(
            said
            | {
                "n_users": tally.n_users,
                "n_recommendations": int(tally.counts.sum()),
                "n_candidates": tally.n_candidates,
                "coverage": tally.coverage,
                "popularity_share": tally.popularity_share,
                "seconds": seconds,
                "peak_memory_mb": peak_memory_mb(),
            }
        )
    else:
        print("\n".join((model.note, f"{tally_words(tally)}; {seconds:.2f} s", f"wrote {path}")))
    return 0
