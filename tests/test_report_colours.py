"""The page's colours in numbers: apart for every eye, and strong enough against the map.

Colour blindness is simulated after Machado, Oliveira and Fernandes (2009), full severity, on linear
RGB; differences are those of CIE 1976 (L*a*b*), contrasts those of WCAG 2.
"""

import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

EYES = {
    "common": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = {
    ("cluster", "quasi", "none"): 20,
    ("pair-a", "pair-b"): 40,
    ("firm", "lab", "patent"): 30,
    ("good", "bad"): 40,
    ("stay-1", "stay-2", "stay-3", "stay-4"): 12,  # and by size
}
ON_THE_MAP = ("cluster", "quasi", "none", "firm", "lab", "patent", "pair-a", "pair-b", "tie")


@pytest.fixture(scope="module", params=["light", "dark"])
def colours(request):
    css = (files("geoclust.report") / "assets" / "page.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[: 1 + (request.param == "dark")]
    return {
        k: v for block in blocks for k, v in re.findall(r"--([a-z-]+\d?): (#[0-9a-f]{6})", block)
    }


def linear(colour):
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(colour, eye):
    return np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1)


def lab(rgb):
    share = XYZ @ rgb / WHITE
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a, b):
    low, high = sorted(float(XYZ[1] @ linear(one)) for one in (a, b))
    return (high + 0.05) / (low + 0.05)


def test_the_reference_holds():
    """White against black, and red against green as who sees no difference of them sees them."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lab(np.ones(3)) == pytest.approx([100, 0, 0], abs=0.01)
    common, deutan = (
        np.linalg.norm(lab(seen("#b03030", eye)) - lab(seen("#5a6a10", eye)))
        for eye in ("common", "deuteranopia")
    )
    assert deutan < common / 3


@pytest.mark.parametrize("group", APART, ids="-".join)
@pytest.mark.parametrize("eye", EYES)
def test_colours_that_tell_things_apart_are_apart_for_every_eye(colours, eye, group):
    for a, b in combinations(group, 2):
        far = np.linalg.norm(lab(seen(colours[a], eye)) - lab(seen(colours[b], eye)))
        assert far >= APART[group], f"{a} {colours[a]} and {b} {colours[b]}: {far:.0f}"


@pytest.mark.parametrize("ground", ["land", "sea", "panel"])
def test_what_is_drawn_on_the_map_stands_out(colours, ground):
    for name in ON_THE_MAP:
        assert contrast(colours[name], colours[ground]) >= 3, name


@pytest.mark.parametrize(
    "name", ["ink", "quiet", "link", "cluster", "quasi-ink", "pair-a", "pair-b"]
)
def test_text_can_be_read(colours, name):
    for ground in ("paper", "panel", "soft"):
        assert contrast(colours[name], colours[ground]) >= 4.5, ground
