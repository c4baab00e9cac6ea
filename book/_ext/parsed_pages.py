"""Every page's HTML is parsed once, and the extensions that mend it get the tree: `chapter-parsed`, then `page-parsed`.

A page that is no chapter is parsed where it has a table. A set formula stands there as its text, and a drawing is
empty: their markup is more than half of all elements of a chapter, and nobody mends it.
"""

import re

import chapter_code
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

APART = re.compile(r'(<svg class="drawing"[^>]*>)(.*?)</svg>|<mjx-container.*?</mjx-container>', re.DOTALL)
PLACE = re.compile(r'<mjx-container n="(\d+)">.*?</mjx-container>', re.DOTALL)


def parse(app, docname, template, context, doctree):
    chapter = chapter_code.chapter_of(docname)
    if chapter or "<table" in context.get("body", ""):
        apart = []
        body = parsed(APART.sub(lambda found: put_apart(found, apart), context["body"]))
        if chapter:
            app.emit("chapter-parsed", docname, body)
        app.emit("page-parsed", docname, body)
        context["body"] = PLACE.sub(lambda place: apart[int(place[1])], str(body))


def put_apart(found: re.Match, apart: list[str]) -> str:
    """What stands in the place of a formula, its number and its text, or of a drawing's inside, the number alone."""
    opening, inside = found.groups()
    apart.append(inside if opening else found[0])
    words = "" if opening else re.sub("<.*?>", "", found[0])
    place = f'<mjx-container n="{len(apart) - 1}">{words}</mjx-container>'
    return f"{opening}{place}</svg>" if opening else place


def parsed(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "html.parser")


def paragraph(body, docname: str, words: str):
    """The paragraph of a chapter that has these words in bold. Raises ExtensionError where there is none."""
    if bold := body.find("strong", string=words):
        return bold.parent
    raise ExtensionError(f"{docname}: expected a paragraph with **{words}**, got none")


def setup(app):
    app.add_event("chapter-parsed")
    app.add_event("page-parsed")
    app.connect("html-page-context", parse)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
