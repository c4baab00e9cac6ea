"""A chapter's contents say how long each section takes, and which is deeper; `_static/rail.css` makes a rail of them.

The minutes are those of `book/_tools/minutes.py`. It stays the theme's list of links, and needs no script.
"""

import re
import sys
from functools import cache
from pathlib import Path

import chapter_code
import deeper
import nbformat
from parsed_pages import parsed

sys.path.append(str(Path(__file__).parents[1] / "_tools"))
import minutes

EXERCISE = re.compile(r"Exercise \d")  # whose heading says its minutes
MINUTES = ' <span class="minutes">{minutes}<span class="visually-hidden"> minute{s}</span></span>'


def words(title: str) -> str:
    """A heading without what Markdown and the page set differently."""
    return " ".join(re.findall(r"\w+", title))


@cache
def times(chapter: int) -> dict[str, int]:
    """Minutes of each section, and of each below it; what takes less than half a minute takes one."""
    notebook = nbformat.read(chapter_code.CHAPTERS[chapter], as_version=4)
    rows = minutes.sections(notebook, levels=("## ", "### "))
    return {words(heading): max(1, round(seconds / 60)) for heading, _, seconds in rows if not EXERCISE.match(heading)}


def mark_contents(app, docname, template, context, doctree):
    if chapter := chapter_code.chapter_of(docname):
        contents = parsed(context["toc"])
        for link in contents.select("a[href^='#']"):
            mark(link, times(chapter))
        context["toc"] = str(contents)


def mark(link, times: dict[str, int]):
    title = link.get_text()
    kinds = {"is-deeper": deeper.is_deeper(title), "is-exercise": EXERCISE.match(title)}
    link.parent["class"] = ["rail", *[kind for kind, holds in kinds.items() if holds]]
    if many := times.get(words(title)):
        link.append(parsed(MINUTES.format(minutes=many, s="s" * (many > 1))))


def setup(app):
    app.add_css_file("rail.css")
    app.connect("html-page-context", mark_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
