"""A figure of a chapter gets a number, a caption, and the colours of the page.

In the notebook a paragraph that opens with `**Figure 4.2.**` stands below what a cell drew. Here both become one
`<figure>`, and "Figure 4.2" anywhere in the book leads to it; without such a figure the build fails, and so it does
where nothing is drawn above the caption. A drawing has a button that opens it large, a live figure a link to
its state (`_static/figures.js`).
"""

import re
from functools import cache
from itertools import groupby

import chapter_code
import nbformat
from docutils import nodes
from parsed_pages import parsed
from sphinx.util import logging

CAPTION = re.compile(r"^\*\*Figure (\d+\.\d+)\.\*\*", re.MULTILINE)
NUMBER, MENTION = re.compile(r"^Figure (\d+\.\d+)\.$"), re.compile(r"\b(Figure\s\d+\.\d+)\b")
APART = nodes.reference | nodes.literal | nodes.literal_block | nodes.title | nodes.raw

OPEN = '<button class="open-large pst-js-only" type="button" aria-label="Open {name} large"></button>'
LINK = '<a class="state-link pst-js-only" href="#{place}">Link to this state</a> <span role="status"></span>'
LOG = logging.getLogger(__name__)


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
    places = set()
    for label in [label for label in body.find_all("strong", string=NUMBER) if not label.previous_sibling]:
        output, place = output_above(label.parent), identity(NUMBER.match(label.string)[1])
        if output and place not in places:
            places.add(place)
            put_together(body, output, label, place)
            app.add_js_file("figures.js", loading_method="defer")
        else:
            fault = "there twice" if output else "a caption, but the cell above it shows nothing"
            LOG.warning("%s is %s", label.string.strip("."), fault, location=docname)


def output_above(caption):
    """What the cell shows that stands just above the caption, or None."""
    above = caption.find_previous_sibling()
    return above and above.select_one(".cell_output")


def put_together(body, output, label, place: str):
    """Make one figure of what a cell shows and the caption that opens with the label."""
    caption = label.parent
    caption.name, label["class"] = "figcaption", "number"
    figure = body.new_tag("figure", attrs={"class": "numbered", "id": place})
    figure.extend([*output.contents, caption])
    output.append(figure)
    if figure.select_one(".drawing"):
        caption.insert(0, parsed(OPEN.format(name=label.string.strip("."))))
    if figure.select_one("[data-explorable]"):
        caption.extend([" ", parsed(LINK.format(place=place))])


def link_mentions(app, doctree, docname):
    join_lines(doctree)
    places = numbered()
    for text in list(doctree.findall(nodes.Text)):
        if MENTION.search(text) and not is_label(text) and not is_apart(text):
            text.parent.replace(text, [linked(app, docname, places, piece) for piece in MENTION.split(text)])


def join_lines(doctree):
    """One text of each run of texts: a line of Markdown is one, its end another, and a mention may hold both."""
    for element in list(doctree.findall(nodes.TextElement)):
        runs = groupby(element.children, lambda child: isinstance(child, nodes.Text))
        element[:] = [child for text, run in runs for child in ([nodes.Text("".join(run))] if text else run)]


def is_label(text) -> bool:
    """Whether it is the number that opens a caption."""
    return bool(NUMBER.match(text)) and text.parent.parent.astext().startswith(text)


def is_apart(node) -> bool:
    """Whether it stands in a link already, in code or in a heading."""
    while node and not isinstance(node, APART):
        node = node.parent
    return node is not None


def linked(app, docname: str, places: dict[str, str], piece: str):
    if not MENTION.fullmatch(piece):
        return nodes.Text(piece)
    number = piece.split()[1]
    if number not in places:
        LOG.warning("Figure %s is mentioned, but no caption has this number", number, location=docname)
        return nodes.Text(piece)
    page = app.builder.get_relative_uri(docname, places[number]) if places[number] != docname else ""
    link = nodes.reference("", piece, internal=True, refuri=f"{page}#{identity(number)}")
    return nodes.inline("", "", link)  # a paragraph that holds a <details> is none any more (valid_html)


def setup(app):
    app.connect("doctree-resolved", link_mentions)
    app.connect("chapter-parsed", frame)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
