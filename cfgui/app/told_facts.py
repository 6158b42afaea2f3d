"""Facts about a new user as a person typed them: which of them the table knows, and what they change."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.core.cold_start import ColdStart
from cfgui.core.user_features import FEWEST_USERS, UserFeatures, facts_in


@dataclass(frozen=True)
class ToldFacts:
    """``known`` are features of the table's users, ``unknown`` are not and are left out.

    ``helps`` says whether facts were found to be better than the mean user: only then do they change anything.
    """

    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    helps: bool = False
    r_squared: float = 0.0

    @property
    def sentence(self) -> str:
        """What comes of them, honestly; "" where none were typed."""
        said = []
        if self.unknown:
            unknown = ", ".join(self.unknown)
            said.append(f"Left out, being known of fewer than {FEWEST_USERS} users of these ratings: {unknown}.")
        if self.known and self.helps:
            said.append(
                f"For users left out of the fit, the facts explain {self.r_squared:.1%} of what sets their vectors"
                " apart: the fold-in begins from what they say."
            )
        elif self.known:
            said.append("The facts say no more than the mean user does, so they change nothing.")
        return " ".join(said)


def cold_start_told(cold: ColdStart, features: UserFeatures, text: str) -> tuple[ColdStart, ToldFacts]:
    """``cold``, whose ``features`` are those of the table, for a user of whom ``text`` ("M|age 25-34") is known.

    Commas may stand between facts as well.
    """
    facts = facts_in(text.replace(",", "|"))
    row, unknown = features.of(facts)
    known = tuple(fact for fact in facts if fact not in unknown)
    told = cold.of(row)
    metadata = told.metadata if known else None
    if metadata is None:
        return told, ToldFacts(known, unknown)
    return told, ToldFacts(known, unknown, metadata.helps, metadata.r_squared)
