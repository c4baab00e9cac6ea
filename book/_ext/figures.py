"""A figure of a chapter gets a number, a caption, and the colours of the page.

In the notebook a paragraph that opens with `**Figure 4.2.**` stands below what a cell drew. Here both become one
`<figure>`, and "Figure 4.2" anywhere in the book leads to it; without such a figure the build fails. A drawing has a
button that opens it large, a live figure whose state is short a link to its state (`_static/figures.js`).
"""

import re
from functools import cache

import chapter_code
import nbformat
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.util import logging

CAPTION = re.compile(r"^\*\*Figure (\d+\.\d+)\.\*\*", re.MULTILINE)
NUMBER, MENTION = re.compile(r"^Figure (\d+\.\d+)\.$"), re.compile(r"\b(Figure \d+\.\d+)\b")
APART = nodes.reference | nodes.literal | nodes.literal_block | nodes.title | nodes.raw

OPEN = '<button class="open-large pst-js-only" type="button" aria-label="Open {name} large"></button>'
LINK = '<a class="state-link pst-js-only" href="#{place}">Link to this state</a>'
LINKED = "[data-explorable=bound], [data-explorable=calculator], [data-explorable=machine]"


@cache
def numbered() -> dict[str, str]:
    """The number of every figure, and the page on which it is."""
    texts = [
        (f"book/{path.stem}", cell.source)
        for path in chapter_code.CHAPTERS.values()
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "markdown"
    ]
    return {number: page for page, text in texts for number in CAPTION.findall(text)}


def identity(number: str) -> str:
    return f"figure-{number.replace('.', '-')}"


def frame(app, docname, body):
    for label in body.find_all("strong", string=NUMBER):
        caption, output = label.parent, label.find_previous(class_="cell_output")
        caption.name, label["class"] = "figcaption", "number"
        place = identity(NUMBER.match(label.string)[1])
        figure = body.new_tag("figure", attrs={"class": "numbered", "id": place})
        figure.extend([*output.contents, caption])
        output.append(figure)
        if figure.select_one(".drawing"):
            caption.insert(0, BeautifulSoup(OPEN.format(name=label.string.strip(".")), "html.parser"))
        if figure.select_one(LINKED):
            caption.extend([" ", BeautifulSoup(LINK.format(place=place), "html.parser")])
        app.add_js_file("figures.js", loading_method="defer")


def link_mentions(app, doctree, docname):
    places = numbered()
    for text in list(doctree.findall(nodes.Text)):
        if MENTION.search(text) and not NUMBER.match(text) and not is_apart(text):
            text.parent.replace(text, [linked(app, docname, places, piece) for piece in MENTION.split(text)])


def is_apart(node) -> bool:
    """Whether it stands in a link already, in code or in a heading."""
    while node and not isinstance(node, APART):
        node = node.parent
    return node is not None


def linked(app, docname: str, places: dict[str, str], piece: str):
    number = piece.removeprefix("Figure ")
    if not MENTION.fullmatch(piece):
        return nodes.Text(piece)
    if number not in places:
        logging.getLogger(__name__).warning("%s is mentioned, but no caption has this number", piece, location=docname)
        return nodes.Text(piece)
    page = app.builder.get_relative_uri(docname, places[number]) if places[number] != docname else ""
    link = nodes.reference("", piece, internal=True, refuri=f"{page}#{identity(number)}")
    return nodes.inline("", "", link)  # a paragraph that holds a <details> is none any more (valid_html)


def setup(app):
    app.connect("doctree-resolved", link_mentions)
    app.connect("chapter-parsed", frame)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
