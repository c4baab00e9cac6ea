"""The pages are valid HTML, and what is folded is named by the words that it shows.

MyST-NB sets a paragraph in the `<summary>` of folded code, where none may stand, and an `aria-label` that hides its
words from who dictates or listens. Markdown sets a `<details>` inside a paragraph when it follows other words. The
first file, which leads to the landing page, lacks its doctype and title, and what a shared link shows (`page_head`).
"""

from html import escape
from pathlib import Path

from docutils import nodes
from page_head import tags

FIRST_FILE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={page}"><title>{title}</title>{tags}
</head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""


def name_folded_code(app, docname, body):
    for summary in body.select("details.hide > summary"):
        del summary["aria-label"]
        for words in summary("p"):
            words.name = "span"


def unwrap_details(app, doctree):
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if any(raw.astext().startswith("<details") for raw in paragraph.findall(nodes.raw)):
            paragraph.replace_self(nodes.container("", *paragraph.children))


def write_first_file(app, exception):
    page = f"{app.config.root_doc}.html"
    root = app.config.root_doc
    title, head = escape(app.config.html_title), tags(app, root, app.env.titles[root].astext())
    text = FIRST_FILE.format(page=page, title=title, tags=head)
    (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app):
    app.connect("chapter-parsed", name_folded_code)
    app.connect("doctree-read", unwrap_details)
    app.connect("build-finished", write_first_file)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
