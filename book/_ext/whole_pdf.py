"""Where `BOOK_PDF` names a PDF of the whole book that will lie beside the pages, each offers it with its downloads.

The workflow that publishes makes it (.github/workflows/pages.yml); without the variable there is no such link.
"""

import os


def offer(app, pagename, templatename, context, doctree):
    name = os.environ.get("BOOK_PDF")
    for group in context["header_buttons"]:
        if name and group["label"] == "download-buttons":
            group["buttons"].append(button(context["pathto"](name, 1)))


def button(address: str) -> dict[str, str]:
    """A link as the theme describes it."""
    looks = {"icon": "fas fa-book", "label": "download-book-button"}
    return {"type": "link", "url": address, "text": "The book, .pdf", "tooltip": "Download the whole book"} | looks


def setup(app):
    app.connect("html-page-context", offer, priority=502)  # the theme fills the group at 501
    return {"parallel_read_safe": True, "parallel_write_safe": True}
