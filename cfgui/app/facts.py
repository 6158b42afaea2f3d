"""Facts about one user or one movie: how many ratings, their mean, and the bias."""

from __future__ import annotations

import numpy as np

from cfgui.app.session import Session
from cfgui.app.words import counted
from cfgui.core.ratings import Floats


def user_facts(session: Session, user: int) -> str:
    """ "2,391 ratings, mean 2.64; bias 0.31 on the bias sheet" of the user at an index."""
    return _facts(session.ratings.user_line(user)[1], session.sheet("bias").factors.user_bias, user)


def movie_facts(session: Session, movie: int) -> str:
    """The same of the movie at an index."""
    return _facts(session.ratings.movie_line(movie)[1], session.sheet("bias").factors.movie_bias, movie)


def _facts(values: Floats, bias: Floats | None, owner: int) -> str:
    mean = f", mean {values.mean(dtype=np.float64):.2f}" if len(values) else ""
    words = f"{counted(len(values), 'rating')}{mean}"
    return words if bias is None else f"{words}; bias {float(bias[owner]):.2f} on the bias sheet"
