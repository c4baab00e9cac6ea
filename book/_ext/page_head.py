"""What a link to a page shows where it is shared, and a search engine below it: title, description, picture.

The descriptions are written by hand, in `descriptions.yml`; `_tools/cards.py` draws the pictures, 1200 × 630 pixels.
"""

from functools import cache
from html import escape
from pathlib import Path

import yaml
from parsed_pages import parsed
from sphinx.errors import ExtensionError

BOOK = Path(__file__).parents[1]
SECOND_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />'  # docutils' own


def add_tags(app, pagename, templatename, context, doctree):
    context["metatags"] = context.get("metatags", "").replace(SECOND_VIEWPORT, "")
    if pagename in app.env.all_docs:
        title = parsed(context["title"]).get_text()  # a formula's is that of its MathML, not TeX
        context["metatags"] += tags(app, pagename, title)
    else:  # the search and the page for what is not there have no address of their own
        context["pageurl"] = None


def tags(app, docname: str, title: str) -> str:
    """The elements for the page's head: its description, and what Open Graph and Twitter ask for."""
    base, sentence = app.config.html_baseurl, description(docname)
    named = {"description": sentence, "twitter:card": "summary_large_image"}
    properties = {
        "og:type": "website" if docname == app.config.root_doc else "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": sentence,
        "og:url": base + app.builder.get_target_uri(docname),
        "og:image": f"{base}_static/cards/{Path(docname).name}.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": f"{title}: a drawing of the data’s way through a VAE, from x to the loss.",
    }
    metas = [("name", *item) for item in named.items()] + [("property", *item) for item in properties.items()]
    return "".join(f'\n    <meta {kind}="{key}" content="{escape(text)}"/>' for kind, key, text in metas)


def description(docname: str) -> str:
    if docname not in sentences():
        raise ExtensionError(f"expected a sentence for {docname} in book/descriptions.yml, got none")
    return sentences()[docname]


@cache
def sentences() -> dict[str, str]:
    return yaml.safe_load((BOOK / "descriptions.yml").read_text(encoding="utf-8"))


def setup(app):
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
