"""Where links into a chapter land, for the tests of the book."""

import re


def anchor(heading: str) -> str:
    """The anchor of a heading, as MyST and GitHub make it: in lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
