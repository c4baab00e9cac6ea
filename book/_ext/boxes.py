"""A blockquote that opens with bold words becomes a box: `> **Predict first.** …` gets the classes `box predict-first`.

Colab, JupyterLab and GitHub show directives as debris, so the chapters' Markdown is plain; CSS cannot see the text of
a quote, so the bold words become a class here.
"""

from docutils import nodes


def name_boxes(app, doctree):
    for quote in doctree.findall(nodes.block_quote):
        opening = next((text.parent for text in quote.findall(nodes.Text) if text.strip()), None)
        if isinstance(opening, nodes.strong):
            quote["classes"] += ["box", nodes.make_id(opening.astext())]


def setup(app):
    app.connect("doctree-read", name_boxes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
