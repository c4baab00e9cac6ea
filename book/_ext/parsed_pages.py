"""Every page's HTML is parsed once, and the extensions that mend it get the tree: `chapter-parsed`, then `page-parsed`.

A page that is no chapter is parsed where it has a table.
"""

import chapter_code
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError


def parse(app, docname, template, context, doctree):
    chapter = chapter_code.chapter_of(docname)
    if chapter or "<table" in context.get("body", ""):
        body = parsed(context["body"])
        if chapter:
            app.emit("chapter-parsed", docname, body)
        app.emit("page-parsed", docname, body)
        context["body"] = str(body)


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
