"""The pages are valid HTML, and what is folded is named by the words that it shows.

MyST-NB sets a paragraph in the `<summary>` of folded code, where none may stand, and an `aria-label` that hides its
words from who dictates or listens. Markdown sets a `<details>` inside a paragraph when it follows other words. The
first file, which leads to the landing page, lacks its doctype and title.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

FIRST_FILE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={page}"><title>{title}</title></head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""


def open_folded_code(translator, node):
    words = [("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"])]
    spans = "".join(f'<span class="{state} admonition-title">{escape(text)}</span>' for state, text in words)
    translator.body.append(f'<details class="{" ".join(["admonition", "hide", *node["classes"]])}">\n')
    translator.body.append(f"<summary>{spans}</summary>\n")


def close_folded_code(translator, node):
    translator.body.append("</details>\n")


def unwrap_details(app, doctree):
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if any(raw.astext().startswith("<details") for raw in paragraph.findall(nodes.raw)):
            paragraph.replace_self(nodes.container("", *paragraph.children))


def write_first_file(app, exception):
    page = f"{app.config.root_doc}.html"
    (Path(app.outdir) / "index.html").write_text(FIRST_FILE.format(page=page, title=escape(app.config.html_title)))


def setup(app):
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(open_folded_code, close_folded_code))
    app.connect("doctree-read", unwrap_details)
    app.connect("build-finished", write_first_file)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
