"""Reading: what the pages beside the sheet read of a session, as immutable values that any thread may have."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.app.session import Session
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples


@dataclass(frozen=True, eq=False)
class Reading:
    """The ratings and the weights of one sheet at one moment.

    ``ratings`` are all of the table, those hidden and held out included; ``factors`` (n_users, n_movies of these) the
    weights of ``model``, shown on the sheet named ``sheet``. ``samples`` are the draws of Gibbs sampling while the
    weights are the newest of them and the draws are of the whole table; else None.
    """

    ratings: Ratings
    factors: Factors
    model: str
    sheet: str
    samples: Samples | None = None

    def same_as(self, other: Reading | None) -> bool:
        """Whether both hold the very same objects, so that nothing need be computed again."""
        return other is not None and (
            self.ratings is other.ratings
            and self.factors is other.factors
            and self.model == other.model
            and self.samples is other.samples
        )


def reading_of(session: Session) -> Reading:
    """What there is to read now: all ratings, and the weights of the active sheet."""
    sheet = session.sheet(session.active)
    samples = sheet.present_samples if sheet.trained_on is None else None
    return Reading(session.ratings, sheet.factors, session.active, MODELS[session.active].sheet, samples)
