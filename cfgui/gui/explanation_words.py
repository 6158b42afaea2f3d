"""The words of the explanation panel: what it writes, and what it tells a screen reader instead of its bars."""

from __future__ import annotations

import math

from cfgui.app.explanation import Derivative, Explanation, Term

RATED_MARK = "← rated"
"""What stands beside the probability of the rating that was given."""

HINT = "Select a prediction to see what it is made of."


def number(value: float, decimals: int = 2) -> str:
    """A number with a true minus sign and no negative zero: "0.41", "−1.15"."""
    if not math.isfinite(value) or abs(value) >= 1e6:
        return f"{value:.1e}".replace("-", "−")
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def signed(value: float) -> str:
    """A number with its sign: "+0.47", "−1.15", "0.00"."""
    text = number(value)
    return f"+{text}" if math.isfinite(value) and float(f"{value:.2f}") > 0 else text


def slope(value: float) -> str:
    """A derivative to four significant digits: "0.01105"."""
    return f"{value:.4g}".replace("-", "−")


def rating_words(rating: float | None) -> str:
    """ "rated 4.5" or "not rated"."""
    return "not rated" if rating is None else f"rated {rating:g}"


def prediction_words(explanation: Explanation) -> str:
    """The prediction, with its standard deviation where there is one: "3.90 ± 0.40"."""
    value = math.nan if explanation.prediction is None else explanation.prediction
    return number(value) if explanation.spread is None else f"{number(value)} ± {number(explanation.spread)}"


def step_words(explanation: Explanation) -> str:
    """How the prediction follows from the terms: "sigmoid(0.8712) × 5.5 + 0 = 3.8714"; "" where it is their sum."""
    if not explanation.step or explanation.prediction is None:
        return ""
    return f"{explanation.step} = {number(explanation.prediction, 4)}".replace("-", "−")


def parts_words(term: Term) -> str:
    """The numbers a term is made of: "0.41×1.15"."""
    return "×".join(number(part) for part in term.parts)


def term_numbers(explanation: Explanation, term: Term) -> str:
    """What stands before a bar: the numbers of a product or sum, or a probability."""
    return f"{100 * term.parts[0]:.0f} %" if explanation.shares else parts_words(term)


def head(explanation: Explanation) -> str:
    """The bold beginning of the title: the question, or which weight or cell it is."""
    if explanation.prediction is not None:
        return f"Why {number(explanation.prediction)}?"
    return explanation.title.partition(" · ")[0]


def rest(explanation: Explanation) -> str:
    """The rest of the title: whose prediction, or the value of the cell and the title of its movie."""
    if explanation.prediction is not None:
        return explanation.title
    value = "" if explanation.value is None else f"= {number(explanation.value, 4)}"
    return " · ".join(part for part in (value, explanation.title.partition(" · ")[2]) if part)


def derivative_weight(derivative: Derivative) -> str:
    """The first half of the derivative line: of what."""
    return f"d loss / d {derivative.weight}:"


def derivative_numbers(derivative: Derivative) -> str:
    """The second half of the derivative line: estimated and exact."""
    how = f"{derivative.scheme}, h {derivative.epsilon:g}"
    return f"estimated {slope(derivative.estimate)} ({how}) · exact {slope(derivative.exact)}"


def lesson(derivative: Derivative) -> str:
    """What the sign of a derivative means for the next step."""
    if derivative.exact > 0:
        return "Raising this weight raises the loss, so descent lowers it."
    if derivative.exact < 0:
        return "Raising this weight lowers the loss, so descent raises it."
    return "The loss is flat here: descent leaves this weight alone."


def term_words(term: Term, total: float) -> str:
    """One bar in words: "factor 1: 0.41 × 1.15 = 0.47, total 0.47"."""
    product = f"{' × '.join(number(part) for part in term.parts)} = " if len(term.parts) > 1 else ""
    return f"{term.label}: {product}{number(term.value)}, total {number(total)}"


def term_tip(term: Term, total: float) -> str:
    """One bar in words, to six digits."""
    product = " × ".join(number(part, 6) for part in term.parts)
    sentence = f"{term.label}: {product} = {number(term.value, 6)}; total so far {number(total, 6)}"
    return f"{sentence}\n{term.detail}" if term.detail else sentence


def labels(explanation: Explanation) -> tuple[list[str], list[str]]:
    """The words and the numbers that stand before the bars."""
    if explanation.prediction is not None:
        names = [term.label for term in explanation.terms] + ["prediction ", "not rated "]
        terms = [term_numbers(explanation, term) for term in explanation.terms]
        return names, [*terms, f"{prediction_words(explanation)} "]
    if explanation.derivative is not None:
        return ["estimated"], [slope(explanation.derivative.estimate), slope(explanation.derivative.exact)]
    return [], []


def spoken(explanation: Explanation | None) -> str:
    """All that the picture shows, as sentences."""
    if explanation is None:
        return HINT
    sentences = [f"{head(explanation)} {rest(explanation)}".strip()]
    total = 0.0
    for term in explanation.terms:
        total += term.value
        sentences.append(term_words(term, total))
    if explanation.prediction is not None:
        if explanation.step:
            sentences.append(step_words(explanation))
        sentences.append(f"prediction {prediction_words(explanation)}")
        sentences.append(rating_words(explanation.rating))
        if explanation.rating is not None:
            sentences[-1] += f", residual {signed(explanation.rating - explanation.prediction)}"
    elif explanation.derivative is None and explanation.numbers:
        sentences.append(explanation.numbers)
    if explanation.derivative is not None:
        derivative = explanation.derivative
        sentences.append(f"{derivative_weight(derivative)} {derivative_numbers(derivative)}")
        if explanation.prediction is None:
            sentences.append(lesson(derivative).rstrip("."))
    return ". ".join(sentences) + "."
