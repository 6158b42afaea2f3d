"""Asking at the terminal: questions on stderr, so that what is printed on stdout stays a table or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from cfgui.core.questionnaire import Questionnaire
from cfgui.core.ratings import Ratings

HOW = "Rate each movie from {low:g} to {high:g}; Enter if you do not know it, q to stop."


def ask_ratings(
    asking: Questionnaire, ratings: Ratings, known: Mapping[int, float], n: int, check: Callable[[float], None]
) -> dict[int, float]:
    """``known`` ratings by movie index with those a person gives to ``n`` questions, or until "q" or the end of input.

    ``check`` raises ValueError where a rating cannot be: the question is then put again.
    """
    answers = dict(known)
    skipped: list[int] = []
    low, high = ratings.scale
    _show(HOW.format(low=low, high=high) + "\n")
    for number in range(1, n + 1):
        question = asking.next(answers, skipped)
        if question is None:
            break
        text = f"{number}/{n}  {ratings.movie_name(question.movie)} (known to {question.known:.0%}): "
        given = _answer(text, check)
        if given is None:
            break
        if given == "":
            skipped.append(question.movie)
        else:
            answers[question.movie] = float(given)
    return answers


def _answer(text: str, check: Callable[[float], None]) -> str | None:
    """A rating as text, "" for a movie nobody knows, None at the end."""
    while True:
        _show(text)
        line = sys.stdin.readline()
        typed = line.strip().replace(",", ".")
        if not line or typed.casefold() == "q":
            _show("\n")
            return None
        if typed in ("", "?"):
            return ""
        try:
            check(float(typed))
        except ValueError as error:
            _show(f"{error if str(error).startswith('A rating') else f'{typed} is no rating.'}\n")
        else:
            return typed


def _show(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)
