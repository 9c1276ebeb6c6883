"""The cities' colours in charts."""

from __future__ import annotations

# Okabe–Ito, and grey for the ninth; a city keeps its colour whatever else a chart shows. «ink» follows the page.
COLOURS: dict[str, str] = {
    "310117": "ink",
    "320500": "#E69F00",
    "330400": "#56B4E9",
    "330100": "#009E73",
    "330700": "#D9C72B",
    "330500": "#0072B2",
    "341800": "#D55E00",
    "340200": "#CC79A7",
    "340100": "#8C8C8C",
}
