"""Options of the simulation of feedback loops, each declared once: for the form, the command line and the checks."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cfgui.core.option import Option

FEEDBACK_OPTIONS: tuple[Option, ...] = (
    Option(
        "enthusiasts",
        "--enthusiasts",
        float,
        0.01,
        "Enthusiasts",
        "The share of users, from 0 to 1, who have rated every movie of one genre, with the highest rating they can.",
        low=0.0,
        high=0.5,
    ),
    Option(
        "genre",
        "--genre",
        str,
        "",
        "Genre",
        "The genre the enthusiasts love; by default one that few others rate.",
    ),
    Option(
        "exploration_kind",
        "--exploration-kind",
        str,
        "random",
        "Explore by",
        "random: some places go to unseen movies drawn at random; thompson: every score gets a draw from its"
        " uncertainty, which is the larger the fewer ratings a movie has.",
        choices=("random", "thompson"),
        choice_labels=("Random places", "Thompson sampling"),
    ),
    Option(
        "exploration",
        "--exploration",
        float,
        0.0,
        "Exploration",
        "How much is explored: the share of random places, or of the uncertainty that Thompson sampling draws; 0 to 1.",
        low=0.0,
        high=1.0,
    ),
    Option(
        "debiasing",
        "--debiasing",
        str,
        "none",
        "Debiasing",
        "none; weights: training counts a rating the less the more likely it was given at all (inverse propensity);"
        " popularity: a movie goes down the list the more ratings it has.",
        choices=("none", "weights", "popularity"),
        choice_labels=("None", "Inverse propensity", "Popularity penalty"),
    ),
    Option(
        "debiasing_strength",
        "--debiasing-strength",
        float,
        1.0,
        "Strength",
        "How strong the debiasing is: the power of the weights, or how many times 0.3 stars a doubling costs.",
        low=0.0,
        high=3.0,
    ),
    Option(
        "habit",
        "--habit",
        float,
        0.1,
        "Habit",
        "Stars that every movie somebody watches and rates adds to his or her liking of its genre: people come to like"
        " what they are shown. With 0 tastes never change.",
        low=0.0,
        high=1.0,
    ),
    Option(
        "rounds",
        "--rounds",
        int,
        20,
        "Rounds",
        "How many times the model is trained anew, recommends, and is answered with ratings.",
        low=1,
        high=200,
    ),
    Option(
        "shown",
        "--shown",
        int,
        5,
        "Shown",
        "How many unseen movies everybody is recommended in a round.",
        low=1,
        high=50,
    ),
    Option(
        "response",
        "--response",
        float,
        0.3,
        "Rated",
        "The chance that somebody watches and rates a movie shown, where it is neither liked nor disliked; 0 to 1.",
        low=0.0,
        high=1.0,
    ),
    Option(
        "pickiness",
        "--pickiness",
        float,
        1.0,
        "Pickiness",
        "How much that chance rises with the liking: at 1 by as much as the liking is above the average, as a share of"
        " the whole scale.",
        low=0.0,
        high=5.0,
    ),
    Option(
        "noise",
        "--noise",
        float,
        0.5,
        "Noise",
        "The spread, in stars, of a rating around what the person really thinks of the movie.",
        low=0.0,
        high=3.0,
    ),
    Option(
        "n_users",
        "--world-users",
        int,
        600,
        "Users",
        "How many users the world has; of a file at most those with the most ratings.",
        low=2,
        high=2000,
    ),
    Option(
        "n_movies",
        "--world-movies",
        int,
        400,
        "Movies",
        "How many movies the world has; of a file at most those with the most ratings.",
        low=2,
        high=2000,
    ),
    Option(
        "model_factors",
        "--model-factors",
        int,
        3,
        "Factors",
        "Latent factors of the model that recommends, which is not the one that tastes come from.",
        low=1,
        high=50,
    ),
    Option(
        "model_lambda",
        "--model-lambda",
        float,
        5.0,
        "Lambda",
        "How strongly that model, solved by ALS, pulls its weights towards 0.",
        low=0.01,
        high=1000.0,
    ),
    Option(
        "world_seed",
        "--world-seed",
        int,
        42,
        "Seed",
        "The number that the world and all its chances grow from: the same seed gives the same simulation.",
        low=0,
        high=2**63 - 1,
    ),
)
"""In the order of forms and help."""

FEEDBACK_OPTION_BY_NAME = {option.name: option for option in FEEDBACK_OPTIONS}


@dataclass(frozen=True)
class FeedbackChoices:
    """One complete set of choices of a simulation; field names are those of ``FEEDBACK_OPTIONS``.

    Raises ValueError, one plain sentence, where one is not allowed.
    """

    enthusiasts: float = 0.01
    genre: str = ""
    exploration_kind: str = "random"
    exploration: float = 0.0
    debiasing: str = "none"
    debiasing_strength: float = 1.0
    habit: float = 0.1
    rounds: int = 20
    shown: int = 5
    response: float = 0.3
    pickiness: float = 1.0
    noise: float = 0.5
    n_users: int = 600
    n_movies: int = 400
    model_factors: int = 3
    model_lambda: float = 5.0
    world_seed: int = 42

    def __post_init__(self) -> None:
        for field in fields(self):
            FEEDBACK_OPTION_BY_NAME[field.name].check(getattr(self, field.name))
