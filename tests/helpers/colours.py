"""Colour measures for tests, computed independently of the program."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
DEFICIENCIES = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}


def linear(colour: QColor) -> np.ndarray:
    """Linear-light RGB, 0 to 1."""
    channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour: QColor) -> float:
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(first: QColor, second: QColor) -> float:
    """WCAG 2.2 contrast ratio."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: QColor, deficiency: str | None = None) -> np.ndarray:
    """CIE L*a*b* (D65), as seen with a colour vision deficiency where one is named."""
    light = linear(colour)
    if deficiency is not None:
        light = np.clip(np.array(DEFICIENCIES[deficiency]) @ light, 0, 1)
    xyz = (
        np.array(
            ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
        )
        @ light
        / (0.95047, 1.0, 1.08883)
    )
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def distance(first: QColor, second: QColor, deficiency: str | None = None) -> float:
    """CIE76 colour difference."""
    return float(np.linalg.norm(lab(first, deficiency) - lab(second, deficiency)))


def pixels(image: QImage) -> np.ndarray:
    """(height, width, 4) red, green, blue, alpha of an image, in device pixels."""
    converted = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(converted.constBits(), dtype=np.uint8).reshape(converted.height(), converted.bytesPerLine())
    return flat[:, : 4 * converted.width()].reshape(converted.height(), converted.width(), 4).copy()


def count(image: QImage, colour: QColor) -> int:
    """How many opaque pixels have exactly this colour."""
    return int((pixels(image) == colour.getRgb()).all(axis=2).sum())
