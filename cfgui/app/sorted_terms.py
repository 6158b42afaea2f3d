"""The terms of a prediction in another order: what every movie has first, then the products that count most."""

from __future__ import annotations

MOST_TERMS = 10
"""Products drawn one by one; of more only those that count most."""
