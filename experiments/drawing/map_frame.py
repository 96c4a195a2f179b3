"""Map frame: where a place stands on the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_RADIUS_KM, _FLATTENING = 6378.137, 1.0 / 298.257222101
"""Ellipsoid of GRS 80."""
_SCALE, _MERIDIAN, _FALSE_EAST_KM = 0.9996, 15.0, 500.0
"""UTM zone 33, Norway's zone for maps of the whole country."""


def utm33(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
    """East and north in UTM zone 33, in kilometres, of places in degrees; shape (places, 2).

    Krüger's series to third order in the third flattening, as in Karney (2011), Transverse Mercator with an accuracy
    of a few nanometers, Journal of Geodesy 85, equations 7-11, 14 and 35; good to a centimetre in all of Norway.
    Conformal: coasts keep their shape, and no distance in Norway is off by more than 0.5 %.
    """
    n = _FLATTENING / (2.0 - _FLATTENING)
    series = (n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16, 13 * n**2 / 48 - 3 * n**3 / 5, 61 * n**3 / 240)
    eccentricity = 2.0 * np.sqrt(n) / (1.0 + n)
    sine = np.sin(np.radians(np.asarray(latitude, dtype=np.float64)))
    off = np.radians(np.asarray(longitude, dtype=np.float64) - _MERIDIAN)
    t = np.sinh(np.arctanh(sine) - eccentricity * np.arctanh(eccentricity * sine))
    sphere = np.arctan2(t, np.cos(off)) + 1j * np.arcsinh(np.sin(off) / np.hypot(t, np.cos(off)))
    plane = sphere + sum(a * np.sin(2 * j * sphere) for j, a in enumerate(series, start=1))
    plane *= _SCALE * _RADIUS_KM / (1.0 + n) * (1.0 + n**2 / 4)
    return np.stack([_FALSE_EAST_KM + plane.imag, plane.real], axis=-1)


@dataclass(frozen=True)
class Frame:
    """Part of the country that a panel shows.

    Attributes
    ----------
    title
        Name of the part; empty for the whole country.
    turn
        Degrees that the map is turned anticlockwise: north points that much to the left.
    left, right, bottom, top
        Edges in kilometres, after turning.
    scale_at
        Left end of a scale bar where there is no land, in kilometres.
    counties
        Counties whose municipalities are shown; all if empty.
    """

    title: str
    turn: float
    left: float
    right: float
    bottom: float
    top: float
    scale_at: tuple[float, float]
    counties: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """Kilometres from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Kilometres from bottom to top."""
        return self.top - self.bottom

    def place(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
        """Where places in degrees stand, in kilometres; shape (places, 2)."""
        angle = np.radians(self.turn)
        matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return np.asarray(utm33(longitude, latitude) @ matrix)


WHOLE = Frame("", 34.0, -3935.0, -3350.0, 5345.0, 7250.0, (-3925.0, 7000.0))
"""The country upright: turned by its own slant, it fills a column of a page at twice the scale of a square map."""
_NORTHERN = ("18", "55", "56")
_SOUTHERN = ("03", "11", "15", "31", "32", "33", "34", "39", "40", "42", "46", "50")
HALVES = (
    Frame("Southern Norway", 0.0, -95.0, 480.0, 6435.0, 7255.0, (260.0, 6470.0), _SOUTHERN),
    Frame("Northern Norway", 0.0, 300.0, 1140.0, 7150.0, 7970.0, (900.0, 7200.0), _NORTHERN),
)
"""The country with north up, in two parts of the same scale that stand beside each other."""
