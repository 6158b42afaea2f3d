"""Options of the model: what it predicts, what of it is trained, and which loss says how well."""

from __future__ import annotations

from cfgui.core.option import Option

MODEL_OPTIONS: tuple[Option, ...] = (
    Option(
        "model",
        "--model",
        str,
        "dot",
        "Model",
        "dot: user factors . movie factors; bias: the same plus a bias per user and per movie; neural: a neural net on"
        " both embeddings side by side; ordinal: that net with one output per rating value.",
        choices=("dot", "bias", "neural", "ordinal"),
        choice_labels=("Dot product", "Dot product + bias", "Neural net", "Ordinal net"),
    ),
    Option(
        "global_mean",
        "--global-mean",
        str,
        "off",
        "Mean",
        "on: the bias model adds the mean of the ratings it trains on, so that biases say how far from it.",
        choices=("off", "on"),
        choice_labels=("Without the mean", "Plus the mean"),
    ),
    Option(
        "range",
        "--range",
        str,
        "none",
        "Range",
        "How a score becomes a prediction: as it is, clipped to the range, or bent into it by a sigmoid or tanh.",
        choices=("none", "clip", "sigmoid", "tanh"),
        choice_labels=("No range", "Clip", "Sigmoid", "tanh"),
    ),
    Option(
        "low",
        "--low",
        float,
        None,
        "Low",
        "The low end of the range; the lowest rating where not given. The fast.ai book takes 0, the blog 1.",
        low=-1e6,
        high=1e6,
    ),
    Option(
        "high",
        "--high",
        float,
        None,
        "High",
        "The high end of the range; the highest rating where not given. The book takes 5.5, since a sigmoid never"
        " reaches its ends.",
        low=-1e6,
        high=1e6,
    ),
    Option(
        "loss",
        "--loss",
        str,
        "mse",
        "Loss",
        "mse: mean squared residual; bce: binary cross-entropy of the rating's place in the range, which needs the"
        " sigmoid. The ordinal net always takes the cross-entropy of its classes.",
        choices=("mse", "bce"),
        choice_labels=("Squared error", "Binary cross-entropy"),
    ),
    Option(
        "hidden",
        "--hidden",
        str,
        "10",
        "Hidden",
        "Units of each hidden layer of a net, such as 10 or 100,50.",
    ),
    Option(
        "dropout",
        "--dropout",
        float,
        0.05,
        "Dropout",
        "The share of a net's embeddings and hidden units that is set to zero at random in each training step.",
        low=0.0,
        high=0.95,
    ),
    Option(
        "freeze",
        "--freeze",
        str,
        "none",
        "Freeze",
        "Tables that training leaves as they are.",
        choices=("none", "users", "movies", "both"),
        choice_labels=("Train all", "Freeze users", "Freeze movies", "Freeze both"),
    ),
)
"""In the order of forms and help."""
