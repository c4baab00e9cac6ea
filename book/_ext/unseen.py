"""On a phone a section of a chapter is laid out as the reader comes to it (`_static/unseen.css`, `unseen.js`).

Until then it stands as high as is estimated here, so that the page is about as long as it will be: from its words,
lines of code, rows, formulas and pictures, in pixels of a page 390 wide, with what is deeper folded, and how much more
it is unfolded. The numbers are fitted to the chapters: a section is off by a twentieth, a chapter by less
(`tests/browser/test_unseen.py`).
"""

import re
from math import ceil, inf

import chapter_code
from parsed_pages import parsed

# What is counted, in turn; what was counted in one is not in the next: its pixels, letters in a line, pixels a line.
KINDS = [
    (".work", 0, inf, 0),
    ("details", 60, inf, 0),
    ("[data-explorable]", 1030, inf, 0),
    ("form", 365, inf, 0),
    ("table.pairs tbody tr, table:not(.stacked) tbody tr", 0, 50, 33),
    ("table.stacked tbody tr", 84, 28, 10),
    ("table", 80, inf, 0),
    (".line", 0, 38, 18),
    ("pre", 35, inf, 0),
    ("div.math", 91, inf, 0),
    ("figcaption", 0, 50, 39),
    ("li", 0, 43, 27),
    ("p, dd", 0, 47, 29),
    ("blockquote", 35, inf, 0),
    ("ul, ol, dl", 36, inf, 0),
]
HEADING, FOLDED, WIDE = 72, 150, 415  # WIDE: a drawing, with the room around it
HIGH = "--unseen: {folded:.0f}px; --unseen-deeper: {more:.0f}px"


def mark_chapter(app, docname, body):
    if chapter_code.chapter_of(docname):
        mark_sections(body)
        app.add_css_file("unseen.css")
        app.add_js_file("unseen.js", loading_method="defer")


def mark_sections(body):
    own = own_heights(body)
    for section in body.select("section section"):
        if len(section.find_parents("section")) <= 2:
            folded, whole = height(section, own, True), height(section, own, False)
            section["class"] = [*section.get("class", []), "unseen"]
            section["style"] = HIGH.format(folded=folded, more=whole - folded)


def height(section, own: dict[str, float], folded: bool) -> float:
    """Of a section with those in it, of which what is deeper may be folded."""
    return own[section["id"]] + sum(
        FOLDED if folded and "deeper" in part.get("class", []) else height(part, own, folded)
        for part in section.find_all("section", recursive=False)
    )


def own_heights(body) -> dict[str, float]:
    """Of each section without those in it, which are taken out of a copy before it."""
    return {section["id"]: own_height(section) for section in reversed(parsed(str(body)).select("section section"))}


def own_height(section) -> float:
    pictures = sum(map(drawn, section.select("svg.drawing:not(details *)")))
    total = HEADING + pictures + sum(counted(section, *kind) for kind in KINDS)
    section.decompose()
    return total


def counted(rest, selector: str, pixels: float, letters: float, line: float) -> float:
    """The height of what matches, which is taken out of the rest."""
    total = 0
    for part in rest.select(selector):
        if not part.decomposed:  # with what it stood in
            total += pixels + line * ceil(len(part.get_text()) / letters)
            part.decompose()
    return total


def drawn(drawing) -> float:
    _, _, width, height = map(float, re.split(r"[ ,]+", drawing["viewbox"]))
    return WIDE * height / width


def setup(app):
    app.connect("page-parsed", mark_chapter, priority=900)  # as the others leave them
    return {"parallel_read_safe": True, "parallel_write_safe": True}
