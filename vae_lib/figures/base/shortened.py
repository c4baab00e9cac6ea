"""Every chapter: the picture of a live figure, kept small."""

import re


def shortened(svg: str) -> str:
    """The SVG without its indents, and with its points to a tenth of a point, which halves it."""
    number = r"(-?\d+(?:\.\d)?)\d*"
    return re.sub(rf"([ML]) {number} {number}\s*", r"\1\2 \3", re.sub(r">\s+<", "><", svg))
