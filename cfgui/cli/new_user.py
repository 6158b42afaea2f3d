"""``cfgui new-user``: predictions for somebody the model has never seen, a questionnaire, and how good they are."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import asdict

from cfgui.app.cold_start_evaluation import LABELS, ColdStartChoice, ColdStartEvaluation, evaluate_cold_start
from cfgui.app.new_user_report import (
    KnownRatings,
    NewUserReport,
    check_scale,
    known_ratings,
    make_new_user_report,
    usual_method,
)
from cfgui.app.told_facts import ToldFacts, cold_start_told
from cfgui.app.trained_model import TrainedModel
from cfgui.app.words import counted
from cfgui.cli.asking import ask_ratings
from cfgui.cli.evaluations import Wished, measured
from cfgui.cli.interruption import Interruption
from cfgui.cli.metadata_evaluation import evaluate
from cfgui.cli.output import print_json, say
from cfgui.cli.trained import trained_model
from cfgui.core.cold_start import ColdStart
from cfgui.core.questionnaire import Questionnaire
from cfgui.core.ratings import Ratings
from cfgui.core.user_features import user_features


def run(arguments: Namespace) -> int:
    """Train or read, ask, predict, print; 0 done, 1 for a rating that cannot be, 2 for wrong usage."""
    if arguments.like is not None and arguments.method != "average":
        say("--like needs --method average: it says whose vector that is.")
        return 2
    if arguments.evaluate_facts:
        return evaluate(arguments, "user")
    if arguments.evaluate:
        return _evaluate(arguments)
    with Interruption() as interruption:
        model = trained_model(arguments, lambda: interruption.wished)
        known = known_ratings(model.ratings, arguments.ratings, model.factors.range)
        features = user_features(model.ratings)
        cold = ColdStart(model.ratings, model.factors, model.samples, features=features.table)
        cold, told = cold_start_told(cold, features, arguments.facts)
        interruption.heed()
    if arguments.questionnaire is not None:
        known = _asked(model, cold, known, arguments.questionnaire)
    method = arguments.method or usual_method(cold)
    found = make_new_user_report(
        model, cold, known, method, like=arguments.like, n=arguments.n, min_ratings=arguments.min_ratings
    )
    if known.twice:
        say(f"{', '.join(known.twice)} given more than once: the last rating counts.")
    for sentence in found.unknown:
        say(f"left out: {sentence}")
    if told.sentence:
        say(told.sentence)
    if arguments.json:
        print_json(facts(model, found, told))
    else:
        print("\n".join(lines(model, found)))
    return 0


def _asked(model: TrainedModel, cold: ColdStart, known: KnownRatings, n: int) -> KnownRatings:
    """The ratings with those that the person at the terminal gave."""
    if not model.ratings.n_ratings:
        raise ValueError("Without ratings nobody knows which movies people know: give FILE the ratings too.")
    asking = Questionnaire(cold.prior, model.ratings)
    answers = ask_ratings(
        asking, model.ratings, known.by_movie, n, lambda value: check_scale(model.ratings, value, model.factors.range)
    )
    return KnownRatings(answers, known.unknown, known.twice)


def facts(model: TrainedModel, found: NewUserReport, told: ToldFacts) -> dict[str, object]:
    """What ``--json`` prints; scripts depend on the names."""
    guess = found.guess
    biased = model.factors.has_bias
    return {
        "model": model.model,
        "weights": model.note,
        "method": guess.method,
        "like": found.like or None,
        "n_ratings": found.n_ratings,
        "n_unknown": len(found.unknown),
        "unknown": list(found.unknown),
        "facts": list(told.known),
        "unknown_facts": list(told.unknown),
        "n_unknown_facts": len(told.unknown),
        "by_facts": told.helps,
        "n_draws": guess.n_draws,
        "sigma": found.sigma,
        "bias": float(guess.weights[-1]) if biased else None,
        "vector": (guess.weights[:-1] if biased else guess.weights).tolist(),
        "recommendations": [asdict(row) for row in found.rows],
    }


def lines(model: TrainedModel, found: NewUserReport) -> list[str]:
    """The same in words and a table."""
    like = f" of user {found.like}" if found.like else ""
    draws = f" over {counted(found.guess.n_draws, 'draw')}" if found.guess.n_draws else ""
    unknown = f", {counted(len(found.unknown), 'rating')} left out" if found.unknown else ""
    said = [model.note, f"{found.guess.method}{like}{draws}, after {counted(found.n_ratings, 'rating')}{unknown}", ""]
    spread = found.guess.sd is not None
    if not found.rows:
        return [*said, "Nothing to list: no unrated movie has so many ratings. Ask for fewer with --min-ratings."]
    said.append(f"{'rank':>4}  prediction{'    ±' if spread else ''}  mean user  item mean  ratings  movie")
    for rank, row in enumerate(found.rows, start=1):
        sd = "" if row.sd is None else f" {row.sd:4.2f}"
        title = f"{row.movie} · {row.title}" if row.title else row.movie
        said.append(
            f"{rank:>4}  {row.prediction:10.2f}{sd}  {row.by_mean:9.2f}  {_number(row.item_mean):>9}"
            f"  {row.n_ratings:>7,}  {title}"
        )
    return said


def _number(number: float) -> str:
    return f"{number:.2f}" if math.isfinite(number) else "-"


def _usual_held_out(ratings: Ratings) -> int:
    """As many users as are usual, yet half of those with ratings at most: the others are to be learnt from."""
    return max(1, min(ColdStartChoice.n_users, int((ratings.user_counts > 0).sum()) // 2))


def _evaluate(arguments: Namespace) -> int:
    """Hold users out and show how well each method predicts them."""

    def measure(wished: Wished) -> ColdStartEvaluation:
        n_users = arguments.hold_users or _usual_held_out(wished.document.ratings)
        choice = ColdStartChoice(n_users=n_users, seed=wished.hyperparameters.seed)
        return evaluate_cold_start(
            wished.document,
            wished.hyperparameters,
            wished.length,
            choice,
            on_report=wished.on_report,
            stop=wished.stop,
        )

    found = measured(arguments, measure)
    if arguments.json:
        print_json(evaluation_facts(found))
    else:
        print("\n".join(evaluation_lines(found)))
    return 0


def evaluation_facts(found: ColdStartEvaluation) -> dict[str, object]:
    """What ``--evaluate --json`` prints; scripts depend on the names."""
    return {
        "weights": found.note,
        "n_users": found.n_users,
        "n_ratings": found.n_ratings,
        "n_unknown": found.n_unknown,
        "n_draws": found.n_draws,
        "given": list(found.given),
        "mse": {name: list(figures) for name, figures in found.mse.items()},
        "sd": list(found.sd),
        "falls": found.falls,
        "facts_help": found.facts_help,
        "facts_sentence": found.facts_sentence or None,
    }


def evaluation_lines(found: ColdStartEvaluation) -> list[str]:
    """The same in words and a table."""
    of_nobody = f"; {counted(found.n_unknown, 'rating')} of movies nobody else rated" if found.n_unknown else ""
    said = [
        found.note,
        f"{counted(found.n_users, 'user')} held out, {counted(found.n_ratings, 'rating')} predicted{of_nobody}",
        "",
        f"{'MSE after':<24}" + "".join(f"{n:>8}" for n in found.given) + "  ratings",
    ]
    for name, figures in found.mse.items():
        said.append(f"{LABELS[name]:<24}" + "".join(f"{figure:8.4f}" for figure in figures))
    said.append(f"{'Bayesian: mean ±':<24}" + "".join(f"{figure:8.4f}" for figure in found.sd))
    best = min(found.mse, key=lambda name: found.mse[name][-1])
    said += ["", f"After {found.given[-1]} ratings {LABELS[best]} has the lowest error."]
    return [*said, found.facts_sentence] if found.facts_sentence else said
