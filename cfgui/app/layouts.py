"""Where the cells of each model's sheet stand, for the addresses and formulas on screen."""

from __future__ import annotations

from functools import lru_cache

from cfgui.core.factors import Factors
from cfgui.io.net_layout import NetLayout
from cfgui.io.workbook_layout import EmbeddingLayout, SheetLayout, embedding_layout


def layout_of(n_users: int, n_movies: int, n_ratings: int, factors: Factors) -> SheetLayout | NetLayout:
    """The layout of the sheet that shows so many users, movies and ratings of these weights."""
    if factors.layers:
        return _known_net(NetLayout.of(n_users, n_movies, n_ratings, factors))
    return _known_sheet(SheetLayout.of(n_users, n_movies, factors))


def lookups_layout(n_users: int, n_movies: int, n_ratings: int, factors: Factors) -> EmbeddingLayout:
    """The layout of ``movielens_emb`` with so many lines."""
    return _known_lookups(embedding_layout(n_users, n_movies, n_ratings, factors))


# A layout works its places out once: that of the time before is taken where it is the same.


@lru_cache(maxsize=8)
def _known_sheet(layout: SheetLayout) -> SheetLayout:
    return layout


@lru_cache(maxsize=8)
def _known_net(layout: NetLayout) -> NetLayout:
    return layout


@lru_cache(maxsize=8)
def _known_lookups(layout: EmbeddingLayout) -> EmbeddingLayout:
    return layout
