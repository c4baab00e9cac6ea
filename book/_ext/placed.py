"""What stands in a Markdown page for a live figure, or for a drawing that follows the theme, becomes that.

`<!-- figure: atlas -->`, with its stored picture in the next line, becomes the live figure of that name; GitHub shows
the picture. An SVG file in colours of the palette, `var(--q, #134b95)`, is set into the page, and wears the theme's
(drawings.py). The first page has a style sheet of its own, and in the sidebar the book's name.
"""

import re
from functools import cache
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
from docutils import nodes
from drawings import NAME

from vae_lib import figures

MARK = re.compile(r"\s*<!-- figure: (\w+) -->\s*")


def place(app, doctree):
    folder = Path(app.env.doc2path(app.env.docname)).parent
    for mark in list(doctree.findall(nodes.raw)):
        if found := MARK.fullmatch(mark.astext()):
            mark.parent.remove(mark.next_node(descend=False, siblings=True))
            mark.replace_self(raw(live(found[1])))
    for i, image in enumerate(list(doctree.findall(nodes.image))):
        drawing = (folder / image["uri"]).read_text() if re.fullmatch(r"_static/.+\.svg", image["uri"]) else ""
        if "var(--" in drawing:
            image.replace_self(raw(named(drawing, image["alt"], f"placed-{i}-")))


def raw(markup: str) -> nodes.raw:
    return nodes.raw("", markup, format="html")


@cache
def live(name: str) -> str:
    with plt.style.context("vae_lib.page.book"):
        return getattr(figures, name)()._repr_html_()


def named(drawing: str, alt: str, prefix: str) -> str:
    """The drawing with its words, and with ids that begin with `prefix`."""
    drawing = NAME.sub(prefix, drawing)
    return drawing.strip().replace("<svg ", f'<svg class="placed" role="img" aria-label="{escape(alt)}" ', 1)


def dress(app, pagename, templatename, context, doctree):
    if pagename == app.config.root_doc:
        app.add_css_file("landing.css", media="screen")  # in print it would reach every page of the PDF
        app.add_js_file("landing.js", loading_method="defer")
    context["root_title"] = app.config.html_title  # in the sidebar: not by its headline, a question


def setup(app):
    app.connect("doctree-read", place, priority=100)  # before Sphinx collects the images
    app.connect("html-page-context", dress, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
