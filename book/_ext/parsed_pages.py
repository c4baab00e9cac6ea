"""Every page's HTML is parsed once, and the extensions that mend it get the tree: `chapter-parsed`, then `page-parsed`.

A page that is no chapter is parsed where it has a table. A set formula stands there as its text: its markup is half of
all elements of a chapter, and nobody mends it.
"""

import re
from itertools import count

import chapter_code
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

FORMULA = re.compile(r"<mjx-container.*?</mjx-container>", re.DOTALL)


def parse(app, docname, template, context, doctree):
    chapter = chapter_code.chapter_of(docname)
    if chapter or "<table" in context.get("body", ""):
        formulas = FORMULA.findall(context["body"])
        body = parsed(with_texts(context["body"]))
        if chapter:
            app.emit("chapter-parsed", docname, body)
        app.emit("page-parsed", docname, body)
        context["body"] = with_formulas(str(body), formulas)


def with_texts(markup: str) -> str:
    """Each formula's number and its text in the formula's place."""
    numbers = count()
    return FORMULA.sub(
        lambda formula: f'<mjx-container n="{next(numbers)}">{re.sub("<.*?>", "", formula[0])}</mjx-container>', markup
    )


def with_formulas(markup: str, formulas: list[str]) -> str:
    return FORMULA.sub(lambda place: formulas[int(re.search(r"\d+", place[0])[0])], markup)


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
