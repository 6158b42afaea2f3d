"""The terms of a prediction in another order: what every movie has first, then the products that count most."""

from __future__ import annotations

import math

from cfgui.app.explanation import Term

MOST_TERMS = 10
"""Products drawn one by one; of more only those that count most."""


def sorted_terms(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Mean and biases first, then the products from the largest to the smallest size; beyond ten the rest as one."""
    plain = [term for term in reversed(terms) if len(term.parts) == 1]
    products = sorted((term for term in terms if len(term.parts) > 1), key=lambda term: -abs(term.value))
    shown = products[:MOST_TERMS] if len(products) > MOST_TERMS + 1 else products
    rest = products[len(shown) :]
    if rest:
        total = math.fsum(term.value for term in rest)
        shown.append(Term(f"{len(rest)} others", (total,), total, "the products that count least, together"))
    return (*plain, *shown)
