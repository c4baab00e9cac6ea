"""A chapter's link to a work says which work it is: its line on the references page, in the margin (`margin.css`).

The line is seen while the link is pointed at or has the focus, and read out with it.
"""

from html import escape

from docutils import nodes
from parsed_pages import parsed

WORK = '<span class="work" id="work-{number}">{line}</span>'


def works(env) -> dict[str, str]:
    """The address of each work on the references page, and its line there as far as that address."""
    found = {}
    for item in env.get_doctree("book/references").findall(nodes.list_item):
        links = [link for link in item.findall(nodes.reference) if "://" in link.get("refuri", "")]
        if links:
            line, _, _ = item.astext().partition(links[0].astext())
            found[links[0]["refuri"]] = " ".join(line.split())
    return found


def name_works(app, docname, body):
    lines = works(app.env)
    links = [link for link in body.select("a.external[href]") if link["href"] in lines]
    for number, link in enumerate(links, 1):
        link["aria-describedby"] = f"work-{number}"
        markup = WORK.format(number=number, line=escape(lines[link["href"]]))
        link.insert_after(parsed(markup))


def setup(app):
    app.add_css_file("margin.css")
    app.connect("chapter-parsed", name_works)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
