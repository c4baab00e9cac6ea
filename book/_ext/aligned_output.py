"""What a cell prints wraps on the page, as sentences do; columns that are kept apart by spaces get the class `aligned`,
and scroll instead.
"""

import re

from docutils import nodes

COLUMNS = re.compile(r"\S {2,}\S")


def name_columns(app, doctree):
    for block in doctree.findall(nodes.literal_block):
        if "stream" in block["classes"] and COLUMNS.search(block.astext()):
            block["classes"].append("aligned")


def setup(app):
    app.connect("doctree-read", name_columns)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
