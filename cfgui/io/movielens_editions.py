"""The editions of MovieLens that GroupLens offers: what each holds, where it lies, and on which conditions.

Sizes and SHA-256 sums are those of the archives as published; several public projects record the same ones. An edition
that GroupLens makes anew now and then (``changing``) has no fixed sum, and its figures are those of its latest known
making.
"""

from __future__ import annotations

from dataclasses import dataclass

BASE_URL = "https://files.grouplens.org/datasets/movielens/"

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on"
    " Interactive Intelligent Systems (TiiS) 5, 4, Article 19. https://doi.org/10.1145/2827872"
)


@dataclass(frozen=True)
class Edition:
    """One archive. ``n_movies`` counts the movies with a rating, ``n_bytes`` the packed size.

    ``sha256`` is None where the archive may change; ``shareable`` tells whether its licence allows passing it on.
    """

    id: str
    title: str
    year: int
    n_bytes: int
    n_ratings: int
    n_users: int
    n_movies: int
    sha256: str | None
    shareable: bool
    scale: str = "half stars from 0.5 to 5"
    changing: bool = False

    @property
    def file_name(self) -> str:
        """The name of the archive."""
        return f"{self.id}.zip"

    @property
    def url(self) -> str:
        """Where GroupLens offers it, over HTTPS."""
        return BASE_URL + self.file_name


EDITIONS: tuple[Edition, ...] = (
    Edition(
        "ml-latest-small", "MovieLens latest, small", 2018, 978_202, 100_836, 610, 9_724, None, True, changing=True
    ),
    Edition(
        "ml-100k",
        "MovieLens 100K",
        1998,
        4_924_029,
        100_000,
        943,
        1_682,
        "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
        False,
        "whole stars from 1 to 5",
    ),
    Edition(
        "ml-1m",
        "MovieLens 1M",
        2003,
        5_917_549,
        1_000_209,
        6_040,
        3_706,
        "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
        False,
        "whole stars from 1 to 5",
    ),
    Edition(
        "ml-10m",
        "MovieLens 10M",
        2009,
        65_566_137,
        10_000_054,
        69_878,
        10_677,
        "813c411ccb6122564edfe752e7f80c4dcc5aa25fa94c93622f6877a7ba252862",
        False,
    ),
    Edition(
        "ml-20m",
        "MovieLens 20M",
        2016,
        198_702_078,
        20_000_263,
        138_493,
        26_744,
        "96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
        False,
    ),
    Edition(
        "ml-25m",
        "MovieLens 25M",
        2019,
        261_978_986,
        25_000_095,
        162_541,
        59_047,
        "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
        False,
    ),
    Edition(
        "ml-32m",
        "MovieLens 32M",
        2024,
        238_950_008,
        32_000_204,
        200_948,
        84_432,
        "e4a68655d7386b8f95f2f2424b2ff975dfdd15ffd59e0d864a14dca43e99d6ee",
        True,
    ),
    Edition(
        "ml-latest", "MovieLens latest, full", 2023, 350_900_000, 33_832_162, 330_975, 83_239, None, True, changing=True
    ),
)
"""Every edition, the smallest first."""

EDITION_BY_ID: dict[str, Edition] = {edition.id: edition for edition in EDITIONS}


def licence_notice(edition: Edition) -> str:
    """What a person accepts by downloading an edition: its conditions in plain words, and what to cite."""
    sharing = (
        "You may pass it on, changed or not, as long as these same conditions go with it."
        if edition.shareable
        else "You may not pass it on without separate permission."
    )
    lines = [
        f"{edition.title} belongs to GroupLens Research, University of Minnesota. It may be used for research, on these"
        " conditions:",
        "",
        "- Neither state nor suggest that the University of Minnesota or GroupLens endorses what you do with it.",
        "- Acknowledge it in every publication that results from it; the paper to cite stands below.",
        f"- {sharing}",
        "- No commercial use, nor any that brings in revenue, without first asking a faculty member of the GroupLens"
        " Research Project.",
        "",
        "There is no guarantee that the data is correct or fit for any purpose, and no liability for damage from its"
        " use. The full text is the README inside the archive; it is what counts.",
    ]
    if edition.changing:
        lines += [
            "",
            "GroupLens makes this edition anew now and then, so it is not one to publish results on; the numbered"
            " editions stay as they are.",
        ]
    return "\n".join([*lines, "", f"To cite: {CITATION}"])
