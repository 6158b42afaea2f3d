"""What is known of users besides ratings, from the file that lies beside the ratings, as texts such as "age 25-34|M".

MovieLens 100K has ``u.user`` (id|age|gender|occupation|zip code) and MovieLens 1M ``users.dat`` (id::gender::code of
age::code of occupation::zip code). Any other table may have a ``users.csv``: a header, the user's id in the first
column, and in each of the others something that is known:

- a column of numbers with up to ``MAX_NUMBERS`` different values gives facts such as "children 2", and with more of
  them ``BINS`` groups of about equally many users, "age 18 to 24";
- a column of other texts with up to ``MAX_TEXTS`` different values gives facts such as "country Peru", where at least
  two users have that value;
- all else is left out, and said so: names and addresses say nothing of others, and need not lie in more files.

Zip codes are always left out: they would tell who somebody is rather than what somebody likes.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.ratings import Ratings

AGE_GROUPS = ("under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56+")
"""The groups of ages in MovieLens 1M, ``AGE_STARTS`` being their codes there."""

AGE_STARTS = (1, 18, 25, 35, 45, 50, 56)

OCCUPATIONS = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman",
    "unemployed", "writer",
)  # fmt: skip
"""The occupations of MovieLens 1M by their codes, as its README lists them."""

MAX_NUMBERS = 10
MAX_TEXTS = 50
BINS = 5

_LEFT_OUT = ("zip", "postal", "postcode")


@dataclass(frozen=True)
class UserFacts:
    """``facts`` (joined by "|") by user id as text, from ``file``; ``remarks`` say what was left out."""

    facts: Mapping[str, str]
    file: str
    remarks: tuple[str, ...] = ()

    def share_of(self, ratings: Ratings) -> float:
        """The share of the users of a table of whom something is known."""
        return sum(raw_id in self.facts for raw_id in ratings.user_ids) / max(ratings.n_users, 1)

    def joined(self, ratings: Ratings) -> tuple[Ratings, tuple[str, ...]]:
        """The ratings with the facts about their users, and remarks; as they are where nobody's are known."""
        known = {raw_id: self.facts[raw_id] for raw_id in ratings.user_ids if raw_id in self.facts}
        if not known:
            return ratings, (*self.remarks, f"{self.file} knows none of the users with ratings.")
        return replace(ratings, user_facts=known), self.remarks


def parse_user_facts(data: bytes, file: str) -> UserFacts:
    """From the bytes of u.user, users.dat or users.csv, told apart by the name ``file``. Lines that fit nothing are
    left out.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = text.removeprefix("\ufeff")
    lower = file.lower()
    if lower.endswith(".dat"):
        return UserFacts(_by_id(text, "::", _dat_facts), file)
    if lower == "u.user":
        return UserFacts(_by_id(text, "|", _item_facts), file)
    return _csv_facts(text, file)


def _by_id(text: str, separator: str, facts_of: Callable[[Sequence[str]], Iterator[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.split("\n"):
        parts = line.rstrip("\r").split(separator)
        if len(parts) >= 4:
            facts = "|".join(_plain(fact) for fact in facts_of(parts) if fact.strip())
            if facts:
                found.setdefault(parts[0], facts)
    return found


def _item_facts(parts: Sequence[str]) -> Iterator[str]:
    """Of a line of ``u.user``: id, age, gender, occupation, zip code."""
    yield _age(parts[1])
    yield parts[2].strip()
    occupation = parts[3].strip()
    yield "no occupation" if occupation == "none" else occupation


def _dat_facts(parts: Sequence[str]) -> Iterator[str]:
    """Of a line of ``users.dat``: id, gender, code of age, code of occupation, zip code."""
    yield _age(parts[2])
    yield parts[1].strip()
    code = parts[3].strip()
    yield OCCUPATIONS[int(code)] if code.isdecimal() and int(code) < len(OCCUPATIONS) else ""


def _age(text: str) -> str:
    """The group of an age, "" for what is none; the codes of MovieLens 1M are the first ages of the groups."""
    if not text.strip().isdecimal():
        return ""
    age = int(text)
    places = [place for place, start in enumerate(AGE_STARTS) if age >= start]
    return f"age {AGE_GROUPS[places[-1]]}" if places else ""


def _csv_facts(text: str, file: str) -> UserFacts:
    header, rows = _csv_rows(text)
    facts: dict[str, list[str]] = {raw_id: [] for raw_id in rows}
    left_out = []
    for place, name in enumerate(header[1:], start=1):
        texts = [row[place].strip() if place < len(row) else "" for row in rows.values()]
        title = _plain(name)
        words = None if title.casefold().startswith(_LEFT_OUT) else _words(title, texts)
        if words is None:
            left_out.append(title)
            continue
        for own, fact in zip(facts.values(), words, strict=True):
            if fact:
                own.append(fact)
    remarks = (f"Of {file} {_listed(left_out)} left out.",) if left_out else ()
    return UserFacts({raw_id: "|".join(own) for raw_id, own in facts.items() if own}, file, remarks)


def _csv_rows(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """The header, and by id the first row of each user."""
    header: list[str] = []
    rows: dict[str, list[str]] = {}
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
            if number == 0:
                header = row
            elif row and row[0].strip():
                rows.setdefault(row[0].strip(), row)
    except csv.Error:  # a quote that never ends: what stands before it is good
        pass
    return header, rows


def _words(title: str, texts: Sequence[str]) -> list[str] | None:
    """The fact of each user in a column, "" for none; None for a column that says nothing of others."""
    counts = Counter(text for text in texts if text)
    numbers = {text: _number(text) for text in counts}
    if len(counts) > MAX_NUMBERS and all(number is not None for number in numbers.values()):
        return _binned(title, [numbers[text] if text else None for text in texts])
    if len(counts) > MAX_TEXTS or not any(n > 1 for n in counts.values()):
        return None
    return [f"{title} {_plain(text)}" if counts[text] > 1 else "" for text in texts]


def _plain(text: str) -> str:
    """Without the signs that stand between facts."""
    return " ".join(text.replace("|", " ").replace(",", " ").split())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _binned(title: str, numbers: Sequence[float | None]) -> list[str]:
    """Groups of about equally many users, named by the least and the greatest number in each."""
    known = np.array([number for number in numbers if number is not None])
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    places = np.searchsorted(edges, known, side="right")
    names = {}
    for place in np.unique(places).tolist():
        own = known[places == place]
        least, most = float(own.min()), float(own.max())
        names[place] = f"{title} {least:g}" if least == most else f"{title} {least:g} to {most:g}"
    found = iter(places.tolist())
    return ["" if number is None else names[next(found)] for number in numbers]


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"the column {names[0]} is"
    return f"the columns {', '.join(names[:-1])} and {names[-1]} are"
