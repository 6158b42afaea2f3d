"""Predictions of every cell of a small session, which the program itself only computes cell by cell."""

from cfgui.app.session import Session
from cfgui.core.models import predict_all
from cfgui.core.ratings import Floats


def all_predictions(session: Session, model: str) -> Floats:
    """(n_users, n_movies) predictions at the present weights."""
    return predict_all(session.sheet(model).factors)
